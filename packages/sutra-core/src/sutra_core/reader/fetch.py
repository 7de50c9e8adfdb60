"""Finds what the reader is made of and has it built, once, in the cache beside the embedder's encoder.

It stands on the default embedder's weights, whichever embedder a store has. `locate_reader` looks on this
machine alone; `fetch_reader` asks the network for these weights as well. What was trained is shipped.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from sutra_core.embed.cache import BuiltFile, ModelCache, default_cache
from sutra_core.embed.fetch import REMOTE, Reporter, fetch_weights, filling
from sutra_core.embed.files import matches
from sutra_core.embed.models import PROFILES, TOKENISER, WEIGHTS, Profile
from sutra_core.embed.sources import Source
from sutra_core.reader import limits
from sutra_core.reader.shipped import SHIPPED, Shipped

__all__ = ["BUILDER_VERSION", "ReaderCache", "ReaderFiles", "fetch_reader", "locate_reader"]

BUILDER_VERSION = 1
"""Raised whenever `graph` writes another graph than before for the same weights, or is read otherwise."""
QUANTISED = True
"""As the embedder is; see docs/reader.md for what it gains and loses."""
COMMAND = "sutra models fetch reader"


@dataclass(frozen=True, slots=True)
class ReaderFiles:
    """What the reader needs to run; both were checked."""

    model: Path
    tokeniser: Path
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReaderCache:
    """The reader's place in the cache folder of the model that it stands on, below `root`."""

    root: Path
    profile: Profile = PROFILES["default"]
    shipped: Shipped = SHIPPED
    quantised: bool = QUANTISED

    @property
    def base(self) -> ModelCache:
        return ModelCache(self.profile, self.root)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) over what decides the readings; it needs none of the files."""
        decided = (
            f"base {self.profile.files[WEIGHTS]}",
            f"tokeniser {self.profile.files[TOKENISER]}",
            f"trained {self.shipped.sha256}",
            f"architecture {astuple(self.profile.architecture)}",
            f"builder {BUILDER_VERSION}, quantised {self.quantised} but {limits.EXACT_LAYERS}",
            f"pieces {limits.LENGTH_MAX} {limits.QUESTION_MAX} {limits.TITLE_MAX} {limits.WINDOW_MAX}",
            f"spans {limits.SPANS_MAX} of {limits.SPAN_MAX}",
        )
        return hashlib.sha256("\n".join(decided).encode()).hexdigest()

    def ready(self) -> ReaderFiles | None:
        """The built reader and its tokeniser, if both are there and right."""
        base = self.base
        if not self._built.ready() or not matches(base.tokeniser, self.profile.files[TOKENISER]):
            return None
        return ReaderFiles(self._built.path, base.tokeniser, self.fingerprint)

    def put(self, reader: bytes) -> ReaderFiles:
        """Stores a built reader, with its hash beside it."""
        self._built.put(reader)
        return ReaderFiles(self._built.path, self.base.tokeniser, self.fingerprint)

    @property
    def _built(self) -> BuiltFile:
        return BuiltFile(self.base.folder / f"reader-{self.fingerprint[:16]}.onnx")


def _silent(_line: str) -> None:
    return


def locate_reader(
    *, model_path: Path | None = None, cache: Path | None = None, report: Reporter = _silent
) -> ReaderFiles:
    """The reader out of the cache, built if it is not yet; uses no network.

    `model_path` is a folder that may have the default embedder's files. Raises `ModelUnavailableError`
    when neither has them, or the shipped weights are missing.
    """
    return obtain(ReaderCache(cache or default_cache()), model_path, (), report)


def fetch_reader(
    *,
    model_path: Path | None = None,
    cache: Path | None = None,
    report: Reporter = _silent,
    remote: Sequence[Source] = REMOTE,
) -> ReaderFiles:
    """As `locate_reader`, then from each of `remote` in turn until one delivers the right files."""
    return obtain(ReaderCache(cache or default_cache()), model_path, remote, report)


def obtain(
    cache: ReaderCache, model_path: Path | None, remote: Sequence[Source], report: Reporter = _silent
) -> ReaderFiles:
    """The reader of a cache, built if it is not yet."""
    ready = cache.ready()
    if ready is not None:
        report(f"cache {cache.base.folder}: the reader is ready")
        return ready
    packed = cache.shipped.read()
    with filling(cache.base):
        ready = cache.ready()
        if ready is not None:
            return ready
        fetch_weights(cache.base, model_path, remote, report, COMMAND)
        report("building the reader")
        builder = importlib.import_module("sutra_core.reader.build")
        return cache.put(
            builder.build_reader(cache.profile, cache.base.weights, packed, quantised=cache.quantised)
        )
