"""A row reads as a person would say it, and is named by what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import FieldMap
from sutra_core.places import place_at
from sutra_core.types import SourceDraft
from sutra_formats.rows import (
    ATTRIBUTE_CHARACTERS,
    ATTRIBUTES,
    RefusedRowError,
    column_names,
    is_header,
    row_draft,
    written,
)

WHEN = datetime(1970, 1, 2, tzinfo=UTC)


def draft(values: Mapping[str, object], fields: FieldMap | None = None, headed: bool = True) -> SourceDraft:
    return row_draft(
        values,
        fields=fields or FieldMap(),
        address="a.csv",
        number="7",
        title="a",
        place="row 7",
        headed=headed,
    )


def test_by_its_headers() -> None:
    found = draft({"Name": "Ada Lovelace", "year_of_birth": 1815.0, "died": None, "note": "Read it!"})
    assert found.text == "Name: Ada Lovelace. year of birth: 1815. note: Read it!"
    assert (found.address, found.title) == ("a.csv#7", "Ada Lovelace")
    assert place_at(found.attributes, 3) == "row 7"
    assert {key: value for key, value in found.attributes.items() if key != "places"} == {
        "Name": "Ada Lovelace",
        "year_of_birth": "1815",
        "note": "Read it!",
    }


def test_without_headers_the_cells_alone() -> None:
    assert draft({"column 1": "Ada", "column 2": 1815}, headed=False).text == "Ada; 1815."


def test_by_mapped_columns() -> None:
    fields = FieldMap.parse("text=body+notes,title=head,key=id,time=when")
    found = draft(
        {"id": 3.0, "head": "H", "body": "One.", "notes": "Two.", "when": WHEN},
        fields,
    )
    assert (found.address, found.title, found.text) == ("a.csv#3", "H", "One.\n\nTwo.")
    assert found.time == 86_400_000_000
    assert draft({"body": "x", "when": "1970-01-02T01:00+01:00"}, fields).time == 86_400_000_000
    assert draft({"body": "x", "when": date(1970, 1, 2)}, fields).time == 86_400_000_000
    assert draft({"body": "x", "when": "then"}, fields).time is None


def test_by_a_template() -> None:
    fields = FieldMap(template="{name} was born in {year}.")
    assert draft({"name": "Ada", "year": 1815}, fields).text == "Ada was born in 1815."
    with pytest.raises(RefusedRowError, match="nothing in 'year'"):
        draft({"name": "Ada", "year": None}, fields)


@pytest.mark.parametrize(
    ("values", "fields", "code"),
    [
        ({"a": None, "b": " "}, FieldMap(), "empty_text"),
        ({"a": "x"}, FieldMap(("b",)), "missing_text"),
        ({"a": "x", "b": ""}, FieldMap(("b",)), "empty_text"),
        ({"a": "x\ud800"}, FieldMap(), "invalid_text"),
    ],
)
def test_refused(values: dict[str, object], fields: FieldMap, code: str) -> None:
    with pytest.raises(RefusedRowError) as raised:
        draft(values, fields)
    assert raised.value.code == code


def test_attributes_are_bounded() -> None:
    wide = draft({f"c{number}": "x" for number in range(500)} | {"long": "y"})
    assert len(wide.attributes) == ATTRIBUTES + 1
    long = draft({"a": "x" * (ATTRIBUTE_CHARACTERS + 1), "places": "here", "b": "y"})
    assert set(long.attributes) == {"b", "places"}
    assert place_at(long.attributes, 0) == "row 7"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (float("nan"), ""),
        (Decimal("1.50"), "1.50"),
        (Decimal("NaN"), ""),
        (False, "no"),
        (
            datetime(2024, 5, 1),  # noqa: DTZ001
            "2024-05-01",
        ),
        (datetime(2024, 5, 1, 12, 30, tzinfo=UTC), "2024-05-01 12:30+00:00"),
        (b"\xff", ""),
        ({"a": 1}, ""),
    ],
)
def test_written(value: object, text: str) -> None:
    assert written(value) == text


@given(st.one_of(st.floats(), st.decimals(), st.integers(), st.datetimes(), st.timedeltas(), st.binary()))
def test_any_value_is_written(value: object) -> None:
    assert written(value) == written(value).strip()


def test_a_header_names_columns() -> None:
    rows = [["Ada", "1815"], ["Bo", "1931"]]
    assert is_header(["name", "born"], rows)
    assert is_header(["", "name"], rows)
    assert not is_header(["Cy", "1931"], rows)
    assert not is_header(["name", "name"], rows)
    assert not is_header(["name", "2020-01-01"], rows)
    assert not is_header(["Ada", "born"], rows)
    assert not is_header([1, "born"], rows)
    assert not is_header([], rows)
    assert column_names(["a", "", "a"]) == ["a", "column 2", "a 3"]
