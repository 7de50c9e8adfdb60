"""Markdown: verbatim text, true ranges, and prose only where there is prose."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, MarkdownAdapter

FENCE = "```python\n# not a heading\n\ncode = 1\n```"
BLOCKS = st.lists(
    st.sampled_from(
        [
            "# Top",
            "## Second *level*",
            "Setext\n======",
            "A paragraph of one line.",
            "A paragraph\nof two [lines](https://example.org/a).",
            "- item one\n- item two",
            "1. first\n\n   more of it\n2. second",
            "> quoted\n> words",
            FENCE,
            "~~~\ncode\n~~~",
            "    indented code",
            "<!-- a\n\ncomment -->",
            "[reference]: https://example.org",
            "| a | b |\n|---|---|\n| c | d |",
            "***",
            "Zürich 雨 \U0001f600.",
        ]
    ),
    max_size=12,
)
TOKENS = st.lists(
    st.sampled_from(
        [*"abé雨\U0001f600# *_`~[]()<>!|-=>+\\\r\n\t:\0", "\n\n", "```\n", "---\n", "<!--", "-->", "\n# "]
    ),
    max_size=80,
)


def read(data: bytes, part_bytes: int = 64 * 1024, name: str = "file_name.md") -> list[Item | BadItem]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return list(MarkdownAdapter(part_bytes=part_bytes).read(path, "address"))


def only(text: str) -> Item:
    (item,) = read(text.encode())
    assert isinstance(item, Item)
    return item


def blocks(found: Sequence[Item | BadItem]) -> list[str]:
    """The words of each block of prose, as a reader meets them: mark-up taken for spaces."""
    words: list[str] = []
    for item in found:
        if isinstance(item, Item):
            data = bytearray(item.draft.text.encode())
            for start, end in item.markup:
                data[start:end] = b" " * (end - start)
            words += [" ".join(data[start:end].decode().split()) for start, end in item.prose or ()]
    return words


def check(data: bytes, found: Sequence[Item | BadItem], part_bytes: int) -> None:
    """What holds of every Markdown file: verbatim parts, and ordered ranges between characters."""
    at = 0
    for item in found:
        if isinstance(item, BadItem):
            at = max(at, item.bytes_done)
            continue
        stored = item.draft.text.encode()
        assert len(stored) <= part_bytes
        assert at <= item.draft.offset
        assert data[item.draft.offset : item.draft.offset + len(stored)] == stored
        at = item.draft.offset + len(stored)
        assert item.bytes_done == at
        assert item.prose is not None
        for ranges in (item.prose, item.markup):
            end = 0
            for start, stop in ranges:
                assert end <= start < stop <= len(stored)
                stored[end:start].decode()
                stored[start:stop].decode()
                end = stop
        for start, stop in item.markup:
            assert any(first <= start and stop <= last for first, last in item.prose)


@given(TOKENS, st.integers(min_value=4, max_value=60))
@settings(deadline=None)
def test_ranges_are_true_whatever_the_text(tokens: list[str], part_bytes: int) -> None:
    data = "".join(tokens).encode()
    found = read(data, part_bytes)
    check(data, found, part_bytes)
    covered = sum(len(item.draft.text.encode()) for item in found if isinstance(item, Item))
    assert covered <= len(data)
    kept = "".join(item.draft.text for item in found if isinstance(item, Item))
    assert "".join(kept.split()) == "".join("".join(tokens).split())


@given(BLOCKS, st.integers(min_value=70, max_value=200))
@example(["| a | b |\n|---|---|\n| c | d |", *["[reference]: https://example.org"] * 2], 70)
@example(["| a | b |\n|---|---|\n| c | d |", "A paragraph\nof two [lines](https://example.org/a)."], 70)
@settings(deadline=None)
def test_a_small_window_finds_the_prose_of_the_whole(parts: list[str], part_bytes: int) -> None:
    data = "\n\n".join(parts).encode()
    small = read(data, part_bytes)
    check(data, small, part_bytes)
    assert blocks(small) == blocks(read(data))


@given(st.binary(max_size=120), st.integers(min_value=4, max_value=60))
@settings(deadline=None)
def test_any_bytes_are_read(data: bytes, part_bytes: int) -> None:
    check(data, read(data, part_bytes), part_bytes)


def test_what_is_prose_and_what_is_not() -> None:
    text = (
        "# The *Pont* Neuf\r\n\r\nIt stands in [Paris](https://example.org/paris).\r\n\r\n"
        "<!-- hidden -->\r\n\r\n```sh\r\nmake run\r\n```\r\n\r\n- It has **twelve** arches.\r\n"
        "- See <https://example.org>.\r\n\r\n> Henry IV\r\n> opened it.\r\n\r\n"
        "| Bridge | Year |\r\n| --- | --- |\r\n| Pont Neuf | 1607 |\r\n\r\n"
        "![plan](plan.png)\r\n\r\n[ref]: https://example.org/raw\r\n"
    )
    item = only(text)
    assert item.draft.text == text
    assert blocks([item]) == [
        "The Pont Neuf",
        "It stands in Paris .",
        "It has twelve arches.",
        "See .",
        "Henry IV opened it.",
        "Bridge Year",
        "Pont Neuf 1607",
        "plan",
    ]
    labels = [item.draft.text.encode()[start:end].decode() for start, end in item.labels]
    assert labels == ["The *Pont* Neuf", "Bridge | Year"]
    data = text.encode()
    assert item.prose is not None
    start, end = item.prose[1]
    assert data[start:end].decode() == "It stands in [Paris](https://example.org/paris)."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a `b*c*` d", "a b*c* d"),
        ("a \\* b", "a * b"),
        ("snake_case_name stays", "snake_case_name stays"),
        ("2 * 3 stays", "2 * 3 stays"),
        ("__bold__ ~~gone~~ *it*", "bold gone it"),
        ("[a [b]](x(y)z) c", "a [b] c"),
        ("[a][ref] c", "a c"),
        ("[just brackets] c", "[just brackets] c"),
        ("[![alt](i.png)](https://x) c", "alt c"),
        ("a<br>b <i>c</i>", "a b c"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("## closed ##", "closed"),
    ],
)
def test_inline_markup_is_blanked(text: str, words: str) -> None:
    assert blocks([only(text)]) == [words]


def test_a_bracket_that_nothing_closes_is_read_in_time() -> None:
    assert blocks([only("[" + "[x](y)" * 2000)]) == [" ".join(["[", *["x"] * 2000])]
    assert blocks([only("[" + "[x] " * 2000)]) == [" ".join(["[[x]", *["[x]"] * 1999])]


def test_a_label_has_a_greatest_length() -> None:
    assert blocks([only(f"[{'a' * 1000}](x) c")]) == [f"{'a' * 1000} c"]
    assert blocks([only(f"[{'a' * 1001}](x) c")]) == [f"[{'a' * 1001}](x) c"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Intro.\n\n## Second\n\n# First *of* all\n", "First of all"),
        ("---\ntitle: 'From front matter'\n---\n## Second\n", "From front matter"),
        ('+++\ntitle = "From TOML"\n+++\nWords.\n', "From TOML"),
        ("## Second\n\nWords.\n", "Second"),
        ("Words.\n", "file name"),
        ("---\n\nWords after a rule.\n\n---\n", "file name"),
    ],
)
def test_the_title(text: str, title: str) -> None:
    assert only(text).draft.title == title


def test_front_matter_is_not_prose() -> None:
    item = only("---\ntitle: T\ndate: 1970-01-02\nauthor: Ada\ntags: [a, b]\n---\n\nWords.\n")
    assert blocks([item]) == ["Words."]
    assert item.draft.time == 86_400_000_000
    assert item.draft.attributes == {"author": "Ada"}


def test_a_large_file_is_cut_at_headings_and_knows_its_sections() -> None:
    filler = "Words of it. " * 3
    text = f"# Title\n\n{filler}\n\n## A\n\n{filler}\n\n### B\n\n{filler}\n\n## C\n\n{filler}\n"
    found = read(text.encode(), 70)
    sections = [
        (item.draft.text.splitlines()[0], item.draft.attributes.get("section"))
        for item in found
        if isinstance(item, Item)
    ]
    assert sections == [("# Title", None), ("## A", "A"), ("### B", "A > B"), ("## C", "C")]
    assert {item.draft.title for item in found if isinstance(item, Item)} == {"Title"}


@pytest.mark.parametrize(
    "opening",
    ["```\n{}\n```\n", "~~~~ x\n{}\n~~~~\n", "<!--\n{}\n-->\n", "<pre>\n{}\n</pre>\n"],
)
def test_code_larger_than_a_window_stays_code(opening: str) -> None:
    code = "\n".join(f"# line {number}\n\ncode" for number in range(40))
    found = read(f"Before.\n\n{opening.format(code)}\nAfter.\n".encode(), 100)
    assert len(found) > 4
    assert blocks(found) == ["Before.", "After."]


def test_a_table_larger_than_a_window_stays_a_table() -> None:
    rows = "".join(f"| bridge {number} | {number} |\n" for number in range(30))
    found = read(f"| Name | Number |\n|---|---|\n{rows}\nAfter.\n".encode(), 100)
    assert len(found) > 4
    expected = [f"bridge {number} {number}" for number in range(30)]
    assert blocks(found) == ["Name Number", *expected, "After."]


def test_broken_utf8_loses_its_paragraph_only() -> None:
    first, bad, last = read(
        b"# Caf\xe9s\n\nFirst \xff.\n\n".replace(b"Caf\xe9s", b"Title") + b"Last *one*.\n"
    )
    assert isinstance(first, Item)
    assert isinstance(bad, BadItem)
    assert isinstance(last, Item)
    assert bad.code == "invalid_utf8"
    assert "0xFF at position 15" in bad.reason
    assert bad.location.endswith("file_name.md:3")
    assert blocks([first, last]) == ["Title", "Last one ."]


def test_a_title_with_broken_bytes_can_still_be_stored() -> None:
    found = read(b"# Caf\xe9\n\nWords.\n")
    item = found[-1]
    assert isinstance(item, Item)
    item.draft.title.encode()


def test_an_empty_file_is_reported() -> None:
    for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
        (item,) = read(data)
        assert isinstance(item, BadItem)
        assert item.code == "empty_text"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(sections: int) -> int:
        path = tmp_path / f"{sections}.md"
        with path.open("w") as file:
            file.write("# Title\n\n")
            for number in range(sections):
                file.write(f"## Section {number}\n\n" + "A sentence of some words.\n" * 50 + "\n")
        tracemalloc.start()
        try:
            for _ in MarkdownAdapter(part_bytes=4096).read(path, "address"):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(400) < 1.5 * peak(40)
