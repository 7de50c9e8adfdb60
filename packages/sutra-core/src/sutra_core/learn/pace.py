"""How much text goes into one batch, so that what was read is durable soon.

The rate of the batches before tells how many bytes take about `BATCH_SECONDS`: a slow embedder gets
small batches, a fast one large ones. Knows no clock of its own.
"""

from __future__ import annotations

from sutra_core.learn.adapters.parts import PART_BYTES

__all__ = ["BATCH_BYTES_MAX", "BATCH_SECONDS", "Pace"]

BATCH_BYTES_MAX = 1 << 20
"""However fast it goes, a batch is committed when it has this many bytes of text."""
BATCH_SECONDS = 1.0
"""What preparing a batch should take, and how long a text may wait for others to share its commit."""


class Pace:
    """The bytes of text at which a batch ends: one part at first, then what the last batches allow."""

    def __init__(self) -> None:
        self._rate: float | None = None

    @property
    def batch_bytes(self) -> int:
        """At least one part, at most `BATCH_BYTES_MAX`."""
        if self._rate is None:
            return PART_BYTES
        return int(min(max(self._rate * BATCH_SECONDS, PART_BYTES), BATCH_BYTES_MAX))

    def prepared(self, size: int, seconds: float) -> None:
        """A batch of `size` bytes took so long to read and to embed."""
        rate = size / seconds if seconds > 0 else float(BATCH_BYTES_MAX)
        self._rate = rate if self._rate is None else (self._rate + rate) / 2
