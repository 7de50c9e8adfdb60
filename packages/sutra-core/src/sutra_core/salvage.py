"""Salvaging a damaged store: what can still be read of it goes into a new one.

    report = salvage("knowledge", "knowledge-again")

The damaged folder is never written to. The new store is made beside its folder and moved there once it is
whole and verified.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

from sutra_core.arguments import check_type
from sutra_core.embed import Embedder, Profile
from sutra_core.errors import InvalidValueError, StoreCorruptError, StoreExistsError, StoreMissingError
from sutra_storage import Engine, embedder_of
from sutra_storage import salvage as salvage_store
from sutra_storage.types import LostSources, SalvageReport

__all__ = ["LostSources", "SalvageReport", "salvage"]


def salvage(
    damaged: str | Path,
    folder: str | Path,
    *,
    older: bool = False,
    embedder: Embedder | Profile | None = None,
) -> SalvageReport:
    """Takes all that can be read out of the damaged store in one folder into a new store in another.

    A source is taken whole, by the SHA-256 of its text, or named as lost; of its statements, associations and
    vectors those that can be read. Statements without a vector get one from `ReasoningEngine.embed_pending`.
    Nothing comes back that was forgotten, but where `older` takes the state before the last commit, which it
    does only where that of the last cannot be read. Receipts of forgetting are taken, recorded answers are
    not. The new store is for the embedder of the damaged one; for `embedder` where that cannot be read.

    Raises `StoreMissingError`, `StoreExistsError` for a folder that holds anything, `InvalidValueError` for
    one in the damaged folder, `StoreCorruptError` where nothing can be taken, `StoreLockedError` while
    something has the damaged store open for writing, `UnsupportedFormatError`, `DiskFullError`,
    `StoreIOError`; the folder is then as it was.
    """
    check_type("damaged", damaged, str | Path, "the folder of a store")
    check_type("folder", folder, str | Path, "the path of a new folder")
    damaged, folder = (Path(each).expanduser().absolute() for each in (damaged, folder))
    if not (damaged / "storage.dat").is_file():
        raise StoreMissingError(
            f"there is no storage.dat in {damaged}, and all but vectors is in it; name the folder of a "
            "store, or restore a backup"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreExistsError(
            f"{folder} holds a store or other files already; salvage into a new or an empty folder"
        )
    if folder.resolve().is_relative_to(damaged.resolve()):
        raise InvalidValueError(
            f"{folder} lies in the damaged folder, which has to stay as it is; give one beside it"
        )
    own = None if embedder is None else (embedder.fingerprint, embedder.dimension)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.salvaging-", dir=folder.parent))
    try:
        made = draft / "store"
        report = salvage_store(damaged, made, older=older, embedder=own)
        _verify(made, damaged)
        made.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return report


def _verify(made: Path, damaged: Path) -> None:
    found = embedder_of(made)
    if found is None:
        raise StoreCorruptError(f"nothing could be taken out of {damaged}; restore a backup")
    fingerprint, dimension = found
    with closing(Engine(made, fingerprint=fingerprint, dimension=dimension)) as engine:
        verified = engine.verify()
    if not verified.clean:
        raise StoreCorruptError(
            f"what was taken out of {damaged} is not whole: {verified.faults[0]}; restore a backup"
        )
