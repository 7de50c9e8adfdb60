"""Adapters: files of several formats, recognised by themselves, become sources to learn.

`read_collection` streams a file or a folder of any size; `adapter_for` says which adapter reads a
file. Nothing here opens a file for writing, follows a URL, or holds a whole file in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_core.lazy import lazily

if TYPE_CHECKING:
    from sutra_core.learn.adapters.base import BadItem, DatasetAdapter, Item, Link, UnreadableError
    from sutra_core.learn.adapters.blocks import Block, compose
    from sutra_core.learn.adapters.collection import (
        check_collection,
        collection_size,
        read_collection,
        read_collections,
        walk,
    )
    from sutra_core.learn.adapters.field_map import FieldMap, MappedAdapter
    from sutra_core.learn.adapters.json_lines import JsonLinesAdapter
    from sutra_core.learn.adapters.markdown import MarkdownAdapter
    from sutra_core.learn.adapters.plain_text import PlainTextAdapter
    from sutra_core.learn.adapters.recognition import adapter_for
    from sutra_core.learn.adapters.registry import ADAPTERS, adapter_named, adapters

__all__ = [
    "ADAPTERS",
    "BadItem",
    "Block",
    "DatasetAdapter",
    "FieldMap",
    "Item",
    "JsonLinesAdapter",
    "Link",
    "MappedAdapter",
    "MarkdownAdapter",
    "PlainTextAdapter",
    "UnreadableError",
    "adapter_for",
    "adapter_named",
    "adapters",
    "check_collection",
    "collection_size",
    "compose",
    "read_collection",
    "read_collections",
    "walk",
]

# Imported when they are first asked for: a process that reads one format need not load what reads the others.
_HOMES = {
    "ADAPTERS": "sutra_core.learn.adapters.registry",
    "BadItem": "sutra_core.learn.adapters.base",
    "Block": "sutra_core.learn.adapters.blocks",
    "DatasetAdapter": "sutra_core.learn.adapters.base",
    "FieldMap": "sutra_core.learn.adapters.field_map",
    "Item": "sutra_core.learn.adapters.base",
    "JsonLinesAdapter": "sutra_core.learn.adapters.json_lines",
    "Link": "sutra_core.learn.adapters.base",
    "MappedAdapter": "sutra_core.learn.adapters.field_map",
    "MarkdownAdapter": "sutra_core.learn.adapters.markdown",
    "PlainTextAdapter": "sutra_core.learn.adapters.plain_text",
    "UnreadableError": "sutra_core.learn.adapters.base",
    "adapter_for": "sutra_core.learn.adapters.recognition",
    "adapter_named": "sutra_core.learn.adapters.registry",
    "adapters": "sutra_core.learn.adapters.registry",
    "check_collection": "sutra_core.learn.adapters.collection",
    "collection_size": "sutra_core.learn.adapters.collection",
    "compose": "sutra_core.learn.adapters.blocks",
    "read_collection": "sutra_core.learn.adapters.collection",
    "read_collections": "sutra_core.learn.adapters.collection",
    "walk": "sutra_core.learn.adapters.collection",
}

__getattr__ = lazily(__name__, _HOMES)
