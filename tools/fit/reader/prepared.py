"""The file between preparing and fitting: every item, with texts as identifiers and each text once.

Written by `prepare`, read by `fit` on a machine that has neither the sets nor a tokeniser. The same items
always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from fit.reader.items import QUESTION_MAX, RANGES_MAX, Item, title_text
from fit.reader.pieces import CLASSIFY, SEPARATE, Pool

LENGTHS = (64, 96, 128, 160, 192)
"""The lengths that items are padded to."""
NO_RANGE = 255


@dataclass(frozen=True, slots=True)
class Rows:
    """Items of one padded length, ready for the encoder.

    `ids` [n, length]; `second` the first piece after the first [SEP]; `low` and `high` the window, whose
    end is the last [SEP]; `starts` and `ends` [n, 6] the first and the last piece of each accepted range,
    `NO_RANGE` where there are fewer; `verdict`; `made` marks negatives made by rule; `set` indexes `sets` and
    `kind` `kinds`.
    """

    ids: np.ndarray
    second: np.ndarray
    low: np.ndarray
    high: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    verdict: np.ndarray
    made: np.ndarray
    set: np.ndarray
    kind: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `fit` reads: rows to fit on and rows held out, by padded length; names of sets and rules; the
    vocabulary."""

    fitted: dict[int, Rows]
    held_out: dict[int, Rows]
    sets: tuple[str, ...]
    vocabulary: tuple[str, ...]
    kinds: tuple[str, ...]


def row_of(item: Item, pool: Pool) -> tuple[list[int], int, int, list[tuple[int, int]]]:
    """An item's identifiers, where its second segment and its window begin, its ranges (last piece included).

    The window ends before the last identifier.
    """
    ids = [CLASSIFY, *pool.pieces(item.question).ids[:QUESTION_MAX], SEPARATE]
    second = len(ids)
    ids += pool.pieces(title_text(item.title)).ids
    low = len(ids)
    ranges: list[tuple[int, int]] = []
    for part in item.parts:
        ranges += [(len(ids) + a - part.low, len(ids) + b - part.low - 1) for a, b in part.gold]
        ids += pool.pieces(part.text).ids[part.low : part.high]
    return [*ids, SEPARATE], second, low, ranges[:RANGES_MAX]


def rows_of(
    items: Sequence[Item], pool: Pool, sets: Sequence[str], kinds: Sequence[str] = ("",)
) -> dict[int, Rows]:
    """The items as rows, by the least length of `LENGTHS` that holds them; none may be longer."""
    by_length: dict[int, list[tuple[Item, tuple[list[int], int, int, list[tuple[int, int]]]]]] = {}
    for item in items:
        row = row_of(item, pool)
        by_length.setdefault(next(each for each in LENGTHS if len(row[0]) <= each), []).append((item, row))
    return {length: _rows(length, by_length[length], sets, kinds) for length in sorted(by_length)}


def _rows(
    length: int,
    items: Sequence[tuple[Item, tuple[list[int], int, int, list[tuple[int, int]]]]],
    sets: Sequence[str],
    kinds: Sequence[str],
) -> Rows:
    count = len(items)
    ids = np.zeros((count, length), np.int16)
    starts = np.full((count, RANGES_MAX), NO_RANGE, np.uint8)
    ends = np.full((count, RANGES_MAX), NO_RANGE, np.uint8)
    for n, (_, (row, _, _, ranges)) in enumerate(items):
        ids[n, : len(row)] = row
        for k, (first, last) in enumerate(ranges):
            starts[n, k], ends[n, k] = first, last
    return Rows(
        ids,
        np.array([row[1] for _, row in items], np.uint8),
        np.array([row[2] for _, row in items], np.uint8),
        np.array([len(row[0]) - 1 for _, row in items], np.uint8),
        starts,
        ends,
        np.array([item.verdict for item, _ in items], np.uint8),
        np.array([item.made for item, _ in items], np.bool_),
        np.array([sets.index(item.set) for item, _ in items], np.uint8),
        np.array([kinds.index(item.kind) for item, _ in items], np.uint8),
    )


def write(
    path: Path, fitted: Sequence[Item], held_out: Sequence[Item], pool: Pool, vocabulary: Sequence[str]
) -> None:
    """Writes items and texts; `read` lays them out."""
    items = [*fitted, *held_out]
    sets = sorted({item.set for item in items})
    kinds = sorted({"", *(item.kind for item in items)})
    parts = [part for item in items for part in item.parts]
    gold = [(part.gold, part.low) for part in parts]
    arrays = {
        "question": np.array([pool.number(item.question) for item in items], np.int32),
        "title": np.array([pool.number(title_text(item.title)) for item in items], np.int32),
        "part_count": np.array([len(item.parts) for item in items], np.uint8),
        "part_text": np.array([pool.number(part.text) for part in parts], np.int32),
        "part_low": np.array([part.low for part in parts], np.uint16),
        "part_size": np.array([part.high - part.low for part in parts], np.uint8),
        "gold_count": np.array([len(ranges) for ranges, _ in gold], np.uint8),
        "gold_low": np.array([a - low for ranges, low in gold for a, _ in ranges], np.uint8),
        "gold_size": np.array([b - a for ranges, _ in gold for a, b in ranges], np.uint8),
        "verdict": np.array([item.verdict for item in items], np.uint8),
        "made": np.array([item.made for item in items], np.bool_),
        "set": np.array([sets.index(item.set) for item in items], np.uint8),
        "kind": np.array([kinds.index(item.kind) for item in items], np.uint8),
        "kinds": np.array(kinds),
        "fitted": np.array([len(fitted)], np.int32),
        "sets": np.array(sets),
        "vocabulary": np.array(vocabulary),
    }
    # Last, for the pool knows only the texts that were asked for.
    arrays["ids"], arrays["bounds"] = pool.flat()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def read(path: Path) -> Prepared:
    """What was written, laid out by padded length."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    rows, second, low, starts, ends = _laid_out(arrays)
    fitted = int(arrays["fitted"][0])
    sizes = np.array([len(row) for row in rows])
    padded = np.array(LENGTHS)[np.searchsorted(LENGTHS, sizes)]

    def chosen(part: np.ndarray) -> dict[int, Rows]:
        found: dict[int, Rows] = {}
        for length in LENGTHS:
            at = np.flatnonzero(part & (padded == length))
            if not len(at):
                continue
            ids = np.zeros((len(at), length), np.int16)
            for n, item in enumerate(at):
                ids[n, : sizes[item]] = rows[item]
            found[length] = Rows(
                ids,
                second[at],
                low[at],
                (sizes[at] - 1).astype(np.uint8),
                starts[at],
                ends[at],
                arrays["verdict"][at],
                arrays["made"][at],
                arrays["set"][at],
                arrays["kind"][at],
            )
        return found

    is_fitted = np.arange(len(rows)) < fitted
    return Prepared(
        chosen(is_fitted),
        chosen(~is_fitted),
        tuple(map(str, arrays["sets"])),
        tuple(map(str, arrays["vocabulary"])),
        tuple(map(str, arrays["kinds"])),
    )


def read_kinds(path: Path) -> tuple[str, ...]:
    """The names of the rules alone, in the order of their numbers."""
    with np.load(path, allow_pickle=False) as file:
        return tuple(map(str, file["kinds"]))


def _laid_out(
    arrays: dict[str, np.ndarray],
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows without padding; first pieces of segment and window; first and last pieces of the ranges."""
    ids, bounds = arrays["ids"], arrays["bounds"].tolist()
    texts = [ids[a:b] for a, b in pairwise(bounds)]
    count = len(arrays["question"])
    second, low = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    starts = np.full((count, RANGES_MAX), NO_RANGE, np.uint8)
    ends = np.full((count, RANGES_MAX), NO_RANGE, np.uint8)
    first, apart = np.array([CLASSIFY], np.int16), np.array([SEPARATE], np.int16)
    parts = zip(
        *(arrays[name].tolist() for name in ("part_text", "part_low", "part_size", "gold_count")),
        strict=True,
    )
    gold = zip(arrays["gold_low"].tolist(), arrays["gold_size"].tolist(), strict=True)
    rows: list[np.ndarray] = []
    heads = zip(*(arrays[name].tolist() for name in ("question", "title", "part_count")), strict=True)
    for n, (question, title, part_count) in enumerate(heads):
        asked = texts[question][:QUESTION_MAX]
        row = [first, asked, apart, texts[title]]
        second[n] = len(asked) + 2
        place = int(second[n]) + len(texts[title])
        low[n] = place
        kept = 0
        for _ in range(part_count):
            text, begin, size, gold_count = next(parts)
            row.append(texts[text][begin : begin + size])
            for _ in range(gold_count):
                offset, width = next(gold)
                if kept < RANGES_MAX:
                    starts[n, kept], ends[n, kept] = place + offset, place + offset + width - 1
                    kept += 1
            place += size
        rows.append(np.concatenate([*row, apart]))
    return rows, second, low, starts, ends
