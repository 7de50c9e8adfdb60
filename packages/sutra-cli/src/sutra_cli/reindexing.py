"""`sutra reindex`: what older rules derived in a storage folder is derived again by the present ones."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.keeping import stores_in
from sutra_cli.learning import termination
from sutra_cli.output import Json, Knowledge, Storage, configured, console, notices, print_json
from sutra_cli.telling import counting

if TYPE_CHECKING:
    from sutra_core import ReasoningEngineConfig
    from sutra_core.learn import ReindexReport

__all__ = ["reindex"]

_DEFAULT = "default"
_Opened = Callable[[], AbstractContextManager[Knowledge]]


def reindex(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what older rules derived; write nothing.")
    ] = False,
    storage: Storage = None,
    json: Json = False,
) -> None:
    """Derive again, by the present rules, what older ones derived in a store and those of its namespaces.

    All sources of a store are read again where older rules derived anything. Run again after an
    interruption it repeats nothing that is done.
    """
    reports: list[tuple[Path, ReindexReport]] = []
    interrupted = False
    with termination() as terminated:
        try:
            for place, opened in _stores(configured(storage), read_only=dry_run):
                with (
                    opened() as knowledge,
                    counting(f"reading {place} again", "sources", wanted=not (json or dry_run)) as show,
                ):
                    report = knowledge.reindex(dry_run=dry_run, on_progress=show)
                reports.append((place, report))
                if report.outdated and not json:
                    console.print(_line(place, report, dry_run=dry_run), soft_wrap=True)
        except KeyboardInterrupt:
            interrupted = True
    if json:
        print_json([{"storage_path": str(place), **asdict(report)} for place, report in reports])
    if interrupted:
        notices.print("interrupted: what was derived again stays; run it again for the rest", style="yellow")
        raise typer.Exit(128 + (terminated[0] if terminated else signal.SIGINT))
    if not json and not any(report.outdated for _, report in reports):
        console.print("nothing to do: all that was derived is by the present rules")


def _line(place: Path, report: ReindexReport, *, dry_run: bool) -> str:
    if dry_run:
        return f"{place}: older rules derived {report.outdated:,} pieces of evidence"
    return (
        f"{place}: older rules had derived {report.outdated:,} pieces of evidence; {report.sources:,} "
        f"sources were read again, and {report.retired:,} pieces are not derived any more"
    )


def _stores(config: ReasoningEngineConfig, *, read_only: bool) -> list[tuple[Path, _Opened]]:
    """The stores of a folder, each with what opens it: the service that has them open, else an engine."""
    from sutra_client.running import running_service

    folder = config.storage_path
    if service := running_service(folder):
        with service.client() as client:
            names = client.namespaces()
        return [(_place(folder, name), partial(service.client, name)) for name in names]
    return [(place, partial(_engine, config, place, read_only=read_only)) for place in stores_in(folder)]


def _place(folder: Path, namespace: str) -> Path:
    return folder if namespace == _DEFAULT else folder / "namespaces" / namespace


@contextmanager
def _engine(config: ReasoningEngineConfig, place: Path, *, read_only: bool) -> Generator[Knowledge]:
    from sutra_core import ReasoningEngine

    own = config.model_copy(update={"storage_path": place, "use_rust_storage": True})
    with ReasoningEngine(own, read_only=read_only) as engine:
        yield engine
