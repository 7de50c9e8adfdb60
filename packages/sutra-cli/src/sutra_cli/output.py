"""What every command shares: the engine it opens, the streams it writes to, the way errors look."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from sutra_core import ReasoningEngine, ReasoningEngineConfig, SutraError
from sutra_core.errors import StoreMissingError

__all__ = ["Json", "Storage", "console", "notices", "open_engine", "print_json", "report_errors"]

Storage = Annotated[
    Path | None,
    typer.Option("--storage", help="The storage folder. Default: SUTRA_STORAGE_PATH, else ./knowledge."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

# What is printed is other people's text: [brackets] and :colons: in it mean themselves.
console = Console(highlight=False, markup=False, emoji=False)
notices = Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def open_engine(
    storage: Path | None, *, new: bool = False, check_pages: bool = False
) -> Iterator[ReasoningEngine]:
    """The engine over a folder; says on standard error which folder it is.

    Only with `new` a folder without a store gets one: whoever looks at a mistyped folder is told so.
    """
    builder = ReasoningEngineConfig.builder()
    if storage is not None:
        builder = builder.with_storage(storage)
    config = builder.build()
    notices.print(f"storage: {config.storage_path}", style="dim", soft_wrap=True)
    if not new and config.use_rust_storage and not (config.storage_path / "storage.dat").exists():
        raise StoreMissingError(
            f"there is no store in {config.storage_path}; "
            "name another folder, or learn something into this one"
        )
    with ReasoningEngine(config, check_pages=check_pages) as engine:
        yield engine


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def report_errors() -> Iterator[None]:
    """An error of Sutra as one line on standard error, and exit code 1."""
    try:
        yield
    except SutraError as error:
        notices.print(f"error[{error.code}]: {error}", style="bold red", soft_wrap=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
