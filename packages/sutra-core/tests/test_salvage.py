"""What is taken out of a damaged store is searched, asked, and given the vectors that it lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_in import StandIn

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import InvalidValueError, StoreExistsError, StoreLockedError, StoreMissingError
from sutra_core.salvage import salvage

SENTENCES = [f"Keeper {number} looks after the lighthouse of Venn {number}." for number in range(60)]


def engine(folder: Path) -> ReasoningEngine:
    """The engine over a folder, with word vectors in the place of the model's."""
    return ReasoningEngine(ReasoningEngineConfig(storage_path=folder, reader="off"), embedder=StandIn())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of one text with so many sentences that its vectors stand in their file alone."""
    folder = tmp_path / "store"
    with engine(folder) as taught:
        taught.learn(" ".join(SENTENCES), source="keepers.txt")
    return folder


def test_searches_and_answers_are_the_same(store: Path, tmp_path: Path) -> None:
    report = salvage(store, tmp_path / "again")
    assert report.clean and report.vectors_pending == 0 and report.sources == 1
    question = "Who looks after the lighthouse of Venn 7?"
    with engine(store) as one, engine(tmp_path / "again") as other:
        assert other.search(question, k=5) == one.search(question, k=5)
        assert other.ask(question).text == one.ask(question).text
        assert other.stats().store._replace(bytes_on_disk=0) == one.stats().store._replace(bytes_on_disk=0)
        assert other.verify().clean


def test_lost_vectors_are_given_again(store: Path, tmp_path: Path) -> None:
    with engine(store) as taught:
        expected = taught.search(SENTENCES[7], k=3, mode="meaning")
    for column in (store / "vectors").glob("*.vec"):
        column.unlink()
    report = salvage(store, tmp_path / "again")
    assert not report.clean and report.sources_lost == [] and report.faults == []
    assert report.vectors == 0 and report.vectors_pending == report.vectors_lost == report.statements > 60
    with engine(tmp_path / "again") as other:
        assert other.search(SENTENCES[7], k=3, mode="meaning") == []
        assert other.embed_pending() == report.vectors_pending
        assert other.search(SENTENCES[7], k=3, mode="meaning")[0].concept == expected[0].concept


def test_what_cannot_be_salvaged_is_refused(store: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError):
        salvage(tmp_path / "nowhere", tmp_path / "again")
    with pytest.raises(StoreExistsError):
        salvage(store, store)
    with pytest.raises(InvalidValueError, match="beside it"):
        salvage(store, store / "again")
    with pytest.raises(InvalidValueError):
        salvage(store, 3)  # type: ignore[arg-type]
    with engine(store), pytest.raises(StoreLockedError):
        salvage(store, tmp_path / "again")
    assert {path.name for path in tmp_path.iterdir()} == {"store"}
