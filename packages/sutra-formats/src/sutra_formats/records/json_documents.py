"""JSON that is one document: an array of objects, an object with a text, or one that holds such an array.

An object with a text (or with the fields of a `FieldMap`) is read as a line of JSON Lines is; one without
reads as a row by its headers. An array is taken apart as it is read: only the object that is being read is
held, and refused over `OBJECT_CHARACTERS`. JSON Lines belong to the adapter of the core.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.field_map import FieldMap, field_at
from sutra_core.learn.adapters.json_lines import RefusedRecordError, record_draft
from sutra_core.learn.adapters.parts import PART_BYTES, cut_draft
from sutra_core.types import SourceDraft
from sutra_formats.decoding import decoded_head, encoding_of, is_text
from sutra_formats.records.json_stream import Element, JsonStream, StreamError
from sutra_formats.rows import RefusedRowError, ending_at, row_draft

__all__ = ["OBJECT_CHARACTERS", "JsonAdapter"]

OBJECT_CHARACTERS = 16 * 1024 * 1024
"""The longest object that is held."""

_SUFFIXES = frozenset({".json"})
_PLAIN = frozenset({"", ".txt", ".text"})


class JsonAdapter:
    """Reads `.json`, and an array of objects in a file of text."""

    name = "JSON"

    def __init__(
        self,
        *,
        part_bytes: int = PART_BYTES,
        object_characters: int = OBJECT_CHARACTERS,
        fields: FieldMap | None = None,
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._object_characters = object_characters
        self._fields = fields or FieldMap()

    def mapped(self, fields: FieldMap) -> JsonAdapter:
        """The same adapter, reading objects as `fields` says."""
        return JsonAdapter(
            part_bytes=self._part_bytes, object_characters=self._object_characters, fields=fields
        )

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its beginning, and by the suffix where it begins with an object; never several on lines."""
        suffix = path.suffix.lower()
        if suffix not in _SUFFIXES | _PLAIN or not is_text(head):
            return False
        text = decoded_head(head).lstrip("\ufeff \t\r\n")
        if text.startswith("["):
            return suffix in _SUFFIXES or text[1:].lstrip().startswith("{")
        return suffix in _SUFFIXES and text.startswith("{") and not _several(text)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each object in the order of the file, a long one in parts."""
        yield from ending_at(self._items(path, address), path.stat().st_size)

    def _items(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        number = 0
        with path.open("rb") as file:
            stream = JsonStream(file, encoding_of(path), self._object_characters)
            try:
                for element in self._elements(stream, path.stat().st_size <= self._object_characters):
                    number += 1
                    location = f"{shown(path)}:{element.line}"
                    try:
                        draft = self._draft(element, path, address, number)
                    except (RefusedRecordError, RefusedRowError) as refused:
                        yield BadItem(location, refused.reason, refused.code, stream.bytes_done)
                        continue
                    for part in cut_draft(draft, self._part_bytes):
                        yield Item(part, None, location, stream.bytes_done)
            except StreamError as error:
                yield BadItem(f"{shown(path)}:{error.line}", error.reason, error.code, stream.bytes_done)
                return
        if not number:
            yield BadItem(f"{shown(path)}:1", "the document holds no object with a text", "empty_text")

    def _elements(self, stream: JsonStream, whole: bool) -> Iterator[Element]:
        """The objects of the document; `whole` where it may be held to look for its text first."""
        first = stream.peek()
        if first == "[":
            yield from _array(stream)
        elif first == "{" and whole:
            yield from self._inside(stream.value())
        elif first == "{":
            yield from _arrays(stream)
        elif first:
            stream.take("[{")
        if first and stream.peek():
            raise StreamError(
                stream.line, "invalid_json", "something follows the document, which was not read"
            )

    def _inside(self, element: Element) -> Iterator[Element]:
        """The object itself where it has a text, else the objects in its arrays."""
        if not isinstance(element.value, dict):
            yield element
            return
        record = cast("dict[str, object]", element.value)
        wanted = (*self._fields.text, *self._fields.names[:1] * bool(self._fields.template)) or ("text",)
        if any(field_at(record, name) is not None for name in wanted):
            yield element
            return
        found = False
        for value in record.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                found = True
                yield from (Element(element.line, one) for one in cast("list[object]", value))
        if not found and record:
            reason = "the document has no text and no array of objects; say which field it is with text=…"
            yield Element(element.line, None, "missing_text", reason)

    def _draft(self, element: Element, path: Path, address: str, number: int) -> SourceDraft:
        if element.code:
            raise RefusedRecordError(element.code, element.reason)
        value = {"text": element.value} if isinstance(element.value, str) else element.value
        if not isinstance(value, dict):
            kind = type(value).__name__
            raise RefusedRecordError("invalid_record", f"a value of type {kind} where an object should stand")
        record = cast("dict[str, object]", value)
        if self._fields.text or self._fields.template or "text" in record:
            return record_draft(record, address, number, self._fields)
        return row_draft(
            record, fields=self._fields, address=address, number=str(number), title=title_from_name(path)
        )


def _array(stream: JsonStream) -> Iterator[Element]:
    stream.take("[")
    if stream.peek() == "]":
        stream.take("]")
        return
    while True:
        yield stream.value()
        if stream.take(",]") == "]":
            return


def _arrays(stream: JsonStream) -> Iterator[Element]:
    """The objects in the arrays of an object that is too large to be held."""
    stream.take("{")
    while True:
        stream.value()
        stream.take(":")
        if stream.peek() == "[":
            yield from (
                element for element in _array(stream) if isinstance(element.value, dict) or element.code
            )
        else:
            stream.value()
        if stream.take(",}") == "}":
            return


def _several(text: str) -> bool:
    """Whether another object begins on a line of its own: JSON Lines."""
    first, _, rest = text.partition("\n")
    if not rest.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
