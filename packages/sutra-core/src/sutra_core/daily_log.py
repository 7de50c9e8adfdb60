"""Logs as files of JSON lines: `<prefix>_YYYYMMDD.log`, a new one each day and when one is full.

A line holds what the program says of itself. Of an exception it holds the type and where it was raised, never
its words: they may quote what somebody learned or asked.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, cast

__all__ = ["DailyFileHandler", "JsonFormatter", "fields"]

_DAY = 24 * 3600
_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode


def fields(**values: object) -> dict[str, dict[str, object]]:
    """What a line says besides its event: `log.info("answered", extra=fields(seconds=0.2))`."""
    return {"fields": values}


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: `time` (UTC), `level`, `event`, `logger`, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "event": record.getMessage(),
            "logger": record.name,
        }
        line.update(cast("dict[str, object]", getattr(record, "fields", {})))
        if record.exc_info and (error := record.exc_info[1]) is not None:
            line["error"] = _raised(error)
        return _ENCODE(line)


class DailyFileHandler(logging.Handler):
    """Writes the lines of each day (UTC) to `<prefix>_YYYYMMDD.log` in `folder`, which it makes.

    A file that would grow beyond `bytes_max` is put aside as `<prefix>_YYYYMMDD.1.log`, the next as `.2`.
    Files older than `days` days go, and the oldest where there are more than `files_max`: all together keep
    to `files_max` times `bytes_max` bytes. Only the owner may read them. With
    `flushes` false a line is in the file once `flush` is called. `clock` gives seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        *,
        days: int = 14,
        bytes_max: int = 32 << 20,
        files_max: int = 16,
        flushes: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.folder = folder
        self._prefix = prefix
        self._days = days
        self._bytes_max = bytes_max
        self._files_max = files_max
        self._flushes = flushes
        self._clock = clock
        self.lost = 0
        """How many lines could not be written."""
        self._unflushed = 0
        self._day = ""
        self._size = 0
        self._file: TextIO | None = None
        self._name = re.compile(rf"{re.escape(prefix)}_(\d{{8}})(?:\.(\d+))?\.log")

    def path(self) -> Path:
        """The file of today."""
        return self.folder / f"{self._prefix}_{self._today()}.log"

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line; what cannot be written is told on standard error, and hinders nothing."""
        try:
            line = self.format(record) + "\n"
            size = len(line.encode(errors="replace"))
            self._ready(size).write(line)
            self._size += size
            self._unflushed += 1
            if self._flushes:
                self.flush()
        except (OSError, ValueError, TypeError):
            self.close_file()
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  (as logging has it)
        """Says on standard error that a line is lost, and why; not what it was about."""
        self._lose(1, sys.exc_info()[1])

    def flush(self) -> None:
        """Hands everything to the system."""
        try:
            if self._file:
                self._file.flush()
            self._unflushed = 0
        except OSError:
            self.close_file()

    def close_file(self) -> None:
        """Closes the file; the next line opens it again."""
        file, self._file = self._file, None
        if file:
            try:
                file.close()
            except OSError as error:
                self._lose(self._unflushed, error)
        self._unflushed = 0

    def close(self) -> None:
        """Ends the log."""
        self.acquire()
        try:
            self.close_file()
        finally:
            self.release()
        super().close()

    def _lose(self, lines: int, error: BaseException | None) -> None:
        self.lost += lines
        if sys.stderr:
            with suppress(OSError, ValueError):  # it may be a file on the same disk, or closed
                print(f"{lines} lines of the log are lost: {error}", file=sys.stderr)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%d")

    def _ready(self, more: int) -> TextIO:
        """The file that takes the next line of so many bytes."""
        today = self._today()
        if self._file is None or today != self._day:
            self.close_file()
            self._day = today
            return self._open()
        if self._size and self._size + more > self._bytes_max:
            self.close_file()
            self._put_aside()
            return self._open()
        return self._file

    def _open(self) -> TextIO:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path()
        path.touch(mode=0o600)
        self._file = path.open("a", encoding="utf-8", errors="replace")
        self._size = path.stat().st_size
        if self._size and not _ends(path):
            self._size += self._file.write("\n")  # the disk was full, or the process killed, in a line
        self._remove_old()
        return self._file

    def _put_aside(self) -> None:
        numbers = [number for day, number, _ in self._files() if day == self._day]
        self.path().rename(self.folder / f"{self._prefix}_{self._day}.{max(numbers, default=0) + 1}.log")

    def _files(self) -> list[tuple[str, int, Path]]:
        """The log's files, the oldest first: day, number (0 for the one that is written), path."""
        found: list[tuple[str, int, Path]] = []
        for path in self.folder.iterdir():
            if name := self._name.fullmatch(path.name):
                found.append((name[1], int(name[2] or 0), path))
        return sorted(found, key=lambda each: (each[0], each[1] or sys.maxsize))

    def _remove_old(self) -> None:
        files = self._files()
        first = datetime.fromtimestamp(self._clock() - (self._days - 1) * _DAY, UTC)
        kept = [path for day, _, path in files if day >= first.strftime("%Y%m%d")][-self._files_max :]
        for _, _, path in files:
            if path not in kept:
                path.unlink(missing_ok=True)


def _ends(path: Path) -> bool:
    """Whether a file that is not empty ends with the end of a line."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _raised(error: BaseException) -> dict[str, object]:
    """What an exception was and where it came from, without its words."""
    frames = traceback.extract_tb(error.__traceback__)
    told: dict[str, object] = {
        "type": type(error).__qualname__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if code := getattr(error, "code", None):
        told["code"] = code
    if (cause := error.__cause__ or error.__context__) is not None:
        told["cause"] = _raised(cause)
    return told
