"""`sutra learn`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from sutra_cli.output import Json, Storage, console, notices, open_engine, print_json
from sutra_core import ReasoningEngine
from sutra_core.learn import LearnReport, Refusal
from sutra_core.learn import Progress as Learned
from sutra_core.learn.adapters import UnreadableError

__all__ = ["learn"]


def learn(
    path: Annotated[Path, typer.Argument(help="A file or a folder, or - for text on standard input.")],
    storage: Storage = None,
    source: Annotated[str, typer.Option(help="With -: where the text comes from.")] = "standard input",
    title: Annotated[str, typer.Option(help="With -: what the text is called.")] = "",
    json: Json = False,
) -> None:
    """Learn a file or a folder: plain text, Markdown, JSON Lines.

    What is known already is skipped, so an interrupted run carries on where it was. What cannot be
    learned is told and passed over; the exit code is 1 when all of it was refused.
    """
    with open_engine(storage, new=True) as engine:
        if str(path) == "-":
            report = engine.learn(_standard_input(), source=source, title=title)
            for refusal in report.refused:
                _show_refusal(refusal)
        elif json:
            report = engine.learn_collection(path, on_refusal=_show_refusal)
        else:
            report = _learn_with_bar(engine, path)
    if json:
        print_json(asdict(report))
    else:
        _show(report)
    if report.interrupted:
        notices.print("interrupted: what is counted is kept; run it again to carry on", style="yellow")
        raise typer.Exit(130)
    if report.refused and not report.sources and not report.sources_known:
        raise typer.Exit(1)


def _standard_input() -> str:
    """What comes in, verbatim: no end of a line is changed."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"standard input is not UTF-8: byte 0x{error.object[error.start]:02X} at position {error.start}"
        ) from None


def _learn_with_bar(engine: ReasoningEngine, path: Path) -> LearnReport:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=notices, transient=True, disable=not notices.is_terminal) as bar:
        task: TaskID = bar.add_task("learning", total=None, rate="")

        def show(progress: Learned) -> None:
            bar.update(
                task,
                total=progress.bytes_total or None,
                completed=progress.bytes_done,
                rate=f"{progress.sentences} sentences, {progress.sentences_per_second:.0f}/s",
            )

        return engine.learn_collection(path, on_progress=show, on_refusal=_show_refusal)


def _show_refusal(refusal: Refusal) -> None:
    reason = refusal.reason.removeprefix(f"{refusal.location} ")
    text = f"refused[{refusal.code}]: {refusal.location}: {reason}"
    notices.print(text, style="yellow", soft_wrap=True)


def _show(report: LearnReport) -> None:
    rate = report.sentences / report.seconds if report.seconds else 0.0
    console.print(
        f"learned {report.sources} sources ({report.sources_known} known already, "
        f"{len(report.refused)} refused): {report.sentences} sentences, {report.concepts} new concepts, "
        f"{report.associations} new associations in {report.seconds:.1f} s ({rate:.0f} sentences/s), "
        f"transaction {report.transaction}",
        soft_wrap=True,
    )
