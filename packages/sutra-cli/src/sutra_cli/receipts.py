"""`sutra receipts`: what was forgotten, when, and whether it is purged, and whether a text is among it. Shows
nothing of what went.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutra_cli.output import Json, ReadOnly, Storage, console, open_engine, print_json
from sutra_core.arguments import NUMBER_MAX
from sutra_core.errors import InvalidValueError
from sutra_core.forgetting import unknown_receipt

if TYPE_CHECKING:
    from sutra_core.results import ForgettingRecord
    from sutra_core.types import TextKind, Went

__all__ = ["receipts"]

_KINDS: dict[TextKind, str] = {
    "statement": "a statement",
    "passage": "a passage under its title",
    "entity": "the name of an entity",
    "source": "the text of a source",
}
_ABSENT = (
    "it is not among what went, neither as a statement nor as the name of an entity nor as the text of a "
    "source; a passage is found with its title (--title). That does not mean that it was never known"
)
_UNKNOWN = (
    "nothing can be said: it was not found, but store.key is not known to be the one that the receipt was "
    "made with; either it was replaced (put back the one that was there), or the receipt is from before "
    "receipts showed that"
)
_WHOLE_ONLY = ("backups", "forgotten", "hashes")


def receipts(
    transaction: Annotated[
        int | None,
        typer.Argument(min=0, max=NUMBER_MAX, help="The transaction of one receipt, to see the whole of it."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Argument(
            help="Say whether this is among what went: a sentence, a passage, the name of an entity, the "
            "whole text of a source, as it was; - reads it from standard input."
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", help="The title under which a passage of this text stood.")
    ] = None,
    storage: Storage = None,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """List the receipts of what was forgotten, show one, or say whether a text is among what went."""
    if title is not None and text is None:
        raise InvalidValueError("a title says where a passage stood; give its text, too")
    if transaction is not None and text is not None:
        wanted = _standard_input() if text == "-" else text
        with open_engine(storage, read_only=read_only) as engine:
            _say(engine.went(transaction, wanted, title=title or ""), json=json)
        return
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


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise InvalidValueError(
            "standard input is not UTF-8 text; give what was forgotten as UTF-8"
        ) from error


def _say(went: Went, *, json: bool) -> None:
    """As what a text was found; where it was not, no more than was looked for."""
    if json:
        print_json(went._asdict())
    elif went.found:
        console.print(f"it is among what went, as {' and '.join(_KINDS[kind] for kind in went.found)}")
    elif went.key_fits:
        console.print(_ABSENT, soft_wrap=True)
    else:
        console.print(_UNKNOWN, soft_wrap=True)


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
