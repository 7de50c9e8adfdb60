"""Readers: a question and windows of text to spans that may answer it, and the network that does it.

`fetch_reader` is for setting up and may use the network; `open_reader` never does.
"""

from __future__ import annotations

from pathlib import Path

from sutra_core.embed.cache import default_cache
from sutra_core.embed.processors import processors
from sutra_core.reader.fetch import ReaderCache, ReaderFiles, fetch_reader, locate_reader
from sutra_core.reader.protocol import Reader, Reading, Span, WindowText
from sutra_core.reader.shipped import SHIPPED

__all__ = [
    "SHIPPED",
    "Reader",
    "ReaderFiles",
    "Reading",
    "Span",
    "WindowText",
    "fetch_reader",
    "is_built",
    "open_reader",
]


def open_reader(
    reader_path: Path | None = None,
    model_path: Path | None = None,
    cache: Path | None = None,
    threads: int | None = None,
) -> Reader:
    """The reader in the folder `reader_path`, else Sutra's own, which the first opening builds.

    `model_path` is a folder that may have the default embedder's files, looked in when the cache has
    not; `threads` is how many windows are read at once, by default one for each processor that this
    process may use. Raises `ModelUnavailableError` when something is not on this machine, `ReaderError`
    when what is there is no reader, and `EmbedderError` when the cache cannot be used.
    """
    # Its libraries take half a second to load, which who only reads a store need not wait for.
    from sutra_core.reader.external import ExternalNetwork, fingerprint_of
    from sutra_core.reader.onnx import OnnxReader
    from sutra_core.reader.own import OwnNetwork

    threads = threads or processors()
    if reader_path is not None:
        fingerprint = fingerprint_of(reader_path)
        return OnnxReader(ExternalNetwork(reader_path), fingerprint=fingerprint, threads=threads)
    files = locate_reader(model_path=model_path, cache=cache)
    network = OwnNetwork(files.model, files.tokeniser)
    return OnnxReader(network, fingerprint=files.fingerprint, threads=threads)


def is_built(cache: Path | None = None) -> bool:
    """Whether Sutra's own reader is in the cache, built and as its hash says."""
    return ReaderCache(cache or default_cache()).ready() is not None
