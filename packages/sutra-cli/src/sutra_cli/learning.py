"""`sutra learn`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.output import (
    Format,
    Json,
    Mapping,
    Storage,
    Template,
    console,
    notices,
    open_engine,
    print_json,
)
from sutra_core.errors import InvalidValueError
from sutra_core.types import SourceDraft

if TYPE_CHECKING:
    from sutra_cli.spool import Spooled
    from sutra_core.learn import Item, LearnReport
    from sutra_core.learn.adapters import FieldMap

__all__ = ["learn"]

_STANDARD_INPUT = "standard input"
_PIECE_BYTES = 1 << 20

# What a service does not tell of one caller's texts.
_UNCOUNTED = ("passages", "concepts", "associations")


def learn(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files and folders; or - alone, for standard input of any format."),
    ],
    storage: Storage = None,
    source: Annotated[str, typer.Option(help="With -: where the text comes from.")] = "standard input",
    title: Annotated[str, typer.Option(help="With -: what the text is called, if it does not say.")] = "",
    format_name: Format = "",
    mapping: Mapping = "",
    template: Template = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="List every file that is skipped.")] = False,
    json: Json = False,
) -> None:
    """Learn files and folders of any format, archives too.

    What is known already is skipped, so an interrupted run carries on where it was. What cannot be
    learned is told and passed over; the exit code is 1 when nothing was learned at all.
    """
    from sutra_cli.spool import Spooled
    from sutra_cli.telling import Refusals, progress
    from sutra_core import ReasoningEngine
    from sutra_core.learn.adapters import FieldMap

    fields = FieldMap.parse(mapping, template)
    refusals = Refusals(verbose=verbose)
    with (
        _given(paths, source, title, format_name, fields) as given,
        _termination() as terminated,
        open_engine(storage, new=True) as engine,
        progress(wanted=not json) as show,
    ):
        counted = isinstance(engine, ReasoningEngine)
        if isinstance(given, list):
            report = engine.learn_collection(
                *given, format_name=format_name, fields=fields, on_progress=show, on_refusal=refusals.tell
            )
        elif isinstance(engine, ReasoningEngine):
            came = isinstance(given, Spooled)
            report = engine.learn_items(
                given.items(format_name, fields) if came else [given],
                bytes_total=given.bytes if came else given.bytes_done,
                on_progress=show,
                on_refusal=refusals.tell,
            )
        elif isinstance(given, Spooled):
            report = engine.learn_collection(
                given.file, prefix=given.prefix, format_name=format_name, fields=fields, on_progress=show
            )
            report.refused = [
                replace(each, location=given.called(each.location), reason=given.called(each.reason))
                for each in report.refused
            ]
        else:
            report = engine.learn_batch([given.draft])
            report.refused = [replace(each, location=given.location) for each in report.refused]
        if not counted and not isinstance(given, list):
            for refusal in report.refused:
                refusals.tell(refusal)
    refusals.sum_up()
    if json:
        print_json(asdict(report) | ({} if counted else dict.fromkeys(_UNCOUNTED)))
    else:
        _show(report, counted=counted)
    if report.interrupted:
        notices.print("interrupted: what is counted is kept; run it again to carry on", style="yellow")
        raise typer.Exit(128 + (terminated[0] if terminated else signal.SIGINT))
    if not report.sources and not report.sources_known:
        raise typer.Exit(1)


@contextmanager
def _given(
    paths: list[Path], source: str, title: str, format_name: str, fields: FieldMap
) -> Generator[list[Path] | Item | Spooled]:
    """What is to be learned: paths, a text of standard input, or what came in another format.

    Raises at once for what cannot be read at all.
    """
    from sutra_cli.spool import Spooled, spooled
    from sutra_core.learn.adapters import check_collection

    if Path("-") in paths:
        if len(paths) > 1:
            raise InvalidValueError("- stands for standard input and nothing beside it; give it alone")
        with spooled("input", iter(lambda: sys.stdin.buffer.read(_PIECE_BYTES), b"")) as file:
            came = Spooled(file, _STANDARD_INPUT, source, title)
            if not format_name and came.is_plain(fields):
                yield _as_text(came, title)
                return
            came.check(format_name, fields)
            yield came
        return
    for path in paths:
        check_collection(path, format_name=format_name, fields=fields)
    yield paths


def _as_text(came: Spooled, title: str) -> Item:
    """What comes in, verbatim: no end of a line is changed."""
    from sutra_core.learn import Item
    from sutra_core.learn.adapters import UnreadableError

    data = came.file.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"standard input is not UTF-8: byte 0x{error.object[error.start]:02X} at position {error.start}"
        ) from None
    return Item(SourceDraft(came.address, text, title), None, _STANDARD_INPUT, len(data))


@contextmanager
def _termination() -> Generator[list[int]]:
    """SIGTERM ends learning like Ctrl-C: what was read is made durable first. Filled when it came."""
    seen: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(report: LearnReport, *, counted: bool) -> None:
    rate = report.sentences / report.seconds if report.seconds else 0.0
    new = f"{report.concepts} new concepts, {report.associations} new associations " if counted else ""
    console.print(
        f"learned {report.sources} sources ({report.sources_known} known already, "
        f"{report.refused_count} refused): {report.sentences} sentences{', ' if counted else ' '}{new}"
        f"in {report.seconds:.1f} s ({rate:.0f} sentences/s), transaction {report.transaction}",
        soft_wrap=True,
    )
