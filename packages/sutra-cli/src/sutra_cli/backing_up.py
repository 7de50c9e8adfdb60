"""`sutra backup` and `sutra restore`: what is kept of a store elsewhere, and a store made of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sutra_cli.output import Json, Storage, configured, console, open_engine, print_json
from sutra_core.errors import InvalidValueError, StoreLockedError

__all__ = ["backup", "restore"]

_Place = Annotated[
    str,
    typer.Argument(help="A folder, or a URL: s3://bucket/prefix, gs://bucket/prefix, az://container/prefix."),
]


def backup(
    place: _Place,
    storage: Storage = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out of it what was forgotten since it was written.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; read and check all of it. Exit code 1 on a fault.")
    ] = False,
    json: Json = False,
) -> None:
    """Write what a place does not hold yet of a store, and read it back; or check what is there."""
    if check:
        if prune:
            raise InvalidValueError("--check writes nothing, --prune writes; give one of them")
        _check(place, json=json)
        return
    from sutra_core import ReasoningEngine

    with open_engine(storage) as engine:
        if not isinstance(engine, ReasoningEngine):
            raise StoreLockedError(
                "a service has the folder open; POST /v1/namespaces/{namespace}/backups lets it write the "
                "backup, or stop the service and try again"
            )
        report = engine.backup(place, prune=prune)
    if json:
        print_json({"place": place, **asdict(report)})
        return
    if not report.transaction:
        console.print("nothing to do: the store is empty")
        return
    console.print(
        f"{report.added:,} transactions added, {len(report.rewritten):,} rewritten, "
        f"{report.bytes_written:,} bytes written and read back",
        soft_wrap=True,
    )
    console.print(
        f"{place} holds transactions 1 to {report.transaction:,} in {report.segments:,} segments, "
        f"{report.bytes:,} bytes",
        soft_wrap=True,
    )


def _check(place: str, *, json: bool) -> None:
    from sutra_core.backup import check

    report = check(place)
    if json:
        said = asdict(report)
        print_json({"place": place, "clean": report.clean, **said, "written": report.written.isoformat()})
    else:
        for fault in report.faults:
            console.print(f"fault: {fault}", style="bold red", soft_wrap=True)
        console.print(
            f"{place} holds transactions 1 to {report.transaction:,} in {report.segments:,} segments, "
            f"{report.bytes:,} bytes, written last at {report.written:%Y-%m-%d %H:%M:%S} UTC",
            soft_wrap=True,
        )
        console.print("clean" if report.clean else f"{len(report.faults)} faults", style="bold")
    if not report.clean:
        raise typer.Exit(1)


def restore(
    place: _Place,
    storage: Storage = None,
    transaction: Annotated[
        int | None,
        typer.Option("--transaction", min=1, help="As it was after this transaction. Default: the last."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a store of a backup, in a new or empty folder; what was forgotten since stays forgotten."""
    from sutra_core.backup import restore as restore_store

    report = restore_store(place, configured(storage).storage_path, transaction)
    if json:
        print_json({"place": place, **asdict(report), "folder": str(report.folder)})
        return
    console.print(
        f"{report.folder} is restored to transaction {report.restored_to:,} and verified: "
        f"{report.sources:,} sources, {report.concepts:,} concepts",
        soft_wrap=True,
    )
