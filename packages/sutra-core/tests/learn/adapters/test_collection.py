"""Folders in all their shapes, and files that are not what their name says."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sutra_core.errors import InvalidValueError, SutraError, UnknownFormatError
from sutra_core.learn.adapters import (
    ADAPTERS,
    BadItem,
    DatasetAdapter,
    FieldMap,
    Item,
    UnreadableError,
    adapter_for,
    check_collection,
    collection_size,
    read_collection,
    walk,
)
from sutra_core.learn.adapters.members import ContainerAdapter

RECORDS = b'{"text": "one"}\n{"text": "two"}\n'


def names(folder: Path) -> list[str]:
    return [found[0].relative_to(folder).as_posix() for found in walk(folder) if isinstance(found, tuple)]


def refused(folder: Path) -> list[BadItem]:
    return [found for found in walk(folder) if isinstance(found, BadItem)]


def test_every_adapter_keeps_the_protocol() -> None:
    assert all(isinstance(adapter, (DatasetAdapter, ContainerAdapter)) for adapter in ADAPTERS)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.jsonl", RECORDS, "JSON Lines"),
        ("a.ndjson", b"broken", "JSON Lines"),
        ("a.txt", RECORDS, "JSON Lines"),
        ("a.txt", b"\xef\xbb\xbf" + RECORDS, "JSON Lines"),
        ("a.json", RECORDS, "JSON Lines"),
        ("a.log", b'{"text": "' + b"x" * 100_000 + b'"}', "JSON Lines"),
        ("a.txt", b"{in braces}\nWords.", "plain text"),
        ("a.txt", b'{"text": "one"}\nWords.', "plain text"),
        ("a.txt", b"", "plain text"),
        ("a.txt", b"caf\xe9", "plain text"),
        ("README", b"# Words", "plain text"),
        ("a.md", b"Words", "Markdown"),
        ("A.MARKDOWN", b"", "Markdown"),
    ],
)
def test_recognised_by_content_and_name(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert adapter_for(path).name == expected


@pytest.mark.parametrize(
    ("name", "data", "seen"),
    [
        ("a.txt", "words".encode("utf-16"), "UTF-16"),
        ("a.txt", b"\xfe\xff\0w", "UTF-16"),
        ("a.txt", b"ab\0c", "NUL byte at position 2"),
        ("a.md", b"\0", "NUL byte"),
        ("a.jsonl", b"\0", "NUL byte"),
        ("a.log", b"a,b\n1,2\n", "'.log'"),
        ("a.bin", b"\x80\x81" * 20, "not UTF-8 (the first at position 0)"),
        ("a.bin", b"", "nothing"),
    ],
)
def test_an_unknown_format_says_what_was_seen(tmp_path: Path, name: str, data: bytes, seen: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UnknownFormatError, match=r"json-lines, .*markdown, .*plain-text") as caught:
        adapter_for(path)
    assert seen in str(caught.value)
    assert str(path) in str(caught.value)
    with pytest.raises(UnknownFormatError):
        list(read_collection(path))


def test_a_missing_collection_is_an_error(tmp_path: Path) -> None:
    for read in (lambda p: list(read_collection(p)), collection_size, adapter_for):
        with pytest.raises(UnreadableError, match="missing") as caught:
            read(tmp_path / "missing")
        assert isinstance(caught.value, SutraError)
        assert caught.value.code == "unreadable"


def test_a_folder_is_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/z.txt", "b/a.md", "a.txt", "c.jsonl", ".hidden.txt", ".git/x.txt", "b/.y.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(RECORDS)
    assert names(tmp_path) == ["a.txt", "b/a.md", "b/z.txt", "c.jsonl"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert names(tmp_path) == ["a/x.txt"]
    assert [bad.code for bad in refused(tmp_path)] == ["unreadable"]


def test_bad_files_are_reported_and_passed_over(tmp_path: Path) -> None:
    threads = threading.active_count()
    (tmp_path / "a.txt").write_text("Good.")
    (tmp_path / "b.pdf").write_bytes(b"%PDF\0")
    (tmp_path / "c.txt").symlink_to(tmp_path / "gone.txt")
    os.mkfifo(tmp_path / "d.txt")
    (tmp_path / "e.txt").write_text("Good again.")
    found = list(read_collection(tmp_path))
    assert [type(item).__name__ for item in found] == ["Item", "BadItem", "BadItem", "BadItem", "Item"]
    assert [item.code for item in found if isinstance(item, BadItem)] == [
        "unknown_format",
        "unreadable",
        "unknown_format",
    ]
    assert found[-1].bytes_done == collection_size(tmp_path) == len("Good.%PDF\0Good again.")
    assert threading.active_count() == threads


def test_a_name_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (bad,) = refused(tmp_path)
    assert bad.code == "invalid_file_name"
    assert "caf\\xe9.txt" in bad.location


def test_a_file_that_cannot_be_opened_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    real = Path.open

    def denied(path: Path, *arguments: object, **named: object) -> object:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", denied)
    bad, item = read_collection(tmp_path)
    assert isinstance(bad, BadItem)
    assert bad.code == "unreadable"
    assert "Permission denied" in bad.reason
    assert isinstance(item, Item)


def test_the_address_does_not_depend_on_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "sample"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("a")
    (folder / "b.jsonl").write_text('{"id": "x", "text": "b"}')

    def addresses(path: str, prefix: str | None = None) -> list[str]:
        return [item.draft.address for item in read_collection(Path(path), prefix) if isinstance(item, Item)]

    expected = [f"{folder.resolve().as_posix()}/b.jsonl#x", f"{folder.resolve().as_posix()}/sub/a.txt"]
    monkeypatch.chdir(tmp_path)
    assert addresses("sample") == expected
    monkeypatch.chdir(folder)
    assert addresses(".") == expected
    assert addresses("../sample/") == expected
    assert addresses("sub/a.txt") == expected[1:]
    assert addresses(".", "corpus") == ["corpus/b.jsonl#x", "corpus/sub/a.txt"]


def test_progress_counts_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RECORDS)
    (tmp_path / "b.txt").write_text("Words.")
    (tmp_path / "c.md").write_text("# Words\n")
    done = [item.bytes_done for item in read_collection(tmp_path)]
    assert done == [16, 32, 38, 46]
    assert collection_size(tmp_path) == 46


def test_fields_are_mapped_in_the_formats_that_have_them(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "The Tyne is wide."}\n')
    (tmp_path / "b.txt").write_text("The Aln is long.")
    fields = FieldMap(text=("body",))
    found = [item.draft.text for item in read_collection(tmp_path, fields=fields) if isinstance(item, Item)]
    assert found == ["The Tyne is wide.", "The Aln is long."]
    for read in (check_collection, collection_size, lambda path, **how: list(read_collection(path, **how))):
        with pytest.raises(InvalidValueError, match="plain text has no fields"):
            read(tmp_path / "b.txt", fields=fields)
        with pytest.raises(InvalidValueError, match="Markdown has no fields"):
            read(tmp_path, format_name="markdown", fields=fields)
        read(tmp_path / "b.txt", fields=FieldMap())  # which maps nothing


def test_a_format_that_nobody_knows_is_an_error_with_all_names(tmp_path: Path) -> None:
    for read in (check_collection, collection_size, lambda path, **how: list(read_collection(path, **how))):
        with pytest.raises(UnknownFormatError, match=r"'swahili'; there are .*json-lines, .*markdown, "):
            read(tmp_path, format_name="swahili")
