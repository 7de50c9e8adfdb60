"""Workbooks: every row of every sheet is a source, and no archive is trusted."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sutra_core.learn.adapters import BadItem, FieldMap, Item, MappedAdapter
from sutra_core.learn.adapters.base import HEAD_BYTES
from sutra_core.places import place_at
from sutra_formats.tables.workbook import WorkbookAdapter

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DAY = datetime.fromisoformat("2024-05-01")


def workbook() -> bytes:
    book: Any = Workbook()
    people = book.active
    people.title = "People"
    people.append(["People of science"])
    people.append([])
    people.append(["name", "born", "visited", "score"])
    people.append(["Ada", 1815, DAY, 3.0])
    people.append(["Bo", None, None, "#N/A"])
    people.append([None, None])
    people.append(["Cy", 1931, None, "=1+1", "more"])
    hidden = book.create_sheet("Old")
    hidden.append(["Oslo", 700000])
    hidden.append(["Bergen", 290000])
    hidden.sheet_state = "hidden"
    book.create_sheet("Nothing")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


BOOK = workbook()


def items(path: Path, data: bytes, adapter: WorkbookAdapter | None = None) -> list[Item | BadItem]:
    path.write_bytes(data)
    return list((adapter or WorkbookAdapter()).read(path, "a.xlsx"))


def refusal(path: Path, data: bytes, adapter: WorkbookAdapter | None = None) -> str:
    (found,) = items(path, data, adapter)
    assert isinstance(found, BadItem)
    return found.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "our_people.xlsx"


def test_every_row_of_every_sheet_is_a_source(path: Path) -> None:
    found = items(path, BOOK)
    drafts = [one.draft for one in found if isinstance(one, Item)]
    assert [(draft.address, draft.title, draft.text) for draft in drafts] == [
        ("a.xlsx#People/4", "Ada", "name: Ada. born: 1815. visited: 2024-05-01. score: 3."),
        ("a.xlsx#People/5", "Bo", "name: Bo."),
        ("a.xlsx#People/7", "Cy", "name: Cy. born: 1931. column 5: more."),
        ("a.xlsx#Old/1", "our people", "Oslo; 700000."),
        ("a.xlsx#Old/2", "our people", "Bergen; 290000."),
    ]
    assert place_at(drafts[0].attributes, 3) == "sheet People, row 4"
    assert drafts[0].attributes["table"] == "People of science"
    assert "sheet_state" not in drafts[0].attributes
    assert drafts[3].attributes["sheet_state"] == "hidden"
    assert found[0].location == f"{path} (sheet People, row 4)"
    assert [one.bytes_done for one in found] == sorted(one.bytes_done for one in found)
    assert found[-1].bytes_done == len(BOOK)


def test_mapped(path: Path) -> None:
    adapter = WorkbookAdapter()
    assert isinstance(adapter, MappedAdapter)
    fields = FieldMap.parse("key=name,time=visited", "{name} was born in {born}.")
    ada, bo, *_ = items(path, BOOK, adapter.mapped(fields))
    assert isinstance(ada, Item)
    assert (ada.draft.address, ada.draft.text) == ("a.xlsx#Ada", "Ada was born in 1815.")
    assert ada.draft.time == 1_714_521_600_000_000
    assert isinstance(bo, BadItem)
    assert (bo.code, bo.location) == ("missing_text", f"{path} (sheet People, row 5)")


def test_a_password_is_said(path: Path) -> None:
    encrypted = OLE + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(100)
    assert WorkbookAdapter().recognises(path, encrypted)
    assert refusal(path, encrypted) == "password_protected"
    assert refusal(path, OLE + bytes(1000)) == "damaged_file"


def test_bombs_are_not_opened(path: Path) -> None:
    assert refusal(path, BOOK, WorkbookAdapter(member_bytes=500)) == "too_large"
    file = io.BytesIO(BOOK)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(1000))
    assert refusal(path, file.getvalue(), WorkbookAdapter(strings_bytes=999)) == "too_large"
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(11 << 20))
    assert refusal(path, file.getvalue()) == "too_large"


def with_sheet(xml: str) -> bytes:
    book: Any = Workbook()
    file = io.BytesIO()
    book.save(file)
    copy = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w") as new:
        for member in old.namelist():
            new.writestr(member, xml if member == "xl/worksheets/sheet1.xml" else old.read(member))
    return copy.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY b "boom">]>' + SHEET.format("<row><c t='str'><v>&b;</v></c></row>"),
        SHEET.format("<row r='1'><c r='A1' t='s'><v>9</v></c></row>"),
        SHEET.format("<row r='x'></row>"),
        SHEET.format("<row r='1'><c"),
    ],
)
def test_a_damaged_sheet_is_refused(path: Path, xml: str) -> None:
    assert refusal(path, with_sheet(xml)) == "damaged_file"


def test_a_row_far_away_ends(path: Path) -> None:
    xml = SHEET.format("<row r='99999999999999'><c t='str'><v>far</v></c></row></sheetData></worksheet>")
    assert refusal(path, with_sheet(xml)) == "empty_text"


def test_rows_before_the_damage_are_kept(path: Path) -> None:
    rows = "".join(f"<row><c t='str'><v>Ada {number}</v></c></row>" for number in range(900))
    found = items(path, with_sheet(SHEET.format(rows + "<row r='x'></row></sheetData></worksheet>")))
    assert [isinstance(one, Item) for one in found] == [True] * 899 + [False]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    assert refusal(path, BOOK[: int(len(BOOK) * share)]) == "damaged_file"


def test_an_empty_workbook(path: Path) -> None:
    assert refusal(path, with_sheet(SHEET.format("</sheetData></worksheet>"))) == "empty_text"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.xlsx", BOOK, True),
        ("a.bin", BOOK, True),
        ("a.xlsx", b"a,b\n1,2\n", False),
        ("a.xlsx", b"", False),
        ("a.docx", b"PK\x03\x04word/document.xml", False),
        ("a.xlsx", b"PK\x03\x04word/document.xml", False),
        ("a.zip", b"PK\x03\x04readme.txt", False),
        ("a.doc", OLE, False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert WorkbookAdapter().recognises(Path(name), head[:HEAD_BYTES]) is expected


@settings(max_examples=50)
@given(st.binary(max_size=20), st.integers(0, len(BOOK)), st.integers(0, 20))
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.xlsx"
    data = BOOK[:at] + noise + BOOK[at + cut :]
    for item in items(path, data, WorkbookAdapter(part_bytes=16)):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()


@settings(max_examples=50)
@given(st.text(alphabet="<>/row c=\"'1A&;vst#x0", max_size=80))
def test_any_sheet_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, xml: str) -> None:
    path = tmp_path_factory.getbasetemp() / "sheet.xlsx"
    assert items(path, with_sheet(SHEET.format(xml)))
