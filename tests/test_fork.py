"""A forked child shares the parent's files and their lock; it must not write to them."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from sutra_storage import Engine
from sutra_storage.errors import StoreLockedError
from sutra_storage.types import Batch, SourceDraft


def batch(name: str) -> Batch:
    text = f"A fact about {name}."
    return Batch(sources=[SourceDraft(name, text)], statements=[(0, 0, len(text), True, True)])


def test_a_forked_child_is_refused_and_the_parent_goes_on(tmp_path: Path) -> None:
    engine = Engine(tmp_path, fingerprint="a", dimension=4)
    engine.commit(batch("one"))
    fork = multiprocessing.get_context("fork")
    outcomes = fork.SimpleQueue()

    def child() -> None:
        try:
            engine.commit(batch("two"))
            outcomes.put("committed")
        except StoreLockedError as error:
            outcomes.put(error.code)
        engine.close()

    process = fork.Process(target=child)
    process.start()
    process.join()
    assert (outcomes.get(), process.exitcode) == ("store_locked", 0)
    assert engine.commit(batch("three")).transaction == 2
    assert engine.verify().clean
    engine.close()
