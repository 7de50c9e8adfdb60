"""Everything that can go wrong, in one small hierarchy.

    SutraError
    ├── misuse       InvalidValueError, InvalidBatchError, UnknownConceptError, UnknownSourceError,
    │                UnknownAnswerError, AnswerErasedError, EmbedderMismatchError, ConfigError,
    │                InvalidChangeError, HistoryMismatchError, UnknownReceiptError, StoreExistsError,
    │                StoreFollowsError
    ├── operation    StoreIOError (DiskFullError, NoSpaceError), StoreLockedError, StoreClosedError,
    │                StoreMissingError, ReadOnlyError, EmbedderError, ModelUnavailableError, ReaderError,
    │                BackupMissingError, BackupConflictError, ReembedUnderWayError,
    │                UnreadableError (sutra_core.learn.adapters)
    ├── data         StoreCorruptError, BackupCorruptError, UnsupportedFormatError, UnknownFormatError
    └── bug          InternalError

Every error has a stable `code`, the same in every release, and a message that says what was
wrong, where, and what to do. Misuse leaves the store as it was. A bug is one of Sutra's own.
"""

from __future__ import annotations

from sutra_storage.errors import (
    AnswerErasedError,
    DiskFullError,
    EmbedderMismatchError,
    HistoryMismatchError,
    InternalError,
    InvalidBatchError,
    InvalidChangeError,
    InvalidValueError,
    NoSpaceError,
    ReadOnlyError,
    StoreClosedError,
    StoreCorruptError,
    StoreIOError,
    StoreLockedError,
    SutraError,
    UnknownConceptError,
    UnsupportedFormatError,
)

__all__ = [
    "AnswerErasedError",
    "BackupConflictError",
    "BackupCorruptError",
    "BackupMissingError",
    "ConfigError",
    "DiskFullError",
    "EmbedderError",
    "EmbedderMismatchError",
    "HistoryMismatchError",
    "InternalError",
    "InvalidBatchError",
    "InvalidChangeError",
    "InvalidValueError",
    "ModelUnavailableError",
    "NoSpaceError",
    "ReadOnlyError",
    "ReaderError",
    "ReembedUnderWayError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreExistsError",
    "StoreFollowsError",
    "StoreIOError",
    "StoreLockedError",
    "StoreMissingError",
    "SutraError",
    "UnknownAnswerError",
    "UnknownConceptError",
    "UnknownFormatError",
    "UnknownReceiptError",
    "UnknownSourceError",
    "UnsupportedFormatError",
]


class UnknownSourceError(SutraError, LookupError):
    """No source has this number."""

    code = "unknown_source"


class UnknownAnswerError(SutraError, LookupError):
    """No answer is kept under this id."""

    code = "unknown_answer"


class UnknownReceiptError(SutraError, LookupError):
    """Nothing was forgotten in this transaction."""

    code = "unknown_receipt"


class ConfigError(SutraError, ValueError):
    """A setting is unknown or out of range."""

    code = "invalid_config"


class StoreMissingError(SutraError, LookupError):
    """There is no store in this folder, and the caller did not mean to make one."""

    code = "store_missing"


class EmbedderError(SutraError):
    """The embedder failed on a text, or gave something that is no vector."""

    code = "embedder_failed"


class ModelUnavailableError(EmbedderError):
    """No source has the embedder's model, or what the reader is made of."""

    code = "model_unavailable"


class ReaderError(SutraError):
    """The reader failed on a window, or its files are not those of a reader."""

    code = "reader_failed"


class ReembedUnderWayError(SutraError):
    """The store is being embedded again already."""

    code = "reembed_under_way"


class StoreFollowsError(SutraError):
    """The store follows another one, and gets from it what was to be made here."""

    code = "store_follows"


class UnknownFormatError(SutraError):
    """No adapter reads this file."""

    code = "unknown_format"


class BackupMissingError(SutraError, LookupError):
    """There is no backup in this place."""

    code = "backup_missing"


class BackupConflictError(SutraError):
    """Another backup was written into the same place at the same time; run this one again."""

    code = "backup_conflict"


class BackupCorruptError(SutraError):
    """What lies in a backup is not what was written."""

    code = "backup_corrupt"


class StoreExistsError(SutraError):
    """A store was to be made in a folder that holds one, or other files."""

    code = "store_exists"
