"""`sutra receipts`: what was forgotten, when, and whether it is purged. Shows nothing of what went."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutra_cli.output import Json, ReadOnly, Storage, console, open_engine, print_json
from sutra_core.arguments import NUMBER_MAX
from sutra_core.forgetting import unknown_receipt

if TYPE_CHECKING:
    from sutra_core.results import ForgettingRecord

__all__ = ["receipts"]

_WHOLE_ONLY = ("backups", "forgotten", "hashes")


def receipts(
    transaction: Annotated[
        int | None,
        typer.Argument(min=0, max=NUMBER_MAX, help="The transaction of one receipt, to see the whole of it."),
    ] = None,
    storage: Storage = None,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """List the receipts of what was forgotten, or show one."""
    with open_engine(storage, read_only=read_only) as engine:
        numbers = engine.receipts() if transaction is None else [transaction]
        found = [record for record in map(engine.receipt, numbers) if record is not None]
    if transaction is None:
        _list(found, json=json)
        return
    if not found:
        raise unknown_receipt(transaction)
    (record,) = found
    if json:
        print_json(_as_json(record))
        return
    for line in _lines(record):
        console.print(line, soft_wrap=True)


def _list(found: list[ForgettingRecord], *, json: bool) -> None:
    from rich.table import Table

    if json:
        whole = [_as_json(record) for record in found]
        print_json([{name: each[name] for name in each if name not in _WHOLE_ONLY} for each in whole])
        return
    if not found:
        console.print("nothing was forgotten")
        return
    table = Table("transaction", "time", "asked", "purged", box=None)
    for record in found:
        table.add_row(str(record.transaction), _at(record.time), _asked(record), _purged(record))
    console.print(table)


def _lines(record: ForgettingRecord) -> Iterator[str]:
    yield f"transaction {record.transaction}, {_at(record.time)}"
    yield f"asked: {_asked(record)}"
    yield f"purged: {_purged(record)}"
    counts = {name: count for name, count in record.forgotten._asdict().items() if name != "transaction"}
    yield "gone: " + ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    for place in record.backups:
        yield f"in a backup from before: {place} (sutra backup {place} --prune)"
    yield f"hashes: {len(record.hashes):,}"
    for each in record.hashes:
        yield f"  {each}"


def _asked(record: ForgettingRecord) -> str:
    """What was asked for: `sources 1 2`, `concept 7`, `before` a time, `retired before` one."""
    if record.before is not None:
        what = "retired before" if record.what == "retired" else record.what
        return f"{what} {record.before}"
    return " ".join([record.what, *map(str, record.numbers)])


def _purged(record: ForgettingRecord) -> str:
    return "not yet" if record.purged is None else _at(record.purged)


def _at(time: datetime) -> str:
    return time.isoformat(sep=" ", timespec="seconds")


def _as_json(record: ForgettingRecord) -> dict[str, Any]:
    """The receipt as it can be kept: times in ISO 8601, with their zone."""
    told = {**asdict(record), "forgotten": record.forgotten._asdict()}
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in told.items()}
