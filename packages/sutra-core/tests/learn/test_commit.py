"""Committing in the background: in order, one at a time, and never past a failure."""

from __future__ import annotations

import threading

import pytest
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.errors import InvalidBatchError, StoreIOError
from sutra_core.learn.adapters import Item
from sutra_core.learn.commit import BackgroundCommitter
from sutra_core.learn.reading import ReadItem, read_item
from sutra_core.learn.vectors import EmbeddedBatch, embed_items
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Receipt, SourceDraft


class Store(ReferenceStore):
    """Keeps the order of its commits; the `failing`-th (from 1) fails; each waits for `gate`."""

    def __init__(self, failing: int = 0) -> None:
        super().__init__(fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
        self.failing = failing
        self.tried: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def commit(self, batch: Batch) -> Receipt:
        assert self.gate.wait(10)
        self.tried.append(batch.sources[0].address)
        if len(self.tried) == self.failing:
            raise StoreIOError("the disk is full")
        return super().commit(batch)


def batch(*numbers: int) -> EmbeddedBatch:
    items = [
        read_item(Item(SourceDraft(str(number), f"text {number}"), None, f"here:{number}", 0))
        for number in numbers
    ]
    return embed_items(WordEmbedder(), items)[0]


def unwanted(item: ReadItem, error: InvalidBatchError) -> None:
    pytest.fail(f"{item.location} was refused: {error}")


def test_batches_are_committed_in_order_and_told_once_they_are_found() -> None:
    store = Store()
    told: list[tuple[str, int, int]] = []

    def acknowledge(batch: Batch, receipt: Receipt, seconds: float) -> None:
        assert seconds >= 0
        draft = batch.sources[0]
        assert store.view().find_source(draft.address, draft.offset, draft.text)
        told.append((draft.address, receipt.transaction, receipt.new_sources))

    with BackgroundCommitter(store, acknowledge, unwanted) as committer:
        for number in range(5):
            committer.submit(batch(number))
    assert told == [(str(number), number + 1, 1) for number in range(5)]


def test_the_caller_works_while_one_batch_is_written() -> None:
    store = Store()
    store.gate.clear()
    told: list[str] = []
    with BackgroundCommitter(
        store, lambda batch, *_: told.append(batch.sources[0].address), unwanted
    ) as committer:
        committer.submit(batch(0))
        assert told == []
        store.gate.set()
        committer.wait()
        assert told == ["0"]


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_nothing_is_committed_after_a_failure(failing: int) -> None:
    store = Store(failing)
    told: list[str] = []
    with (
        pytest.raises(StoreIOError, match="the disk is full"),
        BackgroundCommitter(
            store, lambda batch, *_: told.append(batch.sources[0].address), unwanted
        ) as committer,
    ):
        for number in range(5):
            committer.submit(batch(number))
    assert len(store.tried) == failing
    assert told == [str(number) for number in range(failing - 1)]


def test_a_failure_of_the_last_batch_is_raised_on_leaving() -> None:
    store = Store(failing=1)
    with pytest.raises(StoreIOError), BackgroundCommitter(store, lambda *_: None, unwanted) as committer:
        committer.submit(batch(0))


def test_an_interrupt_waits_for_the_batch_that_is_being_written() -> None:
    store = Store()
    store.gate.clear()
    told: list[str] = []
    with (
        pytest.raises(KeyboardInterrupt),
        BackgroundCommitter(
            store, lambda batch, *_: told.append(batch.sources[0].address), unwanted
        ) as committer,
    ):
        committer.submit(batch(0))
        threading.Timer(0.05, store.gate.set).start()
        raise KeyboardInterrupt
    assert told == ["0"]


def test_an_interrupt_while_waiting_does_not_hide_that_the_batch_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = Store(failing=1)
    committer = BackgroundCommitter(store, lambda *_: None, unwanted)
    committer.submit(batch(0))
    running = committer._running
    assert running is not None
    result = running.result

    def interrupted() -> None:
        monkeypatch.setattr(running, "result", result)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "result", interrupted)
    with pytest.raises((StoreIOError, KeyboardInterrupt)) as raised, committer:
        committer.submit(batch(1))
    assert raised.type is StoreIOError
    assert store.tried == ["0"]


@pytest.mark.parametrize("bad", [set[int](), {0}, {6}, {2, 3}, {1, 4, 6}, set(range(7))])
def test_what_the_store_refuses_is_narrowed_down_to_its_items(bad: set[int]) -> None:
    class Strict(Store):
        def commit(self, batch: Batch) -> Receipt:
            if any(int(source.address) in bad for source in batch.sources):
                raise InvalidBatchError("source", 0, "it is bad")
            return super().commit(batch)

    store = Strict()
    told: list[str] = []
    refused: list[str] = []
    with BackgroundCommitter(
        store,
        lambda batch, *_: told.extend(source.address for source in batch.sources),
        lambda item, error: refused.append(f"{item.location} {error.reason}"),
    ) as committer:
        committer.submit(batch(*range(7)))
    assert told == [str(n) for n in range(7) if n not in bad]
    assert refused == [f"here:{n} it is bad" for n in sorted(bad)]
    view = store.view()
    for number in range(7):
        assert bool(view.find_source(str(number), 0, f"text {number}")) == (number not in bad)
        assert bool(view.search_words(f"text {number}", 1)[0].size) or number in bad
    assert store.verify().clean
