"""How many requests a minute each client may make: a sliding window for each client and kind of request.

Counts in memory; a restart begins anew. Who the client is decides the caller: a key, or an address.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from sutra_core.errors import SutraError

__all__ = ["Limits", "RateLimitedError", "Standing"]


class RateLimitedError(SutraError):
    """A client has made as many requests as it may in a minute."""

    code = "rate_limited"

    def __init__(self, standing: Standing) -> None:
        super().__init__(
            f"{standing.limit} requests a minute of the kind {standing.kind!r} are allowed; "
            f"try again in {standing.reset} seconds"
        )
        self.standing = standing


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands: how many it may make, how many are left, and seconds until there are more."""

    kind: str
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """`RateLimit` and `RateLimit-Policy`, as the draft of the IETF's HTTPAPI group has them."""
        return {
            "ratelimit-policy": f'"{self.kind}";q={self.limit};w=60',
            "ratelimit": f'"{self.kind}";r={self.remaining};t={self.reset}',
        }


class Limits:
    """Limits by kind of request, in requests a minute; 0 lifts one. Safe to use from many threads."""

    def __init__(self, per_minute: Mapping[str, int]) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits: dict[str, RateLimitItemPerMinute] = {}
        self.set(per_minute)

    def set(self, per_minute: Mapping[str, int]) -> None:
        """Takes other limits; what was counted stays counted."""
        self._limits = {
            kind: RateLimitItemPerMinute(count, namespace=kind) for kind, count in per_minute.items() if count
        }

    def count(self, kind: str, client: str) -> Standing | None:
        """Counts a request; None where its kind has no limit. Raises `RateLimitedError`."""
        limit = self._limits.get(kind)
        if limit is None:
            return None
        allowed = self._limiter.hit(limit, client)
        window = self._limiter.get_window_stats(limit, client)
        reset = max(1, round(window.reset_time - time.time()))
        standing = Standing(kind, limit.amount, window.remaining, reset)
        if not allowed:
            raise RateLimitedError(standing)
        return standing
