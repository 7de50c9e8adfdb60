"""The store: commits, one after the other, each on a copy of the state before.

Writes no file and keeps nothing beyond its process. A batch that is refused leaves everything as it was,
because the copy is thrown away.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

import numpy as np

from sutra_core.errors import AnswerErasedError, StoreClosedError
from sutra_core.reference.forget import forget
from sutra_core.reference.learn import Learning
from sutra_core.reference.state import State
from sutra_core.reference.validate import validate
from sutra_core.reference.view import ReferenceView
from sutra_core.types import Batch, Forgotten, Receipt, VerifyReport


class ReferenceStore:
    """A `KnowledgeStore` in memory, for vectors of `dimension` components of one embedder."""

    def __init__(self, *, fingerprint: str, dimension: int) -> None:
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._state: State | None = State()
        self._view = ReferenceView(self._state, dimension)
        self._answers: dict[str, tuple[bytes, tuple[int, ...]]] = {}
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
            self._view = ReferenceView(learning.state, self._dimension)
            return receipt

    def forget_sources(self, sources: Sequence[int], *, dry_run: bool = False) -> Forgotten | None:
        """Forgets sources, with all that they alone said; None where none of them is known."""
        with self._writing:
            before = self._opened()
            known = {source for source in sources if source in before.sources}
            if not known:
                return None
            state = before.copy()
            state.transaction += 1
            forget(state, known)
            was, left = (ReferenceView(each, self._dimension).stats() for each in (before, state))
            kept = [cited for _, cited in self._answers.values() if before.sources.keys() >= set(cited)]
            erased = sum(not known.isdisjoint(cited) for cited in kept)
            if not dry_run:
                self._state = state
                self._view = ReferenceView(state, self._dimension)
            return Forgotten(
                state.transaction,
                was.sources - left.sources,
                was.statements - left.statements,
                was.entities - left.entities,
                was.associations - left.associations,
                was.evidence - left.evidence,
                was.vectors - left.vectors,
                erased,
            )

    def put_answer(self, answer_id: str, record: bytes, sources: Sequence[int] = ()) -> None:
        """Keeps a recorded answer, until a source that it cites is forgotten."""
        self._opened()
        self._answers[answer_id] = bytes(record), tuple(sources)

    def get_answer(self, answer_id: str) -> bytes | None:
        """A recorded answer; raises `AnswerErasedError` when a source that it cites was forgotten."""
        state = self._opened()
        record, sources = self._answers.get(answer_id, (None, ()))
        if any(source not in state.sources for source in sources):
            raise AnswerErasedError(
                f"the answer {answer_id} was erased: something that it rested on was forgotten; ask again"
            )
        return record

    def verify(self) -> VerifyReport:
        """Checks every hash, every support and every association against what it is made of."""
        state = self._opened()
        faults: list[str] = []
        for source in state.sources.values():
            if hashlib.sha256(state.texts[source.id]).hexdigest() != source.sha256:
                faults.append(f"the text of source {source.id} does not have its SHA-256")
        for concept, supports in state.supports.items():
            said = state.concepts[concept].text.encode()
            if any(state.texts[place.source][place.start : place.end] != said for place in supports):
                faults.append(f"the supports of statement {concept} differ")
        for key, association in state.associations.items():
            doubt = np.prod([1 - piece.confidence for piece in state.evidence[key]])
            if abs(min(1 - doubt, 0.99) - association.confidence) > 1e-3:
                faults.append(f"association {key} has confidence {association.confidence}, not {1 - doubt}")
        counts = {
            "transactions": state.transaction,
            "sources": len(state.sources),
            "statements": len(state.statement_ids),
            "entities": len(state.entity_ids),
            "supports": sum(map(len, state.supports.values())),
            "associations": len(state.associations),
            "evidence": sum(map(len, state.evidence.values())),
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
