"""Another embedder for what is known."""

from __future__ import annotations

from sutra_api.schemas.base import Request, Result
from sutra_core.config import EmbedderName

__all__ = ["ReembedRequest", "Reembedded"]


class ReembedRequest(Request):
    """Which embedder a namespace is to have."""

    embedder: EmbedderName
    """The name of its profile, as in `SUTRA_EMBEDDER`."""


class Reembedded(Result):
    """What came of embedding again."""

    statements: int
    """How many have a vector of the embedder."""
    embedded: int
    """How many got it since the job (last) began."""
    waiting: int
    """How many the embedder refuses, or came at the very end: they wait for one, and are found by words."""
    seconds: float
    """How long it took since it (last) began."""
