"""What part of a store a command asks: the options that `ask`, `search` and `show` share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict, cast, get_args

import typer

from sutra_cli.naming import is_number
from sutra_cli.output import Knowledge
from sutra_core.errors import InvalidValueError, UnknownSourceError
from sutra_core.filters import Filter, attributes_of
from sutra_core.types import AssociationKind

__all__ = [
    "AsOf",
    "Attributes",
    "HoldsAt",
    "Kinds",
    "Narrowing",
    "Since",
    "Sources",
    "Until",
    "narrowing_of",
    "time_of",
]

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="NUMBER|TIME",
        help="Only what was learned by a transaction, or by a time: 2024-05-01T00:00:00Z.",
    ),
]
HoldsAt = Annotated[
    str | None,
    typer.Option("--holds-at", metavar="TIME", help="Only facts that hold then, as far as they say when."),
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NUMBER|ADDRESS", help="Only what this source says; again for more."),
]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", metavar="NAME=VALUE", help="Only what sources with this attribute say."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Only what sources say whose own time is not before this."),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Only what sources say whose own time is before this."),
]


Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="|".join(get_args(AssociationKind)),
        help="Only associations of this kind; again for more.",
    ),
]


class Narrowing(TypedDict):
    """What `ReasoningEngine.ask` takes."""

    as_of: int | datetime | None
    holds_at: datetime | None
    filter: Filter | None


def narrowing_of(
    engine: Knowledge,
    as_of: str | None,
    holds_at: str | None,
    sources: list[str] | None,
    attributes: list[str] | None,
    since: str | None,
    until: str | None,
    kinds: list[str] | None,
) -> Narrowing:
    """What the options say. Raises `InvalidValueError` for what is none."""
    wanted = None
    if sources or attributes or since is not None or until is not None or kinds:
        wanted = Filter(
            [_source(engine, each) for each in sources] if sources else None,
            attributes_of(attributes or ()),
            None if since is None else time_of(since),
            None if until is None else time_of(until),
            cast("list[AssociationKind]", kinds) or None,
        )
    return Narrowing(
        as_of=None if as_of is None else int(as_of) if is_number(as_of) else time_of(as_of),
        holds_at=None if holds_at is None else time_of(holds_at),
        filter=wanted,
    )


def time_of(written: str) -> datetime:
    """A time as people write it, with its zone. Raises `InvalidValueError`."""
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InvalidValueError(
            f"the time is {written!a}; write a date and a time with its zone: 2024-05-01T00:00:00Z"
        )
    return time


def _source(engine: Knowledge, written: str) -> int | str:
    """A source by its number, where there is one of it, else by its address."""
    if is_number(written):
        try:
            return engine.get_source(int(written)).id
        except UnknownSourceError:
            pass  # it may be an address, too
    return written
