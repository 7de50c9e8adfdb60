"""The service's log: JSON lines, written by a thread of its own, so that no request waits for the disk.

Lines say what was done, for which request, and how long it took; never a key, a question or a text. They go
to files in the storage folder, the grave ones to standard error, too; without files all of them go there.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from sutra_api.about import ABOUT
from sutra_core import ReasoningEngineConfig
from sutra_core.daily_log import DailyFileHandler, JsonFormatter

__all__ = ["LOG_FOLDER", "LOG_PREFIX", "Logs"]

LOG_FOLDER = "monitoring_logs"
LOG_PREFIX = "service"
_OURS = ("sutra_api", "sutra_core")
_WAITING_MAX = 10_000
_PAUSE_SECONDS = 0.2


class Logs:
    """The log from `start` until `close`. Lines that come faster than they can be written are counted."""

    def __init__(self, config: ReasoningEngineConfig) -> None:
        self._level = config.log_level
        self._files: DailyFileHandler | None = None
        errors = logging.StreamHandler(sys.stderr)
        handlers: list[logging.Handler] = [errors]
        if config.log_days and config.use_rust_storage:
            errors.setLevel(logging.WARNING)
            folder = config.storage_path / LOG_FOLDER
            self._files = DailyFileHandler(
                folder,
                LOG_PREFIX,
                days=config.log_days,
                bytes_max=config.log_bytes_max,
                flushes=False,
            )
            handlers.append(self._files)
        for each in handlers:
            each.setFormatter(JsonFormatter())
        self._writer = _Writer(handlers)
        self._waiting = _Waiting(self._writer)

    @property
    def dropped(self) -> int:
        """How many lines were not written: too many waited, or there was no room for them."""
        return self._waiting.dropped + (self._files.lost if self._files else 0)

    def start(self) -> None:
        """Takes over what this process logs."""
        root = logging.getLogger()
        root.addHandler(self._waiting)
        level = logging.getLevelNamesMapping()[self._level]
        # What others say in detail may hold what our callers have sent.
        root.setLevel(max(logging.WARNING, level))
        logging.getLogger("uvicorn").setLevel(max(logging.INFO, level))
        for name in _OURS:
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(True)
        self._writer.start()

    def close(self) -> None:
        """Writes what waits, and gives the log back. Closing twice does nothing."""
        if self._writer.is_alive():
            logging.getLogger().removeHandler(self._waiting)
            logging.captureWarnings(False)
            self._writer.close()


class _Writer(threading.Thread):
    """Writes what waits, a few times a second and what is grave at once: a thread that is woken for each line
    would take the interpreter from those who answer.
    """

    def __init__(self, handlers: Sequence[logging.Handler]) -> None:
        super().__init__(name="log", daemon=True)
        self._handlers = handlers
        self._wanted = threading.Event()
        self._closing = False
        self.records = deque[logging.LogRecord]()

    def run(self) -> None:
        """Until it is closed."""
        while not self._closing:
            self._wanted.wait(_PAUSE_SECONDS)
            self._wanted.clear()
            self._write()
        self._write()

    def wake(self) -> None:
        """Has it write at once."""
        self._wanted.set()

    def close(self) -> None:
        """Ends it when all is written."""
        self._closing = True
        self.wake()
        self.join()
        for each in self._handlers:
            each.close()

    def _write(self) -> None:
        if not self.records:
            return
        while self.records:
            record = self.records.popleft()
            for each in self._handlers:
                if record.levelno >= each.level:
                    each.handle(record)
        for each in self._handlers:
            with suppress(OSError, ValueError):  # standard error may be full, or closed
                each.flush()


class _Waiting(logging.Handler):
    """Keeps records for the thread that writes, each with what it is about; never waits."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer
        self.dropped = 0

    def createLock(self) -> None:  # noqa: N802  (as logging has it)
        """None: nothing here needs one."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the record, or counts it where too many wait."""
        if len(self._writer.records) >= _WAITING_MAX:
            self.dropped += 1
            return
        # What its words are made of may change before it is written.
        record.msg, record.args = record.getMessage(), None
        record.fields = {**ABOUT.get(), **getattr(record, "fields", {})}
        self._writer.records.append(record)
        if record.levelno >= logging.WARNING:
            self._writer.wake()
