"""The prepared file: rows come back as they were laid out, ranges where the answers stand, the same bytes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
from fit.reader.batches import batches, size_of
from fit.reader.items import Item, Part
from fit.reader.pieces import Pool
from fit.reader.prepared import NO_RANGE, Rows, read, read_kinds, row_of, rows_of, write

ITEMS = [
    Item("one", "Who fell?", "Pest", (Part("Anna fell. Bela did not.", 0, 9, ((0, 4),)),)),
    Item(
        "two",
        "Who ran?",
        "",
        (Part("the cat ran", 1, 4, ((1, 4),)), Part("a dog", 0, 4)),
        made=True,
        kind="names",
    ),
    Item("one", "Did the bridge fall " * 3, "Pest " * 4, (Part("it fell " * 10, 0, 60),), verdict=2),
]


def test_ranges_are_where_the_answers_stand(pool: Pool) -> None:
    ids, second, low, ranges = row_of(ITEMS[0], pool)
    first, last = ranges[0]
    assert tuple(ids[first : last + 1]) == pool.pieces("Anna").ids
    assert tuple(ids[second:low]) == pool.pieces("Pest:").ids
    assert ids[second - 1] == ids[-1] == 102


def test_what_is_read_is_what_was_laid_out(pool: Pool, tmp_path: Path) -> None:
    write(tmp_path / "items.npz", ITEMS[:2], ITEMS[2:], pool, ["a", "b"])
    found = read(tmp_path / "items.npz")
    assert found.sets == ("one", "two")
    assert found.vocabulary == ("a", "b")
    assert found.kinds == read_kinds(tmp_path / "items.npz") == ("", "names")
    for part, items in ((found.fitted, ITEMS[:2]), (found.held_out, ITEMS[2:])):
        wanted = rows_of(items, pool, found.sets, found.kinds)
        assert list(part) == list(wanted)
        for length in part:
            for each in fields(Rows):
                np.testing.assert_array_equal(
                    getattr(part[length], each.name), getattr(wanted[length], each.name)
                )


def test_the_same_items_are_the_same_bytes(tokeniser: object, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, ITEMS, ITEMS, Pool(tokeniser), ["a"])  # type: ignore[arg-type]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_row_without_ranges_has_none(pool: Pool) -> None:
    rows = rows_of(ITEMS[2:], pool, ["one"])
    assert all((part.starts == NO_RANGE).all() for part in rows.values())


def test_batches_have_their_share_of_negatives_and_every_row_in_turn(pool: Pool) -> None:
    rows = rows_of(ITEMS[:2] * 20, pool, ["one", "two"], ["", "names"])
    (length,) = rows
    source = batches(rows, 20 * length, 0.5, 1)
    first, second = next(source), next(source)
    count = size_of(length, 20 * length)
    assert [len(at) for _, at in (first, second)] == [count, count] == [16, 16]
    for _, at in (first, second):
        assert rows[length].made[at].sum() == 8
    seen = np.concatenate([first[1], second[1]])
    assert len(set(seen.tolist())) == len(seen)
    again = batches(rows, 20 * length, 0.5, 1)
    np.testing.assert_array_equal(first[1], next(again)[1])
