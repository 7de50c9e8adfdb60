"""The service's log: JSON lines, written by a thread of its own, so that no request waits for the disk.

Lines say what was done, for which request, and how long it took; never a key, a question or a text. They go
to files in the storage folder, the grave ones to standard error, too; without files all of them go there.
"""

from __future__ import annotations

import logging
import sys
import time
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import Full, Queue

from sutra_api.about import ABOUT
from sutra_core import ReasoningEngineConfig
from sutra_core.daily_log import DailyFileHandler, JsonFormatter

__all__ = ["LOG_FOLDER", "LOG_PREFIX", "Logs"]

LOG_FOLDER = "monitoring_logs"
LOG_PREFIX = "service"
_OURS = ("sutra_api", "sutra_core")
_WAITING_MAX = 10_000
_PAUSE_SECONDS = 0.01


class Logs:
    """The log from `start` until `close`. Lines that come faster than they can be written are counted."""

    def __init__(self, config: ReasoningEngineConfig) -> None:
        self._level = config.log_level
        self._running = False
        waiting = Queue[logging.LogRecord](_WAITING_MAX)
        self._enqueue = _Enqueue(waiting)
        self._files: DailyFileHandler | None = None
        errors = logging.StreamHandler(sys.stderr)
        handlers: list[logging.Handler] = [errors]
        if config.log_days and config.use_rust_storage:
            errors.setLevel(logging.WARNING)
            folder = config.storage_path / LOG_FOLDER
            self._files = _files(folder, config.log_days, config.log_bytes_max)
            handlers.append(self._files)
        for each in handlers:
            each.setFormatter(JsonFormatter())
        self._listener = _Listener(waiting, *handlers, respect_handler_level=True)

    @property
    def dropped(self) -> int:
        """How many lines were not written: too many waited, or there was no room for them."""
        return self._enqueue.dropped + (self._files.lost if self._files else 0)

    def start(self) -> None:
        """Takes over what this process logs."""
        root = logging.getLogger()
        root.addHandler(self._enqueue)
        level = logging.getLevelNamesMapping()[self._level]
        # What others say in detail may hold what our callers have sent.
        root.setLevel(max(logging.WARNING, level))
        logging.getLogger("uvicorn").setLevel(max(logging.INFO, level))
        for name in _OURS:
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(True)
        self._listener.start()
        self._running = True

    def close(self) -> None:
        """Writes what waits, and gives the log back. Closing twice does nothing."""
        if not self._running:
            return
        self._running = False
        logging.getLogger().removeHandler(self._enqueue)
        logging.captureWarnings(False)
        self._listener.stop()
        for each in self._listener.handlers:
            each.close()


class _Enqueue(QueueHandler):
    """Hands records to the thread that writes, each with what it is about; never waits."""

    def __init__(self, waiting: Queue[logging.LogRecord]) -> None:
        super().__init__(waiting)
        self._waiting = waiting
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record, with its words made: what they are made of may change before it is written."""
        record.msg, record.args = record.getMessage(), None
        record.fields = {**ABOUT.get(), **getattr(record, "fields", {})}
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Hands it over, or counts it where too many wait."""
        try:
            self._waiting.put_nowait(record)
        except Full:
            self.dropped += 1


class _Listener(QueueListener):
    """The thread that writes."""

    def enqueue_sentinel(self) -> None:
        """Lets it end after what waits, however much that is."""
        while True:
            try:
                super().enqueue_sentinel()
            except Full:
                time.sleep(_PAUSE_SECONDS)
            else:
                return


def _files(folder: Path, days: int, bytes_max: int) -> DailyFileHandler:
    return DailyFileHandler(folder, LOG_PREFIX, days=days, bytes_max=bytes_max)
