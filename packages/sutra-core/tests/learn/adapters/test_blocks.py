"""Blocks become items: nothing is lost, places and labels are kept, no item is too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import Block, Item, Link, compose
from sutra_core.places import place_at
from sutra_core.types import SourceDraft

ROLES = st.sampled_from(["prose", "heading", "caption", "cell", "verbatim"])
BLOCKS = st.lists(st.builds(Block, st.text(max_size=60), ROLES, st.integers(1, 3)), max_size=12)


def composed(blocks: list[Block], part_bytes: int = 1000, title: str = "") -> list[Item]:
    draft = SourceDraft("file:///a.html", "", title)
    return list(compose(blocks, draft, "a.html", part_bytes=part_bytes))


def said(item: Item, ranges: object) -> list[str]:
    data = item.draft.text.encode()
    assert isinstance(ranges, list)
    return [data[start:end].decode() for start, end in ranges]


@given(BLOCKS, st.integers(4, 200))
def test_every_block_is_there_and_offsets_count_the_whole_text(blocks: list[Block], part_bytes: int) -> None:
    whole = "\n\n".join(text for block in blocks if (text := block.text.strip())).encode()
    covered = bytearray(len(whole))
    for item in composed(blocks, part_bytes):
        data = item.draft.text.encode()
        assert 0 < len(data) <= part_bytes
        start = item.draft.offset
        assert whole[start : start + len(data)] == data
        covered[start : start + len(data)] = b"\1" * len(data)
        assert item.prose is not None
        assert set(item.labels) <= set(item.prose)
    assert all(seen or byte == 0x0A for seen, byte in zip(covered, whole, strict=True))


def test_places_say_the_page_and_the_headings_above() -> None:
    item = composed(
        [
            Block("Bridges", "heading", 1, "page 1"),
            Block("They are old."),
            Block("Arches", "heading", 2),
            Block("There are twelve.", place="page 2"),
            Block("Piers", "heading", 2),
            Block("There are ten."),
        ],
        title="Bridges",
    )[0]

    def place(text: str) -> str:
        return place_at(item.draft.attributes, item.draft.text.index(text))

    assert place("They are old") == "page 1"
    assert place("There are twelve") == "page 2, Arches"
    assert place("There are ten") == "page 2, Piers"
    assert said(item, item.labels) == ["Bridges", "Arches", "Piers"]
    assert item.location == "a.html (page 1)"


def test_a_part_is_located_where_it_begins() -> None:
    blocks = [
        Block("Bridges", "heading"),
        Block("They are old."),
        Block("Arches", "heading", 2),
        Block("Ten."),
    ]
    (item,) = composed(blocks, title="Bridges")
    assert item.location == "a.html"
    assert place_at(item.draft.attributes, 0) == ""


def test_a_heading_stays_with_what_follows_it() -> None:
    first, second = composed([Block("a" * 60), Block("Piers", "heading"), Block("b" * 60)], 80)
    assert first.draft.text == "a" * 60
    assert second.draft.text == "Piers\n\n" + "b" * 60


def test_what_is_verbatim_is_kept_but_is_no_prose() -> None:
    item = composed([Block("Run it so:"), Block("make run", "verbatim")])[0]
    assert item.draft.text == "Run it so:\n\nmake run"
    assert said(item, item.prose) == ["Run it so:"]


def test_links_keep_their_place_through_cuts_and_white_space() -> None:
    blocks = [
        Block("  Ünder the bridge.", links=[Link("Bridge", "links_to", at=13)]),
        Block("x " * 60 + "Pier y " * 10, links=[Link("Pier", "links_to", at=120)]),
    ]
    for item in composed(blocks, 64):
        data = item.draft.text.encode()
        for link in item.links:
            assert data[link.at :].decode().lower().startswith(link.target.lower())
    targets = [link.target for item in composed(blocks, 64) for link in item.links]
    assert targets == ["Bridge", "Pier"]
