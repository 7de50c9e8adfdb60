"""Plain text comes through byte by byte, whatever is in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, PlainTextAdapter


def items(path: Path, part_bytes: int = 64 * 1024) -> list[Item | BadItem]:
    return list(PlainTextAdapter(part_bytes=part_bytes).read(path, "address"))


@given(st.text(), st.integers(min_value=4, max_value=50), st.booleans())
def test_the_parts_are_the_file(text: str, part_bytes: int, mark: bool) -> None:
    data = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        path.write_bytes(data)
        found = items(path, part_bytes)
    text = data.decode("utf-8-sig")
    at = len(data) - len(text.encode())
    for item in found:
        if isinstance(item, BadItem):
            assert item.code == "empty_text"
            assert not text.strip()
            return
        stored = item.draft.text.encode()
        assert not data[at : item.draft.offset].decode().strip()  # only white space is between
        assert data[item.draft.offset : item.draft.offset + len(stored)] == stored
        assert len(stored) <= part_bytes
        at = item.draft.offset + len(stored)
        assert item.bytes_done == at
        assert item.prose is None
    assert not data[at:].decode().strip()


def test_one_small_file_is_one_source(tmp_path: Path) -> None:
    path = tmp_path / "Pont_Neuf.txt"
    path.write_bytes(b"One.\r\n\r\nTwo.\r\n")
    (item,) = items(path)
    assert isinstance(item, Item)
    assert item.draft.text == "One.\r\n\r\nTwo.\r\n"
    assert item.draft.title == "Pont Neuf"
    assert (item.draft.address, item.draft.offset) == ("address", 0)
    assert item.location == f"{path}:1"


def test_a_byte_order_mark_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "marked.txt"
    path.write_bytes(b"\xef\xbb\xbfText.")
    (item,) = items(path)
    assert isinstance(item, Item)
    assert (item.draft.offset, item.draft.text) == (3, "Text.")


def test_parts_end_behind_paragraphs_and_know_their_line(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("A first paragraph.\n\nA second one.\n\nThe third.\n")
    first, second = items(path, 40)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert first.draft.text == "A first paragraph.\n\nA second one.\n\n"
    assert second.draft.text == "The third.\n"
    assert second.location == f"{path}:5"


def test_a_nul_inside_the_text_stays(tmp_path: Path) -> None:
    path = tmp_path / "nul.txt"
    path.write_bytes(b"a\0b")
    (item,) = items(path)
    assert isinstance(item, Item)
    assert item.draft.text == "a\0b"


def test_broken_utf8_loses_its_paragraph_only(tmp_path: Path) -> None:
    path = tmp_path / "broken.txt"
    path.write_bytes(b"Good.\n\nBad \xff.\n\nGood again.")
    good, bad, again = items(path)
    assert isinstance(good, Item)
    assert isinstance(bad, BadItem)
    assert isinstance(again, Item)
    assert bad.code == "invalid_utf8"
    assert bad.location == f"{path}:3"
    assert "0xFF at position 11" in bad.reason
    assert (again.draft.text, again.draft.offset) == ("Good again.", 15)


def test_an_empty_file_is_reported(tmp_path: Path) -> None:
    for name, data in [("a.txt", b""), ("b.txt", b" \n\t\n"), ("c.txt", b"\xef\xbb\xbf")]:
        path = tmp_path / name
        path.write_bytes(data)
        (item,) = items(path)
        assert isinstance(item, BadItem)
        assert item.code == "empty_text"


def test_a_line_of_20_mib_is_cut_between_characters(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    path.write_bytes("é".encode() * (10 * 1024 * 1024))
    total = 0
    for item in PlainTextAdapter().read(path, "address"):
        assert isinstance(item, Item)
        assert set(item.draft.text) == {"é"}
        assert item.draft.offset == total
        total = item.bytes_done
    assert total == 20 * 1024 * 1024
