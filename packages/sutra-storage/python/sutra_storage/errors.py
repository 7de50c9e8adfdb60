"""Everything that can go wrong in the engine.

    SutraError
    ├── misuse       InvalidValueError, InvalidBatchError, UnknownConceptError, AnswerErasedError,
    │                EmbedderMismatchError, InvalidChangeError, HistoryMismatchError
    ├── operation    StoreIOError (DiskFullError, NoSpaceError), StoreLockedError, ReadOnlyError,
    │                StoreClosedError
    ├── data         StoreCorruptError, UnsupportedFormatError
    └── bug          InternalError

Every error has a stable `code`, the same in every release, and a message that says what was
wrong, where, and what to do. Misuse leaves the store as it was. A bug is one of Sutra's own.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AnswerErasedError",
    "DiskFullError",
    "EmbedderMismatchError",
    "HistoryMismatchError",
    "InternalError",
    "InvalidBatchError",
    "InvalidChangeError",
    "InvalidValueError",
    "NoSpaceError",
    "ReadOnlyError",
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
    """A batch contradicts itself; nothing of it was stored.

    `item` names the list of the batch, `index` the position in it, `reason` what is wrong there.
    """

    code = "invalid_batch"

    def __init__(self, item: str, index: int, reason: str) -> None:
        super().__init__(item, index, reason)
        self.item = item
        self.index = index
        self.reason = reason

    def __str__(self) -> str:
        place = f"{self.item} number {self.index} of the batch"
        return f"{place} is refused: {self.reason}; nothing of the batch was stored"


class UnknownConceptError(SutraError, LookupError):
    """No concept has this number."""

    code = "unknown_concept"


class AnswerErasedError(SutraError, LookupError):
    """Something that the answer rested on was forgotten, and the answer with it."""

    code = "answer_erased"


class EmbedderMismatchError(SutraError):
    """Vectors of one embedder were offered to a store that holds vectors of another."""

    code = "embedder_mismatch"


class InvalidChangeError(SutraError, ValueError):
    """A change of another store cannot be applied: damaged, out of order, or without those beside it."""

    code = "invalid_change"


class HistoryMismatchError(SutraError):
    """A change does not continue the store that it was offered to; follow from the beginning, into a new
    one."""

    code = "history_mismatch"


class StoreIOError(SutraError, OSError):
    """Reading or writing the store failed."""

    code = "io_error"


class DiskFullError(StoreIOError):
    """There is no room left to write; make room and try again."""

    code = "disk_full"


class NoSpaceError(StoreIOError):
    """The store's files cannot be written anew for want of free disk; make room and purge again."""

    code = "no_space"


class StoreLockedError(SutraError):
    """Another process has the store open."""

    code = "store_locked"


class ReadOnlyError(SutraError):
    """The store was opened for reading alone, so nothing can be learned or recorded."""

    code = "read_only"


class StoreClosedError(SutraError):
    """The store was closed."""

    code = "store_closed"


class StoreCorruptError(SutraError):
    """Stored bytes are not what was written."""

    code = "store_corrupt"


class UnsupportedFormatError(SutraError):
    """A file is of a format that this version does not read."""

    code = "unsupported_format"


class InternalError(SutraError):
    """The engine failed at something that it should be able to do: a bug, to be reported."""

    code = "internal_error"
