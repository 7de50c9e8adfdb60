"""A transaction, for others to apply."""

from __future__ import annotations

import base64
from datetime import datetime

from pydantic import Field

from sutra_api.schemas.base import Result
from sutra_core import changes

__all__ = ["Change"]


class Change(Result):
    """One transaction, for another store to apply; it counts what was done then, forgotten since or not."""

    transaction: int = Field(examples=[7])
    time: datetime
    learned_sources: int
    learned_concepts: int
    forgotten_sources: int
    forgotten_concepts: int
    settled: int
    """The transaction up to which a follower has to go in one step."""
    data: str
    """The change itself, in base64."""

    @classmethod
    def of(cls, change: changes.Change) -> Change:
        """The change as a caller gets it."""
        return cls(
            transaction=change.transaction,
            time=change.time,
            learned_sources=change.learned_sources,
            learned_concepts=change.learned_concepts,
            forgotten_sources=change.forgotten_sources,
            forgotten_concepts=change.forgotten_concepts,
            settled=change.settled,
            data=base64.b64encode(change.data).decode(),
        )
