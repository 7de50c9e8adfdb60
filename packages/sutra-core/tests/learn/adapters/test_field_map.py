"""A map says which field is what, and is refused before anything is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.errors import InvalidValueError
from sutra_core.learn.adapters import BadItem, FieldMap, Item, JsonLinesAdapter, MappedAdapter
from sutra_core.learn.adapters.field_map import field_at


def test_parsed() -> None:
    fields = FieldMap.parse(" text = headline + body , title=headline,key=id,time=date")
    assert fields == FieldMap(("headline", "body"), "headline", "id", "date")
    assert fields.names == ("headline", "body", "id", "date")
    assert FieldMap.parse("") == FieldMap()


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("body", "'body' maps nothing"),
        ("words=body", "'words=body' maps nothing"),
        ("text=", "names no field"),
        ("text=a+", "names no field"),
        ("title= ,key=id", "names no field"),
        ("key=a,key=b", "'key' is mapped twice"),
        ("template={a}", "maps nothing"),
    ],
)
def test_what_maps_nothing_is_refused_with_what_is_allowed(mapping: str, says: str) -> None:
    with pytest.raises(InvalidValueError, match=says) as raised:
        FieldMap.parse(mapping)
    assert "text=…, title=…, key=… and time=…" in str(raised.value)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("no field", "names no field"),
        ("{}", "no field's name"),
        ("{a!r}", "no field's name"),
        ("{a:>9}", "no field's name"),
        ("{a[0]}", "no field's name"),
        ("{a", "single '{' at position 0"),
        ("{a} }", "single '}' at position 4"),
        ("{{a}}", "names no field"),
    ],
)
def test_what_is_no_template_is_refused(template: str, says: str) -> None:
    with pytest.raises(InvalidValueError, match=says):
        FieldMap(template=template)


def test_a_template_and_a_text_exclude_each_other() -> None:
    with pytest.raises(InvalidValueError, match="either"):
        FieldMap.parse("text=a", "{a}")


def test_a_template_is_filled() -> None:
    fields = FieldMap(template="{{{ name }}} was born in {year}.")
    assert fields.names == ("name", "year")
    assert fields.filled({"name": "{Ada}", "year": "1815"}.__getitem__) == "{{Ada}} was born in 1815."


@given(st.text())
def test_any_template_is_taken_or_refused(template: str) -> None:
    try:
        fields = FieldMap(template=template)
    except InvalidValueError:
        return
    assert fields.filled(lambda name: "") == "" or template


def test_a_name_leads_into_objects_and_never_into_attributes() -> None:
    assert field_at({"a": {"b": 1}, "a.b": 2}, "a.b") == 2
    assert field_at({"a": {"b": 1}}, "a.b") == 1
    assert field_at({"a": "text"}, "a.upper") is None
    assert field_at({}, "a") is None


def read(path: Path, fields: FieldMap, *records: object) -> list[Item | BadItem]:
    path.write_text("\n".join(map(json.dumps, records)))
    adapter = JsonLinesAdapter()
    assert isinstance(adapter, MappedAdapter)
    return list(adapter.mapped(fields).read(path, "f"))


def test_records_of_json_lines_are_read_as_mapped(tmp_path: Path) -> None:
    fields = FieldMap.parse("text=message.body+notes,title=message.subject,key=number,time=sent")
    record = {
        "message": {"body": "Ada came.", "subject": " Visit "},
        "notes": ["One.", "Two."],
        "number": 7,
        "sent": "1970-01-02",
        "text": "other",
    }
    found, bad = read(tmp_path / "a.jsonl", fields, record, {"text": "no message"})
    assert isinstance(found, Item)
    assert found.draft.address == "f#7"
    assert found.draft.text == "Ada came.\n\nOne.\n\nTwo."
    assert found.draft.title == "Visit"
    assert found.draft.time == 86_400_000_000
    assert found.draft.attributes == {"text": "other"}
    assert isinstance(bad, BadItem)
    assert bad.code == "missing_text"


def test_a_template_makes_the_text(tmp_path: Path) -> None:
    fields = FieldMap(template="{name} was born in {born.year}.")
    records = [{"id": "ada", "name": "Ada", "born": {"year": 1815}}, {"name": "Bo", "born": {}}]
    found, bad = read(tmp_path / "a.jsonl", fields, *records)
    assert isinstance(found, Item)
    assert (found.draft.address, found.draft.text) == ("f#ada", "Ada was born in 1815.")
    assert found.draft.attributes == {"name": "Ada"}
    assert isinstance(bad, BadItem)
    assert 'nothing in "born.year"' in bad.reason


def test_a_map_is_written_as_it_is_read() -> None:
    fields = FieldMap.parse("time=date,text=headline+body,key=a=b", "")
    assert FieldMap.parse(fields.mapping) == fields
    assert FieldMap(template="{name}").mapping == ""
    for unwritable in (FieldMap(text=("a+b",)), FieldMap(key="a,b"), FieldMap(title=" a")):
        with pytest.raises(InvalidValueError, match="cannot be written in a map"):
            _ = unwritable.mapping
