"""`sutra show`, `sutra stats`, `sutra verify`: looking without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutra_cli.naming import find_concept
from sutra_cli.narrowing import AsOf, Attributes, HoldsAt, Kinds, Since, Sources, Until, narrowing_of
from sutra_cli.output import (
    Json,
    ReadOnly,
    Storage,
    console,
    open_engine,
    open_store,
    print_json,
)
from sutra_core.places import place_at
from sutra_core.types import Association, Concept

if TYPE_CHECKING:
    from sutra_core.engine import ConceptDetail

__all__ = ["show", "stats", "verify"]


def show(
    concept: Annotated[str, typer.Argument(help="The number of a concept, or the name of an entity.")],
    storage: Storage = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many associations.")] = 20,
    as_of: AsOf = None,
    holds_at: HoldsAt = None,
    source: Sources = None,
    attribute: Attributes = None,
    since: Since = None,
    until: Until = None,
    kind: Kinds = None,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """Show a concept: what it says, where it stands, and its associations, all or those of a part."""
    from rich.table import Table

    with open_engine(storage, read_only=read_only) as engine:
        detail = find_concept(engine, concept)
        number = detail.concept.id
        narrowing = narrowing_of(engine, as_of, holds_at, source, attribute, since, until, kind)
        neighbors = engine.neighbors(number, limit=limit, **narrowing)
    if json:
        print_json({**_as_json(detail), "associations": [_edge_as_json(*pair) for pair in neighbors]})
        return
    sort = detail.concept.entity_type or ", ".join(detail.concept.roles)
    console.print(f"concept {number} · {detail.concept.kind} ({sort})", style="bold")
    console.print(detail.concept.text, soft_wrap=True)
    if detail.aliases:
        console.print("also called: " + ", ".join(detail.aliases), soft_wrap=True)
    for place, where in detail.supports:
        named = f"{there}, " if (there := place_at(where.attributes, place.start)) else ""
        at = f"{where.address}, {named}bytes {where.offset + place.start} to {where.offset + place.end}"
        console.print(f"  stands in {at}", style="dim", soft_wrap=True)
    table = Table("relation", "", "concept", "confidence", "evidence", box=None)
    for edge, other in neighbors:
        arrow = "→" if edge.subject == number else "←"
        text = other.text if len(other.text) < 90 else other.text[:87] + "…"
        table.add_row(
            edge.relation, arrow, f"{other.id} {text}", f"{edge.confidence:.2f}", str(edge.evidence_count)
        )
    console.print(table)


def stats(storage: Storage = None, read_only: ReadOnly = False, json: Json = False) -> None:
    """Show how much the store holds."""
    from rich.table import Table

    with open_engine(storage, read_only=read_only) as engine:
        found = engine.stats()
    values: dict[str, Any] = {
        **found.store._asdict(),
        "vectors_pending": found.store.vectors_pending,
        **(
            {
                "vectors_failed": found.backlog.failed,
                "vectors_watermark": found.backlog.watermark,
                **({"vectors_stopped": found.backlog.reason} if found.backlog.reason else {}),
            }
            if found.backlog
            else {}
        ),
        "storage_path": str(found.storage_path),
        "embedder": found.embedder,
        **found.metrics,
        **found.health,
    }
    if json:
        print_json(values)
        return
    table = Table(show_header=False, box=None)
    for name, value in values.items():
        table.add_row(
            name,
            f"{value:,.2f}"
            if isinstance(value, float)
            else f"{value:,}"
            if isinstance(value, int)
            else value,
        )
    console.print(table)


def verify(
    storage: Storage = None,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="Check the files of vectors, the chain of transactions, and the last of these alone.",
        ),
    ] = False,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """Read everything that is stored; check every reference and every hash. Exit code 1 on a fault."""
    with open_store(storage, read_only=read_only, check_pages=not fast) as engine:
        report = engine.verify(deep=not fast)
    if json:
        print_json({"clean": report.clean, "checked": report.checked, "faults": report.faults})
    else:
        checked = ", ".join(f"{count:,} {what}" for what, count in sorted(report.checked.items()))
        console.print(f"checked {checked or 'an empty store'}", soft_wrap=True)
        for fault in report.faults:
            console.print(f"fault: {fault}", style="bold red", soft_wrap=True)
        console.print("clean" if report.clean else f"{len(report.faults)} faults", style="bold")
    if not report.clean:
        raise typer.Exit(1)


def _as_json(detail: ConceptDetail) -> dict[str, Any]:
    places = [
        {
            "address": source.address,
            "title": source.title,
            "start": source.offset + place.start,
            "end": source.offset + place.end,
            "place": place_at(source.attributes, place.start),
        }
        for place, source in detail.supports
    ]
    return {**detail.concept._asdict(), "aliases": detail.aliases, "supports": places}


def _edge_as_json(edge: Association, other: Concept) -> dict[str, Any]:
    return {**edge._asdict(), "other": {"id": other.id, "kind": other.kind, "text": other.text}}
