"""`sutra watch`: a folder is learned, and then whatever appears in it or changes.

It forgets nothing: of what goes it only tells. Its store is open as long as it runs.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.learning import show_report, termination
from sutra_cli.output import (
    Format,
    Json,
    Knowledge,
    Mapping,
    Storage,
    Template,
    console,
    notices,
    open_engine,
    print_json,
)
from sutra_core.errors import InvalidValueError, UnknownFormatError

if TYPE_CHECKING:
    from sutra_core.learn import LearnReport
    from sutra_core.learn.adapters import FieldMap

__all__ = ["watch"]

REST_SECONDS = 1.0
"""How long a file's size and time have to rest before it is read."""

_LOOK_SECONDS = 0.2
_State = tuple[int, int]


def watch(
    folder: Annotated[Path, typer.Argument(help="The folder.")],
    storage: Storage = None,
    format_name: Format = "",
    mapping: Mapping = "",
    template: Template = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="List every file that is skipped.")] = False,
    json: Json = False,
) -> None:
    """Learn a folder, and then what appears in it or changes, until Ctrl-C or SIGTERM.

    A file that is still being written is waited for. What goes stays learned until it is forgotten. With
    --json each round is a document of its own.
    """
    from sutra_core.learn.adapters import FieldMap, check_collection

    fields = FieldMap.parse(mapping, template)
    if not folder.is_dir():
        raise InvalidValueError(f"{folder} is no folder; give the folder to watch")
    check_collection(folder, format_name=format_name, fields=fields)
    with termination(), open_engine(storage, new=True) as engine:
        learner = _Learner(engine, format_name, fields, verbose=verbose, json=json)
        try:
            _follow(folder, learner)
        except KeyboardInterrupt:
            notices.print(f"ended: {folder} is watched no more", style="dim", soft_wrap=True)


class _Learner:
    """Learns rounds of paths, and tells of each."""

    def __init__(
        self, engine: Knowledge, format_name: str, fields: FieldMap, *, verbose: bool, json: bool
    ) -> None:
        self._engine = engine
        self._format_name = format_name
        self._fields = fields
        self._verbose = verbose
        self._json = json

    def learn(self, paths: list[Path], fields: FieldMap | None = None) -> None:
        """One round. Raises KeyboardInterrupt where it was interrupted; what was read is durable then."""
        from sutra_cli.telling import Refusals, progress
        from sutra_core import ReasoningEngine

        refusals = Refusals(verbose=self._verbose)
        with progress(wanted=not self._json) as show:
            report: LearnReport = self._engine.learn_collection(
                *paths,
                format_name=self._format_name,
                fields=fields or self._fields,
                on_progress=show,
                on_refusal=refusals.tell,
            )
        refusals.sum_up()
        if self._json:
            print_json(asdict(report))
            console.file.flush()
        else:
            show_report(report, counted=isinstance(self._engine, ReasoningEngine))
        if report.interrupted:
            raise KeyboardInterrupt

    def learn_file(self, path: Path) -> None:
        """A file that appeared or changed; one that is of no format is told of and passed over."""
        from sutra_core.learn.adapters import FieldMap, UnreadableError

        try:
            try:
                self.learn([path])
            except InvalidValueError:  # its format has no fields: it is read as it is, as in a folder
                self.learn([path], FieldMap())
        except (UnknownFormatError, UnreadableError, InvalidValueError) as error:
            notices.print(f"refused[{error.code}]: {error}", style="yellow", soft_wrap=True)


def _follow(folder: Path, learner: _Learner) -> None:
    """Learns the folder, then its changes. The watch begins first, so that nothing falls between the two."""
    from watchfiles import Change

    resting = _Resting()
    begun = False
    for changes in _changes(folder):
        if not begun:
            begun = True
            learner.learn([folder])
            notices.print(f"watching {folder}", style="dim", soft_wrap=True)
        for change, name in sorted(changes, key=lambda each: each[1]):
            path = Path(name)
            if change == Change.deleted and not path.exists():
                notices.print(
                    f"gone: {path} stays learned until it is forgotten", style="yellow", soft_wrap=True
                )
                resting.forget(path)
            elif path.is_file():
                resting.add(path)
            elif path.is_dir():
                resting.add_all(each for each in path.rglob("*") if _is_shown(each, folder))
        for path in resting.rested():
            learner.learn_file(path)


def _changes(folder: Path) -> Iterator[set[tuple[int, str]]]:
    """What changed, file by file; an empty set now and then, and at first, when the watch has begun."""
    from watchfiles import watch as watch_files

    stop = threading.Event()
    place = folder.resolve()
    for changes in watch_files(
        place,
        watch_filter=lambda _, name: _is_shown(Path(name), place),
        debounce=100,
        step=50,
        rust_timeout=int(_LOOK_SECONDS * 1000),
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
    ):
        yield {(change, os.fspath(name)) for change, name in changes}


def _is_shown(path: Path, folder: Path) -> bool:
    """Whether learning a folder would read the path: neither it nor a folder above it is hidden."""
    try:
        parts = path.relative_to(folder.resolve()).parts
    except ValueError:
        return False
    return not any(part.startswith(".") for part in parts)


class _Resting:
    """Files that changed, until their size and time have rested for `REST_SECONDS`."""

    def __init__(self) -> None:
        self._waiting: dict[Path, tuple[_State | None, float]] = {}

    def add(self, path: Path) -> None:
        """A file that changed just now."""
        self._waiting[path] = (_state(path), time.monotonic())

    def add_all(self, paths: Iterable[Path]) -> None:
        """The files of a folder that appeared whole."""
        for path in paths:
            if path.is_file():
                self.add(path)

    def forget(self, path: Path) -> None:
        """A file that is gone."""
        self._waiting.pop(path, None)

    def rested(self) -> list[Path]:
        """The files that rest, each told once; one that went in the meantime is dropped."""
        now = time.monotonic()
        found: list[Path] = []
        for path, (state, since) in list(self._waiting.items()):
            state_now = _state(path)
            if state_now is None:
                del self._waiting[path]
            elif state_now != state:
                self._waiting[path] = (state_now, now)
            elif now - since >= REST_SECONDS:
                del self._waiting[path]
                found.append(path)
        return sorted(found)


def _state(path: Path) -> _State | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
