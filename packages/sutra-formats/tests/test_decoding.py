"""The encoding of a text is found from its mark, its declaration, or its bytes; no fault passes unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_formats.decoding import encoding_of, is_text, text_lines, undecodable

RUSSIAN = "Анна родилась в Москве в 1931 году и жила там до войны, а потом переехала в Киев.\n" * 3
FRENCH = "Il est né à Orléans, où son père était médecin; sa mère, née Dupré, était célèbre.\n" * 3
JAPANESE = "東京は日本の首都である。人口は約千四百万人で、世界最大の都市の一つである。\n" * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain\n", "ascii"),
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-32"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "cp932"),
        ("", "utf-8"),
    ],
)
def test_text_is_read_in_its_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(text.encode(encoding))
    lines = list(text_lines(path, encoding=encoding_of(path)))
    assert "".join(line.text for line in lines) == text
    assert [line.number for line in lines] == list(range(1, text.count("\n") + 1))
    assert not lines or lines[-1].end == path.stat().st_size


def test_what_is_declared_comes_before_statistics_and_after_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("naïve".encode("latin-1"))
    assert encoding_of(path, "ISO-8859-1") == "iso8859-1"
    assert encoding_of(path, "no such") != "no such"
    assert encoding_of(path, "rot13") != "rot13"
    path.write_bytes("\ufeffnaïve".encode())
    assert encoding_of(path, "latin-1") == "utf-8-sig"


def test_one_fault_in_utf8_does_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("où\n".encode() + b"\xff\n" + "là\n".encode())
    assert encoding_of(path) == "utf-8"
    faults = [undecodable(line.text) for line in text_lines(path, encoding="utf-8")]
    assert faults[0] == faults[2] == ""
    assert "0xFF" in faults[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(("x" * 100 + "\nshort\n").encode(encoding))
    lines = list(text_lines(path, encoding=encoding, limit=20))
    assert [(line.number, line.too_long) for line in lines] == [(1, True), (2, False)]
    assert lines[1].text == "short\n"


def test_text_has_no_control_characters() -> None:
    assert is_text(b"a\tb\r\n")
    assert is_text("a".encode("utf-16"))
    assert not is_text(b"a\0b")
    assert not is_text(b"\x7fELF\x02")


@settings(max_examples=50)
@given(st.binary(), st.integers(1, 40))
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, data: bytes, limit: int) -> None:
    path = tmp_path_factory.getbasetemp() / "decoding"
    path.write_bytes(data)
    ends = [line.end for line in text_lines(path, encoding=encoding_of(path), limit=limit)]
    assert ends == sorted(ends)
    assert all(end <= len(data) for end in ends)
