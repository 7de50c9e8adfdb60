"""JSON Lines: each line stands or falls by itself."""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, JsonLinesAdapter
from sutra_core.learn.adapters.json_lines import LINE_BYTES
from sutra_core.learn.adapters.parts import PART_BYTES


def items(
    path: Path, data: bytes, *, part_bytes: int = PART_BYTES, line_bytes: int = LINE_BYTES
) -> list[Item | BadItem]:
    path.write_bytes(data)
    adapter = JsonLinesAdapter(part_bytes=part_bytes, line_bytes=line_bytes)
    return list(adapter.read(path, "file.jsonl"))


def item(path: Path, record: object) -> Item:
    (found,) = items(path, json.dumps(record).encode())
    assert isinstance(found, Item)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def test_a_record_becomes_a_source(path: Path) -> None:
    record = {
        "id": "a1",
        "title": " Ada Lovelace ",
        "text": "Ada was born in London.",
        "date": "1815-12-10",
        "pages": 3,
        "weight": 0.5,
        "checked": True,
        "nothing": None,
        "nested": {"a": 1},
        "list": ["x"],
    }
    draft = item(path, record).draft
    assert draft.address == "file.jsonl#a1"
    assert draft.title == "Ada Lovelace"
    assert draft.text == "Ada was born in London."
    assert draft.offset == 0
    assert draft.time == -56270 * 86_400_000_000
    assert draft.attributes == {"pages": "3", "weight": "0.5", "checked": "true"}


def test_a_record_without_an_id_is_named_by_its_line(path: Path) -> None:
    data = b'{"text": "one"}\n\n{"text": "two"}\n{"id": 7, "text": "three"}'
    found = items(path, data)
    assert [i.draft.address for i in found if isinstance(i, Item)] == [
        "file.jsonl#1",
        "file.jsonl#3",
        "file.jsonl#7",
    ]
    assert [i.location for i in found] == [f"{path}:1", f"{path}:3", f"{path}:4"]
    assert found[-1].bytes_done == len(data)


def test_what_is_no_date_stays_an_attribute(path: Path) -> None:
    draft = item(path, {"text": "t", "time": "a while ago", "date": "2020-05"}).draft
    assert draft.attributes == {"time": "a while ago"}
    assert draft.time == 1_588_291_200_000_000


def test_a_number_of_milliseconds_stays_an_attribute(path: Path) -> None:
    draft = item(path, {"text": "t", "time": 1712010312045, "date": "20240402"}).draft
    assert draft.attributes == {"time": "1712010312045", "date": "20240402"}
    assert draft.time is None


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (b"{", "invalid_json", "column 2"),
        (b'{"text": "a",}', "invalid_json", "column"),
        (b"[1]", "invalid_json", "not an object"),
        (b'"text"', "invalid_json", "not an object"),
        (b"[" * 200_000, "invalid_json", "nested"),
        (b'{"text": "t", "n": ' + b"9" * 5000 + b"}", "invalid_json", "digits"),
        (b"{}", "missing_text", '"text"'),
        (b'{"text": null}', "missing_text", '"text"'),
        (b'{"text": 5}', "text_not_string", "int"),
        (b'{"text": ["a"]}', "text_not_string", "list"),
        (b'{"text": ""}', "empty_text", "no text"),
        (b'{"text": " \\n"}', "empty_text", "no text"),
        (b'{"text": "caf\xe9"}', "invalid_utf8", "0xE9 at position 32"),
        (b'{"text": "\\ud800"}', "invalid_text", "surrogate"),
        (b'{"text": "t", "k": "\\udfff"}', "invalid_text", "'k'"),
        (b'{"text": "t", "\\udfff": "v"}', "invalid_text", "udfff"),
    ],
)
def test_a_bad_line_is_refused_alone(path: Path, line: bytes, code: str, says: str) -> None:
    before, bad, after = items(path, b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n')
    assert isinstance(bad, BadItem)
    assert bad.code == code
    assert says in bad.reason
    assert bad.location == f"{path}:2"
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert after.draft.address == "file.jsonl#3"


def test_a_line_too_long_is_passed_over_in_bounded_memory(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"text": "before"}\n{"text": "')
        for _ in range(20):
            file.write(b"x" * 1024 * 1024)
        file.write(b'"}\n{"text": "after"}\n')
    tracemalloc.start()
    try:
        before, bad, after = JsonLinesAdapter().read(path, "f")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(bad, BadItem)
    assert bad.code == "line_too_long"
    assert "16777216" in bad.reason
    assert isinstance(before, Item)
    assert isinstance(after, Item)
    assert after.location == f"{path}:3"
    assert peak < 3 * 16 * 1024 * 1024


def test_the_longest_line_is_read(path: Path) -> None:
    record = b'{"text": "0123456789"}'
    (found,) = items(path, record + b"\n", line_bytes=len(record))
    assert isinstance(found, Item)
    (found,) = items(path, record, line_bytes=len(record))
    assert isinstance(found, Item)
    (found,) = items(path, record, line_bytes=len(record) - 1)
    assert isinstance(found, BadItem)


def test_crlf_and_byte_order_mark(path: Path) -> None:
    first, second = items(path, b'\xef\xbb\xbf{"text": "a\\r\\nb"}\r\n{"text": "c"}\r\n')
    assert isinstance(first, Item)
    assert first.draft.text == "a\r\nb"
    assert isinstance(second, Item)
    assert second.draft.text == "c"


def test_a_file_without_records_is_reported(path: Path) -> None:
    for data in (b"", b"\n\n", b"\xef\xbb\xbf\n"):
        (found,) = items(path, data)
        assert isinstance(found, BadItem)
        assert found.code == "empty_text"


@given(st.lists(st.text(min_size=1, max_size=200), max_size=5), st.integers(min_value=4, max_value=60))
def test_texts_come_back_in_parts_with_true_offsets(texts: list[str], part_bytes: int) -> None:
    lines = [json.dumps({"id": f"r{n}", "text": text}) for n, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.jsonl"
        found = items(path, "\n".join(lines).encode(), part_bytes=part_bytes)
    for number, text in enumerate(texts):
        data = text.encode()
        at = 0
        for entry in found:
            if isinstance(entry, Item) and entry.draft.address == f"file.jsonl#r{number}":
                stored = entry.draft.text.encode()
                assert not data[at : entry.draft.offset].decode().strip()
                at = entry.draft.offset + len(stored)
                assert data[entry.draft.offset : at] == stored
                assert len(stored) <= part_bytes
        assert not data[at:].decode().strip()
