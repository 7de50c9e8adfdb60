"""Everything that can go wrong, in one small hierarchy.

    SutraError
    ├── misuse       InvalidValueError, InvalidBatchError, UnknownConceptError, UnknownSourceError,
    │                UnknownAnswerError, AnswerErasedError, EmbedderMismatchError, ConfigError,
    │                InvalidChangeError, HistoryMismatchError, UnknownReceiptError
    ├── operation    StoreIOError (DiskFullError, NoSpaceError), StoreLockedError, StoreClosedError,
    │                StoreMissingError, ReadOnlyError, EmbedderError, ModelUnavailableError, ReaderError,
    │                UnreadableError (sutra_core.learn.adapters)
    ├── data         StoreCorruptError, UnsupportedFormatError, UnknownFormatError
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
    "StoreClosedError",
    "StoreCorruptError",
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


class UnknownFormatError(SutraError):
    """No adapter reads this file."""

    code = "unknown_format"
