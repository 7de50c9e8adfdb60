"""What crosses from the process that reads comes out as it went in, or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, Link
from sutra_core.learn.adapters.frames import (
    FRAME_BYTES,
    FrameError,
    frame_of,
    framed,
    length_of,
    read_frame,
    taken,
)
from sutra_core.types import SourceDraft

TEXT = "Ålnbrücke is a bridge."
ITEM = Item(
    SourceDraft("a#1", TEXT, "Ålnbrücke", 7, -5, {"place": "page 3"}),
    [(0, 10), (10, 24)],
    "a:1",
    99,
    [(1, 2)],
    [(0, 10)],
    [Link("bridge", "is_a", "hierarchical", 17, "", 0.5), Link("Aln", "links_to")],
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
TREES = st.recursive(
    LEAVES,
    lambda some: st.lists(some, max_size=6) | st.dictionaries(st.text(max_size=3), some, max_size=3),
    max_leaves=8,
)


def through(item: Item | BadItem) -> Item | BadItem:
    data = framed(frame_of(item))
    assert length_of(data[:4]) == len(data) - 4
    return taken(read_frame(data[4:]))


@pytest.mark.parametrize(
    "item",
    [
        ITEM,
        Item(SourceDraft("a", "half \ud800 of a pair"), None, "a", 0, [], [], []),
        BadItem("a:3", "no shape", "invalid_record", 4),
    ],
)
def test_an_item_comes_out_as_it_went_in(item: Item | BadItem) -> None:
    assert through(item) == item


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"\xff", b"null", b"[" * 100_000, b'["item",' + b"[" * 5000, b"[" + b"9" * 5000],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        read_frame(data)


def test_a_message_without_bounds_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError):
        length_of((FRAME_BYTES + 1).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((0,), "thing"),
        ((1,), None),
        ((1, 1), 5),
        ((1, 3), -1),
        ((1, 3), True),
        ((1, 4), 1 << 70),
        ((1, 5), {"place": 3}),
        ((1, 5), []),
        ((2,), [0]),
        ((2,), [4, 2]),
        ((2,), [-1, 2]),
        ((2,), [0, 25]),
        ((2,), [0.0, 2]),
        ((3,), 4),
        ((4,), "many"),
        ((7,), []),
        ((7, 0), ["bridge"]),
        ((7, 0, 1), 3),
        ((7, 2, 1), "no kind"),
        ((7, 3, 1), 25),
        ((7, 3, 1), -1),
        ((7, 5, 1), 0),
        ((7, 5, 1), float("nan")),
        ((7, 5, 1), "0.5"),
    ],
)
def test_an_item_that_promises_what_it_does_not_keep_is_refused(
    place: tuple[int, ...], value: object
) -> None:
    frame = json.loads(framed(frame_of(ITEM))[4:])
    assert taken(frame) == ITEM
    inside = frame
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    with pytest.raises(FrameError):
        taken(frame)


@given(st.lists(TREES, min_size=1) | st.tuples(st.just("item"), *[TREES] * 7).map(list))
def test_of_anything_else_nothing_comes(frame: list[object]) -> None:
    with pytest.raises(FrameError):
        taken(read_frame(framed(frame)[4:]))
