"""`ReasoningEngine` shows: searches, concepts, neighbours, sources, paths, numbers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from store_contents import contents
from taught import FACTS, QUESTION, Opener, entity

import sutra_core.shared
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import (
    InvalidValueError,
    ModelUnavailableError,
    UnknownConceptError,
    UnknownSourceError,
)
from sutra_core.search import SearchMode
from sutra_core.types import Direction


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_every_search_finds_and_cites(engine: ReasoningEngine, mode: SearchMode) -> None:
    hits = engine.search("Marie Curie Warsaw", mode=mode, k=2)
    assert 1 <= len(hits) <= 2
    assert hits[0].address == "curie"
    assert all(before.score >= after.score for before, after in pairwise(hits))
    text = engine.view().source_text(engine.view().concepts([hits[0].concept])[0].source)
    assert text.encode()[hits[0].start : hits[0].end].decode() == hits[0].text


def test_search_by_words_and_graph_needs_no_model(
    open_engine: Opener, use_rust: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise ModelUnavailableError("no model here")

    monkeypatch.setattr(sutra_core.shared, "open_embedder", unavailable)
    config = ReasoningEngineConfig(storage_path=tmp_path / "other", use_rust_storage=use_rust)
    with ReasoningEngine(config) as engine:
        assert engine.search("Curie", mode="words") == engine.search("Curie", mode="graph") == []
        assert engine.stats().embedder == "all-MiniLM-L6-v2"
        assert engine.verify().clean
        for needs_it in (lambda: engine.search("Curie"), lambda: engine.learn("The Tyne is wide.")):
            with pytest.raises(ModelUnavailableError):
                needs_it()


def test_a_concept_says_where_it_stands(engine: ReasoningEngine) -> None:
    engine.learn("It is said: The Aln rises at Alham.", source="another")
    said = "The Aln rises at Alham."
    (hit,) = [hit for hit in engine.search("Alham", mode="words") if hit.address == "aln"]
    sentences = [other for edge, other in engine.neighbors(hit.concept, relations=["contains"])]
    assert said in [sentence.text for sentence in sentences]
    for sentence in sentences:
        detail = engine.get_concept(sentence.id)
        for place, source in detail.supports:
            text = engine.view().source_text(source.id).encode()
            assert text[place.start : place.end].decode() == detail.concept.text
        assert detail.supports[0][1].address == "aln"


def test_both_names_of_one_thing_are_aliases(engine: ReasoningEngine) -> None:
    long, short = "International Business Machines", "IBM"
    assert engine.get_concept(entity(engine, long)).aliases == (short,)
    assert engine.get_concept(entity(engine, short)).aliases == (long,)
    detail = engine.get_concept(entity(engine, "Marie Curie"))
    assert (detail.aliases, detail.supports) == ((), ())


def test_neighbors_come_with_the_concept_at_the_other_end(engine: ReasoningEngine) -> None:
    curie, warsaw = entity(engine, "Marie Curie"), entity(engine, "Warsaw")
    walks: list[tuple[int, Direction, int]] = [
        (curie, "out", warsaw),
        (warsaw, "in", curie),
        (warsaw, "both", curie),
    ]
    for concept, direction, other in walks:
        ((edge, end),) = engine.neighbors(concept, direction=direction, relations=["born_in"])
        assert (edge.subject, edge.object, end.id) == (curie, warsaw, other)
    assert engine.neighbors(curie, direction="in", relations=["born_in"]) == []
    everything = engine.neighbors(curie)
    assert len(everything) > 2
    assert engine.neighbors(curie, limit=2) == everything[:2]
    confidences = [edge.confidence for edge, _ in everything]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("concept", [0, -1, 10_000, 1 << 64])
def test_an_unknown_concept_is_an_error(engine: ReasoningEngine, concept: int) -> None:
    with pytest.raises(UnknownConceptError):
        engine.get_concept(concept)
    with pytest.raises(UnknownConceptError):
        engine.neighbors(concept)


def test_a_view_does_not_change(engine: ReasoningEngine) -> None:
    view = engine.view()
    before = contents(view, ids=True)
    engine.learn("The Tyne is wide.", source="new")
    assert contents(view, ids=True) == before
    assert engine.view().transaction == view.transaction + 1


@pytest.mark.parametrize(("metrics", "health"), [(True, True), (False, True), (True, False), (False, False)])
def test_stats_measure_what_the_configuration_wants(
    open_engine: Opener, use_rust: bool, metrics: bool, health: bool
) -> None:
    engine = open_engine(metrics=metrics, health_checks=health)
    engine.learn_batch(FACTS)
    engine.ask(QUESTION)
    stats = engine.stats()
    assert stats.store == engine.view().stats()
    assert stats.store.sources == 3
    assert stats.embedder == "WordEmbedder"
    measured = {"concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"}
    measured |= {"query_latency_p95", "query_confidence_avg", "query_error_rate"}
    assert set(stats.metrics) == (measured if metrics else set())
    checked = {"disk_space_free_gb", "storage_file_size_mb", "memory_usage_percent"}
    # How busy the processors are is known once a second has passed.
    assert set(stats.health) - {"cpu_usage_percent"} == (checked if health and use_rust else set())


def test_what_was_verified_is_in_the_figures(engine: ReasoningEngine) -> None:
    assert "checksum_validation_status" not in engine.stats().health
    engine.verify()
    assert engine.stats().health["checksum_validation_status"] == 1.0


def test_verify_reads_everything(engine: ReasoningEngine) -> None:
    report = engine.verify()
    assert report.clean
    assert report.checked["sources"] == 3
    assert report.checked["statements"] == engine.stats().store.statements


def test_sources_are_listed_and_read_by_their_numbers(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn_batch(["Oaks are old.", "Elms are tall."])
    first, second = engine.sources()
    assert engine.sources(after=first.id, limit=1) == [second] and engine.sources(limit=0) == []
    assert engine.get_source(second.id) == second and engine.source_text(second.id) == "Elms are tall."
    for number in (0, -1, second.id + 1, 1 << 64):
        with pytest.raises(UnknownSourceError):
            engine.get_source(number)
    refusals: list[dict[str, Any]] = [{"after": -1}, {"limit": 10_001}, {"limit": True}]
    for refused in refusals:
        with pytest.raises(InvalidValueError):
            engine.sources(**refused)


def test_paths_lead_from_one_concept_to_another(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("Marie Curie was born in Warsaw.")
    start, end = engine.view().find_entities(["Marie Curie", "Warsaw"])
    found = engine.paths([start], [end], k=1)
    (path,) = found.paths
    assert [node.text for node in path.nodes] == ["Marie Curie", "Warsaw"]
    assert [step.association.relation for step in path.steps] == ["born_in"] and not found.exhausted
    with pytest.raises(UnknownConceptError):
        engine.paths([start], [10**9])
    with pytest.raises(InvalidValueError):
        engine.paths([start], [end], k=0)
