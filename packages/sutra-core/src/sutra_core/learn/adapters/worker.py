"""The process that `isolation` starts: reads one file after another, and sends what its adapter yields.

It limits its own memory, and its time of the processor between two items; it writes nothing but frames to
what was its standard output. It ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from sutra_core.learn.adapters.base import BadItem, DatasetAdapter
from sutra_core.learn.adapters.field_map import FieldMap, MappedAdapter
from sutra_core.learn.adapters.frames import FRAME_BYTES, Frame, frame_of, framed

__all__ = ["serve"]


def serve() -> None:
    """Answers requests until there are no more. `sys.argv[2]` holds the limits: bytes and seconds."""
    memory_bytes, seconds = json.loads(sys.argv[2])
    # Ctrl-C is for the process that asked; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = sys.stdin.buffer
    # Unbuffered: an item that is done is safe from what the next one may bring.
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        limits = _Limits(seconds)
        _limit_memory(memory_bytes)
        # An asker that is gone needs no answer.
        with suppress(BrokenPipeError):
            while len(head := requests.read(4)) == 4:
                (length,) = struct.unpack("<I", head)
                request = json.loads(requests.read(length).decode("utf-8", "surrogatepass"))
                _answer(request, answers, limits)


def _answer(request: dict[str, Any], answers: BinaryIO, limits: _Limits) -> None:
    adapter = _adapter(*request["adapter"])
    if (fields := request["fields"]) is not None:
        if not isinstance(adapter, MappedAdapter):
            raise TypeError(f"{adapter.name} takes no mapping")
        adapter = adapter.mapped(replace(FieldMap(**fields), text=tuple(fields["text"])))
    limits.renew()
    end: Frame = ["end"]
    try:
        for item in adapter.read(Path(request["path"]), request["address"]):
            data = framed(frame_of(item))
            if len(data) > FRAME_BYTES:
                reason = f"one item of it takes more than {FRAME_BYTES >> 20} MiB; split it"
                data = framed(frame_of(BadItem(item.location[:1000], reason, "too_large", item.bytes_done)))
            _send(answers, data)
            limits.renew()
    except BrokenPipeError:
        raise
    except OSError as error:
        end = ["unreadable", error.errno or 0, error.strerror or str(error)]
    _send(answers, framed(end))


@cache
def _adapter(module: str, name: str) -> DatasetAdapter:
    """The one adapter that is asked for; the others are not loaded."""
    adapter: object = attrgetter(name)(import_module(module))()
    if not isinstance(adapter, DatasetAdapter):
        raise TypeError(f"{name} is no DatasetAdapter")
    return adapter


def _send(answers: BinaryIO, data: bytes) -> None:
    """All of it: a pipe may take less at once."""
    left = memoryview(data)
    while left:
        left = left[answers.write(left) :]


def _limit_memory(count: int) -> None:
    """Bounds the memory for data, where the system can; a crash leaves no image of it behind."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (count, count))


class _Limits:
    """The time of the processor that is left until the next item."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    def renew(self) -> None:
        """Gives the next item its time; asked for often, done once a second."""
        used = time.process_time()
        if sys.platform != "win32" and used + self._seconds > self._until:
            import resource

            self._until = used + self._seconds + 1
            resource.setrlimit(resource.RLIMIT_CPU, (int(self._until) + 1, resource.RLIM_INFINITY))
