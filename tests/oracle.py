"""The engine against the pure-Python reference: the vocabulary that both are taught from, and the comparison.

The vocabulary is so small that texts, names and sources repeat. `expect_same` asks both everything that a
view can be asked, of the present and of the past, and fails where they differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from sutra_core.errors import SutraError, UnknownConceptError
from sutra_core.types import Batch, ReadView, SourceDraft

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


def add_source(batch: Batch, sentences: list[str], draft: SourceDraft, language: str = "") -> None:
    """Adds a text of these sentences, as a batch says it: a passage, and each sentence in it."""
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
    expect_same_concepts(engine, reference, ids)
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
        parts = [_narrowed(view, narrow, sources) for view in (engine, reference)]
        if isinstance(parts[0], str) or isinstance(parts[1], str):
            assert parts[0] == parts[1]
        else:
            expect_same_within(parts[0], parts[1], ids)
    with pytest.raises(SutraError) as error:
        engine.concepts([max(ids, default=0) + 1])
    assert error.value.code == "unknown_concept"


def _narrowed(
    view: ReadView, narrow: Callable[[ReadView, list[int]], ReadView], sources: list[int]
) -> ReadView | str:
    """A part of a view, or the code of the error where the past is not kept."""
    try:
        return narrow(view, sources)
    except SutraError as error:
        return error.code


def expect_same_within(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    assert engine.find_entities(NAMES) == reference.find_entities(NAMES)
    expect_same_concepts(engine, reference, ids)
    expect_same_searches(engine, reference, ids)
    expect_same_graph(engine, reference, ids)


def expect_same_concepts(engine: ReadView, reference: ReadView, ids: list[int]) -> None:
    found, expected = engine.concepts(ids), reference.concepts(ids)
    assert found == expected, [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]]


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
