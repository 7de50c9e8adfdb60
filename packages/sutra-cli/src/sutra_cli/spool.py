"""What comes from elsewhere than a file (standard input, an address), kept in a temporary file.

It is never held in memory whole, and never takes the last room on the disk. Nothing of it is left behind.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sutra_core.errors import DiskFullError, UnknownFormatError
from sutra_core.learn.adapters import BadItem, FieldMap, Item, PlainTextAdapter, UnreadableError
from sutra_core.learn.adapters.base import HEAD_BYTES, shown, title_from_name
from sutra_core.learn.adapters.files import FileReader
from sutra_core.learn.adapters.unpacking import FREE_BYTES

__all__ = ["Spooled", "spooled"]


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that stands for what came: `name` is what messages call it, `address` where it comes from.

    `title` is what its text is called where it does not say so itself; None leaves that to its name.
    """

    file: Path
    name: str
    address: str
    title: str | None = None

    @property
    def bytes(self) -> int:
        """Its size."""
        return self.file.stat().st_size

    @property
    def prefix(self) -> str:
        """What a service puts before the file's own name: the address, but for that name at its end."""
        return self.address.removesuffix(f"/{self.file.name}")

    def is_plain(self, fields: FieldMap) -> bool:
        """Whether it is text without mark-up, as far as its beginning tells; that takes no `fields`."""
        with FileReader(fields=fields) as reader:
            try:
                adapter = reader.adapter_for(self.file)
            except UnknownFormatError as error:
                with self.file.open("rb") as file:
                    if b"\0" not in file.read(HEAD_BYTES):
                        return True
                raise UnknownFormatError(self.called(str(error))) from None
            reader.check_fields(adapter)
            return isinstance(adapter, PlainTextAdapter)

    def check(self, format_name: str, fields: FieldMap) -> None:
        """Raises what cannot be read at all, at once."""
        with FileReader(format_name=format_name, fields=fields) as reader:
            try:
                reader.check_fields(reader.adapter_for(self.file))
            except UnknownFormatError as error:
                raise UnknownFormatError(self.called(str(error))) from None
            except UnreadableError as error:
                raise UnreadableError(self.called(str(error))) from None

    def items(self, format_name: str, fields: FieldMap) -> Iterator[Item | BadItem]:
        """What it holds, with the name and the address that it came by."""
        own = title_from_name(self.file)
        with FileReader(format_name=format_name, fields=fields) as reader:
            for found in reader.read(self.file, reader.adapter_for(self.file), self.address):
                location = self.called(found.location)
                if isinstance(found, BadItem):
                    yield replace(found, location=location, reason=self.called(found.reason))
                    continue
                draft = found.draft
                if self.title is not None and draft.title == own:
                    draft = replace(draft, title=self.title)
                yield replace(found, draft=draft, location=location)

    def called(self, text: str) -> str:
        """The text with the name that it came by in the place of the temporary file's."""
        return text.replace(shown(self.file), self.name)


@contextmanager
def spooled(name: str, pieces: Iterable[bytes]) -> Generator[Path]:
    """A file called `name` that holds the pieces, as long as it is needed.

    Raises `DiskFullError` before it would take what room has to be left.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as file:
            for piece in pieces:
                if shutil.disk_usage(folder).free < FREE_BYTES + len(piece):
                    raise DiskFullError(
                        f"no room is left in {tempfile.gettempdir()} to keep it while it is read; make some, "
                        "or name another folder by TMPDIR"
                    )
                file.write(piece)
        yield path
