"""What every command shares: the engine it opens, the streams it writes to, the way errors look."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeAlias

import typer
from rich.console import Console
from rich.text import Text

from sutra_core.errors import StoreIOError, StoreLockedError, StoreMissingError, SutraError

if TYPE_CHECKING:
    from sutra_client import Client
    from sutra_core import ReasoningEngine, ReasoningEngineConfig

Knowledge: TypeAlias = "ReasoningEngine | Client"
"""What a command speaks to: the engine over a folder, or the service that has it open."""

__all__ = [
    "Format",
    "Json",
    "Knowledge",
    "Mapping",
    "ReadOnly",
    "Storage",
    "Template",
    "configured",
    "console",
    "notices",
    "open_engine",
    "open_store",
    "print_json",
    "report_errors",
    "visible",
]

Storage = Annotated[
    Path | None,
    typer.Option("--storage", help="The storage folder. Default: SUTRA_STORAGE_PATH, else ./knowledge."),
]
ReadOnly = Annotated[
    bool,
    typer.Option("--read-only", help="Write nothing, so that a read-only folder works; nothing is recorded."),
]
Format = Annotated[
    str, typer.Option("--format", help="The format of the files: csv, json-lines, … Default: recognised.")
]
Mapping = Annotated[
    str,
    typer.Option("--map", help="What a record's fields are: text=body,title=headline,key=id,time=date"),
]
Template = Annotated[
    str, typer.Option("--template", help="What a record's text is made of: '{name} lives in {town}.'")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

IN_MEMORY = "in memory, nothing is kept (SUTRA_USE_RUST_STORAGE is false)"

# What commands a terminal: controls (but for the tab and the end of a line), and overrides of the direction.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    r"""The text with what commands a terminal written as `\x1b` or `\u202e`."""
    return _CONTROL.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class _Console(Console):
    """A console on which no string, in a table's cell either, commands the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


# What is printed is other people's text: [brackets] and :colons: in it mean themselves.
console = _Console(highlight=False, markup=False, emoji=False)
notices = _Console(stderr=True, highlight=False, markup=False, emoji=False)


def configured(storage: Path | None) -> ReasoningEngineConfig:
    """The configuration for a folder; what nothing reads in it is warned of."""
    # Here and in the commands: what a command does not use is not loaded for it, nor for `--help`.
    from sutra_core import ReasoningEngineConfig

    builder = ReasoningEngineConfig.builder()
    if storage is not None:
        builder = builder.with_storage(storage)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        config = builder.build()
    for each in told:
        notices.print(f"warning: {each.message}", style="yellow", soft_wrap=True)
    return config


@contextmanager
def open_engine(storage: Path | None, *, new: bool = False, read_only: bool = False) -> Generator[Knowledge]:
    """What answers for a folder: the service that has it open, else an engine; says which folder it is.

    Only with `new` a folder without a store gets one: whoever looks at a mistyped folder is told so.
    """
    config = _told(storage, new=new)
    if config.use_rust_storage:
        from sutra_client.running import running_service

        if service := running_service(config.storage_path):
            with service.client() as client:
                yield client
            return
    from sutra_core import ReasoningEngine

    with ReasoningEngine(config, read_only=read_only) as engine:
        yield engine


@contextmanager
def open_store(
    storage: Path | None, *, read_only: bool = False, check_pages: bool = True
) -> Generator[ReasoningEngine]:
    """The engine over a folder, with every page of it checked. Raises where a service has the folder open."""
    from sutra_core import ReasoningEngine

    config = _told(storage)
    with locked_by_service(config.storage_path):
        engine = ReasoningEngine(config, check_pages=check_pages, read_only=read_only)
    with engine:
        yield engine


@contextmanager
def locked_by_service(folder: Path) -> Generator[None]:
    """Says which service it is that has a folder open, where opening its store is refused for that."""
    from sutra_client.running import running_service

    try:
        yield
    except StoreLockedError:
        service = running_service(folder)
        if service is None:
            raise
        raise StoreLockedError(
            f"the service at {service.url} (process {service.pid}) has {folder} open, and this "
            "reads the store itself; stop the service and try again"
        ) from None


def _told(storage: Path | None, *, new: bool = False) -> ReasoningEngineConfig:
    config = configured(storage)
    place = str(config.storage_path) if config.use_rust_storage else IN_MEMORY
    notices.print(f"storage: {place}", style="dim", soft_wrap=True)
    if not new and config.use_rust_storage and not (config.storage_path / "storage.dat").exists():
        raise StoreMissingError(
            f"there is no store in {config.storage_path}; "
            "name another folder, or learn something into this one"
        )
    return config


def print_json(value: Any) -> None:
    """One JSON document on standard output. What would command a terminal is escaped as JSON has it."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    console.file.write(_CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n")


@contextmanager
def report_errors() -> Iterator[None]:
    """An error of Sutra or of the output as one line on standard error, and exit code 1.

    A reader that goes away before the end wanted no more, and is told nothing.
    """
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except SutraError as error:
        _end(error.code, str(error))
    except BrokenPipeError:
        _discard_output()
        sys.exit(1)
    except OSError as error:
        _discard_output()
        what = error.filename or "the output cannot be written"
        _end(StoreIOError.code, f"{what}: {error.strerror or error}")


def _end(code: str, message: str) -> NoReturn:
    notices.print(f"error[{code}]: {message}", style="bold red", soft_wrap=True)
    sys.exit(1)


def _discard_output() -> None:
    """What could not be written is not tried again when the interpreter ends."""
    if sys.stdout is None:
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
