"""`sutra migrate`: what is done to a storage folder as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sutra_cli.output import Json, Storage, configured, console, print_json
from sutra_core.errors import (
    EmbedderError,
    EmbedderMismatchError,
    StoreLockedError,
    StoreMissingError,
)
from sutra_storage import Engine, embedder_of
from sutra_storage import migrate as migrate_store

if TYPE_CHECKING:
    from sutra_core import ReasoningEngineConfig

__all__ = ["migrate", "stores_in"]

_PAGE = 1000


def migrate(storage: Storage = None, json: Json = False) -> None:
    """Bring a store of an older format to the present one, and those of its namespaces; each whole or not.

    Statements that wait for a vector get one where the embedder's model is on this machine.
    """
    config = configured(storage)
    folder = config.storage_path
    found = [(place, migrate_store(place)) for place in (folder, *_namespaces_in(folder))]
    done = [each for each in (_embedded(config, *pair) for pair in found) if each.changed]
    if json:
        print_json([{**asdict(each), "storage_path": str(each.storage_path)} for each in done])
        return
    for line in (line for each in done for line in each.lines()):
        console.print(line, soft_wrap=True)
    if not done:
        console.print("nothing to do: every store has the present format")


@dataclass(frozen=True, slots=True)
class _Migrated:
    """What was done to one store. `reason` says why statements still wait for a vector."""

    storage_path: Path
    from_format: int | None
    embedded: int = 0
    waiting: int = 0
    reason: str | None = None

    @property
    def changed(self) -> bool:
        return self.from_format is not None or self.embedded > 0 or self.waiting > 0

    def lines(self) -> Iterator[str]:
        if self.from_format is not None:
            yield f"{self.storage_path}: format {self.from_format} became the present one"
        if self.embedded:
            yield f"{self.storage_path}: {self.embedded:,} statements that waited for a vector have one now"
        if self.waiting:
            yield (
                f"{self.storage_path}: {self.waiting:,} statements wait for a vector, and are found by words "
                f"meanwhile ({self.reason or 'the embedder refuses them'})"
            )


def _embedded(config: ReasoningEngineConfig, place: Path, before: int | None) -> _Migrated:
    """What became of a store, after its statements that wait for a vector were given one."""
    try:
        waiting = _waiting(place)
    except StoreLockedError:
        if before is not None:
            raise
        return _Migrated(place, before)  # there was nothing to migrate, and who has it open does the rest
    if not waiting:
        return _Migrated(place, before)
    from sutra_core import ReasoningEngine

    own = config.model_copy(update={"storage_path": place, "use_rust_storage": True})
    try:
        with ReasoningEngine(own) as engine:
            given = engine.embed_pending()
    except (EmbedderError, EmbedderMismatchError) as error:
        left = _waiting(place)
        return _Migrated(place, before, waiting - left, left, f"{error.code}: {error}")
    return _Migrated(place, before, given, waiting - given)


def _waiting(place: Path) -> int:
    """How many statements of a store wait for a vector; opens it whatever its embedder is."""
    embedder = embedder_of(place)
    if embedder is None:
        return 0
    fingerprint, dimension = embedder
    store = Engine(place, fingerprint=fingerprint, dimension=dimension)
    try:
        view, count, after = store.view(), 0, 0
        while page := view.pending(after=after, limit=_PAGE):
            count, after = count + len(page), page[-1]
        return count
    finally:
        store.close()


def stores_in(folder: Path) -> list[Path]:
    """The folders that have a store: a storage folder itself, and those of its namespaces.

    Raises `StoreMissingError` where there is none.
    """
    places = [place for place in (folder, *_namespaces_in(folder)) if (place / "storage.dat").exists()]
    if not places:
        raise StoreMissingError(
            f"there is no store in {folder}; name another folder, or learn something into this one"
        )
    return places


def _namespaces_in(folder: Path) -> list[Path]:
    """The folders of a storage folder's namespaces; see the service."""
    return sorted(path for path in (folder / "namespaces").glob("*") if path.is_dir())
