"""Which fields of a record are its text, title, key and time, where the user has said so.

It only says what is where: a name is looked up in the record's own fields, never as an attribute of an
object, and nothing of a template is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from sutra_core.errors import InvalidValueError
from sutra_core.learn.adapters.base import DatasetAdapter

__all__ = ["FieldMap", "MappedAdapter", "field_at"]

_ALLOWED = "text=…, title=…, key=… and time=…, each once and with commas between"
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|([{}])")
_NO_NAME = re.compile(r"[!:\[\]]")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Names of fields by what they are for; "" (or none) leaves it to the adapter.

    `text` may name several, which stand one below the other. A `template` makes the text of a record
    instead: a field's name in braces stands for its value, `{{` and `}}` for a brace. A name with dots
    leads into nested objects. Raises `InvalidValueError` for a template that is none, or beside `text`.
    """

    text: tuple[str, ...] = ()
    title: str = ""
    key: str = ""
    time: str = ""
    template: str = ""

    def __post_init__(self) -> None:
        """A template is checked before any file is read."""
        if self.template and self.text:
            raise InvalidValueError("give either a template or text=…: each says what the text is")
        if self.template and not self._names_of_template():
            raise InvalidValueError(f"the template {self.template!r} names no field; write {{name}} for one")

    @classmethod
    def parse(cls, mapping: str, template: str = "") -> FieldMap:
        """A map as the command line has it: `text=headline+body,title=headline,key=id,time=date`.

        Raises `InvalidValueError` for an unknown or repeated name and for an empty value.

        >>> FieldMap.parse("text=body,key=id")
        FieldMap(text=('body',), title='', key='id', time='', template='')
        """
        given: dict[str, str] = {}
        for pair in mapping.split(",") if mapping.strip() else []:
            name, equals, value = (piece.strip() for piece in pair.partition("="))
            if not equals or name not in {"text", "title", "key", "time"}:
                raise InvalidValueError(f"{pair.strip()!r} maps nothing; allowed are {_ALLOWED}")
            if not value or (name == "text" and not all(map(str.strip, value.split("+")))):
                raise InvalidValueError(f"{pair.strip()!r} names no field; allowed are {_ALLOWED}")
            if name in given:
                raise InvalidValueError(f"{name!r} is mapped twice; allowed are {_ALLOWED}")
            given[name] = value
        text = tuple(map(str.strip, given.pop("text", "").split("+")))
        return cls(text if any(text) else (), **given, template=template)

    @property
    def mapping(self) -> str:
        """The map as `parse` reads it, without the template.

        Raises `InvalidValueError` for a field whose name holds what stands between two of them.

        >>> FieldMap(text=("headline", "body"), key="id").mapping
        'text=headline+body,key=id'
        """
        for name in (*self.text, self.title, self.key, self.time):
            if "," in name or (name in self.text and "+" in name) or name != name.strip():
                raise InvalidValueError(f"the field {name!r} cannot be written in a map; rename it")
        named = {"text": "+".join(self.text), "title": self.title, "key": self.key, "time": self.time}
        return ",".join(f"{purpose}={name}" for purpose, name in named.items() if name)

    def filled(self, value_of: Callable[[str], str]) -> str:
        """The template with each field's value in its place."""
        return _PIECE.sub(
            lambda found: found[0][0] if found[1] is None else value_of(found[1].strip()), self.template
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every field that it names, each once."""
        named = (*self.text, self.title, self.key, self.time, *self._names_of_template())
        return tuple(dict.fromkeys(filter(None, named)))

    def _names_of_template(self) -> list[str]:
        names: list[str] = []
        for found in _PIECE.finditer(self.template):
            if found[2]:
                raise InvalidValueError(
                    f"the template {self.template!r} has a single {found[2]!r} at position {found.start()}; "
                    "write it twice for a brace"
                )
            if found[1] is not None:
                name = found[1].strip()
                if not name or _NO_NAME.search(name):
                    raise InvalidValueError(f"{found[0]!r} in the template is no field's name in braces")
                names.append(name)
        return names


@runtime_checkable
class MappedAdapter(DatasetAdapter, Protocol):
    """An adapter of a format with fields, which the user may say the meaning of."""

    def mapped(self, fields: FieldMap) -> DatasetAdapter:
        """The same adapter, reading records as `fields` says."""
        ...


def field_at(record: Mapping[str, object], name: str) -> object:
    """The field of that name, or the one that a name with dots leads to; None where there is none.

    >>> field_at({"message": {"body": "Hello."}}, "message.body")
    'Hello.'
    """
    if name in record:
        return record[name]
    found = cast("object", record)
    for step in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = cast("Mapping[str, object]", found).get(step)
    return found
