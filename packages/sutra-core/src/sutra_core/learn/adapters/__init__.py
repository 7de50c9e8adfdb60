"""Adapters: files of several formats, recognised by themselves, become sources to learn.

`read_collection` streams a file or a folder of any size; `adapter_for` says which adapter reads a
file. Nothing here opens a file for writing, follows a URL, or holds a whole file in memory.
"""

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
