"""Tables as text: whatever cuts their cells, each row stands or falls by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, FieldMap, Item, MappedAdapter
from sutra_core.learn.adapters.base import HEAD_BYTES
from sutra_formats.tables.delimited import DelimitedAdapter

TABLE = 'name,born,notes\nAda,1815,"First, line\nsecond ""line"""\nBo,1931,\n'


def items(path: Path, data: str | bytes, adapter: DelimitedAdapter | None = None) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list((adapter or DelimitedAdapter()).read(path, "a.csv"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people_of_science.csv"


def test_a_row_is_a_source(path: Path) -> None:
    ada, bo = items(path, TABLE)
    assert isinstance(ada, Item)
    assert isinstance(bo, Item)
    assert ada.draft.text == 'name: Ada. born: 1815. notes: First, line\nsecond "line".'
    assert (ada.draft.address, ada.draft.title, ada.location) == ("a.csv#1", "Ada", f"{path}:2")
    assert (bo.draft.text, bo.location) == ("name: Bo. born: 1931.", f"{path}:4")
    assert bo.bytes_done == len(TABLE)
    assert bo.draft.attributes == {"name": "Bo", "born": "1931", "places": "0\trow 2"}


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_delimiter_and_the_encoding_are_found(path: Path, delimiter: str, encoding: str) -> None:
    rows = ["Prénom;Né à", "Zoé;Orléans, près de la forêt", "René;Alès"]
    data = "\r\n".join(rows).replace(", ", " " if delimiter == "," else ", ").replace(";", delimiter)
    found = texts(items(path, data.encode(encoding)))
    assert found[1] == "Prénom: René. Né à: Alès."
    assert len(found) == 2


def test_the_line_of_excel_names_the_delimiter(path: Path) -> None:
    assert texts(items(path, "sep=;\na;b\n1,5;2\n")) == ["a: 1,5. b: 2."]


def test_without_a_header(path: Path) -> None:
    assert texts(items(path, "Ada,1815\nBo,1931\n")) == ["Ada; 1815.", "Bo; 1931."]


def test_a_column_alone(path: Path) -> None:
    assert texts(items(path, "word\nbridge\n\nriver\n")) == ["word: bridge.", "word: river."]


def test_rows_that_do_not_fit_are_refused_one_by_one(path: Path) -> None:
    found = items(path, b"a,b\n1,2\n1,2,3\n1\n\xc3\xa9,4\n\xff,5\n6,7\n")
    assert texts(found) == [
        "a: 1. b: 2.",
        "invalid_record",
        "invalid_record",
        "a: é. b: 4.",
        "invalid_utf8",
        "a: 6. b: 7.",
    ]
    assert isinstance(found[1], BadItem)
    assert found[1].location == f"{path}:3"
    assert "3 cells where the first one has 2" in found[1].reason
    assert isinstance(found[4], BadItem)
    assert "0xFF" in found[4].reason


def test_what_is_too_long_is_refused(path: Path) -> None:
    adapter = DelimitedAdapter(line_bytes=100, cell_characters=50)
    data = f"a,b\n1,2\n{'x' * 200},3\n{'y' * 60},4\n5,6\n"
    assert texts(items(path, data, adapter)) == [
        "a: 1. b: 2.",
        "line_too_long",
        "line_too_long",
        "a: 5. b: 6.",
    ]


def test_a_quotation_mark_that_is_never_closed_ends(path: Path) -> None:
    adapter = DelimitedAdapter(cell_characters=200)
    found = texts(items(path, "a,b\n1,2\n" + '"x,3\n' + "4,5\n" * 200, adapter))
    assert found[0] == "a: 1. b: 2."
    assert "line_too_long" in found
    assert found[-1] == "a: 4. b: 5."


def test_mapped(path: Path) -> None:
    adapter = DelimitedAdapter()
    assert isinstance(adapter, MappedAdapter)
    fields = FieldMap.parse("key=name,time=born", "{name} was born in {born}.")
    ada, _ = items(path, "name,born\nAda,1815\nBo,1931\n", adapter.mapped(fields))
    assert isinstance(ada, Item)
    assert (ada.draft.address, ada.draft.text) == ("a.csv#Ada", "Ada was born in 1815.")
    assert ada.draft.time is not None


def test_a_long_row_is_cut(path: Path) -> None:
    adapter = DelimitedAdapter(part_bytes=64)
    found = items(path, "a,b\n1," + "Some words. " * 20 + "\n", adapter)
    assert len(found) > 3
    assert all(isinstance(one, Item) and len(one.draft.text) <= 64 for one in found)


@pytest.mark.parametrize("data", ["", "\n\n", "a,b\n", ",,\n"])
def test_empty(path: Path, data: str) -> None:
    assert texts(items(path, data)) == ["empty_text"]


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.csv", b"a,b\n1,2\n", True),
        ("a.TSV", b"a\tb\n", True),
        ("a.csv", "a,b".encode("utf-16"), True),
        ("a.csv", b"%PDF-1.7\n", False),
        ("a.csv", b"PK\x03\x04\x14\0", False),
        ("a.csv", b"<!DOCTYPE html>", False),
        ("a.csv", b'[{"a": 1}]', False),
        ("a.csv", b"\x89PNG\r\n\x1a\n", False),
        ("a.txt", b"a\tb\n" * 8, True),
        ("a.txt", b"One, two.\n" * 8, False),
        ("a.md", b"a\tb\n" * 8, False),
        ("a", b"", False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert DelimitedAdapter().recognises(Path(name), head) is expected


def sound(path: Path, data: bytes, adapter: DelimitedAdapter) -> None:
    adapter.recognises(path, data[:HEAD_BYTES])
    for item in items(path, data, adapter):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()
            assert item.prose is None


@settings(max_examples=50)
@given(st.binary(), st.integers(0, len(TABLE)), st.integers(0, 20))
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    table = TABLE.encode()
    path = tmp_path_factory.getbasetemp() / "fuzz.csv"
    sound(path, noise, DelimitedAdapter())
    sound(path, table[:at] + noise + table[at + cut :], DelimitedAdapter(cell_characters=10, line_bytes=30))
