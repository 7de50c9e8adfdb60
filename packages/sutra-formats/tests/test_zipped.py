"""Archives: what unpacks to too much is refused, by what is declared and by what comes out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from reading_pages import zipped

from sutra_formats.zipped import Archive, ArchiveError


def code(path: Path, member_bytes_max: int = 1 << 30) -> str:
    with pytest.raises(ArchiveError) as raised, Archive(path, member_bytes_max=member_bytes_max) as archive:
        archive.read("a")
    return raised.value.code


def test_a_sound_member_is_read(tmp_path: Path) -> None:
    with Archive(zipped(tmp_path / "a.zip", {"a": b"text" * 1000})) as archive:
        assert archive.read("a") == b"text" * 1000
        assert "a" in archive
        assert archive.names() == ["a"]


def test_a_member_over_the_limit_is_refused(tmp_path: Path) -> None:
    assert code(zipped(tmp_path / "a.zip", {"a": b"text" * 100}), 399) == "too_large"


def test_a_member_that_unpacks_two_hundredfold_is_refused(tmp_path: Path) -> None:
    assert code(zipped(tmp_path / "a.zip", {"a": bytes(11 << 20)})) == "too_large"


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": bytes(100)})
    data = path.read_bytes()
    path.write_bytes(data.replace((100).to_bytes(4, "little"), (50).to_bytes(4, "little")))
    assert code(path) == "damaged_file"


def test_a_member_that_is_missing_or_locked_is_refused(tmp_path: Path) -> None:
    assert code(zipped(tmp_path / "a.zip", {"b": b""})) == "damaged_file"
    path = zipped(tmp_path / "a.zip", {"a": b"text"})
    with zipfile.ZipFile(path) as archive:
        at = archive.start_dir
    data = bytearray(path.read_bytes())
    data[at + 8] |= 1
    path.write_bytes(data)
    assert code(path) == "password_protected"
