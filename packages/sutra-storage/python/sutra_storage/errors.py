"""Everything that can go wrong in the engine.

    SutraError
    ├── misuse       InvalidValueError, InvalidBatchError, UnknownConceptError, EmbedderMismatchError
    ├── operation    StoreIOError, StoreLockedError, StoreClosedError
    └── data         StoreCorruptError, UnsupportedFormatError

Every error has a stable `code`, the same in every release, and a message that says what was
wrong, where, and what to do. Misuse leaves the store as it was.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "EmbedderMismatchError",
    "InvalidBatchError",
    "InvalidValueError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreIOError",
    "StoreLockedError",
    "SutraError",
    "UnknownConceptError",
    "UnsupportedFormatError",
]


class SutraError(Exception):
    """The root of every error that Sutra raises on purpose."""

    code: ClassVar[str] = "sutra_error"


class InvalidValueError(SutraError, ValueError):
    """A single value is not one of those allowed."""

    code = "invalid_value"


class InvalidBatchError(SutraError, ValueError):
    """A batch contradicts itself; nothing of it was stored."""

    code = "invalid_batch"


class UnknownConceptError(SutraError, LookupError):
    """No concept has this number."""

    code = "unknown_concept"


class EmbedderMismatchError(SutraError):
    """Vectors of one embedder were offered to a store that holds vectors of another."""

    code = "embedder_mismatch"


class StoreIOError(SutraError, OSError):
    """Reading or writing the store failed."""

    code = "io_error"


class StoreLockedError(SutraError):
    """Another process has the store open."""

    code = "store_locked"


class StoreClosedError(SutraError):
    """The store was closed."""

    code = "store_closed"


class StoreCorruptError(SutraError):
    """Stored bytes are not what was written."""

    code = "store_corrupt"


class UnsupportedFormatError(SutraError):
    """A file is of a format that this version does not read."""

    code = "unsupported_format"
