"""`sutra sources`: what was learned, and which texts it took the place of. Shows no text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.moments import moment_of
from sutra_cli.output import Json, ReadOnly, Storage, console, open_engine, print_json
from sutra_core.arguments import NUMBER_MAX

if TYPE_CHECKING:
    from sutra_core.types import Source

__all__ = ["sources"]


def sources(
    address: Annotated[
        str | None, typer.Argument(help="Only what was learned from here, as a citation names it.")
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Earlier versions too: another text took their place.")
    ] = False,
    after: Annotated[int, typer.Option(min=0, max=NUMBER_MAX, help="Only those with a greater number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many are listed.")] = 100,
    storage: Storage = None,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """List the sources, the oldest first, each with the transaction that learned it."""
    with open_engine(storage, read_only=read_only) as engine:
        found = engine.sources(address=address, after=after, limit=limit, history=history)
    if json:
        print_json([source._asdict() for source in found])
        return
    if not found:
        console.print("no source was learned" if address is None else "no source was learned from there")
        return
    _show(found, history=history)


def _show(found: list[Source], *, history: bool) -> None:
    from rich.table import Table

    table = Table("number", "address", "title", "bytes", "time", "learned", box=None)
    if history:
        table.add_column("retired")
    for source in found:
        place = source.address if source.offset == 0 else f"{source.address}, byte {source.offset}"
        row = [str(source.id), place, source.title, f"{source.length:,}", moment_of(source.time)]
        row.append(str(source.learned))
        if history:
            row.append("" if source.retired is None else str(source.retired))
        table.add_row(*row)
    console.print(table)
