"""The test of persistence: is what was learned there, and answered the same, when a store was opened again?

It is done in a store of its own beside the namespaces, which is removed afterwards; no figure counts what is
learned and asked there.
"""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.ask import Answer
from sutra_core.errors import InvalidValueError, StoreIOError, SutraError
from sutra_core.shared import Shared

__all__ = ["PersistenceResult", "PersistenceTest"]

_TEXT = "Mira Olsen keeps the lighthouse of Varn."
_QUESTION = "Who keeps the lighthouse of Varn?"


@dataclass(frozen=True, slots=True)
class PersistenceResult:
    """The confidence of the answer after the store was opened again; 0 with a `fault` in words where it is
    not the answer from before. `at` is in seconds since 1970.
    """

    confidence: float
    seconds: float
    fault: str
    at: float


class PersistenceTest:
    """Makes the test, one at a time, in new folders under `folder`."""

    def __init__(self, config: ReasoningEngineConfig, shared: Shared, folder: Path) -> None:
        self._config = config
        self._shared = shared
        self._folder = folder
        self._lock = threading.Lock()
        self.last: PersistenceResult | None = None
        """What was found last."""

    def make(self) -> PersistenceResult:
        """Learns a sentence, asks, closes the store, opens it, asks again.

        Raises `InvalidValueError` for a store in memory, of which nothing persists.
        """
        if not self._config.use_rust_storage:
            raise InvalidValueError(
                "the store is in memory (SUTRA_USE_RUST_STORAGE is false): nothing of it persists"
            )
        with self._lock:
            started = time.perf_counter()
            # With a point in front it is no namespace; what a crash has left goes at the next start.
            folder = self._folder / f".test-{secrets.token_hex(8)}"
            try:
                confidence, fault = self._compare(folder)
            except SutraError as error:
                confidence, fault = 0.0, f"{error.code}: {error}"
            except OSError as error:
                confidence, fault = 0.0, f"{StoreIOError.code}: {error.strerror or type(error).__name__}"
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            self.last = PersistenceResult(confidence, time.perf_counter() - started, fault, time.time())
            return self.last

    def _compare(self, folder: Path) -> tuple[float, str]:
        folder.mkdir(parents=True)
        with self._opened(folder) as engine:
            engine.learn(_TEXT, source="test of persistence")
            before = engine.ask(_QUESTION)
        with self._opened(folder) as engine:
            after = engine.ask(_QUESTION)
        if before.kind == "unknown":
            return 0.0, "the sentence was learned, and its question was not answered"
        if _said(before) != _said(after):
            return 0.0, "the answer is another one after the store was opened again"
        return after.confidence, ""

    def _opened(self, folder: Path) -> ReasoningEngine:
        config = self._config.model_copy(update={"storage_path": folder})
        return ReasoningEngine(config, shared=self._shared)


def _said(answer: Answer) -> tuple[str, float, list[str]]:
    return answer.text, round(answer.confidence, 6), [each.text for each in answer.citations]
