"""The Rust engine against the pure-Python reference: the same batches, the same answers.

Batches are drawn at random, sensible ones and senseless ones, over a vocabulary so small that texts,
names and sources repeat, and addresses so few that other texts come under them, whole and in parts. After
each batch both stores are asked everything that a view can be asked, of the present and of the past; then
the engine is closed, opened again, and asked once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sutra_core.errors import SutraError, UnknownConceptError
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Direction, Forgotten, KnowledgeStore, ReadView, Receipt, SourceDraft, Walk
from sutra_storage import Engine

DIMENSION = 8
FINGERPRINT = "ab" * 32
WORDS = ["river", "Rivers", "bridge", "Ålborg", "flows", "the", "of", "1894", "東京", "e\u0301tude"]
SLIPS = [
    "rivrs",
    "BRIDEG",
    "flwos",
    "alborg",
    "Ålbrog",
    "etdue",
    "flow",
    "teh",
    "wich",
    "1895",
    "東亰",
    "the",
    "",
]
FOREIGN = ["Häuser", "Hauses", "die", "épées", "épée", "Москвы", "Москве", "husen", "北京是首都", "x\u0308"]
LANGUAGES = ["", "de", "fr-CA", "es", "it", "pt", "nl", "swe", "ru", "zh", "ja", "ltg", "no tag"]
NAMES = ["River Aln", "river  aln", "Ålborg", "ASR1603", "ASR1605", "東京"]
RELATIONS = ["mentions", "part_of", "causes"]
KINDS = ["semantic", "compositional", "causal"]
TYPES = ["thing", "place", "person"]
ADDRESSES = ["a.txt", "b.txt", "c.txt"]
SENTENCES = ["River flows.", "The bridge of Ålborg.", "東京 flows.", "Rivers 1894.", "É."]
"""What is said again and again."""
CONFIDENCES = [0.25, 0.5, 0.75]
"""Few pieces of evidence amount to exactly the same, in whatever order they come."""
TOLERANCE = 2e-3  # half-precision vectors


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """A batch over the small vocabulary; about one in ten contradicts itself."""
    batch = Batch()
    words = st.lists(st.sampled_from(WORDS + FOREIGN), min_size=1, max_size=4)
    sentence = st.one_of(st.sampled_from(SENTENCES), words.map(lambda words: " ".join(words) + "."))
    for _ in range(draw(st.integers(1, 3))):
        sentences = draw(st.lists(sentence, min_size=1, max_size=3))
        draft = SourceDraft(
            address=draw(st.sampled_from(ADDRESSES)),
            text=" ".join(sentences),
            title=draw(st.sampled_from(["", "Rivers", "A bridge"])),
            # Some begin where another one may end.
            offset=draw(st.sampled_from([0, 0, 20])),
            time=1_000_000,
            last=draw(st.booleans()),
        )
        _add_source(batch, sentences, draft, draw(st.sampled_from(LANGUAGES)))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True)):
        batch.entities.append((name, draw(st.sampled_from(TYPES))))  # type: ignore[arg-type]
    batch.relations = list(zip(RELATIONS, KINDS, strict=True))  # type: ignore[arg-type]
    concepts = len(batch.statements) + len(batch.entities)
    reference = st.integers(0, concepts - 1)
    for _ in range(draw(st.integers(0, 8))):
        subject, object_ = draw(reference), draw(reference)
        if subject != object_ or draw(st.integers(0, 9)) == 0:
            evidence = draw(st.integers(0, len(batch.statements) - 1))
            confidence = draw(st.sampled_from(CONFIDENCES))
            rules = draw(st.integers(0, 2))
            edge = (subject, draw(st.integers(0, 2)), object_, evidence, confidence, None, None, rules)
            batch.associations.append(edge)
    batch.markup = [(source, 0, 1) for source in draw(st.sets(st.integers(0, len(batch.sources) - 1)))]
    batch.markup.sort()
    batch.vector_references = sorted(draw(st.sets(st.integers(0, len(batch.statements) - 1))))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    batch.vectors = random.normal(size=(len(batch.vector_references), DIMENSION)).astype(np.float32)
    if draw(st.integers(0, 9)) == 0:
        _spoil(batch, draw(st.integers(0, 3)))
    return batch


@st.composite
def hubs(draw: st.DrawFn) -> Batch:
    """A batch in which almost everything meets in one of two names, over few confidences."""
    batch = Batch()
    sentences = [f"{number} flows." for number in draw(st.sets(st.integers(0, 60), min_size=1, max_size=30))]
    draft = SourceDraft(draw(st.sampled_from([*ADDRESSES, "d.txt", "e.txt"])), " ".join(sentences))
    _add_source(batch, sentences, draft)
    batch.entities = [(NAMES[0], "thing"), (NAMES[2], "place")]
    batch.relations = list(zip(RELATIONS, KINDS, strict=True))  # type: ignore[arg-type]
    statements = len(batch.statements)
    for statement in range(statements):
        hub = statements + draw(st.integers(0, 1))
        ends = draw(st.sampled_from([(statement, hub), (hub, statement), (statements, statements + 1)]))
        confidence = draw(st.sampled_from(CONFIDENCES))
        relation = draw(st.sampled_from([0, 0, 0, 1, 2]))
        batch.associations.append((ends[0], relation, ends[1], statement, confidence, None, None, 0))
    batch.vectors = np.zeros((0, DIMENSION), np.float32)
    return batch


@st.composite
def rereads(draw: st.DrawFn) -> Batch:
    """What later rules find in statements that are known by their numbers; some are none, or gone."""
    batch = Batch(known=draw(st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True)))
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)):
        batch.entities.append((name, draw(st.sampled_from(TYPES))))  # type: ignore[arg-type]
    batch.relations = list(zip(RELATIONS, KINDS, strict=True))  # type: ignore[arg-type]
    entities, concepts = len(batch.entities), len(batch.entities) + len(batch.known)
    for _ in range(draw(st.integers(1, 6))):
        ends = draw(st.integers(0, concepts - 1)), draw(st.integers(0, concepts - 1))
        evidence = draw(st.integers(entities, concepts - 1))
        relation, rules = draw(st.integers(0, 2)), draw(st.integers(0, 3))
        confidence = draw(st.sampled_from(CONFIDENCES))
        if ends[0] != ends[1]:
            batch.associations.append((ends[0], relation, ends[1], evidence, confidence, None, None, rules))
    return batch


def _add_source(batch: Batch, sentences: list[str], draft: SourceDraft, language: str = "") -> None:
    source = len(batch.sources)
    attributes = {"n": str(len(sentences))} | ({"language": language} if language else {})
    batch.sources.append(replace(draft, attributes=attributes))
    # A passage under a title is no sentence, though it has but one.
    is_passage = len(sentences) == 1 and not draft.title
    if not is_passage:
        batch.statements.append((source, 0, len(draft.text.encode()), False, True))
    start = 0
    for sentence in sentences:
        end = start + len(sentence.encode())
        batch.statements.append((source, start, end, True, is_passage))
        start = end + 1


def _spoil(batch: Batch, how: int) -> None:
    if how == 0:
        batch.statements[0] = (*batch.statements[0][:2], 9999, True, False)
    elif how == 1 and batch.vectors is not None and len(batch.vectors):
        batch.vectors[0] = np.nan
    elif how == 2:
        batch.relations[0] = ("mentions", "causal")
    else:
        batch.relations.append(("part_of", "semantic"))


@contextmanager
def opened(folder: str) -> Iterator[KnowledgeStore]:
    engine = Engine(folder, fingerprint=FINGERPRINT, dimension=DIMENSION, check_pages=True)
    try:
        yield engine
    finally:
        engine.close()


Step = Batch | list[int] | tuple[int, bool] | int
"""What is learned, the sources that are forgotten, or the concept, alone or not; rules that come too late."""


def steps() -> st.SearchStrategy[Step]:
    sources = st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True)
    concept = st.tuples(st.integers(1, 16), st.booleans())
    return st.one_of(batches(), batches(), batches(), rereads(), sources, concept, st.integers(1, 4))


def outcome(store: KnowledgeStore, step: Step) -> object:
    try:
        if isinstance(step, Batch):
            return store.commit(step)
        if isinstance(step, int):
            outdated = store.view().outdated(step)
            assert store.retire_outdated(step) == outdated
            assert store.view().outdated(step) == 0
            return outdated
        if isinstance(step, list):
            told = store.forget_sources(step, dry_run=True)
            forgotten = store.forget_sources(step)
        else:
            concept, alone = step
            told = store.forget_concept(concept, link_only=alone, dry_run=True)
            forgotten = store.forget_concept(concept, link_only=alone)
        assert told == forgotten
        return forgotten
    except SutraError as error:
        return type(error)


def said_by(step: Step) -> set[tuple[str, str]]:
    """What a batch says, each with a title: texts of sources, of statements, names."""
    if not isinstance(step, Batch):
        return set()
    texts = [draft.text.encode() for draft in step.sources]
    said = {(texts[source][start:end].decode(), source) for source, start, end, _, _ in step.statements}
    titled = {(text, step.sources[source].title) for text, source in said}
    titled |= {(draft.text, draft.title) for draft in step.sources}
    return titled | {(name, "") for name, _ in step.entities} | {("Nothing said this.", "Rivers")}


def _batch(*sources: tuple[list[str], SourceDraft, str]) -> Batch:
    batch = Batch(vectors=np.zeros((0, DIMENSION), np.float32))
    for sentences, draft, language in sources:
        _add_source(batch, sentences, replace(draft, text=" ".join(sentences)), language)
    return batch


def becomes_a_passage_where_it_moves() -> list[Step]:
    """A sentence that is a passage in the new version alone, which is in another language."""
    draft = SourceDraft("a.txt", "")
    return [_batch((SENTENCES[:2], draft, "nl")), _batch((SENTENCES[:1], draft, "zh"))]


def has_a_vector_in_passing() -> list[Step]:
    """A text that passes has a vector for a sentence that goes with the version before."""
    draft = SourceDraft("a.txt", "")
    passing = _batch((SENTENCES[:2], draft, ""), (SENTENCES[2:3], draft, ""))
    passing.vector_references, passing.vectors = [1], np.ones((1, DIMENSION), np.float32)
    return [_batch((SENTENCES[:1], draft, "")), passing]


def is_told_of_as_it_goes() -> list[Step]:
    """A known text under another title, with which it stood in a version that goes, is an end."""
    text, titled = SourceDraft("a.txt", ""), SourceDraft("b.txt", "", "Rivers")
    first = _batch((SENTENCES[:2], text, ""), (SENTENCES[:2], titled, ""))
    again = _batch(
        (SENTENCES[:2], replace(text, title="Rivers"), ""), (SENTENCES[2:3], SourceDraft("b.txt", ""), "")
    )
    again.relations = [("mentions", "semantic")]
    again.associations = [(0, 0, 3, 3, 0.5, None, None, 0)]
    return [first, again]


@example(becomes_a_passage_where_it_moves())
@example(has_a_vector_in_passing())
@example(is_told_of_as_it_goes())
@given(st.lists(steps(), min_size=1, max_size=6))
def test_the_engine_does_what_the_reference_does(changes: list[Step]) -> None:
    reference = ReferenceStore(fingerprint=FINGERPRINT, dimension=DIMENSION)
    last = 0
    known = set[tuple[str, str]]()
    with TemporaryDirectory() as folder:
        with opened(folder) as engine:
            for step in changes:
                done = outcome(reference, step)
                assert outcome(engine, step) == done
                if isinstance(done, Receipt):
                    last = max(last, *done.concepts)
                    known |= said_by(step)
                expect_same(engine.view(), reference.view(), last)
                if isinstance(done, Forgotten):
                    for text, title in known:
                        went = engine.went(done.transaction, text, title=title)
                        assert went == reference.went(done.transaction, text, title=title), (text, title)
        with opened(folder) as engine:
            expect_same(engine.view(), reference.view(), last)
            assert engine.verify() == reference.verify()
            assert reference.verify().faults == []


NARROWINGS: list[Callable[[ReadView, list[int]], ReadView]] = [
    lambda view, sources: view.within(sources=sources[:2]),
    lambda view, _: view.within(attributes={"n": "1"}),
    lambda view, _: view.within(as_of=max(view.transaction - 1, 0)),
    lambda view, _: view.within(as_of=view.transaction // 2),
    lambda view, sources: view.within(sources=sources[::2], as_of=max(view.transaction - 2, 0)),
    lambda view, _: view.within(until=1_000_000),
]


def expect_same(engine: ReadView, reference: ReadView, last: int) -> None:
    """The same of everything, also of what was retired; `last` is the last concept's number."""
    stats = engine.stats()
    assert stats._replace(bytes_on_disk=0) == reference.stats()
    ids = known_ids(reference, last)
    assert known_ids(engine, last) == ids
    assert [engine.outdated(rules) for rules in range(4)] == [reference.outdated(rules) for rules in range(4)]
    assert engine.pending() == reference.pending()
    assert engine.pending(after=2, limit=2) == reference.pending(after=2, limit=2)
    assert engine.concepts(ids) == reference.concepts(ids)
    sources = [source.id for source in reference.sources_after(0, 1000, retired=True)]
    assert engine.sources(sources) == reference.sources(sources)
    for source in reference.sources(sources):
        text = reference.source_text(source.id)
        assert engine.source_text(source.id) == text
        assert engine.statements_in(source.id) == reference.statements_in(source.id)
        assert engine.markup(source.id) == reference.markup(source.id)
        found = reference.find_source(source.address, source.offset, text)
        assert found == source.id or source.retired
        assert engine.find_source(source.address, source.offset, text) == found
        assert engine.find_source(source.address, source.offset, text + " ") == 0
    for after, limit in ((0, 1000), (1, 2), (stats.sources, 5), (2**64 - 1, 5)):
        for retired in (False, True):
            listed = reference.sources_after(after, limit, retired=retired)
            assert engine.sources_after(after, limit, retired=retired) == listed
    for address, retired in product([*ADDRESSES, "d.txt"], (False, True)):
        listed = reference.sources_at(address, retired=retired)
        assert engine.sources_at(address, retired=retired) == listed
    names = [*NAMES, "nobody"]
    assert engine.find_entities(names) == reference.find_entities(names)
    expect_same_searches(engine, reference, ids)
    expect_same_graph(engine, reference, ids)
    for narrow in NARROWINGS[stats.transaction % 2 :: 2]:
        expect_same_within(narrow(engine, sources), narrow(reference, sources), ids)
    with pytest.raises(SutraError) as error:
        engine.concepts([max(ids, default=0) + 1])
    assert error.value.code == "unknown_concept"


def expect_same_within(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    assert engine.find_entities(NAMES) == reference.find_entities(NAMES)
    assert engine.concepts(ids) == reference.concepts(ids)
    expect_same_searches(engine, reference, ids)
    expect_same_graph(engine, reference, ids)


def known_ids(view: ReadView, last: int) -> list[int]:
    """The numbers of all concepts up to one, but for those that were forgotten."""
    ids: list[int] = []
    for number in range(1, last + 1):
        try:
            view.concepts([number])
        except UnknownConceptError:
            continue
        ids.append(number)
    return ids


def expect_same_words(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    queries = [
        "river",
        "the bridge of 東京",
        "etude flows",
        "nothing",
        "das Haus épée",
        "首都 Москва huset",
    ]
    for query in queries:
        for unit in ("passage", "entity"):
            expect_same_ranking(
                engine.search_words(query, 5, unit=unit), reference.search_words(query, 5, unit=unit), 1e-4
            )
    for unit, asked in product(("passage", "entity"), (queries, queries[:1], [])):
        each = [engine.search_words(query, 5, unit=unit) for query in asked]
        expect_equal_rankings(engine.search_words_each(asked, 5, unit=unit), each)
        each = [reference.search_words(query, 5, unit=unit) for query in asked]
        expect_equal_rankings(reference.search_words_each(asked, 5, unit=unit), each)
    for asked in (queries, queries[:1], []):
        scores = engine.score_words(asked, ids)
        assert scores.shape == (len(asked), len(ids))
        assert scores == pytest.approx(reference.score_words(asked, ids), abs=1e-4)
        weights = zip(engine.word_weights(asked), reference.word_weights(asked), strict=True)
        assert all(found == pytest.approx(expected, abs=1e-4) for found, expected in weights)
    for limit in (1, 9):
        assert engine.near_words(SLIPS, limit=limit) == reference.near_words(SLIPS, limit=limit)


def expect_same_searches(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    assert engine.languages() == reference.languages()
    for language in ("de", "fr", "ru", "zh", "sv", "lv"):
        expect_same_words(engine.in_language(language), reference.in_language(language), ids)
    expect_same_words(engine, reference, ids)
    assert engine.vectors(ids) == pytest.approx(reference.vectors(ids), abs=TOLERANCE)
    query = np.random.default_rng(len(ids)).normal(size=DIMENSION).astype(np.float32)
    for unit, exact in product(("passage", "sentence"), (False, True)):
        found = engine.search_vectors(query, 5, unit=unit, exact=exact)
        expect_same_ranking(found, reference.search_vectors(query, 5, unit=unit), TOLERANCE)
    queries = np.random.default_rng(len(ids)).normal(size=(3, DIMENSION)).astype(np.float32)
    for view, unit, exact in product((engine, reference), ("passage", "sentence"), (False, True)):
        for asked in (queries, queries[::2], queries[:0]):
            each = [view.search_vectors(query, 5, unit=unit, exact=exact) for query in asked]
            expect_equal_rankings(view.search_vectors_each(asked, 5, unit=unit, exact=exact), each)


def expect_equal_rankings(found: list[tuple], expected: list[tuple]) -> None:
    """Number by number, to the last bit."""
    assert [[part.tolist() for part in each] for each in found] == [
        [part.tolist() for part in each] for each in expected
    ]


def expect_same_ranking(found: tuple, expected: tuple, tolerance: float) -> None:
    """Equal scores in order; equal ids wherever the scores tell them apart.

    What one of the two leaves out at its end has a score of 0 there.
    """
    length = max(len(found[1]), len(expected[1]))
    mine, theirs = (np.pad(each[1], (0, length - len(each[1]))) for each in (found, expected))
    assert mine == pytest.approx(theirs, abs=tolerance)
    scores = np.concatenate([expected[1], [-np.inf]])
    clear = np.abs(np.diff(scores)) > 2 * tolerance
    for position in range(len(expected[0])):
        alone = clear[position] and (position == 0 or clear[position - 1])
        if alone and position < 4:
            assert found[0][position] == expected[0][position]


def expect_same_graph(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    assert engine.supports(ids) == reference.supports(ids)
    assert engine.supports(ids, limit=1) == reference.supports(ids, limit=1)
    for direction in ("out", "in", "both"):
        all_found = engine.neighbors(ids, direction=direction)
        all_expected = reference.neighbors(ids, direction=direction)
        for found, edges in zip(all_found, all_expected, strict=True):
            assert [edge._replace(confidence=0) for edge in found] == [
                edge._replace(confidence=0) for edge in edges
            ]
            assert [edge.confidence for edge in found] == pytest.approx([edge.confidence for edge in edges])
    keys = [edge[:3] for edges in reference.neighbors(ids, direction="out") for edge in edges]
    pieces = engine.evidence(keys)
    assert [[(piece.statement, piece.confidence) for piece in each] for each in pieces] == [
        [(piece.statement, pytest.approx(piece.confidence)) for piece in each]
        for each in reference.evidence(keys)
    ]
    assert engine.evidence(keys, limit=1) == [each[:1] for each in pieces]
    for relation in RELATIONS:
        assert engine.expand(ids, relation) == reference.expand(ids, relation)
        assert engine.expand(ids, relation, direction="in") == reference.expand(ids, relation, direction="in")
    weights = {"part_of": 0.5}
    for seed in ids[:3]:
        expect_same_ranking(
            engine.pagerank({seed: 1.0}, weights=weights),
            reference.pagerank({seed: 1.0}, weights=weights),
            1e-3,
        )
    expected = reference.paths(ids[:2], ids[-2:], k=3, max_steps=4, weights=weights)
    found = engine.paths(ids[:2], ids[-2:], k=3, max_steps=4, weights=weights)
    assert [path.nodes for path in found.paths] == [path.nodes for path in expected.paths]
    assert [path.score for path in found.paths] == pytest.approx([path.score for path in expected.paths])
    assert found.exhausted == expected.exhausted


@given(st.lists(hubs(), min_size=1, max_size=4))
def test_hubs_are_bounded_as_the_reference_bounds_them(changes: list[Batch]) -> None:
    reference = ReferenceStore(fingerprint=FINGERPRINT, dimension=DIMENSION)
    with TemporaryDirectory() as folder, opened(folder) as engine:
        for batch in changes:
            assert engine.commit(batch) == reference.commit(batch)
            expect_same_hubs(engine.view(), reference.view())


def expect_same_hubs(engine: ReadView, reference: ReadView) -> None:
    ids = list(range(reference.stats().concepts + 2))
    for direction, relation in product(("out", "in", "both"), RELATIONS):
        degrees = reference.degrees(ids, relation, direction=direction)
        assert engine.degrees(ids, relation, direction=direction) == degrees
        for limit in (0, 1, 3, 10, None):
            expected = reference.expand(ids, relation, direction=direction, limit=limit)
            assert engine.expand(ids, relation, direction=direction, limit=limit) == expected
    ways: list[Direction] = ["out", "in", "both"]
    walks: list[Walk] = []
    for relation, direction, limit in product(RELATIONS, ways, (1, None)):
        walks += [
            (ids[1:], relation, direction, limit),
            (np.array(ids, np.uint64), relation, direction, limit),
        ]
    for view in (engine, reference):
        assert view.expand_each(walks) == [
            view.expand(few, relation, direction=direction, limit=limit)
            for few, relation, direction, limit in walks
        ]
        assert view.expand_each([]) == []
    for direction, limit in product(("out", "in", "both"), (0, 1, 4, 12)):
        found = engine.neighbors(ids[1:-1], direction=direction, limit=limit)
        expected = reference.neighbors(ids[1:-1], direction=direction, limit=limit)
        assert [[edge[:3] for edge in each] for each in found] == [
            [edge[:3] for edge in each] for each in expected
        ]
