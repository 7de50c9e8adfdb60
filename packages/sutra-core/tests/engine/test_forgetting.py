"""`forget`: what only a source said is gone from everything at once; what others say stays."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from taught import Opener

from sutra_core import ReasoningEngine
from sutra_core.errors import (
    AnswerErasedError,
    InvalidValueError,
    StoreIOError,
    UnknownConceptError,
    UnknownReceiptError,
    UnknownSourceError,
)

SHARED = "Mara Holt keeps the lighthouse."


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    engine = open_engine(reader="off")
    engine.learn(f"{SHARED} She was born in Alham.", source="notes", title="Mara")
    engine.learn(f"{SHARED} It stands on Venn.", source="letter", title="Venn")
    return engine


def test_a_dry_run_says_what_would_go_and_changes_nothing(engine: ReasoningEngine) -> None:
    before = engine.stats().store
    told = engine.forget(source="notes", dry_run=True)
    # The passage and the sentence that the letter does not have, and what they alone name.
    assert (told.sources, told.statements) == (1, 2)
    assert engine.stats().store == before
    assert engine.forget(source="notes") == told
    after = engine.stats().store
    assert (before.sources - after.sources, before.statements - after.statements) == (1, 2)
    assert before.entities - after.entities == told.entities > 0


def test_what_a_source_alone_said_is_gone_and_the_rest_stays(engine: ReasoningEngine) -> None:
    view = engine.view()
    (number,) = view.sources_at("notes")
    assert engine.search("Alham", mode="words") and view.find_entities(["Alham"]) != [0]
    engine.forget(source=number)
    assert engine.search("Alham", mode="words") == []
    assert engine.view().find_entities(["Alham"]) == [0]
    assert all("Alham" not in hit.text for hit in engine.search("She was born in Alham.", mode="meaning"))
    assert [source.address for source in engine.sources()] == ["letter"]
    (keeper,) = engine.view().find_entities(["Mara Holt"])
    kept = [other.text for _, other in engine.neighbors(keeper, relations=["mentions"])]
    assert kept == [SHARED]
    assert engine.verify().clean
    with pytest.raises(UnknownSourceError):
        engine.source_text(number)


def test_answers_that_cited_it_are_erased(engine: ReasoningEngine) -> None:
    born = engine.ask("Where was Mara Holt born?", threshold=0.0)
    assert any(citation.address == "notes" for citation in born.citations)
    assert engine.explain(born.id) == born
    assert engine.forget(source="notes").answers == 1
    with pytest.raises(AnswerErasedError, match="was erased: something that it rested on was forgotten"):
        engine.explain(born.id)
    again = engine.ask("Where was Mara Holt born?", threshold=0.0)
    assert "Alham" not in again.to_json()


def test_what_is_not_there_is_told(engine: ReasoningEngine) -> None:
    for unknown in (0, 99, -1, 1 << 70, "nowhere", "", "\udcff"):
        with pytest.raises(UnknownSourceError, match="there is no source"):
            engine.forget(source=unknown)
    engine.forget(source="notes")
    with pytest.raises(UnknownSourceError, match="there is no source 'notes'"):
        engine.forget(source="notes")


def test_what_was_forgotten_can_be_learned_again(engine: ReasoningEngine) -> None:
    engine.forget(source="notes")
    report = engine.learn("She was born in Alham.", source="notes", title="Mara")
    assert report.sources == 1
    assert engine.view().sources_at("notes") == [3]
    assert engine.search("Alham", mode="words")


def test_a_statement_is_blanked_wherever_it_is_said(engine: ReasoningEngine) -> None:
    hits = engine.search("keeps the lighthouse", mode="words")
    (sentence,) = {
        other.id
        for hit in hits
        for _, other in engine.neighbors(hit.concept, relations=["contains"])
        if other.text == SHARED
    }
    told = engine.forget(concept=sentence, dry_run=True)
    assert engine.search("keeps the lighthouse", mode="words") == hits
    assert engine.forget(concept=sentence) == told
    assert (told.statements, told.sources, told.redacted) == (1, 0, 2)
    assert engine.search("lighthouse", mode="words") == []
    for source in engine.sources():
        text = engine.source_text(source.id)
        assert source.redacted and SHARED not in text and text.startswith(" " * len(SHARED))
    assert engine.search("Alham", mode="words")[0].text.endswith("She was born in Alham.")
    assert engine.view().pending() == []
    assert engine.search("She was born in Alham.", mode="meaning")[0].text.endswith("She was born in Alham.")
    assert engine.verify().clean
    with pytest.raises(UnknownConceptError, match="there is no concept"):
        engine.forget(concept=sentence)


def test_an_entity_goes_with_every_statement_and_title_that_names_it(engine: ReasoningEngine) -> None:
    asked = engine.ask("Where was Mara Holt born?", threshold=0.0)
    other = engine.ask("Where does the lighthouse stand?", threshold=0.0)
    forgotten = engine.forget(concept="mara  HOLT")
    assert forgotten.answers >= 1
    with pytest.raises(AnswerErasedError):
        engine.explain(asked.id)
    assert asked.id != other.id
    assert engine.view().find_entities(["Mara Holt"]) == [0]
    assert all("Mara Holt" not in engine.source_text(source.id) for source in engine.sources())
    assert "Holt" not in engine.ask("Who keeps the lighthouse?", threshold=0.0).to_json()
    assert engine.verify().clean


def test_an_entity_alone_leaves_the_words(engine: ReasoningEngine) -> None:
    before = engine.stats().store
    assert engine.forget(concept="Mara Holt", link_only=True).statements == 0
    assert engine.view().find_entities(["Mara Holt"]) == [0]
    assert engine.stats().store.statements == before.statements
    assert engine.search("Mara Holt", mode="words")


def test_what_was_learned_before_a_time_goes(engine: ReasoningEngine) -> None:
    nothing = engine.forget(before=datetime(2000, 1, 1, tzinfo=UTC))
    assert (nothing.sources, nothing.transaction) == (0, engine.view().transaction)
    now = datetime.now(UTC)
    engine.learn("The ferry leaves at nine.", source="ferry")
    assert engine.forget(before=now).sources == 2
    assert [source.address for source in engine.sources()] == ["ferry"]


def test_only_one_thing_is_forgotten_at_a_time(engine: ReasoningEngine) -> None:
    with pytest.raises(InvalidValueError, match="give what is to be forgotten"):
        engine.forget()
    with pytest.raises(InvalidValueError, match="give what is to be forgotten"):
        engine.forget(source="notes", concept=1)
    with pytest.raises(InvalidValueError, match="only an entity can be forgotten alone"):
        engine.forget(source="notes", link_only=True)
    with pytest.raises(InvalidValueError, match="has no time zone"):
        engine.forget(before=datetime(2026, 1, 1))  # noqa: DTZ001
    for nobody in ("Nobody", "", "\udcff", 0, -1, 1 << 70):
        with pytest.raises(UnknownConceptError, match="there is no"):
            engine.forget(concept=nobody)
    assert len(engine.sources()) == 2


def _purged(engine: ReasoningEngine, transaction: int) -> datetime | None:
    """When a forgetting was purged; waits for whoever still reads older views."""
    for _ in range(500):
        receipt = engine.receipt(transaction)
        assert receipt is not None
        if receipt.purged is not None:
            return receipt.purged
        time.sleep(0.02)
    return None


def test_what_was_forgotten_is_purged_and_its_receipt_says_so(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn(f"{SHARED} She was born in Alham.", source="notes", title="Mara")
    asked = engine.ask("Where was Mara Holt born?", threshold=0.0)
    forgotten = engine.forget(source="notes")
    receipt = engine.receipt(forgotten.transaction)
    assert receipt is not None
    assert (receipt.what, receipt.numbers, receipt.forgotten) == ("sources", (1,), forgotten)
    assert receipt.purged is None and receipt.hashes
    assert engine.receipts() == [forgotten.transaction]
    assert engine.receipt(forgotten.transaction + 1) is None
    done = engine.purge()
    assert receipt.time < done
    assert _purged(engine, forgotten.transaction) == done
    assert "Alham" in asked.to_json()
    assert engine.verify().clean


def test_what_went_is_found_in_its_receipt_as_what_it_was(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    text = "She was born in Alham. Alham lies on the Aln.\n"
    engine.learn(text, source="notes", title="Mara")
    engine.learn("Elms are tall.", source="elms")
    forgotten = engine.forget(source="notes")
    engine.purge()

    def found(text: str, title: str = "") -> list[str]:
        went = engine.went(forgotten.transaction, text, title=title)
        assert went.key_fits
        return list(went.found)

    assert found("She was born in Alham.") == found("\n She was born in Alham. ") == ["statement"]
    assert found(text) == ["source"]
    assert found(text, title="Mara") == ["passage", "source"]
    assert found(text, title="Nora") == ["source"]
    assert found("Elms are tall.") == found("She was born in Alham") == found("Elm") == []


@pytest.mark.parametrize("use_rust", [True])  # the reference store has no key
def test_who_has_not_the_key_of_the_receipt_is_not_told_that_nothing_went(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn("She was born in Alham.", source="notes")
    number = engine.forget(source="notes").transaction
    key = engine.config.storage_path / "store.key"
    secret = key.read_bytes()
    key.unlink()
    with pytest.raises(StoreIOError, match="put back the one that was there when it was forgotten"):
        engine.went(number, "She was born in Alham.")
    engine.learn("Elms are tall.", source="elms")
    later = engine.forget(source="elms").transaction
    assert key.read_bytes() != secret
    assert engine.went(number, "She was born in Alham.") == ([], False)
    assert engine.went(later, "Elms are tall.") == (["statement", "source"], True)
    key.write_bytes(secret)
    assert engine.went(number, "She was born in Alham.") == (["statement", "source"], True)


def test_a_wrong_question_of_a_receipt_is_refused(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn("She was born in Alham.", source="notes")
    number = engine.forget(source="notes").transaction
    for nothing in (0, number - 1, number + 1, 2**64 - 1):
        with pytest.raises(UnknownReceiptError, match=f"the transaction {nothing} forgot nothing"):
            engine.went(nothing, "Alham")
    for text, title in ((" \n", ""), ("", "Mara"), ("\udcff", ""), ("Alham", "\udcff")):
        with pytest.raises(InvalidValueError):
            engine.went(number, text, title=title)
    wrong: Any = 1
    for transaction, text, title in ((number, wrong, ""), (number, "Alham", wrong), (-1, "Alham", "")):
        with pytest.raises(InvalidValueError):
            engine.went(transaction, text, title=title)


def test_purging_comes_by_itself(open_engine: Opener) -> None:
    engine = open_engine(reader="off", purge_hours=0)
    engine.learn("She was born in Alham.", source="notes")
    forgotten = engine.forget(source="notes")
    assert _purged(engine, forgotten.transaction)
    report = engine.learn("She was born in Alham.", source="notes")
    assert report.sources == 1


def test_a_quick_verification_follows_the_chain_over_what_was_forgotten(engine: ReasoningEngine) -> None:
    engine.forget(concept="Mara Holt")
    quick, whole = engine.verify(deep=False), engine.verify()
    assert quick.clean and whole.clean
    last = engine.view().transaction
    assert quick.checked["transactions"] == whole.checked["transactions"] == last
