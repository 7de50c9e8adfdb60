"""A row of a table as a source: its text by a template, by mapped columns, or by its headers.

It reads no file and knows no format. By its headers a row reads "Column: value. Column: value.", empty
cells left out. Every column that holds one value is also an attribute, of at most `ATTRIBUTES` columns and
`ATTRIBUTE_CHARACTERS` characters each; a longer value stands in the text alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import cast

from sutra_core.learn.adapters.base import BadItem, BadItemCode, Item
from sutra_core.learn.adapters.field_map import FieldMap, field_at
from sutra_core.learn.adapters.moments import moment
from sutra_core.places import PLACES, written_places
from sutra_core.types import SourceDraft

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTE_CHARACTERS",
    "RefusedRowError",
    "column_names",
    "ending_at",
    "is_header",
    "row_draft",
    "written",
]

ATTRIBUTES = 64
"""The most columns of a row that become attributes: the first ones."""
ATTRIBUTE_CHARACTERS = 1000
"""The longest value, and name, that becomes an attribute."""

_SENTENCE_ENDS = (".", "!", "?", "…", "。")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_VALUE = re.compile(r"[+-]?[\d.,\s%€$£]*\d[\d.,\s%€$£]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_HEADER_CHARACTERS = 120


class RefusedRowError(Exception):
    """A row that is no source, with the code and reason of its `BadItem`."""

    def __init__(self, code: BadItemCode, reason: str) -> None:
        super().__init__(reason)
        self.code: BadItemCode = code
        self.reason = reason


def row_draft(
    values: Mapping[str, object],
    *,
    fields: FieldMap,
    address: str,
    number: str,
    title: str,
    place: str = "",
    headed: bool = True,
    attributes: Mapping[str, str] | None = None,
) -> SourceDraft:
    """The source that a row is: `values` by column, `number` and `title` where no column gives them.

    `attributes` come beside those of the columns. Where the table is not `headed`, the names of its columns
    are no words for its text. Raises `RefusedRowError`.
    """
    text = _text(values, fields, headed)
    key = written(field_at(values, fields.key)) if fields.key else ""
    own = written(field_at(values, fields.title)) if fields.title else _named(values)
    kept = {**_attributes(values), **(attributes or {})}
    if place:
        kept[PLACES] = written_places([(0, place)])
    draft = SourceDraft(f"{address}#{key or number}", text, own or title, 0, _time(values, fields), kept)
    for part in (draft.address, draft.text, draft.title, *kept, *kept.values()):
        if not part.isascii() and _LONE_SURROGATE.search(part):
            raise RefusedRowError(
                "invalid_text", "the row holds half of a surrogate pair, which is no character"
            )
    return draft


def _text(values: Mapping[str, object], fields: FieldMap, headed: bool) -> str:
    if fields.template:
        return fields.filled(lambda name: _needed(values, name))
    if fields.text:
        if all(field_at(values, name) is None and name not in values for name in fields.text):
            columns = ", ".join(map(repr, values))
            raise RefusedRowError("missing_text", f"no column {fields.text[0]!r}; there are {columns[:500]}")
        text = "\n\n".join(filter(None, (written(field_at(values, name)) for name in fields.text)))
    elif not headed:
        cells = "; ".join(filter(None, map(_one, values.values())))
        text = _sentence("", cells) if cells else ""
    else:
        text = " ".join(_sentence(name, value) for name, given in values.items() if (value := _one(given)))
    if not text:
        raise RefusedRowError("empty_text", "the row holds no text")
    return text


def _needed(values: Mapping[str, object], name: str) -> str:
    value = written(field_at(values, name))
    if not value:
        raise RefusedRowError("missing_text", f"the row has nothing in {name!r}, which the template names")
    return value


def _sentence(name: str, value: str) -> str:
    end = "" if value.endswith(_SENTENCE_ENDS) else "."
    words = " ".join(name.replace("_", " ").split())
    return f"{words}: {value}{end}" if words else f"{value}{end}"


def _attributes(values: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, given in values.items():
        if len(found) == ATTRIBUTES:
            break
        value = _one(given)
        if value and name and max(len(value), len(name)) <= ATTRIBUTE_CHARACTERS and name != PLACES:
            found[name] = value
    return found


def _named(values: Mapping[str, object]) -> str:
    """What a column called title, else one called name, holds."""
    by_name = {name.strip().lower(): name for name in reversed(list(values))}
    for wanted in ("title", "name"):
        if wanted in by_name and (value := _one(values[by_name[wanted]])):
            return " ".join(value.split())[:ATTRIBUTE_CHARACTERS]
    return ""


def _time(values: Mapping[str, object], fields: FieldMap) -> int | None:
    if not fields.time:
        return None
    found = field_at(values, fields.time)
    if isinstance(found, datetime):
        aware = found if found.tzinfo else found.replace(tzinfo=UTC)
        return moment(aware.isoformat())
    if isinstance(found, date):
        return moment(found.isoformat())
    return moment(found) if isinstance(found, str) else None


def _one(value: object) -> str:
    """A single value as written; "" for a nested one."""
    return "" if isinstance(value, (list, dict, tuple)) else written(value)


def written(value: object) -> str:
    """A value as a reader would write it; "" for nothing, for bytes and for an object.

    >>> written(3.0), written(True), written(datetime(2024, 5, 1)), written([1, "a"])
    ('3', 'yes', '2024-05-01', '1, a')
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**300 else ""
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(" ", _precision(value))
    if isinstance(value, time):
        return value.isoformat(_precision(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, (_one(one) for one in cast("Sequence[object]", value))))
    return ""


def _precision(value: datetime | time) -> str:
    if value.microsecond:
        return "microseconds"
    return "seconds" if value.second else "minutes"


def _number(value: float | Decimal) -> str:
    if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
        return ""
    if isinstance(value, Decimal):
        return format(value, "f") if -50 < value.adjusted() < 50 else str(value)
    return str(int(value)) if value % 1 == 0 and abs(value) < 1e15 else format(value, ".15g")


def is_header(first: Sequence[object], others: Sequence[Sequence[object]]) -> bool:
    """Whether the first row of a table names its columns; `others` are some of the rows below it.

    It does where its cells are short, apart and none a number or a date, and no cell comes again below.
    """
    cells = [written(cell) for cell in first]
    named = [cell.lower() for cell in cells if cell]
    if not named or len(set(named)) < len(named) or len(named) * 2 < len(cells):
        return False
    if any(cell and not isinstance(cell, str) for cell in first):
        return False
    if any(len(cell) > _HEADER_CHARACTERS or _VALUE.fullmatch(cell) for cell in named):
        return False
    columns = list(zip(*(row for row in others if len(row) == len(cells)), strict=False))
    if not columns:
        return len(cells) > 1
    return not any(
        cell and cell in {written(below) for below in column}
        for cell, column in zip(cells, columns, strict=False)
    )


def column_names(first: Sequence[object]) -> list[str]:
    """The names that a header gives, each once; a column without one is called by its number.

    >>> column_names(["name", None, "name"])
    ['name', 'column 2', 'name 3']
    """
    names: list[str] = []
    for number, cell in enumerate(first, start=1):
        name = " ".join(written(cell).split()) or f"column {number}"
        names.append(f"{name} {number}" if name in names else name)
    return names


def ending_at(items: Iterable[Item | BadItem], size: int) -> Iterator[Item | BadItem]:
    """The same items; the last one says that all `size` bytes of the file were read."""
    waiting: Item | BadItem | None = None
    for item in items:
        if waiting is not None:
            yield waiting
        waiting = item
    if waiting is not None:
        yield replace(waiting, bytes_done=size)
