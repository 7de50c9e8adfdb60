"""`sutra ask`, `sutra search`, `sutra explain`."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING, Annotated

import typer

from sutra_cli.narrowing import AsOf, Attributes, HoldsAt, Kinds, Since, Sources, Until, narrowing_of
from sutra_cli.output import Json, ReadOnly, Storage, console, notices, open_engine, print_json, visible
from sutra_core.types import SearchMode

if TYPE_CHECKING:
    from sutra_core.ask import Answer

__all__ = ["ask", "explain", "search"]

_SURE, _LIKELY = 0.8, 0.5
_EXCERPT = 300


def ask(
    question: Annotated[str, typer.Argument(help="A question in plain words.")],
    storage: Storage = None,
    max_steps: Annotated[int, typer.Option(min=1, max=16, help="The most steps of a path.")] = 6,
    num_paths: Annotated[int, typer.Option(min=0, max=100, help="How many paths to show.")] = 3,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help='Confidence below which the answer is "I don\'t know".'),
    ] = None,
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
    """Ask a question; see the answer, its confidence, its paths and its sources."""
    with open_engine(storage, read_only=read_only) as engine:
        narrowing = narrowing_of(engine, as_of, holds_at, source, attribute, since, until, kind)
        answer = engine.ask(
            question, max_steps=max_steps, num_paths=num_paths, threshold=threshold, **narrowing
        )
        recorded = not getattr(engine, "read_only", False)
    if not recorded:
        notices.print(
            "read-only: the answer is not recorded, so `sutra explain` will not find it", style="dim"
        )
    _print(answer, json)


def explain(
    answer_id: Annotated[str, typer.Argument(help="The id that an answer came with.")],
    storage: Storage = None,
    read_only: ReadOnly = False,
    json: Json = False,
) -> None:
    """Show an earlier answer again, as it was recorded."""
    with open_engine(storage, read_only=read_only) as engine:
        answer = engine.explain(answer_id)
    _print(answer, json)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    storage: Storage = None,
    mode: Annotated[SearchMode, typer.Option(help="Which search.")] = "all",
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many passages.")] = 5,
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
    """Find passages: by meaning, by words, by graph, or by all three; a question is read, too."""
    from rich.table import Table
    from rich.text import Text

    with open_engine(storage, read_only=read_only) as engine:
        narrowing = narrowing_of(engine, as_of, holds_at, source, attribute, since, until, kind)
        hits = engine.search(query, mode=mode, k=k, **narrowing)
    if json:
        print_json([hit._asdict() for hit in hits])
        return
    table = Table("score", "passage", box=None, show_header=bool(hits))
    for hit in hits:
        passage = Text(visible(f"{hit.title}\n") if hit.title else "", style="bold")
        excerpt = visible(" ".join(hit.text.split()))
        passage.append(excerpt if len(excerpt) < _EXCERPT else excerpt[:_EXCERPT] + "…", style="not bold")
        place = f"{hit.address}, bytes {hit.start} to {hit.end} · concept {hit.concept}"
        passage.append(f"\n{visible(place)}", style="not bold dim")
        table.add_row(f"{hit.score:.3f}", passage)
    console.print(table if hits else "nothing found")


def _print(answer: Answer, json: bool) -> None:
    if json:
        print_json(json_module.loads(answer.to_json()))
        return
    sure = answer.confidence
    colour = "green" if sure >= _SURE else "yellow" if sure >= _LIKELY else "red"
    headline, confidence, rest = answer.to_text().split("\n", 2)
    console.print(headline, style="bold", soft_wrap=True)
    console.print(confidence, style=colour)
    console.print(rest, soft_wrap=True)
