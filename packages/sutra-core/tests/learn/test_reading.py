"""Readings: every byte range is verbatim, whatever the script and whatever the mark-up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import Item, read_collection
from sutra_core.learn.reading import ReadItem, read_again, read_item
from sutra_core.types import SourceDraft


def read(text: str, title: str = "") -> ReadItem:
    return read_item(Item(SourceDraft("here", text, title), None, "here:1", 0))


def read_markdown(folder: Path, text: str) -> ReadItem:
    path = folder / "page.md"
    path.write_bytes(text.encode())
    (item,) = read_collection(path)
    assert isinstance(item, Item)
    return read_item(item)


def sentences(item: ReadItem) -> list[str]:
    return [item.data[start:end].decode() for start, end in item.reading.sentences]


def test_plain_text_is_read_as_it_is() -> None:
    item = read("The Aln rises at Alham. It is long.")
    assert item.readable is item.data
    assert sentences(item) == ["The Aln rises at Alham.", "It is long."]
    assert item.reading.passages == [(0, 35, 0, 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë lives in Ålborg. Łódź is far.", ["Zoë lives in Ålborg.", "Łódź is far."]),
        ("東京は大きい。川は長い。", ["東京は大きい。", "川は長い。"]),
        ("Smile 😀 at it. 𝒜ln is a name.", ["Smile 😀 at it.", "𝒜ln is a name."]),
    ],
)
def test_ranges_count_bytes_beyond_ascii(text: str, expected: list[str]) -> None:
    assert sentences(read(text)) == expected


@given(st.text(alphabet=st.sampled_from("aZ é東😀.!?\n\t \u0301-*\"'0"), max_size=200))
def test_ranges_are_ordered_apart_and_whole_characters(text: str) -> None:
    item = read(text)
    before = 0
    for start, end in item.reading.sentences:
        assert before <= start < end <= len(item.data)
        assert item.data[start:end].decode() in text
        before = end
    counted = 0
    for start, end, first, last in item.reading.passages:
        assert first == counted < last
        counted = last
        inside = item.reading.sentences[first:last]
        assert (start, end) == (inside[0][0], inside[-1][1])
    assert counted == len(item.reading.sentences)
    for number, start, end, *_ in item.reading.mentions:
        first, last = item.reading.sentences[number]
        assert first <= start < end <= last


def test_mark_up_is_blanked_out_for_reading_and_kept_in_the_bytes(tmp_path: Path) -> None:
    said = "The **Åln** rises at [Alham](https://example.org/Alham_(place))."
    item = read_markdown(tmp_path, f"# Rivers\n\n{said}\n")
    assert len(item.readable) == len(item.data)
    assert said in sentences(item)
    readable = item.readable.decode()
    assert "Åln" in readable and "Alham" in readable
    assert not any(mark in readable for mark in ("*", "[", "https", "#"))
    assert {"Åln", "Alham"} <= {name for *_, name, _ in item.reading.mentions}


def test_no_sentence_crosses_from_one_block_into_the_next(tmp_path: Path) -> None:
    item = read_markdown(
        tmp_path, "# The heading\n\n- one item\n- another item\n\nA paragraph\nof two lines\n"
    )
    found = sentences(item)
    assert [text.split()[-1] for text in found] == ["heading", "item", "item", "lines"]


def test_code_is_not_read(tmp_path: Path) -> None:
    item = read_markdown(tmp_path, "Words before.\n\n```\nnot words. But code.\n```\n\nWords after.\n")
    assert sentences(item) == ["Words before.", "Words after."]


@given(
    st.lists(
        st.sampled_from(["Ada ", "Aln. ", "é", "東京。", "**", "\n", "\n\n", " is a ", "[1]"]), max_size=40
    ),
    st.lists(st.integers(0, 40), max_size=8),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6),
)
def test_what_was_read_is_read_again_as_it_was(
    pieces: list[str], cuts: list[int], marks: list[tuple[int, int]]
) -> None:
    # Every other stretch between two cuts is prose; markup is given in any order, and may overlap.
    ends = [len("".join(pieces[:at]).encode()) for at in range(len(pieces) + 1)]
    places = sorted({ends[min(cut, len(pieces))] for cut in cuts})
    prose = list(zip(places[::2], places[1::2], strict=False))
    markup = [(ends[min(a, len(pieces))], ends[min(b, len(pieces))]) for a, b in marks if a <= b]
    draft = SourceDraft("here", "".join(pieces), "Aln")
    inner = [(start, end) for start, end in markup if any(a <= start and end <= b for a, b in prose)]
    item = read_item(Item(draft, prose, "here", 0, markup=inner))
    last = 0
    for start, end in item.markup:
        assert last <= start < end
        assert any(first <= start and end <= final for first, final, *_ in item.reading.passages)
        last = end
    passages = [(start, end) for start, end, *_ in item.reading.passages]
    again = read_again(draft, item.reading.sentences, passages, item.markup)
    for start, end in passages:
        assert again.readable[start:end].split() == item.readable[start:end].split()
    assert again.reading.sentences == item.reading.sentences
    assert again.reading.passages == item.reading.passages
    assert again.reading.mentions == item.reading.mentions
    assert again.labels == []
