"""`sutra keys`: who may use the service. Works on the service's own file, whether it runs or not.

A running service takes what is changed here within a second. Keys cannot be read again: a token is printed
once, when it is made.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sutra_cli.output import Json, Storage, configured, console, notices, print_json
from sutra_core.errors import StoreMissingError

if TYPE_CHECKING:
    from sutra_api.keys import Key, Keys

__all__ = ["Role", "app"]

Role = Literal["reader", "writer", "admin", "auditor"]
"""As in `sutra_api.keys`, which need not be loaded for `--help`; a test compares them."""

_DAY = 24 * 3600
_DAYS_MAX = 36_500
_EVERY = "*"

app = typer.Typer(help="Make, list and revoke the keys of the service.", no_args_is_help=True)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="What the key is for, for people to read.")],
    role: Annotated[Role, typer.Option(help="What it may.")],
    namespace: Annotated[
        list[str] | None,
        typer.Option(help="A namespace that it is for; may be given several times. Default: all."),
    ] = None,
    expires: Annotated[
        float | None, typer.Option(min=0, max=_DAYS_MAX, help="In how many days it ends. Default: never.")
    ] = None,
    storage: Storage = None,
    json: Json = False,
) -> None:
    """Make a key; print it, once, on standard output."""
    ends = None if expires is None else time.time() + expires * _DAY
    with _keys(storage, new=True) as keys:
        key, token = keys.make(name, role, namespace or [_EVERY], ends)
    if json:
        print_json({**_as_json(key), "token": token})
        return
    notices.print(f"key {key.id}, {_told(key)}; it cannot be shown again:", style="dim", soft_wrap=True)
    console.print(token, soft_wrap=True)


@app.command("list")
def list_keys(storage: Storage = None, json: Json = False) -> None:
    """List the keys, the oldest first, with those that have ended."""
    from rich.table import Table

    with _keys(storage) as keys:
        found = keys.list()
    if json:
        print_json([_as_json(key) for key in found])
        return
    table = Table("id", "name", "role", "namespaces", "made", "state", box=None)
    for key in found:
        table.add_row(key.id, key.name, key.role, ", ".join(key.namespaces), _day(key.created), _state(key))
    console.print(table if found else "no keys")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a key: `sutra keys list`.")],
    storage: Storage = None,
    json: Json = False,
) -> None:
    """End a key; a running service refuses it within a second."""
    with _keys(storage) as keys:
        key = keys.revoke(key_id)
    if json:
        print_json(_as_json(key))
    else:
        console.print(f"key {key.id}, {_told(key)}, is revoked", soft_wrap=True)


@contextmanager
def _keys(storage: Path | None, *, new: bool = False) -> Generator[Keys]:
    """The keys of a folder; only with `new` a folder without any gets the file for them."""
    from sutra_api.keys import Keys
    from sutra_api.state import STATE_FILE, State

    config = configured(storage)
    folder = config.storage_path
    notices.print(f"storage: {folder}", style="dim", soft_wrap=True)
    if not new and not (folder / STATE_FILE).exists():
        raise StoreMissingError(
            f"no service has kept keys in {folder}; name another folder, or make a key there"
        )
    state = State(folder)
    try:
        yield Keys(state)
    finally:
        state.close()


def _as_json(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "namespaces": list(key.namespaces),
        "created": _moment(key.created),
        "expires": _moment(key.expires),
        "revoked": _moment(key.revoked),
        "state": _state(key).split(" ")[0],
    }


def _told(key: Key) -> str:
    every = key.namespaces == (_EVERY,)
    where = "every namespace" if every else f"the namespaces {', '.join(key.namespaces)}"
    return f"{key.name!r}: {key.role} of {where}"


def _state(key: Key) -> str:
    if key.revoked is not None:
        return f"revoked {_day(key.revoked)}"
    if key.expires is None:
        return "valid"
    return f"{'valid until' if key.is_valid(time.time()) else 'expired'} {_day(key.expires)}"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
