"""The folder of one model in the cache: its files, and the encoder built from them.

The folder is named by the hash of the weights, the encoder by the profile's fingerprint: another
version of the builder builds another file and never reads an older one. A table, which is known by its
own hash alone, is named by the version of what distils it, beside the files that it is made of. Files
appear whole or not at all, and every one is checked by its SHA-256 each time it is looked up, so what a
disk changed is not used. Nothing is downloaded or built here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from sutra_core.embed.files import matches, sha256_of, write_atomically
from sutra_core.embed.models import NETWORK, TOKENISER, WEIGHTS, Profile

__all__ = ["TABLE_VERSION", "BuiltFile", "ModelCache", "ModelFiles", "default_cache"]

TABLE_VERSION = 1
"""Raised whenever `distil` makes another table than before of the same weights."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What an embedder needs to run: its network, or its table, and its tokeniser; both were checked."""

    encoder: Path
    tokeniser: Path


def default_cache() -> Path:
    """The folder for models in the user's cache."""
    return Path(user_cache_dir("sutra")) / "models"


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file that was built here, with its SHA-256 in a file beside it."""

    path: Path

    def ready(self) -> bool:
        """Whether it is there and what its hash says."""
        return matches(self.path, self.sha256())

    def sha256(self) -> str:
        """What its hash says, without reading it; empty where none is written."""
        try:
            return self._hash.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def put(self, data: bytes) -> None:
        """Stores what was built, then its hash."""
        write_atomically(self.path, data)
        write_atomically(self._hash, sha256_of(self.path).encode("ascii"))

    @property
    def _hash(self) -> Path:
        return self.path.with_suffix(".sha256")


@dataclass(frozen=True, slots=True)
class ModelCache:
    """The cache folder of one profile's model below `root`."""

    profile: Profile
    root: Path

    @property
    def folder(self) -> Path:
        profile = self.profile
        return self.root / f"{profile.base or profile.model}-{profile.files[profile.decisive_file][:16]}"

    @property
    def weights(self) -> Path:
        return self.folder / WEIGHTS

    @property
    def tokeniser(self) -> Path:
        return self.folder / TOKENISER

    def wrong_files(self) -> list[str]:
        """The names of the model's files that are absent or not what their hash says."""
        return [
            name for name, expected in self.profile.files.items() if not matches(self.folder / name, expected)
        ]

    def ready(self) -> ModelFiles | None:
        """What runs and the tokeniser, if both are there and right."""
        if not matches(self.tokeniser, self.profile.files[TOKENISER]):
            return None
        if self.profile.ready_made:
            network = self.folder / NETWORK
            return ModelFiles(network, self.tokeniser) if not self.wrong_files() else None
        if self.profile.base:
            table = self.table()
            return ModelFiles(table.path, self.tokeniser) if table else None
        return ModelFiles(self._encoder.path, self.tokeniser) if self._encoder.ready() else None

    def table(self) -> BuiltFile | None:
        """The table that the profile names, else that of this version; None where it is not here."""
        files = [self._table]
        if self.profile.table:
            files = [BuiltFile(path) for path in sorted(self.folder.glob("table-*.npy"))]
            files = [file for file in files if file.sha256() == self.profile.table]
        return next((file for file in files if file.ready()), None)

    def put_table(self, table: bytes) -> ModelFiles:
        """Stores a table that was made, with its hash beside it."""
        self._table.put(table)
        return ModelFiles(self._table.path, self.tokeniser)

    @property
    def _table(self) -> BuiltFile:
        return BuiltFile(self.folder / f"table-{TABLE_VERSION}.npy")

    def put_encoder(self, encoder: bytes) -> ModelFiles:
        """Stores a built encoder, with its hash beside it."""
        self._encoder.put(encoder)
        return ModelFiles(self._encoder.path, self.tokeniser)

    @property
    def _encoder(self) -> BuiltFile:
        return BuiltFile(self.folder / f"encoder-{self.profile.fingerprint[:16]}.onnx")
