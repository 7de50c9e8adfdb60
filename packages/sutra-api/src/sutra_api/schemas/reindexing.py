"""What older rules derived, derived again."""

from __future__ import annotations

from sutra_api.schemas.base import Request, Result

__all__ = ["ReindexRequest", "Reindexed"]


class ReindexRequest(Request):
    """How what older rules derived is derived again."""

    dry_run: bool = False
    """Whether it is only counted, at once and without a job."""


class Reindexed(Result):
    """What came of deriving again by the present rules."""

    rules: int
    """The version of the present rules."""
    outdated: int
    """How many pieces of evidence older rules had derived when it (last) began."""
    sources: int
    """How many were read again; 0 where nothing was outdated, and in a dry run."""
    retired: int
    """How many of the outdated pieces are not derived any more."""
    transaction: int
    """The last one."""
    seconds: float
    """How long it took since it (last) began."""
