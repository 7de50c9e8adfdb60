"""What older rules derived is derived again by the present ones, from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from taught import Opener, entity
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import ReadOnlyError
from sutra_core.learn import concepts, reading, rereading
from sutra_core.learn.adapters import Block, Item, Link, compose
from sutra_core.types import ReadView, SourceDraft
from sutra_storage import Reader

SAMPLE = Path(__file__).parents[4] / "sample"
MARKED = """# The Aln

The **Aln** rises at [Alham](https://example.org/Sheffield "Leeds in York") and ends at `Alnmouth`. Ada Venn
wrote about it in 1932.

    Robert Gray lives in Boston.
"""


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    return open_engine(reader="off")


def linked() -> Iterator[Item]:
    """A source whose format says more than its words: a heading, which is no statement, and a link."""
    blocks = [
        Block("Works of Ada Venn", "heading"),
        Block("She was born in Alnmouth.", links=(Link("Royal Society", "member_of"),)),
    ]
    yield from compose(blocks, SourceDraft("venn", "", "Ada Venn"), "venn")


def told(view: ReadView) -> dict[str, list[str]]:
    """All evidence, in words, by the association that it supports."""
    found: dict[str, list[str]] = {}
    for number in range(1, view.stats().statements + view.stats().entities + 1):
        for each in view.neighbors([number], direction="out", limit=10_000)[0]:
            subject, object_ = view.concepts([each.subject, each.object])
            (pieces,) = view.evidence([each[:3]])
            found[f"{subject.text} | {each.relation} | {object_.text}"] = [
                f"{view.concepts([piece.statement])[0].text} {piece[1:]}" for piece in pieces
            ]
    return found


def later_rules(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(concepts, "RULES", concepts.RULES + 1)


def test_the_same_rules_find_the_same_again(engine: ReasoningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.learn_collection(SAMPLE)
    engine.learn_items(linked())
    before, statements = told(engine.view()), engine.stats().store
    assert engine.reindex().outdated == 0
    later_rules(monkeypatch)
    report = engine.reindex()
    assert report.outdated > 1000
    assert (report.sources, report.retired) == (statements.sources, 0)
    assert told(engine.view()) == before
    after = engine.stats().store
    assert (after.statements, after.vectors, after.evidence) == (
        statements.statements,
        statements.vectors,
        statements.evidence,
    )
    assert engine.reindex().outdated == 0
    assert engine.verify().clean


def test_what_is_markup_a_label_or_a_link_is_read_as_such_again(
    engine: ReasoningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aln.md").write_text(MARKED)
    engine.learn_collection(tmp_path / "aln.md")
    engine.learn_items(linked())
    before = told(engine.view())
    assert any("member_of | Royal Society" in each for each in before)
    later_rules(monkeypatch)
    engine.reindex()
    assert told(engine.view()) == before
    assert engine.view().find_entities(["Leeds", "Boston"]) == [0, 0]


def test_rules_that_find_more_and_less(engine: ReasoningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.learn("the mill stands by the Aln. It grinds no more.\n\nThe weir holds.", source="aln")
    before = told(engine.view())
    transaction = engine.stats().store.transaction
    assert engine.view().find_entities(["mill"]) == [0]
    containing = sum(" | contains | " in each for each in before)
    assert containing == 3
    later_rules(monkeypatch)
    monkeypatch.setattr(reading, "_READER", Reader(known_names=["mill"]))
    monkeypatch.setattr(concepts, "_CONTAINS", ("has", "compositional", 0.9))
    counted = engine.reindex(dry_run=True)
    assert (counted.outdated, counted.sources) == (sum(map(len, before.values())), 0)
    assert told(engine.view()) == before
    report = engine.reindex()
    assert (report.outdated, report.sources, report.retired) == (counted.outdated, 1, containing)
    after = told(engine.view())
    assert {each.replace(" | contains | ", " | has | ") for each in before} == {
        each for each in after if "| mill" not in each
    }
    assert entity(engine, "mill")
    assert told(engine.view().within(as_of=transaction)) == before
    assert engine.verify().clean


def test_an_interrupted_run_is_done_again(open_engine: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(reader="off")
    engine.learn_batch(
        [SourceDraft(f"{number}", f"Mill {number} is at Alham. It grinds.") for number in range(5)]
    )
    monkeypatch.setattr(rereading, "_BATCH_BYTES", 60)
    before = told(engine.view())
    later_rules(monkeypatch)

    def interrupt(done: int, total: int) -> None:
        assert 0 < done < total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.reindex(on_progress=interrupt)
    left = engine.reindex(dry_run=True).outdated
    assert 0 < left < sum(map(len, before.values()))
    assert told(engine.view()) == before
    calls: list[tuple[int, int]] = []
    report = engine.reindex(on_progress=lambda *progress: calls.append(progress))
    assert report.outdated == left
    assert calls[-1] == (report.sources, report.sources)
    assert told(engine.view()) == before


def test_what_is_forgotten_meanwhile_stays_forgotten(
    engine: ReasoningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.learn("Ada Venn lives in Alnmouth. The Aln rises at Alham.", source="a")
    engine.learn("Robert Gray lives in Alham.", source="b")
    engine.forget(concept="Ada Venn")
    engine.forget(source="b")
    later_rules(monkeypatch)
    engine.reindex()
    assert engine.view().find_entities(["Ada Venn", "Robert Gray"]) == [0, 0]
    assert entity(engine, "Alham")
    assert engine.verify().clean


def test_a_store_that_is_open_for_reading_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", reader="off")
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn("Ada Venn lives in Alnmouth.", source="a")
    later_rules(monkeypatch)
    with ReasoningEngine(config, embedder=WordEmbedder(), read_only=True) as engine:
        assert engine.reindex(dry_run=True).outdated > 0
        with pytest.raises(ReadOnlyError):
            engine.reindex()
