"""What this process may use of its machine, where a control group allows less than all of it (Linux).

Reads the files of cgroup v2, and of v1 where a machine still has it; a container sees itself at their root.
What cannot be read sets no limit. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["ControlGroup", "MemoryLimit", "ProcessorLimit"]

_UNLIMITED = 1 << 60
"""Version 1 writes a number near 2^63 where there is no limit."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """Bytes that may be used, and that are; files that can be dropped at once are not counted."""

    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class ProcessorLimit:
    """How many processors may be used at once, and the seconds of processor time used so far."""

    processors: float
    seconds: float


class ControlGroup:
    """The control group of this process; `root` is where its files are, `membership` which group it is."""

    def __init__(
        self, root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
    ) -> None:
        self._root = root
        self._paths: dict[str, str] = {}
        for line in _text(membership).splitlines():
            _, controllers, path = (*line.split(":", 2), "", "")[:3]
            for name in controllers.split(","):
                self._paths[name] = path

    def memory(self) -> Iterator[MemoryLimit]:
        """Every limit of memory that this process is under."""
        names = (
            ("", "memory.max", "memory.current", "inactive_file"),
            ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        )
        for controller, limit_name, used_name, droppable_name in names:
            for folder in self._folders(controller):
                limit, used = _number(_text(folder / limit_name)), _number(_text(folder / used_name))
                if limit and used is not None and limit < _UNLIMITED:
                    droppable = _field(_text(folder / "memory.stat"), droppable_name)
                    yield MemoryLimit(limit, max(0, used - droppable))

    def processors(self) -> Iterator[ProcessorLimit]:
        """Every limit of processor time that this process is under."""
        for folder in self._folders(""):
            quota, period = (*_text(folder / "cpu.max").split(), "", "")[:2]
            used = _field(_text(folder / "cpu.stat"), "usage_usec")
            yield from _processor_limit(quota, period, used / 1e6)
        for folder in self._folders("cpu"):
            quota, period = (_text(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
            used = _number(_text(self._beside(folder) / "cpuacct.usage")) or 0
            yield from _processor_limit(quota, period, used / 1e9)

    def _folders(self, controller: str) -> Iterator[Path]:
        """The folders of the group and of all that it is inside, from the inmost on."""
        if controller not in self._paths:
            return
        top = self._root / controller
        path = PurePosixPath(self._paths[controller].lstrip("/"))
        for each in (path, *path.parents):
            if ".." not in each.parts:
                yield top / each

    def _beside(self, folder: Path) -> Path:
        """The same group where its processor time is counted, in version 1."""
        return self._root / "cpuacct" / folder.relative_to(self._root / "cpu")


def _processor_limit(quota: str, period: str, seconds: float) -> Iterator[ProcessorLimit]:
    allowed, every = _number(quota), _number(period)
    if allowed and every and allowed > 0:
        yield ProcessorLimit(allowed / every, seconds)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _field(text: str, name: str) -> int:
    """The number beside a name in a file of such lines, 0 where it is not there."""
    for line in text.splitlines():
        first, _, rest = line.partition(" ")
        if first == name:
            return _number(rest) or 0
    return 0
