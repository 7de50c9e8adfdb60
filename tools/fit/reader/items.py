"""What the reader is shown: a question with windows of one or two passages, as ranges of pieces.

`[CLS] question [SEP] title: window [SEP]`. An item names its texts and ranges; identifiers are laid out by
`prepared`. This module cuts examples into items and joins lone sentences with neighbours.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fit.reader.examples import NEITHER, Example, Passage
from fit.reader.pieces import Pool
from fit.reader.windows import Range, apart, around

LENGTH_MAX = 192
"""The most pieces of an item, marks included."""
WINDOW_MAX = 150
QUESTION_MAX = 64
TITLE_MAX = 24
RANGES_MAX = 6
WINDOWS = ("other window", "rare words", "other title")
"""Kinds of made negatives whose question is as it was."""

_BRIDGE_MAX = 70
_NO_TITLE = 0.15
"""The share of windows that are shown without the title they have."""
_JOINED = 0.5
"""The share of lone sentences that are shown with neighbours."""
_LONE_MAX = 60


@dataclass(frozen=True, slots=True)
class Part:
    """The pieces `low` to `high` of a text, and accepted ranges of the text's pieces that lie within."""

    text: str
    low: int
    high: int
    gold: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A question and a window: without gold ranges and verdict it is not answered here.

    `made` marks a negative that was made by rule, `kind` names the rule, also of one that keeps the answer.
    """

    set: str
    question: str
    title: str
    parts: tuple[Part, ...]
    verdict: int = NEITHER
    made: bool = False
    kind: str = ""

    def length(self, pool: Pool) -> int:
        """How many pieces the item has, with its three marks."""
        return 3 + head(pool, self.question, self.title) + sum(each.high - each.low for each in self.parts)


def title_text(title: str) -> str:
    """How a title stands in front of its window."""
    return f"{title}:" if title else ""


def head(pool: Pool, question: str, title: str) -> int:
    """How many pieces stand in front of the window, without marks."""
    return min(QUESTION_MAX, len(pool.pieces(question))) + len(pool.pieces(title_text(title)))


def positive(example: Example, pool: Pool, draw: random.Random) -> Item | None:
    """The example with a window that answers it, cut anew by every draw; None where no window can hold it."""
    title = shown_title(example.passages[0], pool, draw)
    room = min(WINDOW_MAX, LENGTH_MAX - 3 - head(pool, example.question, title))
    if len(example.passages) == 2:
        parts = _two_parts(example, pool, room, draw)
    else:
        part = _one_part(example, pool, room, draw)
        parts = None if part is None else (part,)
    if not parts:
        return None
    return Item(example.set, example.question, title, parts, example.verdict)


def shown_title(passage: Passage, pool: Pool, draw: random.Random) -> str:
    """The passage's title, or none now and then, and where it is too long."""
    if draw.random() < _NO_TITLE or len(pool.pieces(title_text(passage.title))) > TITLE_MAX:
        return ""
    return passage.title


def joined(item: Item, neighbours: Sequence[str], pool: Pool, draw: random.Random) -> Item:
    """The item with one or two of the neighbours before or behind its lone sentence, half of the time.

    Neighbours are whole sentences that do not answer the question; those that find no room are left out.
    """
    if len(item.parts) != 1 or draw.random() >= _JOINED:
        return item
    part = item.parts[0]
    if part.high - part.low > _LONE_MAX or (part.low, part.high) != (0, len(pool.pieces(part.text))):
        return item
    room = min(WINDOW_MAX, LENGTH_MAX - item.length(pool))
    for text in neighbours[: draw.randint(1, 2)]:
        count = len(pool.pieces(text))
        if not 0 < count <= room or any(text == each.text for each in item.parts):
            continue
        room -= count
        more = Part(text, 0, count)
        item = replace(item, parts=(more, *item.parts) if draw.random() < 0.5 else (*item.parts, more))
    return item


def _one_part(example: Example, pool: Pool, room: int, draw: random.Random) -> Part | None:
    passage = example.passages[0]
    pieces = pool.pieces(passage.text)
    gold = _gold(passage, pool)
    if not len(pieces) or (passage.answers and not gold):
        return None
    if gold:
        wanted = draw.randint(60, WINDOW_MAX)
        window = around(pieces, *gold[0], min(room, max(wanted, gold[0][1] - gold[0][0])), draw)
    elif example.focus and (focus := pieces.piece_range(*example.focus)):
        window = around(pieces, *focus, room, draw)
    elif len(pieces) <= room:
        window = (0, len(pieces))
    elif example.verdict == NEITHER:
        window = apart(pieces, (), room, draw)
    else:
        window = around(pieces, 0, 1, room, draw)
    return None if window is None else within(passage.text, window, gold)


def _two_parts(example: Example, pool: Pool, room: int, draw: random.Random) -> tuple[Part, ...] | None:
    bridge, last = example.passages
    if draw.random() < 0.5 and last.title:
        # Half of the second passages say what they are about.
        front = title_text(last.title) + " "
        last = Passage(
            "",
            front + last.text,
            tuple((low + len(front), high + len(front)) for low, high in last.answers),
        )
    before, behind = pool.pieces(bridge.text), pool.pieces(last.text)
    gold = _gold(last, pool)
    if not len(before) or not len(behind):
        return None
    first_room = min(_BRIDGE_MAX, room // 2)
    first = around(before, 0, 1, first_room, draw)
    low, high = gold[0] if gold else (0, 1)
    second = around(behind, low, high, room - first_room, draw)
    if first is None or second is None:
        return None
    return (
        within(bridge.text, first, _gold(bridge, pool)),
        within(last.text, second, gold),
    )


def within(text: str, window: Range, gold: Sequence[Range]) -> Part:
    """The part of the text with those accepted ranges that lie wholly in the window."""
    low, high = window
    return Part(text, low, high, tuple(each for each in gold if low <= each[0] and each[1] <= high))


def _gold(passage: Passage, pool: Pool) -> tuple[Range, ...]:
    pieces = pool.pieces(passage.text)
    ranges = (pieces.piece_range(low, high) for low, high in passage.answers)
    return tuple(dict.fromkeys(each for each in ranges if each))[:RANGES_MAX]
