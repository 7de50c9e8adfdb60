"""Where a backup lies: a folder, or an object store of S3, Google Cloud Storage or Azure.

Objects are created whole and never overwritten. In a folder each is on the disk before the next is written;
an object store answers once it keeps it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store, from_url

from sutra_core.arguments import check_type
from sutra_core.backup.known import without_secrets
from sutra_core.errors import BackupMissingError, InvalidValueError, StoreIOError

__all__ = ["Objects", "Place"]

_Store = AzureStore | GCSStore | LocalStore | MemoryStore | S3Store

Place = str | Path | _Store
"""A folder, a URL (`s3://`, `gs://`, `az://`, `file://`), or a store of the library obstore."""

_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class Objects:
    """The objects of one place. A place that cannot be read or written raises `StoreIOError`."""

    def __init__(self, place: Place, *, new: bool = False) -> None:
        """Opens a place; with `new` its folder is made.

        Raises `InvalidValueError` for what is no place, `BackupMissingError` where there is no such folder.
        """
        check_type("place", place, Place, "a folder, or a URL such as s3://bucket/prefix")
        self.name = without_secrets(str(place))
        self._folder: Path | None = None
        if isinstance(place, str) and place.startswith("file://"):
            place = Path(place.removeprefix("file://"))
        if isinstance(place, LocalStore):
            self._folder = Path(place.prefix) if place.prefix is not None else None
            self._store: _Store = place
        elif isinstance(place, str) and _URL.match(place):
            self._store = self._at(place)
        elif isinstance(place, str | Path):
            self._folder = Path(place).expanduser().absolute()
            if not new and not self._folder.is_dir():
                raise BackupMissingError(f"there is no backup in {self.name}: there is no such folder")
            with self._told():
                self._store = LocalStore(self._folder, mkdir=True)
        else:
            self._store = place

    def _at(self, url: str) -> _Store:
        try:
            store = from_url(url)
        except (BaseError, ValueError) as error:
            raise InvalidValueError(
                f"no backup can lie at {self.name}: {_first_line(error)}; give a folder, or a URL such as "
                "s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
            ) from error
        if not isinstance(store, AzureStore | GCSStore | S3Store):
            raise InvalidValueError(
                f"no backup can lie at {self.name}; give a folder, or a URL that begins with s3, gs or az"
            )
        return store

    def create(self, path: str, data: bytes) -> bool:
        """Writes an object durably; false where there is one of this path, which stays as it is."""
        with self._told():
            try:
                obstore.put(self._store, path, data, mode="create")
                is_new = True
            except AlreadyExistsError:
                is_new = False
            self._sync(path)
        return is_new

    def read(self, path: str) -> bytes | None:
        """An object's bytes; None where there is none."""
        with self._told():
            try:
                return obstore.get(self._store, path).bytes().to_bytes()
            except FileNotFoundError:
                return None

    def paths(self, prefix: str) -> list[str]:
        """The objects whose paths begin with this and a slash, in order."""
        with self._told():
            # Its overload for Arrow has a type of a library that is not there.
            pages = self._store.list(prefix)  # pyright: ignore[reportUnknownMemberType]
            return sorted(each["path"] for page in pages for each in page)

    def delete(self, path: str) -> None:
        """Removes an object; nothing happens where there is none."""
        with self._told():
            try:
                obstore.delete(self._store, path)
            except FileNotFoundError:
                return

    def delete_drafts(self, prefix: str) -> None:
        """Removes what writing into a folder left when it was killed; an object store leaves nothing."""
        if self._folder is not None:
            with self._told():
                for draft in (self._folder / prefix).rglob("*#*"):
                    draft.unlink(missing_ok=True)

    def _sync(self, path: str) -> None:
        if self._folder is None:
            return
        file = self._folder / path
        folders = [parent for parent in file.parents if parent.is_relative_to(self._folder)]
        for each in (file, *folders):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextmanager
    def _told(self) -> Generator[None]:
        """Failures of the place as Sutra tells them."""
        try:
            yield
        except (BaseError, OSError) as error:
            raise StoreIOError(
                f"the backup's place {self.name} cannot be reached, read or written: {_first_line(error)}; "
                "look at its rights, its credentials and its room, and try again"
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
