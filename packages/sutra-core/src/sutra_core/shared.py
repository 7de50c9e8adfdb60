"""What the engines of one process share: the models, and the room for cached answers.

A model is opened when it is first needed, once for all engines that need it. Opens no store.
"""

from __future__ import annotations

import threading
import warnings
from contextlib import ExitStack

from sutra_core.cache import AnswerBudget
from sutra_core.config import ReasoningEngineConfig
from sutra_core.embed import Embedder, Profile, open_embedder
from sutra_core.errors import ModelUnavailableError
from sutra_core.reader import Reader, open_reader

__all__ = ["MissingReaderWarning", "Shared"]


class MissingReaderWarning(UserWarning):
    """There is no reader on this machine: answers come from facts and whole sentences alone."""


class Shared:
    """The embedders and the reader that a configuration names, and room for `cache_max_size` answers.

    Safe to use from many threads. Give it to several engines, and close it after the last of them.
    """

    def __init__(self, config: ReasoningEngineConfig) -> None:
        self._config = config
        self._opening = threading.Lock()
        self._embedders: dict[str, Embedder] = {}
        self._reader: Reader | None = None
        self._reader_sought = False
        self._closing = ExitStack()
        self.answers = AnswerBudget(config.cache_max_size, config.cache_ttl_seconds)

    def embedder(self, profile: Profile) -> Embedder:
        """The embedder of a profile; raises `ModelUnavailableError` without its model."""
        with self._opening:
            if profile.fingerprint not in self._embedders:
                opened = open_embedder(profile, self._config.model_path)
                self._embedders[profile.fingerprint] = opened
                self._closing.callback(opened.close)
            return self._embedders[profile.fingerprint]

    def reader(self) -> Reader | None:
        """The reader; None where it is off, and where there is none, which is warned of once."""
        with self._opening:
            if not self._reader_sought:
                self._reader_sought = True
                if self._config.reader == "on":
                    self._open_reader()
            return self._reader

    def close(self) -> None:
        """Gives the models up; what is needed afterwards is opened again."""
        with self._opening:
            self._embedders.clear()
            self._reader_sought = self._reader_sought and self._reader is None
            self._reader = None
            closing, self._closing = self._closing, ExitStack()
        closing.close()

    def _open_reader(self) -> None:
        try:
            opened = open_reader(self._config.reader_path, self._config.model_path)
        except ModelUnavailableError as error:
            if self._config.reader_path is not None:
                self._reader_sought = False
                raise
            message = f"answers come from facts and whole sentences alone, for there is no reader: {error}"
            warnings.warn(MissingReaderWarning(message), stacklevel=7)
        else:
            self._reader = opened
            self._closing.callback(opened.close)
