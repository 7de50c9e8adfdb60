"""`sutra salvage`: a new store of what a damaged one still has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.output import Json, Storage, configured, console, print_json

if TYPE_CHECKING:
    from sutra_core.salvage import LostSources, SalvageReport

__all__ = ["salvage"]


def salvage(
    folder: Annotated[Path, typer.Argument(help="The new store's folder, which is new or empty.")],
    storage: Storage = None,
    older: Annotated[
        bool,
        typer.Option(
            "--older",
            help="Where the state after the last commit cannot be read, take the one before, with all that "
            "this commit forgot.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Take what can still be read out of a damaged store into a new one. Exit code 1 where anything is lost.

    The damaged folder stays as it is. Nothing comes back that was forgotten.
    """
    from sutra_core.salvage import salvage as salvage_store
    from sutra_core.store import profile_for

    config = configured(storage)
    # The embedder that a new store would get, for a damaged one that does not tell its own.
    profile = profile_for(config.model_copy(update={"use_rust_storage": False}))
    report = salvage_store(config.storage_path, folder, older=older, embedder=profile)
    if json:
        lost = [each._asdict() for each in report.sources_lost]
        counts = report._replace(sources_lost=[])._asdict()
        print_json(
            {
                "folder": str(folder.expanduser().absolute()),
                "clean": report.clean,
                **counts,
                "sources_lost": lost,
                "vectors_pending": report.vectors_pending,
            }
        )
    else:
        for line in _lines(report, folder):
            console.print(line, soft_wrap=True)
        for fault in _faults(report):
            console.print(fault, style="bold red", soft_wrap=True)
        console.print("all was taken" if report.clean else "not all could be taken", style="bold")
    if not report.clean:
        raise typer.Exit(1)


def _lines(report: SalvageReport, folder: Path) -> Iterator[str]:
    yield (
        f"{folder} holds and was verified: {report.sources:,} sources, {report.statements:,} statements, "
        f"{report.entities:,} entities, {report.associations:,} associations, {report.vectors:,} vectors, "
        f"{report.receipts:,} receipts"
    )
    if report.vectors_pending:
        yield (
            f"{report.vectors_pending:,} statements wait for a vector, and are found by words meanwhile; "
            f"`sutra migrate --storage {folder}` gives them one"
        )


def _faults(report: SalvageReport) -> Iterator[str]:
    if report.older:
        yield "the state before the last commit: what that learned is lost, what it forgot is back"
    for lost in report.sources_lost:
        yield f"lost: {_named(lost)}: {lost.reason}"
    for count, what in (
        (report.statements_lost, "statements of sources that were taken"),
        (report.evidence_lost, "pieces of evidence for associations"),
        (report.vectors_lost, "vectors of statements that were taken"),
    ):
        if count:
            yield f"lost: {count:,} {what}"
    for fault in report.faults:
        yield f"fault: {fault}"


def _named(lost: LostSources) -> str:
    if lost.first != lost.last:
        return f"sources {lost.first:,} to {lost.last:,}"
    return f"source {lost.first}" + (f" ({lost.address})" if lost.address else "")
