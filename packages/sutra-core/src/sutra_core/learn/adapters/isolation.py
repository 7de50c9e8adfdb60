"""Reads files through the adapters of packages in a process of its own, under limits.

A parser of a foreign format may be led astray by a hostile file: to use all memory, to run for ever, to
crash. Here that costs the file and nothing else: the process is ended, the file is reported, and the next
one gets a new process. `worker` is the other side. On systems without resource limits (Windows) memory is
not bounded, time is.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, shown
from sutra_core.learn.adapters.frames import Frame, FrameError, framed, length_of, read_frame, taken
from sutra_core.learn.adapters.registry import adapter_named

__all__ = ["MEMORY_BYTES", "SILENCE_SECONDS", "IsolatedReader"]

MEMORY_BYTES = 1 << 30
"""The most memory for data that the process may have."""

SILENCE_SECONDS = 120.0
"""The longest that it may go without an item, in time and in time of the processor."""

_PIECE_BYTES = 64 * 1024
_WAITING = 64
"""How many pieces of what it sends wait between the two sides; the process stops while they do."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sutra_core.learn.adapters.worker import serve
serve()
"""


class IsolatedReader:
    """One process at a time, started when the first file is read and kept for the next ones."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, silence_seconds: float = SILENCE_SECONDS) -> None:
        """`memory_bytes` bounds the memory for data, `silence_seconds` the time between two items."""
        self._memory_bytes = memory_bytes
        self._silence_seconds = silence_seconds
        self._process: _Process | None = None

    def read(
        self, adapter: str, path: Path, address: str, fields: Mapping[str, object] | None = None
    ) -> Iterator[Item | BadItem]:
        """The file's items, as `DatasetAdapter.read` of the adapter with this name gives them.

        `fields` are those of a `FieldMap`, for an adapter that takes one.

        Where the adapter fails, its last item is a `BadItem` that says how: `reader_failed`,
        `reader_too_slow` or `too_large`. Raises OSError where the file cannot be read.
        """
        process = self._process = self._process or _Process(self._memory_bytes, self._silence_seconds)
        done = False
        bytes_done = 0
        try:
            named = type(adapter_named(adapter))
            wanted = [named.__module__, named.__qualname__]
            process.ask({"adapter": wanted, "path": str(path), "address": address, "fields": fields})
            while (frame := process.next_frame(self._silence_seconds)) is not None:
                if frame[0] == "end":
                    done = True
                    return
                match frame:
                    case ["unreadable", int(number), str(words)]:
                        done = True
                        raise OSError(number, words)
                    case _:
                        item = taken(frame)
                bytes_done = max(bytes_done, item.bytes_done)
                yield item
            reason, code = process.fate(self._silence_seconds, self._memory_bytes)
            yield BadItem(shown(path), reason, code, bytes_done)
        except FrameError as error:
            reason = f"the reader of this format sent what is no item ({error}). Convert it to another format"
            yield BadItem(shown(path), reason, "reader_failed", bytes_done)
        finally:
            if not done:
                self.close()

    def close(self) -> None:
        """Ends the process, whatever it does."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def __enter__(self) -> IsolatedReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Process:
    """The process, and a thread that takes what it sends."""

    def __init__(self, memory_bytes: int, silence_seconds: float) -> None:
        limits = json.dumps([memory_bytes, silence_seconds])
        # What it says on the way down; a file, because nobody reads it meanwhile.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _START, json.dumps(sys.path), limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        self._pieces: queue.Queue[bytes] = queue.Queue(_WAITING)
        self._piece = memoryview(b"")
        self._too_slow = False
        self._thread = threading.Thread(target=self._fetch, name="isolated-reader", daemon=True)
        self._thread.start()

    def ask(self, request: Mapping[str, object]) -> None:
        """Sends a file to read."""
        self._said.seek(0)
        self._said.truncate()
        stdin = cast(BinaryIO, self._child.stdin)
        # One that has died says so by its next frame.
        with suppress(BrokenPipeError):
            stdin.write(framed(request))
            stdin.flush()

    def next_frame(self, seconds: float) -> Frame | None:
        """The next frame, or None where it died or sent no whole one for too long. Raises `FrameError`."""
        until = time.monotonic() + seconds
        head = self._take(4, until)
        if head is None:
            return None
        data = self._take(length_of(head), until)
        return None if data is None else read_frame(data)

    def fate(self, silence_seconds: float, memory_bytes: int) -> tuple[str, BadItemCode]:
        """Why there is no next frame, in words and as a code."""
        too_slow = f"nothing came of it in {silence_seconds:g} s; it was left there. Convert it, or split it"
        if self._too_slow:
            return too_slow, "reader_too_slow"
        try:
            status = self._child.wait(silence_seconds)
        except subprocess.TimeoutExpired:
            return too_slow, "reader_too_slow"  # it sends nothing more, and does not end either
        if status == -getattr(signal, "SIGXCPU", 0):
            return too_slow, "reader_too_slow"
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        last = lines[-1][:500] if lines else f"it ended with status {status}"
        if last.startswith("MemoryError"):
            return (
                f"reading it takes more than {memory_bytes >> 20} MiB of memory; split it",
                "too_large",
            )
        return (
            f"the reader of this format failed on it: {last}. Convert it to another format",
            "reader_failed",
        )

    def end(self) -> None:
        """Kills it, and waits until that is done."""
        self._child.kill()
        self._child.wait()
        while self._thread.is_alive():
            try:
                self._pieces.get(timeout=0.05)
            except queue.Empty:
                continue
        for stream in (self._child.stdin, self._child.stdout, self._said):
            # What was still to be sent has nobody to read it.
            with suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()

    def _take(self, count: int, until: float) -> bytes | None:
        """The next bytes that it sent, or None where so many do not come in time."""
        if len(self._piece) >= count:
            found, self._piece = bytes(self._piece[:count]), self._piece[count:]
            return found
        gathered = bytearray(self._piece)
        while len(gathered) < count:
            try:
                piece = self._pieces.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                self._too_slow = True
                return None
            if not piece:
                return None
            gathered += piece
        self._piece = memoryview(bytes(gathered[count:]))
        return bytes(gathered[:count])

    def _fetch(self) -> None:
        """Takes what it sends, as it comes; what is whole is for `next_frame` to find out."""
        stdout = cast(BinaryIO, self._child.stdout).fileno()
        while piece := os.read(stdout, _PIECE_BYTES):
            self._pieces.put(piece)
        self._pieces.put(b"")
