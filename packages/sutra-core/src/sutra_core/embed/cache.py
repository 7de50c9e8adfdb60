"""The folder of one model in the cache: its files, and the encoder built from them.

The folder is named by the hash of the weights, the encoder by the profile's fingerprint: another
version of the builder builds another file and never reads an older one. Files appear whole
or not at all, and every one is checked by its SHA-256 each time it is looked up, so what a disk
changed is not used. Nothing is downloaded or built here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from sutra_core.embed.files import matches, sha256_of, write_atomically
from sutra_core.embed.models import TOKENISER, WEIGHTS, Profile

__all__ = ["BuiltFile", "ModelCache", "ModelFiles", "default_cache"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What an embedder needs to run; both were checked."""

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
        try:
            expected = self._hash.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return False
        return matches(self.path, expected)

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
        return self.root / f"{self.profile.model}-{self.profile.files[WEIGHTS][:16]}"

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
        """The built encoder and the tokeniser, if both are there and right."""
        if not self._encoder.ready():
            return None
        if not matches(self.tokeniser, self.profile.files[TOKENISER]):
            return None
        return ModelFiles(self._encoder.path, self.tokeniser)

    def put_encoder(self, encoder: bytes) -> ModelFiles:
        """Stores a built encoder, with its hash beside it."""
        self._encoder.put(encoder)
        return ModelFiles(self._encoder.path, self.tokeniser)

    @property
    def _encoder(self) -> BuiltFile:
        return BuiltFile(self.folder / f"encoder-{self.profile.fingerprint[:16]}.onnx")
