"""Which backups of a store are known, and which of them may hold what it has forgotten.

A file of the storage folder lists the places, each with the transaction after which all that lies there was
written: what was forgotten by then is in none of it. Whoever loses the file knows less, and nothing wrong.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

from sutra_core.embed.files import write_atomically

__all__ = ["FILE", "backups_with", "note_backup", "without_secrets"]

FILE = "backups.json"
_SECRETS = re.compile(r"(?<=//)[^/@]*@|[?#].*$")


def note_backup(folder: Path, place: str, transaction: int, *, written_anew: bool) -> None:
    """Notes that a place holds a backup up to a transaction.

    `written_anew` says that nothing in it is from before: it is new, or was pruned. Of a place that was not
    known and is not new, nobody knows what it holds.
    """
    known = _read(folder)
    name = without_secrets(place) if "://" in place else str(Path(place).expanduser().absolute())
    clean = transaction if written_anew else known.get(name, 0)
    if known.get(name) != clean:
        known[name] = clean
        write_atomically(folder / FILE, json.dumps(known, indent=2, sort_keys=True).encode())


def without_secrets(place: str) -> str:
    """A place as it may be told and kept: of a URL neither user and password nor query."""
    return _SECRETS.sub("", place) if "://" in place else place


def backups_with(folder: Path, transaction: int) -> tuple[str, ...]:
    """The places that may hold what a transaction forgot, as far as they are known, in order."""
    return tuple(sorted(place for place, clean in _read(folder).items() if clean < transaction))


def _read(folder: Path) -> dict[str, int]:
    try:
        told: object = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(told, dict):
        return {}
    entries = cast("dict[object, object]", told).items()
    return {place: clean for place, clean in entries if isinstance(place, str) and isinstance(clean, int)}
