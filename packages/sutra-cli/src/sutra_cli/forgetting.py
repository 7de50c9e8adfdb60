"""`sutra forget` and `sutra purge`: what goes for good. Forgetting asks before, where somebody is there to be
asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutra_cli.naming import find_concept, is_number
from sutra_cli.narrowing import time_of
from sutra_cli.output import Json, Knowledge, Storage, console, notices, open_engine, print_json
from sutra_core.errors import InvalidValueError, SutraError, UnknownSourceError

if TYPE_CHECKING:
    from rich.console import Console

    from sutra_core.types import Forgotten

__all__ = ["NotConfirmedError", "forget", "purge"]

_EXCERPT = 200


class NotConfirmedError(SutraError):
    """Something would be forgotten, and nobody was there to say yes."""

    code = "not_confirmed"


def forget(
    source: Annotated[
        str | None, typer.Option(metavar="NUMBER|ADDRESS", help="A source, or all of an address.")
    ] = None,
    concept: Annotated[
        str | None,
        typer.Option(metavar="NUMBER|NAME", help="A concept by its number, or an entity by its name."),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="All that was learned before a time: 2024-05-01T00:00:00Z."),
    ] = None,
    link_only: Annotated[
        bool, typer.Option("--link-only", help="An entity alone: the words that name it stay.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Take it from the files of the store, too, and wait for that.")
    ] = False,
    storage: Storage = None,
    json: Json = False,
) -> None:
    """Forget a source, a concept, or all that was learned before a time; what others say too stays."""
    if sum(given is not None for given in (source, concept, before)) != 1:
        raise InvalidValueError("give one of --source, --concept and --before")
    if link_only and concept is None:
        raise InvalidValueError("only an entity can be forgotten alone; give --concept, or no --link-only")
    if now and dry_run:
        raise InvalidValueError("nothing goes with --dry-run; leave out --now, or --dry-run")
    until = None if before is None else time_of(before)
    asks = not dry_run and not yes
    if asks and not (sys.stdin is not None and sys.stdin.isatty()):
        raise NotConfirmedError("it would be gone for good; look with --dry-run, and confirm with --yes")
    with open_engine(storage) as engine:
        what, wanted = _found(engine, source, concept, until)
        if link_only:
            wanted["link_only"] = True
        if asks:
            _print(notices, what, engine.forget(**wanted, dry_run=True), would=True)
            if not typer.confirm("Forget it?", err=True):
                notices.print("nothing was forgotten")
                raise typer.Exit(1)
        forgotten = engine.forget(**wanted, dry_run=dry_run)
        purged = None
        try:
            if now:
                purged = engine.purge()
        finally:  # it is forgotten, whatever becomes of the files
            if json:
                told = {"purged": purged.isoformat() if purged else None} if now else {}
                print_json({**forgotten._asdict(), **told})
            else:
                _print(console, what, forgotten, would=dry_run)
    if purged and not json:
        console.print(_purged(purged), soft_wrap=True)


def purge(storage: Storage = None, json: Json = False) -> None:
    """Write the files of the store anew, without anything that was forgotten."""
    with open_engine(storage) as engine:
        purged = engine.purge()
    if json:
        print_json({"purged": purged.isoformat()})
    else:
        console.print(_purged(purged), soft_wrap=True)


def _purged(time: datetime) -> str:
    return f"purged: the files of the store were written anew without anything that was forgotten, {time}"


def _found(
    engine: Knowledge, source: str | None, concept: str | None, before: datetime | None
) -> tuple[str, dict[str, Any]]:
    """What is to go, in words, and as `forget` takes it."""
    if concept is not None:
        found = find_concept(engine, concept).concept
        return f"{found.kind} {found.id}: {_short(found.text)}", {"concept": found.id}
    if source is None:
        return f"what was learned before {before}", {"before": before}
    if is_number(source):
        try:
            one = engine.get_source(int(source))
        except UnknownSourceError:
            pass  # it may be an address, too
        else:
            return f"source {one.id}: {one.address}", {"source": one.id}
    return f"all of {source}", {"source": source}


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"


def _print(to: Console, what: str, forgotten: Forgotten, *, would: bool) -> None:
    to.print(what, style="bold", soft_wrap=True)
    for line in _lines(forgotten, would=would):
        to.print(line, soft_wrap=True)


def _lines(forgotten: Forgotten, *, would: bool) -> Iterator[str]:
    """What went or would go, in plain words; what counts nothing is left out."""
    gone = [
        _count(forgotten.sources, "source"),
        _count(forgotten.statements, "statement"),
        _count(forgotten.entities, "entity", "entities"),
        _count(forgotten.associations, "association"),
    ]
    yield f"{'would go' if would else 'gone'}: {', '.join(filter(None, gone)) or 'nothing'}"
    if forgotten.redacted:
        yield f"{'would be blanked' if would else 'blanked'}: parts of {_count(forgotten.redacted, 'source')}"
    if forgotten.staying:
        told = _count(forgotten.staying, "statement")
        yield f"{'would stay' if would else 'stays'}: {told}, which other sources say, too"
    if forgotten.answers:
        told = _count(forgotten.answers, "recorded answer")
        yield f"{'would be erased' if would else 'erased'}: {told}"


def _count(number: int, one: str, many: str = "") -> str:
    """`1 source`, `2 sources`; empty for none."""
    return f"{number:,} {one if number == 1 else many or one + 's'}" if number else ""
