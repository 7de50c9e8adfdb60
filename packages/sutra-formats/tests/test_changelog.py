"""Every entry of a changelog is a source that knows its version and its day."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_formats.history.changelog import ChangelogAdapter

MARKDOWN = """\
# Changelog

All changes.

## [Unreleased]

## [1.2.0] - 2024-05-01

### Added

- A `deck` of wood, see [the plan](https://a.test/plan),
  and of **stone**.
- Piers.

### Fixed

The rail.

## 1.1.9 (2024-04-01)

First.

[1.2.0]: https://a.test/1.2.0
"""
GNU = """\
2024-05-01  Ada Whitlow  <ada@example.org>

\t* bridge.c (open): Open it
\tin the morning.

2024-05-01  Bo  <bo@example.org>

\t* deck.c: New file.
"""
DEBIAN = """\
bridge (1.2-3) unstable; urgency=medium

  * Open it in the morning.
    (Closes: #1)

 -- Ada Whitlow <ada@example.org>  Wed, 01 May 2024 12:00:00 +0200
"""
PLAIN = """\
Version 1.2.3 (2024-05-01)
--------------------------

* It opens.

Version 1.2.2

* It closes.
"""


def items(path: Path, data: str | bytes) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(ChangelogAdapter().read(path, "log"))


def read(path: Path, data: str) -> list[tuple[str, str, str, bool]]:
    return [
        (one.draft.address, one.draft.title, one.draft.text, one.draft.time == 1_714_521_600_000_000)
        for one in items(path, data)
        if isinstance(one, Item)
    ]


def test_keep_a_changelog(tmp_path: Path) -> None:
    first, second = read(tmp_path / "CHANGELOG.md", MARKDOWN)
    text = "Added\n\nA deck of wood, see the plan, and of stone.\n\nPiers.\n\nFixed\n\nThe rail."
    assert first == ("log#1.2.0", "Version 1.2.0", text, True)
    assert second == ("log#1.1.9", "Version 1.1.9", "First.", False)
    item = items(tmp_path / "CHANGELOG.md", MARKDOWN)[0]
    assert isinstance(item, Item)
    assert item.draft.attributes["version"] == "1.2.0"
    assert [item.draft.text[start:end] for start, end in item.labels] == ["Added", "Fixed"]


def test_gnu(tmp_path: Path) -> None:
    assert read(tmp_path / "ChangeLog", GNU) == [
        ("log#2024-05-01", "2024-05-01 Ada Whitlow", "bridge.c (open): Open it in the morning.", True),
        ("log#2024-05-01-2", "2024-05-01 Bo", "deck.c: New file.", True),
    ]


def test_debian(tmp_path: Path) -> None:
    assert read(tmp_path / "changelog", DEBIAN) == [
        ("log#1.2-3", "bridge 1.2-3", "Open it in the morning. (Closes: #1)", True)
    ]


def test_versions_as_headings(tmp_path: Path) -> None:
    assert read(tmp_path / "NEWS", PLAIN) == [
        ("log#1.2.3", "Version 1.2.3", "It opens.", True),
        ("log#1.2.2", "Version 1.2.2", "It closes.", False),
    ]


def test_empty_and_faulty(tmp_path: Path) -> None:
    (empty,) = items(tmp_path / "CHANGELOG", "Words.\n")
    assert isinstance(empty, BadItem)
    assert empty.code == "empty_text"
    first, second = items(tmp_path / "NEWS", PLAIN.encode().replace(b"opens", b"\xc3\xa9 \xff"))
    assert isinstance(first, BadItem)
    assert first.code == "invalid_utf8"
    assert isinstance(second, Item)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("CHANGELOG.md", MARKDOWN, True),
        ("readme.md", MARKDOWN, False),
        ("a.txt", GNU, True),
        ("a.txt", DEBIAN, True),
        ("NEWS", PLAIN, True),
        ("NEWS", "In the news: words.\n", False),
        ("history.txt", "In 1931 it opened.\n", False),
        ("CHANGES", "\0", False),
        ("CHANGES", "", False),
    ],
)
def test_recognised(name: str, data: str, expected: bool) -> None:
    assert ChangelogAdapter().recognises(Path(name), data.encode()) is expected


@settings(max_examples=50)
@given(
    st.binary(max_size=30), st.integers(0, 400), st.integers(0, 60), st.sampled_from([MARKDOWN, GNU, DEBIAN])
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, text: str
) -> None:
    data = text.encode()[:at] + noise + text.encode()[at + cut :]
    for item in items(tmp_path_factory.getbasetemp() / "fuzz.log", data):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()
