"""JSON Lines: one JSON object a line, each a source of its own.

A line is `{"text": …}` with, as it likes, `id` (a string or a number), `title`, and `time` or
`date` in ISO 8601. Other fields that are strings, numbers or booleans become attributes; nested
ones and nulls are left out. The address of a record is `<file>#<id>`, or `<file>#<line number>`
where it has no id. A `FieldMap` names other fields instead, which may lie in nested objects.

The text of a record is what its JSON string stands for, not the escaped bytes of the file. The
offset of a part of a long record therefore counts bytes (UTF-8) of that text.

A line is held in memory whole, and refused over `LINE_BYTES`; nothing else grows with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item, shown
from sutra_core.learn.adapters.field_map import FieldMap, field_at
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import (
    PART_BYTES,
    UTF8_MARK,
    cut_draft,
    not_utf8,
    open_after_mark,
)
from sutra_core.types import SourceDraft

__all__ = ["LINE_BYTES", "JsonLinesAdapter", "RefusedRecordError", "record_draft"]

LINE_BYTES = 16 * 1024 * 1024
"""The longest line that is read."""

SUFFIXES = frozenset({".jsonl", ".ndjson"})

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_OBJECT_BEGINS = re.compile(rb'\{\s*"')


class RefusedRecordError(Exception):
    """A record that is no source, with the code and reason of its `BadItem`."""

    def __init__(self, code: BadItemCode, reason: str) -> None:
        super().__init__(reason)
        self.code: BadItemCode = code
        self.reason = reason


@dataclass(slots=True)
class _Line:
    """A line without its end; `data` is None where the line is too long to be held."""

    number: int
    offset: int
    end: int
    data: bytes | None


class JsonLinesAdapter:
    """Reads `.jsonl` and `.ndjson`, and files of any name that hold a JSON object on each line."""

    name = "JSON Lines"

    def __init__(
        self, *, part_bytes: int = PART_BYTES, line_bytes: int = LINE_BYTES, fields: FieldMap | None = None
    ) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._line_bytes = line_bytes
        self._fields = fields or FieldMap()

    def mapped(self, fields: FieldMap) -> JsonLinesAdapter:
        """The same adapter, taking text, title, key and time from the fields that `fields` names."""
        return JsonLinesAdapter(part_bytes=self._part_bytes, line_bytes=self._line_bytes, fields=fields)

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the suffix, or where the first lines are JSON objects."""
        if b"\0" in head:
            return False
        return path.suffix.lower() in SUFFIXES or _holds_objects(head)

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """Each record in the order of the file, a long one in parts."""
        empty = True
        with open_after_mark(path) as (file, mark):
            for line in _lines(file, mark, self._line_bytes):
                location = f"{shown(path)}:{line.number}"
                if line.data is not None and (not line.data or line.data.isspace()):
                    continue
                empty = False
                try:
                    record = _record(line, self._line_bytes)
                    draft = record_draft(record, address, line.number, self._fields)
                except RefusedRecordError as refused:
                    yield BadItem(location, refused.reason, refused.code, line.end)
                    continue
                for part in cut_draft(draft, self._part_bytes):
                    yield Item(part, None, location, line.end)
        if empty:
            yield BadItem(f"{shown(path)}:1", "the file holds no records", "empty_text")


def _holds_objects(head: bytes) -> bool:
    """Whether the first lines (two, where the head has them) are JSON objects."""
    complete = head.removeprefix(UTF8_MARK).split(b"\n")
    lines = [line for line in complete if line and not line.isspace()][:2]
    if not lines:
        return False
    if len(complete) == 1 and len(lines[0]) > 1024 and _OBJECT_BEGINS.match(lines[0]):
        return True
    try:
        first = json.loads(lines[0])
    except (ValueError, RecursionError):
        return False
    second = lines[1].lstrip() if len(lines) > 1 else b"{"
    return isinstance(first, dict) and second.startswith(b"{")


def _lines(file: BinaryIO, offset: int, line_bytes: int) -> Iterator[_Line]:
    number = 0
    while data := file.readline(line_bytes + 1):
        number += 1
        end = offset + len(data)
        if len(data) <= line_bytes or data.endswith(b"\n"):
            yield _Line(number, offset, end, data.rstrip(b"\r\n"))
        else:
            while rest := file.readline(PART_BYTES):
                end += len(rest)
                if rest.endswith(b"\n"):
                    break
            yield _Line(number, offset, end, None)
        offset = end


def _record(line: _Line, line_bytes: int) -> dict[str, object]:
    if line.data is None:
        raise RefusedRecordError(
            "line_too_long",
            f"the line has {line.end - line.offset} bytes, more than the {line_bytes} allowed; "
            "split the record into several",
        )
    try:
        text = line.data.decode()
    except UnicodeDecodeError as error:
        reason = not_utf8(line.data[error.start], line.offset + error.start)
        raise RefusedRecordError("invalid_utf8", reason) from None
    try:
        record: object = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"not JSON: {error.msg} at column {error.colno}"
        raise RefusedRecordError("invalid_json", reason) from None
    except RecursionError:
        raise RefusedRecordError("invalid_json", "not readable JSON: nested too deeply") from None
    except ValueError as error:
        raise RefusedRecordError("invalid_json", f"not readable JSON: {error}") from None
    if not isinstance(record, dict):
        raise RefusedRecordError("invalid_json", "the line is JSON, but not an object with a text")
    return cast("dict[str, object]", record)


def record_draft(
    record: dict[str, object], address: str, number: int, fields: FieldMap | None = None
) -> SourceDraft:
    """The source that a record is; `number` names it where it has no key.

    Raises `RefusedRecordError`.
    """
    fields = fields or FieldMap()
    text = _filled(record, fields) if fields.template else _text(record, fields.text or ("text",))
    scalars = {key: value for key, given in record.items() if (value := _scalar(given)) is not None}
    mapped = {name: _scalar(field_at(record, name)) or "" for name in fields.names}
    for key, value in [("text", text), *scalars.items(), *mapped.items()]:
        if _LONE_SURROGATE.search(key) or _LONE_SURROGATE.search(value):
            reason = f"the field {key!a} holds half of a surrogate pair, which is not a character"
            raise RefusedRecordError("invalid_text", reason)
    for name in fields.text or (() if fields.template else ("text",)):
        scalars.pop(name, None)
    time = None
    for key in (fields.time,) if fields.time else ("time", "date"):
        if time is None and (time := moment(mapped.get(key) or scalars.get(key, ""))) is not None:
            scalars.pop(key, None)
    fragment = (mapped[fields.key] if fields.key else scalars.get("id")) or str(number)
    title = (mapped[fields.title] if fields.title else scalars.get("title", "")).strip()
    for name in (fields.key or "id", fields.title or "title"):
        scalars.pop(name, None)
    return SourceDraft(f"{address}#{fragment}", text, title, 0, time, scalars)


def _text(record: dict[str, object], names: tuple[str, ...]) -> str:
    """The text of the fields, one below the other; of several, those that are missing are left out."""
    texts: list[str] = []
    missing = 0
    for name in names:
        found = field_at(record, name)
        if name != "text" and (listed := _strings(found)):
            found = "\n\n".join(listed)
        if found is None:
            missing += 1
        elif not isinstance(found, str):
            kind = type(found).__name__
            raise RefusedRecordError("text_not_string", f'the field "{name}" is of type {kind}, not a string')
        elif found and not found.isspace():
            texts.append(found)
    if texts:
        return "\n\n".join(texts)
    called = '", "'.join(names)
    if missing == len(names):
        raise RefusedRecordError("missing_text", f'the record has no field "{called}"')
    raise RefusedRecordError("empty_text", f'the field "{called}" holds no text')


def _strings(value: object) -> list[str]:
    """A list of nothing but strings; any other value is an empty one."""
    if not isinstance(value, list):
        return []
    values = cast("list[object]", value)
    strings = [one for one in values if isinstance(one, str)]
    return strings if len(strings) == len(values) else []


def _filled(record: dict[str, object], fields: FieldMap) -> str:
    def value_of(name: str) -> str:
        value = (_scalar(field_at(record, name)) or "").strip()
        if not value:
            reason = f'the record has nothing in "{name}", which the template names'
            raise RefusedRecordError("missing_text", reason)
        return value

    return fields.filled(value_of)


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return None
