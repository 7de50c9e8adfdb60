"""Another text under an address takes the place of the one before; the past can be asked for a while."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from taught import Named, Opener

from sutra_core import ReasoningEngine
from sutra_core.errors import InvalidValueError
from sutra_core.types import SourceDraft

FIRST = "The Aln rises at Alham. The Venn flows into the Aln."
SECOND = "The Aln rises at Rothbury. The Venn flows into the Aln."
PART_BYTES = 64 * 1024


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    return open_engine(reader="off")


def found(engine: ReasoningEngine, query: str, as_of: int | None = None) -> list[str]:
    return [hit.text for hit in engine.search(query, mode="words", as_of=as_of)]


def addresses(engine: ReasoningEngine, *, history: bool) -> list[tuple[int, str, int | None]]:
    return [(source.id, source.address, source.retired) for source in engine.sources(history=history)]


def paragraph(number: int) -> str:
    return f"Paragraph {number} tells of mill {number} and of nothing else at all."


def long_text(numbers: list[int]) -> str:
    """Some hundreds of kilobytes."""
    filling = "\n\n".join("It says so again, and once more, for length alone." for _ in range(300))
    return "\n\n".join(f"{paragraph(number)}\n\n{filling}" for number in numbers)


def test_a_new_version_takes_the_place_of_the_old_one(engine: ReasoningEngine) -> None:
    engine.learn(FIRST, source="rivers.txt", title="Rivers")
    before = engine.stats().store
    report = engine.learn(SECOND, source="rivers.txt", title="Rivers")
    assert (report.sources, report.sources_known, report.sources_retired) == (1, 0, 1)
    assert found(engine, "Alham") == []
    assert found(engine, "Rothbury") == [SECOND]
    after = engine.stats().store
    assert (after.sources, after.statements, after.vectors) == (1, before.statements, before.vectors)
    assert addresses(engine, history=False) == [(2, "rivers.txt", None)]
    assert addresses(engine, history=True) == [(1, "rivers.txt", 2), (2, "rivers.txt", None)]
    assert engine.source_text(1) == FIRST
    assert engine.get_source(1).retired == 2
    assert engine.verify().clean


def test_what_both_say_stays_what_it_is(engine: ReasoningEngine) -> None:
    same = "The Venn flows into the Aln."
    for text in (FIRST, SECOND):
        engine.learn(text, source="rivers.txt")
    view = engine.view()
    (venn,) = (each for each in view.find_entities(["Venn"]) if each)
    (edge, _), *_ = engine.neighbors(venn, relations=["flows_into"])
    (piece,) = view.evidence([(edge.subject, "flows_into", edge.object)])[0]
    (statement,) = view.concepts([piece.statement])
    assert (statement.text, statement.learned, statement.source) == (same, 1, 2)
    assert [place.source for place in view.supports([statement.id])[0]] == [2]


def test_the_past_is_asked_as_it_was(engine: ReasoningEngine) -> None:
    engine.learn(FIRST, source="rivers.txt")
    then = datetime.now(UTC)
    engine.learn(SECOND, source="rivers.txt")
    question = "Where does the Aln rise?"
    asked = {as_of: engine.ask(question, as_of=as_of, threshold=0) for as_of in (None, 1, 2, then)}
    said = [answer.text for answer in asked.values()]
    assert ["Rothbury" in text for text in said] == [True, False, True, False]
    assert ["Alham" in text for text in said] == [False, True, False, True]
    citation, *_ = asked[1].citations
    assert engine.source_text(citation.source).encode()[citation.start : citation.end] in FIRST.encode()
    for mode in ("meaning", "words", "graph", "all"):
        (hit,) = engine.search("Alham", mode=mode, as_of=1, k=1)
        assert (hit.text, hit.address) == (FIRST, "rivers.txt")
    (alham, gone) = engine.view().find_entities(["Rothbury", "Alham"])
    assert alham
    assert not gone


def test_what_was_said_before_can_be_said_again(engine: ReasoningEngine) -> None:
    for text in (FIRST, SECOND, FIRST):
        engine.learn(text, source="rivers.txt")
    assert found(engine, "Alham") == [FIRST]
    assert [found(engine, "Alham", as_of) for as_of in (1, 2, 3)] == [[FIRST], [], [FIRST]]
    assert addresses(engine, history=False) == [(3, "rivers.txt", None)]
    assert engine.learn(FIRST, source="rivers.txt").sources_known == 1
    assert engine.stats().store.transaction == 3
    assert engine.verify().clean


def test_parts_of_a_long_text_are_replaced_where_it_changed(engine: ReasoningEngine) -> None:
    first = long_text([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert len(first.encode()) > 2 * PART_BYTES
    assert engine.learn(first, source="mills.txt").sources > 2
    last = long_text([1, 2, 3, 4, 5, 6, 7, 8, 9, 11])
    report = engine.learn(last, source="mills.txt")
    assert report.sources == report.sources_retired
    assert report.sources_known > 0
    parts = engine.sources(address="mills.txt")
    parts.sort(key=lambda source: source.offset)
    read = b"".join(engine.source_text(part.id).encode() for part in parts)
    assert read.decode() == last
    assert paragraph(11) in found(engine, "mill 11")[0]
    assert not any(paragraph(10) in text for text in found(engine, "mill 10"))


def test_a_text_that_became_shorter_ends_where_it_ends(engine: ReasoningEngine) -> None:
    text = long_text([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    engine.learn(text, source="mills.txt")
    first = engine.source_text(1)
    report = engine.learn(first, source="mills.txt")
    assert (report.sources, report.sources_known) == (0, 1)
    assert report.sources_retired == len(engine.sources(history=True)) - 1
    assert [source.id for source in engine.sources(address="mills.txt")] == [1]
    assert not any(paragraph(10) in text for text in found(engine, "mill 10"))
    # It is what it was, and stays so.
    assert engine.learn(first, source="mills.txt").sources_retired == 0


def test_files_are_versions_of_their_own(engine: ReasoningEngine, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("Mara Holt runs the mill.")
    (folder / "b.md").write_text("# Venn\n\nThe Venn flows into the Aln.\n")
    records = [
        {"id": "1", "text": "Tom Reed runs the quarry."},
        {"id": "2", "text": "Ada Byrne runs the inn."},
    ]
    (folder / "c.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert engine.learn_collection(folder).sources == 4
    (folder / "a.txt").write_text("Ben Carr runs the mill.")
    records[1]["text"] = "Ben Carr runs the inn."
    (folder / "c.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    report = engine.learn_collection(folder)
    assert (report.sources, report.sources_known, report.sources_retired) == (2, 2, 2)
    assert found(engine, "Mara Holt") == []
    assert found(engine, "Ada Byrne") == []
    assert len(found(engine, "Ben Carr")) == 2
    assert found(engine, "Tom Reed") == ["Tom Reed runs the quarry."]


def test_of_texts_in_one_batch_the_last_stands(engine: ReasoningEngine) -> None:
    report = engine.learn_batch(
        [SourceDraft("a", FIRST), SourceDraft("b", "An oak."), SourceDraft("a", SECOND)]
    )
    assert (report.sources, report.sources_retired) == (3, 1)
    assert found(engine, "Alham") == []
    assert found(engine, "Rothbury") == [SECOND]
    assert engine.verify().clean


def test_forgetting_an_address_takes_all_of_its_versions(engine: ReasoningEngine) -> None:
    for text in (FIRST, SECOND):
        engine.learn(text, source="rivers.txt")
    engine.learn("The Aln rises at Alham. It is cold.", source="other")
    assert engine.forget(source="rivers.txt").sources == 2
    assert addresses(engine, history=True) == [(3, "other", None)]
    assert [len(found(engine, "Alham", as_of)) for as_of in (1, 2, 3)] == [0, 0, 1]
    assert engine.verify().clean


def test_a_statement_that_only_retired_sources_have_is_retired(engine: ReasoningEngine) -> None:
    engine.learn("The Aln rises at Alham.", source="a")
    engine.learn("The Aln rises at Alham.", source="b")
    engine.learn("An oak.", source="a")
    assert found(engine, "Alham") == ["The Aln rises at Alham."]
    engine.forget(source="b")
    assert found(engine, "Alham") == []
    assert [len(found(engine, "Alham", as_of)) for as_of in (1, 2, 3)] == [1, 1, 0]
    assert engine.verify().clean


def test_the_past_ends_after_its_days(open_engine: Opener) -> None:
    engine = open_engine(reader="off", history_retention=0)
    for text in (FIRST, SECOND):
        engine.learn(text, source="rivers.txt")
    assert found(engine, "Alham", 1) == [FIRST]
    expired = engine.expire()
    assert expired is not None
    assert (expired.sources, expired.transaction) == (1, 3)
    assert engine.expire() is None
    receipt = engine.receipt(3)
    assert receipt is not None
    assert receipt.what == "retired"
    assert receipt.before is not None
    assert [source.id for source in engine.sources(history=True)] == [2]
    with pytest.raises(InvalidValueError, match="SUTRA_HISTORY_RETENTION"):
        engine.search("Alham", as_of=1)
    assert found(engine, "Rothbury", 2) == [SECOND]
    assert engine.ask("Where does the Aln rise?", as_of=2, threshold=0).forgettings_after == 0
    assert engine.verify().clean


def test_purging_ends_the_past_too(open_engine: Opener) -> None:
    engine = open_engine(reader="off", history_retention=0)
    for text in (FIRST, SECOND):
        engine.learn(text, source="rivers.txt")
    engine.purge()
    assert [source.id for source in engine.sources(history=True)] == [2]
    assert engine.receipts() == [3]


def test_the_past_stays_for_as_long_as_it_is_to(engine: ReasoningEngine) -> None:
    for text in (FIRST, SECOND):
        engine.learn(text, source="rivers.txt")
    assert engine.expire() is None
    engine.purge()
    assert found(engine, "Alham", 1) == [FIRST]


def test_the_past_survives_a_restart(named: Named) -> None:
    for text in (FIRST, SECOND):
        named("store").learn(text, source="rivers.txt")
    again = named("store")
    assert found(again, "Alham") == []
    assert found(again, "Alham", 1) == [FIRST]
    assert again.verify().clean


def test_the_past_ends_by_itself(open_engine: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    # Once a day, the first time an hour after opening: here right away, and again each time it was done.
    monkeypatch.setattr("sutra_core.purging._HOUR", 0.01)
    monkeypatch.setattr("sutra_core.purging._DAY", 0.01)
    engine = open_engine(reader="off", history_retention=0, purge_hours=8_760)
    for number, text in enumerate((FIRST, SECOND, FIRST), 1):
        engine.learn(text, source="rivers.txt")
        deadline = monotonic() + 20
        while len(engine.sources(history=True)) > 1:
            assert monotonic() < deadline, f"version {number} is still there"
            sleep(0.01)
    engine.close()
