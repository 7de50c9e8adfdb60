"""`sutra learn`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator
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
from sutra_core.types import SourceDraft, Wait

if TYPE_CHECKING:
    from sutra_cli.output import Knowledge
    from sutra_cli.spool import Spooled
    from sutra_cli.telling import Refusals
    from sutra_core.learn import Item, LearnReport, Progress
    from sutra_core.learn.adapters import FieldMap

__all__ = ["learn", "show_report", "termination"]

_STANDARD_INPUT = "standard input"
_PIECE_BYTES = 1 << 20

# What a service does not tell of one caller's texts.
_UNCOUNTED = ("passages", "concepts", "associations")


def learn(
    paths: Annotated[
        list[str],
        typer.Argument(help="Files and folders; or alone: an address, or - for standard input."),
    ],
    storage: Storage = None,
    source: Annotated[str, typer.Option(help="With -: where the text comes from.")] = "standard input",
    title: Annotated[str, typer.Option(help="With -: what the text is called, if it does not say.")] = "",
    allow_fetch: Annotated[
        bool, typer.Option("--allow-fetch", help="Fetch what is at an address (http, https).")
    ] = False,
    fetch_bytes: Annotated[int, typer.Option(min=1, help="The most bytes that are fetched.")] = 64 << 20,
    format_name: Format = "",
    mapping: Mapping = "",
    template: Template = "",
    wait: Annotated[
        Wait,
        typer.Option(
            help="Until texts are durable, and found by their words, or indexed: found by meaning, too."
        ),
    ] = "indexed",
    verbose: Annotated[bool, typer.Option("--verbose", help="List every file that is skipped.")] = False,
    json: Json = False,
) -> None:
    """Learn files and folders of any format, archives too.

    What is known already is skipped, so an interrupted run carries on where it was. What cannot be
    learned is told and passed over; the exit code is 1 when nothing was learned at all.
    """
    from sutra_cli.telling import Refusals, progress
    from sutra_core import ReasoningEngine
    from sutra_core.learn.adapters import FieldMap

    fields = FieldMap.parse(mapping, template)
    refusals = Refusals(verbose=verbose)
    with _came(paths, source, title, allow_fetch, fetch_bytes) as came:
        given = _checked(paths, came, format_name, fields)
        with (
            termination() as terminated,
            open_engine(storage, new=True) as engine,
            progress(wanted=not json) as show,
        ):
            counted = isinstance(engine, ReasoningEngine)
            report = _learned(engine, given, format_name, fields, show, refusals, wait)
    refusals.sum_up()
    if json:
        print_json(asdict(report) | ({} if counted else dict.fromkeys(_UNCOUNTED)))
    else:
        show_report(report, counted=counted)
    if report.interrupted:
        notices.print("interrupted: what is counted is kept; run it again to carry on", style="yellow")
        raise typer.Exit(128 + (terminated[0] if terminated else signal.SIGINT))
    if not report.sources and not report.sources_known:
        raise typer.Exit(1)


def _learned(
    engine: Knowledge,
    given: list[Path] | Item | Spooled,
    format_name: str,
    fields: FieldMap,
    show: Callable[[Progress], None],
    refusals: Refusals,
    wait: Wait,
) -> LearnReport:
    """Learns it through the engine, or through the service that has the folder open."""
    from sutra_cli.spool import Spooled
    from sutra_core import ReasoningEngine

    if isinstance(given, list):
        return engine.learn_collection(
            *given,
            format_name=format_name,
            fields=fields,
            on_progress=show,
            on_refusal=refusals.tell,
            wait=wait,
        )
    if isinstance(engine, ReasoningEngine):
        if isinstance(given, Spooled):
            items, size = given.items(format_name, fields), given.bytes
        else:
            items, size = [given], given.bytes_done
        return engine.learn_items(
            items, bytes_total=size, on_progress=show, on_refusal=refusals.tell, wait=wait
        )
    if isinstance(given, Spooled):
        report = engine.learn_collection(
            given.file,
            prefix=given.prefix,
            format_name=format_name,
            fields=fields,
            on_progress=show,
            wait=wait,
        )
        report.refused = [
            replace(each, location=given.called(each.location), reason=given.called(each.reason))
            for each in report.refused
        ]
    else:
        report = engine.learn_batch([given.draft], wait=wait)
        report.refused = [replace(each, location=given.location) for each in report.refused]
    for refusal in report.refused:
        refusals.tell(refusal)
    return report


@contextmanager
def _came(
    paths: list[str], source: str, title: str, allow_fetch: bool, fetch_bytes: int
) -> Generator[Spooled | None]:
    """What came from elsewhere: on standard input, or from an address. None where there are paths."""
    from sutra_cli.fetching import fetched, is_address
    from sutra_cli.spool import Spooled, spooled

    elsewhere = [path for path in paths if path == "-" or is_address(path)]
    if elsewhere and len(paths) > 1:
        what = "standard input" if elsewhere[0] == "-" else "what is at an address"
        raise InvalidValueError(f"{elsewhere[0]} stands for {what} and nothing beside it; give it alone")
    if not elsewhere:
        yield None
    elif elsewhere == ["-"]:
        with spooled("input", iter(lambda: sys.stdin.buffer.read(_PIECE_BYTES), b"")) as file:
            yield Spooled(file, _STANDARD_INPUT, source, title)
    else:
        with fetched(elsewhere[0], allowed=allow_fetch, bytes_max=fetch_bytes) as page:
            yield page


def _checked(
    paths: list[str], came: Spooled | None, format_name: str, fields: FieldMap
) -> list[Path] | Item | Spooled:
    """What is to be learned: paths, a text of standard input, or what came in another format.

    Raises at once for what cannot be read at all.
    """
    from sutra_core.learn.adapters import check_collection

    if came is None:
        found = [Path(path) for path in paths]
        for path in found:
            check_collection(path, format_name=format_name, fields=fields)
        return found
    if came.name == _STANDARD_INPUT and not format_name and came.is_plain(fields):
        return _as_text(came)
    came.check(format_name, fields)
    return came


def _as_text(came: Spooled) -> Item:
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
    return Item(SourceDraft(came.address, text, came.title or ""), None, _STANDARD_INPUT, len(data))


@contextmanager
def termination() -> Generator[list[int]]:
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


def show_report(report: LearnReport, *, counted: bool) -> None:
    """What was learned, as a line; a service does not count what it did to the graph."""
    rate = report.sentences / report.seconds if report.seconds else 0.0
    new = f"{report.concepts} new concepts, {report.associations} new associations " if counted else ""
    replaced = f"{report.sources_retired} replaced, " if report.sources_retired else ""
    console.print(
        f"learned {report.sources} sources ({report.sources_known} known already, {replaced}"
        f"{report.refused_count} refused): {report.sentences} sentences{', ' if counted else ' '}{new}"
        f"in {report.seconds:.1f} s ({rate:.0f} sentences/s), transaction {report.transaction}",
        soft_wrap=True,
    )
