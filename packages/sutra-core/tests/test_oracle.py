"""The Rust engine against the pure-Python reference: the same batches, the same answers.

Batches are drawn at random, sensible ones and senseless ones, over a vocabulary so small that texts,
names and sources repeat, and addresses so few that other texts come under them, whole and in parts. After
each batch both stores are asked everything that a view can be asked, of the present and of the past; then
the engine is closed, opened again, and asked once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from oracle import (
    ADDRESSES,
    CONFIDENCES,
    DIMENSION,
    FINGERPRINT,
    FOREIGN,
    KINDS,
    LANGUAGES,
    NAMES,
    RELATIONS,
    SENTENCES,
    TYPES,
    WORDS,
    add_source,
    expect_same,
)

from sutra_core.errors import SutraError
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Direction, Forgotten, KnowledgeStore, ReadView, Receipt, SourceDraft, Walk
from sutra_storage import Engine


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
        add_source(batch, sentences, draft, draw(st.sampled_from(LANGUAGES)))
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
    add_source(batch, sentences, draft)
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
        add_source(batch, sentences, replace(draft, text=" ".join(sentences)), language)
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
