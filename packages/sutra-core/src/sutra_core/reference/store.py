"""The store: commits, one after the other, each on a copy of the state before.

Writes no file and keeps nothing beyond its process. A batch that is refused leaves everything as it was,
because the copy is thrown away.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import numpy as np

from sutra_core.errors import AnswerErasedError, InvalidValueError, StoreClosedError
from sutra_core.reference.forget import (
    Lost,
    forget_concept,
    forget_retired,
    forget_sources,
    occurrences,
)
from sutra_core.reference.learn import Learning, give_vector
from sutra_core.reference.part import living
from sutra_core.reference.state import State, is_blank, name_key, stripped
from sutra_core.reference.validate import validate
from sutra_core.reference.view import ReferenceView
from sutra_core.types import (
    Batch,
    Floats,
    ForgettingReceipt,
    Forgotten,
    Receipt,
    TextKind,
    VerifyReport,
    Went,
)


class ReferenceStore:
    """A `KnowledgeStore` in memory, for vectors of `dimension` components of one embedder."""

    def __init__(self, *, fingerprint: str, dimension: int) -> None:
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._state: State | None = State()
        self._view = ReferenceView(self._state, dimension, fingerprint)
        self._answers: dict[str, tuple[bytes, tuple[int, ...], int]] = {}
        self._erased: set[str] = set()
        self._receipts: dict[int, ForgettingReceipt] = {}
        self._purged: tuple[int, int] | None = None
        self._times: dict[int, int] = {}
        self._writing = threading.Lock()

    def view(self) -> ReferenceView:
        """The state after the last commit."""
        self._opened()
        return self._view

    def commit(self, batch: Batch) -> Receipt:
        """Makes a batch visible, or raises and leaves everything as it was."""
        with self._writing:
            before = self._opened()
            validate(batch, self._fingerprint, self._dimension)
            learning = Learning(before.copy(), batch)
            receipt = learning.learn()
            self._state = learning.state
            self._times.setdefault(learning.state.transaction, _now())
            self._view = ReferenceView(learning.state, self._dimension, self._fingerprint)
            return receipt

    def forget_sources(self, sources: Sequence[int], *, dry_run: bool = False) -> Forgotten | None:
        """Forgets sources, with all that they alone said; None where none of them is known."""
        change = partial(forget_sources, sources=set(sources))
        return self._forget("sources", sources, change, dry_run)

    def forget_before(self, before: int, *, dry_run: bool = False) -> Forgotten | None:
        """Forgets every source that was learned before a time, in microseconds since 1970-01-01 UTC."""
        old = {
            source.id for source in self._opened().sources.values() if self._times[source.learned] < before
        }
        return self._forget("before", [before], partial(forget_sources, sources=old), dry_run)

    def forget_retired(self, before: int, *, dry_run: bool = False) -> Forgotten | None:
        """Drops what was retired before a time, in microseconds since 1970-01-01 UTC."""
        last = max((number for number, made in self._times.items() if made < before), default=0)
        return self._forget("retired", [before], partial(forget_retired, last=last), dry_run)

    def forget_concept(
        self, concept: int, *, link_only: bool = False, dry_run: bool = False
    ) -> Forgotten | None:
        """Forgets a statement, or an entity with all that names it; with `link_only` an entity alone."""
        change = partial(forget_concept, number=concept, link_only=link_only)
        return self._forget("link" if link_only else "concept", [concept], change, dry_run)

    def _forget(
        self, what: str, numbers: Sequence[int], change: Callable[[State], Lost | None], dry_run: bool
    ) -> Forgotten | None:
        with self._writing:
            before = self._opened()
            state = before.copy()
            state.transaction += 1
            lost = change(state)
            if lost is None:
                return None
            was, left = (
                ReferenceView(each, self._dimension, self._fingerprint).stats() for each in (before, state)
            )
            hit = {
                answer_id
                for answer_id, (record, cited, read) in self._answers.items()
                if answer_id not in self._erased and _may_cite(before, cited, read)
                if not _may_cite(state, cited, read) or occurrences(record.decode(), lost.name)
            }
            forgotten = Forgotten(
                state.transaction,
                len(before.sources) - len(state.sources),
                was.statements - left.statements,
                was.entities - left.entities,
                was.associations - left.associations,
                was.evidence - left.evidence,
                was.vectors - left.vectors,
                len(hit),
                lost.redacted,
                lost.staying,
            )
            if not dry_run:
                self._state = state
                self._view = ReferenceView(state, self._dimension, self._fingerprint)
                self._times[state.transaction] = _now()
                self._erased |= hit
                self._receipts[state.transaction] = ForgettingReceipt(
                    _now(), what, list(numbers), forgotten, _hashes(before, state), None
                )
            return forgotten

    def give_vectors(self, statements: Sequence[int], vectors: Floats, *, read: int) -> int:
        """Gives statements that have none a vector each; the number that did."""
        with self._writing:
            if (
                vectors.shape[1] != self._dimension
                or not np.isfinite(vectors).all()
                or not vectors.any(axis=1).all()
            ):
                raise InvalidValueError("a vector is none of this store's")
            state = self._opened().copy()
            waiting = set(
                ReferenceView(state, self._dimension, self._fingerprint).pending(limit=len(state.supports))
            )
            given = {
                number: vector
                for number, vector in zip(statements, vectors, strict=True)
                if number in waiting
                and all(state.redacted.get(place.source, 0) <= read for place in state.supports[number])
            }
            if given:
                state.transaction += 1
                for number, vector in given.items():
                    give_vector(state, number, vector)
                self._state = state
                self._view = ReferenceView(state, self._dimension, self._fingerprint)
                self._times[state.transaction] = _now()
            return len(given)

    def retire_outdated(self, rules: int) -> int:
        """Retires the evidence that rules before this version derived; the number of pieces."""
        with self._writing:
            state = self._opened().copy()
            state.transaction += 1
            outdated = [key for key, told in state.tellings.items() if told[-1].is_outdated(rules)]
            for key in outdated:
                *before, last = state.tellings[key]
                state.tellings[key] = (*before, last._replace(retired=state.transaction))
            if outdated:
                self._state = state
                self._view = ReferenceView(state, self._dimension, self._fingerprint)
                self._times[state.transaction] = _now()
            return len(outdated)

    def purge(self) -> int:
        """There are no files, so whatever was forgotten is gone by now."""
        self._purged = self._opened().transaction, _now()
        return self._purged[1]

    def purged(self) -> int:
        """The last transaction before the last purge."""
        return self._purged[0] if self._purged else 0

    def receipt(self, transaction: int) -> ForgettingReceipt | None:
        """What is known of a transaction that forgot something."""
        receipt = self._receipts.get(transaction)
        if receipt is None or self._purged is None or transaction > self._purged[0]:
            return receipt
        return receipt._replace(purged=self._purged[1])

    def went(self, transaction: int, text: str, *, title: str = "") -> Went | None:
        """As what a text is among what a transaction forgot; None where it forgot nothing."""
        receipt = self._receipts.get(transaction)
        if receipt is None:
            return None
        if is_blank(text):
            raise InvalidValueError("the text is empty")
        could: dict[TextKind, set[str]] = {kind: set() for kind in get_args(TextKind)}
        for given in (text, stripped(text)):
            could["statement"].add(_hash("statement", "", given))
            if title:
                could["passage"].add(_hash("statement", title, given))
            could["entity"].add(_hash("entity", name_key(given)))
            could["source"].add(_hash("source", hashlib.sha256(given.encode()).hexdigest()))
        return Went([kind for kind, hashes in could.items() if hashes & set(receipt.hashes)], True)

    def receipts(self, *, after: int = 0) -> list[tuple[int, int]]:
        """The transactions after one that forgot something, and when."""
        later = [transaction for transaction in self._receipts if transaction > after]
        return [(transaction, self._receipts[transaction].time) for transaction in later]

    def transaction_at(self, time: int) -> int:
        """The last transaction made at or before a time; 0 where there is none."""
        return max((number for number, made in self._times.items() if made <= time), default=0)

    def put_answer(
        self, answer_id: str, record: bytes, sources: Sequence[int] = (), transaction: int = 0
    ) -> None:
        """Keeps a recorded answer, until something that it cites is forgotten."""
        self._opened()
        self._answers[answer_id] = bytes(record), tuple(sources), transaction
        self._erased.discard(answer_id)

    def get_answer(self, answer_id: str) -> bytes | None:
        """A recorded answer; raises `AnswerErasedError` when a source that it cites was forgotten."""
        state = self._opened()
        record, sources, read = self._answers.get(answer_id, (None, (), 0))
        if answer_id in self._erased or not _may_cite(state, sources, read):
            raise AnswerErasedError(
                f"the answer {answer_id} was erased: something that it rested on was forgotten; ask again"
            )
        return record

    def verify(self, *, deep: bool = True) -> VerifyReport:  # noqa: ARG002  (in memory all of it is quick)
        """Checks every hash, every support and every association against what it is made of.

        What was retired counts too, but for associations.
        """
        state = self._opened()
        faults: list[str] = []
        for source in state.sources.values():
            if hashlib.sha256(state.texts[source.id]).hexdigest() != source.sha256:
                faults.append(f"the text of source {source.id} does not have its SHA-256")
        for concept, supports in state.supports.items():
            said = state.concepts[concept].text.encode()
            if any(state.texts[place.source][place.start : place.end] != said for place in supports):
                faults.append(f"the supports of statement {concept} differ")
        part = living(state)
        for key, pieces in part.evidence.items():
            if key not in part.associations:
                faults.append(f"association {key} has lost an end, and not its evidence")
                continue
            association = part.associations[key]
            doubt = np.prod([1 - piece.confidence for piece in pieces])
            if abs(min(1 - doubt, 0.99) - association.confidence) > 1e-3:
                faults.append(f"association {key} has confidence {association.confidence}, not {1 - doubt}")
        lives = {key for key, tellings in state.tellings.items() if tellings[-1].retired is None}
        if lives != {(key, piece.statement) for key, pieces in part.evidence.items() for piece in pieces}:
            faults.append("there is evidence of statements that stand nowhere")
        counts = {
            "transactions": state.transaction,
            "sources": len(state.sources),
            "statements": len(state.supports),
            "entities": len(state.entity_ids),
            "supports": sum(map(len, state.supports.values())),
            "associations": len(part.associations),
            "evidence": len(state.tellings),
            "vectors": len(state.vectors),
        }
        return VerifyReport({what: count for what, count in counts.items() if count}, faults)

    def close(self) -> None:
        """Forgets everything; views that were taken stay as they are. Closing twice does nothing."""
        self._state = None
        self._answers = {}

    def _opened(self) -> State:
        if self._state is None:
            raise StoreClosedError("the store is closed; open it again")
        return self._state


def _now() -> int:
    return time.time_ns() // 1000


def _may_cite(state: State, sources: Sequence[int], read: int) -> bool:
    """Whether all of these sources still say what they said when an answer was read."""
    return all(source in state.sources and state.redacted.get(source, 0) <= read for source in sources)


def _hashes(before: State, after: State) -> list[str]:
    """A hash of each thing that went. There is no secret to key it with, for nothing outlives the process."""
    went = [
        _hash("source", source.sha256)
        for number, source in before.sources.items()
        if number not in after.sources
    ]
    went += [_hash("statement", *key) for key in before.statement_ids if key not in after.statement_ids]
    went += [_hash("entity", name) for name in before.entity_ids if name not in after.entity_ids]
    return sorted(set(went))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
