"""Takes the steps of a soak in a process of its own, which may be killed at any moment.

    python soak_child.py FOLDER

Reads pickled steps from its input and writes a pickled reply to each, `("done", outcome)` or `("failed",
traceback)`, once it is acknowledged. Errors of the engine that have a code are outcomes.
"""

from __future__ import annotations

import faulthandler
import pickle
import random
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from oracle import DIMENSION, FINGERPRINT, expect_same
from soak_steps import CHANGES, Step, carried_over, take
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import AnswerErasedError, UnknownSourceError
from sutra_core.reference import ReferenceStore
from sutra_core.types import KnowledgeStore
from sutra_storage import Engine


class Storing:
    """Takes the steps on a store of the engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: Any = None

    def __call__(self, step: Step) -> object:
        if step.what in CHANGES:
            return take(self.engine, step)
        return getattr(self, step.what)(*step.arguments)

    def open(self, fresh_max: int, removed_max: int, check_pages: bool) -> tuple[int, int]:
        """The last transaction, and the last one before the last purge."""
        self.engine = Engine(
            self.folder / "store",
            fingerprint=FINGERPRINT,
            dimension=DIMENSION,
            check_pages=check_pages,
            fresh_max=fresh_max,
            removed_max=removed_max,
            cleanup_commits=1,
        )
        return self.engine.view().transaction, self.engine.purged()

    def close(self) -> None:
        self.engine.close()

    def settle(self) -> None:
        self.engine.settle()

    def answer(self, answer_id: str) -> bytes | str | None:
        return _answer(self.engine, answer_id)

    def verify(self, carried: dict[str, Any]) -> None:
        assert self.engine.verify() == carried_over(carried).verify()
        report = self.engine.verify(deep=False)
        assert not report.faults, report.faults

    def compare(self, carried: dict[str, Any], last: int, answers: list[str], texts: list[str]) -> None:
        reference = carried_over(carried)
        expect_same(self.engine.view(), reference.view(), last)
        for answer_id in answers:
            found, expected = _answer(self.engine, answer_id), _answer(reference, answer_id)
            assert found == expected, (answer_id, found, expected)
        assert self.engine.purged() == reference.purged()
        forgot = [transaction for transaction, _ in reference.receipts()]
        assert [transaction for transaction, _ in self.engine.receipts()] == forgot
        for transaction in forgot:
            mine, theirs = self.engine.receipt(transaction), reference.receipt(transaction)
            assert mine is not None and theirs is not None
            assert mine[1:4] == theirs[1:4], (transaction, mine, theirs)
            assert (mine.purged is None) == (theirs.purged is None), (transaction, mine, theirs)
        for transaction in forgot[-2:]:
            for text in texts:
                went = self.engine.went(transaction, text)
                assert went == reference.went(transaction, text), (transaction, text)

    def replay(self, carried: dict[str, Any], last: int, seed: int) -> None:
        """A store that applies all changes of this one says the same, settled or not."""
        changes, chance = [], random.Random(seed)
        while page := self.engine.changes_since(len(changes), chance.randint(1, 20)):
            changes += page
        place = self.folder / "follower"
        shutil.rmtree(place, ignore_errors=True)
        follower = Engine(
            place, fingerprint=FINGERPRINT, dimension=DIMENSION, fresh_max=5, removed_max=2, cleanup_commits=1
        )
        try:
            begin = 0
            while begin < len(changes):
                end = min(begin + chance.randint(1, 20), len(changes))
                while any(change.settled > changes[end - 1].transaction for change in changes[begin:end]):
                    end += 1
                assert end <= len(changes), "a change is settled after the last one"
                done = follower.apply_changes([change.data for change in changes[begin:end]])
                assert done == changes[end - 1].transaction
                begin = end
            reference = carried_over(carried)
            expect_same(follower.view(), reference.view(), last)
            assert follower.verify() == reference.verify()
        finally:
            follower.close()


class Asking:
    """Takes the steps on a reasoning engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine: Any = None

    def __call__(self, step: Step) -> object:
        return getattr(self, step.what)(*step.arguments)

    def open(self, fresh_max: int, removed_max: int, check_pages: bool) -> int:
        """The last transaction."""
        config = ReasoningEngineConfig(
            storage_path=self.folder / "store",
            reader="off",
            memory_threshold=fresh_max,
            gc_threshold=removed_max,
            memory_cleanup_interval=1,
        )
        self.engine = ReasoningEngine(config, embedder=WordEmbedder(), check_pages=check_pages)
        return self.engine.view().transaction

    def close(self) -> None:
        self.engine.close()

    def learn(self, drafts: list[Any]) -> int:
        self.engine.learn_batch(drafts)
        return self.engine.view().transaction

    def forget(self, address: str) -> int:
        with suppress(UnknownSourceError):
            self.engine.forget(source=address)
        return self.engine.view().transaction

    def purge(self) -> int:
        self.engine.purge()
        return self.engine.view().transaction

    def verify(self) -> None:
        report = self.engine.verify()
        assert report.clean, report.faults

    def ask(self, questions: list[str]) -> list[tuple[Any, ...]]:
        """Text, confidence and sources of each answer."""
        told = []
        for question in questions:
            answer = self.engine.ask(question)
            told.append((answer.text, answer.confidence, [citation.address for citation in answer.citations]))
        return told


def _answer(store: KnowledgeStore | ReferenceStore, answer_id: str) -> bytes | str | None:
    try:
        return store.get_answer(answer_id)
    except AnswerErasedError as error:
        return error.code


def main() -> None:
    faulthandler.enable()
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    steps, replies = sys.stdin.buffer, sys.stdout.buffer
    taking = Storing(folder) if kind == "store" else Asking(folder)
    pickle.dump(("done", None), replies)
    replies.flush()
    while True:
        try:
            step = pickle.load(steps)
        except EOFError:
            return
        try:
            reply = ("done", taking(step))
        except Exception:  # noqa: BLE001  (whatever it is, the parent tells it)
            reply = ("failed", traceback.format_exc())
        pickle.dump(reply, replies)
        replies.flush()


if __name__ == "__main__":
    main()
