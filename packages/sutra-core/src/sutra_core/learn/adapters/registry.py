"""Every adapter there is: our own for text, and those that packages register.

A package registers an adapter under the entry point group `sutra.adapters`: a class that is made without
arguments. What others wrote is read in a process of its own (`isolation`), and a package that cannot be
loaded is warned of and left out: it stops no other.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from sutra_core.errors import UnknownFormatError
from sutra_core.learn.adapters.archives import CompressedFile, TarArchive, ZipArchive
from sutra_core.learn.adapters.base import DatasetAdapter
from sutra_core.learn.adapters.json_lines import JsonLinesAdapter
from sutra_core.learn.adapters.markdown import MarkdownAdapter
from sutra_core.learn.adapters.members import ContainerAdapter
from sutra_core.learn.adapters.plain_text import PlainTextAdapter

__all__ = [
    "ADAPTERS",
    "GROUP",
    "AnyAdapter",
    "adapter_named",
    "adapters",
    "is_ours",
    "is_registered",
    "registered",
]

GROUP = "sutra.adapters"
"""The entry points that are adapters."""

AnyAdapter = DatasetAdapter | ContainerAdapter

ADAPTERS: Sequence[AnyAdapter] = (
    ZipArchive(),
    TarArchive(),
    CompressedFile(),
    JsonLinesAdapter(),
    MarkdownAdapter(),
    PlainTextAdapter(),
)
"""Our own, in the order in which they are asked: those that look at the content first."""


def adapters() -> Sequence[AnyAdapter]:
    """All of them, in the order in which they are asked: the registered ones, then `ADAPTERS`."""
    return (*registered(), *ADAPTERS)


@cache
def registered() -> Sequence[DatasetAdapter]:
    """The adapters of packages, by the names of their entry points."""
    found = sorted(entry_points(group=GROUP), key=lambda each: each.name)
    return tuple(adapter for each in found if (adapter := _loaded(each)) is not None)


def is_registered(adapter: AnyAdapter) -> bool:
    """Whether an adapter is of a package, and so read in a process of its own."""
    return adapter in registered()


def is_ours(adapter: AnyAdapter) -> bool:
    """Whether an adapter is part of Sutra: its own rules hold for it, and its tests."""
    return type(adapter).__module__.startswith("sutra_")


def adapter_named(name: str) -> AnyAdapter:
    """The adapter that `--format` means: by its name, in any case, hyphens for spaces.

    Raises `UnknownFormatError`, which lists all names.
    """
    wanted = slug(name)
    for adapter in adapters():
        if slug(adapter.name) == wanted:
            return adapter
    known = ", ".join(sorted(slug(adapter.name) for adapter in adapters()))
    raise UnknownFormatError(f"no adapter is called {name!r}; there are {known}")


def slug(name: str) -> str:
    """A name as people type it: lower case, hyphens between its words.

    >>> slug("JSON Lines")
    'json-lines'
    """
    return "-".join(name.lower().replace("-", " ").split())


def _loaded(entry: EntryPoint) -> DatasetAdapter | None:
    try:
        adapter: object = entry.load()()
    except (ImportError, AttributeError, TypeError) as error:
        warnings.warn(f"the adapter {entry.name} ({entry.value}) cannot be loaded: {error}", stacklevel=2)
        return None
    if not isinstance(adapter, DatasetAdapter):
        warnings.warn(f"the adapter {entry.name} ({entry.value}) is no DatasetAdapter", stacklevel=2)
        return None
    return adapter
