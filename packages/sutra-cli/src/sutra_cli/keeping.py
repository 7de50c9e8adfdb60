"""`sutra migrate`: what is done to a storage folder as a whole."""

from __future__ import annotations

from pathlib import Path

from sutra_cli.output import Json, Storage, configured, console, print_json
from sutra_storage import migrate as migrate_store

__all__ = ["migrate"]


def migrate(storage: Storage = None, json: Json = False) -> None:
    """Bring a store of an older format to the present one, and those of its namespaces; each whole or not."""
    folder = configured(storage).storage_path
    found = [(place, migrate_store(place)) for place in (folder, *_namespaces(folder))]
    migrated = [(place, before) for place, before in found if before is not None]
    if json:
        print_json([{"storage_path": str(place), "from_format": before} for place, before in migrated])
        return
    for place, before in migrated:
        console.print(f"{place}: format {before} became the present one", soft_wrap=True)
    if not migrated:
        console.print("nothing to do: every store has the present format")


def _namespaces(folder: Path) -> list[Path]:
    """The folders of namespaces; see the service."""
    return sorted(path for path in (folder / "namespaces").glob("*") if path.is_dir())
