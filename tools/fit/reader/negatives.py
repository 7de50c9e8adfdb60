"""Hard negatives: windows that look as if they answered a question, and do not. All by rule, all seeded.

No negative holds the text of an accepted answer, except where the question itself was changed, or its
sentence negated. Passages come from the same part of the same set; `changed` changes questions.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fit.reader.changed import Changes
from fit.reader.examples import NEITHER, Example, Passage
from fit.reader.held import answers_in
from fit.reader.items import (
    LENGTH_MAX,
    WINDOW_MAX,
    Item,
    Part,
    head,
    joined,
    positive,
    shown_title,
)
from fit.reader.pieces import Pool
from fit.reader.windows import apart, around

_WORD = re.compile(r"[^\W\d_]{4,}|\d+")
_COMMON = 60
"""A word that more passages have than this is not rare."""
_NEAR = 6
"""Of so many passages that share the most rare words one is drawn."""
_TRIES = 8
_VAGUE = frozenset({"qasrl_gs", "qanom", "qadiscourse"})
"""Sets that ask who did something, of one verb of a sentence: any sentence with the verb may answer."""
_STEM = 5
_OPEN = frozenset(
    (
        "someo",
        "somet",
        "somew",
        "what",
        "when",
        "where",
        "which",
        "does",
        "have",
        "been",
        "being",
        "from",
        "with",
    )
)
"""Beginnings of words that such a question has whatever its verb."""


class Negatives:
    """The negatives to the examples of one set, and the neighbours that lone sentences are shown with."""

    def __init__(self, examples: Sequence[Example], pool: Pool, changes: Changes | None = None) -> None:
        self._pool = pool
        self._changes = changes or Changes(examples)
        self._passages: list[Passage] = []
        self._groups: list[str] = []
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_group: defaultdict[str, list[int]] = defaultdict(list)
        seen: set[str] = set()
        for example in examples:
            for passage in (*example.passages, *example.others):
                if passage.text not in seen:
                    seen.add(passage.text)
                    self._add(passage, example.group)

    def _add(self, passage: Passage, group: str) -> None:
        number = len(self._passages)
        self._passages.append(passage)
        self._groups.append(group)
        self._by_group[group].append(number)
        for word in set(_WORD.findall(passage.text.lower())):
            self._by_word[word].append(number)

    def positive(self, example: Example, draw: random.Random) -> Item | None:
        """The example's own item, a lone sentence joined with neighbours at times."""
        item = positive(example, self._pool, draw)
        return None if item is None else self._joined(example, item, draw)

    def negative(self, example: Example, shown: Item, draw: random.Random) -> Item | None:
        """A negative to an answered example, where `shown` is its own item; None where no rule has one."""
        windows: dict[str, tuple[float, Callable[[Example, Item, random.Random], Item | None]]] = {
            "other window": (0.9, self._other_window),
            "rare words": (1.0, self._rare_words),
            "other title": (0.15, self._other_title),
        }
        for kind in _drawn({**windows, **self._changes.unanswered}, draw):
            if kind in windows:
                item = windows[kind][1](example, shown, draw)
            else:
                changed = self._changes.unanswered[kind][1](example, draw)
                item = None if changed is None else self._unanswered(example, changed, shown, draw)
            if item is not None:
                return replace(item, verdict=NEITHER, made=True, kind=kind)
        return None

    def counterpart(self, example: Example, draw: random.Random) -> Item | None:
        """An item with the question changed so that its answer stays; None where no rule has one."""
        for kind in _drawn(self._changes.answered, draw):
            changed = self._changes.answered[kind][1](example, draw)
            item = None if changed is None else self.positive(changed, draw)
            if item is not None and item.length(self._pool) <= LENGTH_MAX:
                return replace(item, kind=kind)
        return None

    def _other_window(self, example: Example, shown: Item, draw: random.Random) -> Item | None:
        """Another window of the same passage; of two passages, the second is one that was offered besides."""
        if not example.has_span:
            return None
        if len(example.passages) == 2:
            return self._other_end(example, shown, draw)
        passage = example.passages[0]
        pieces = self._pool.pieces(passage.text)
        ranges = [pieces.piece_range(*each) for each in passage.answers]
        room = self._room(example.question, shown.title)
        window = apart(pieces, [each for each in ranges if each], room, draw)
        if window is None or answers_in(example, pieces.characters(*window)):
            return None
        return replace(shown, parts=(Part(passage.text, *window),))

    def _other_end(self, example: Example, shown: Item, draw: random.Random) -> Item | None:
        first = shown.parts[0]
        others = [each for each in example.others if not answers_in(example, each.text)]
        if first.gold or not others or answers_in(example, self._text(first)):
            return None
        text = draw.choice(others).text
        pieces = self._pool.pieces(text)
        room = self._room(example.question, shown.title) - (first.high - first.low)
        window = apart(pieces, (), room, draw)
        return None if window is None else replace(shown, parts=(first, Part(text, *window)))

    def _rare_words(self, example: Example, _shown: Item, draw: random.Random) -> Item | None:
        """A window of another example's passage that shares rare words with the question."""
        near = list(self._near(example, draw))
        if not near or example.set in _VAGUE:
            return None
        number, word = near[0]
        passage = self._passages[number]
        title = shown_title(passage, self._pool, draw)
        pieces = self._pool.pieces(passage.text)
        place = passage.text.lower().find(word)
        held = pieces.piece_range(place, place + len(word)) if place >= 0 else None
        if held is None:
            return None
        window = around(pieces, *held, self._room(example.question, title), draw)
        if window is None:
            return None
        item = Item(example.set, example.question, title, (Part(passage.text, *window),))
        return self._joined(example, item, draw)

    def _unanswered(
        self, example: Example, changed: Example, shown: Item, draw: random.Random
    ) -> Item | None:
        """The same window for a changed question; where the passage was changed, a window of that."""
        item = replace(shown, question=changed.question)
        if changed.passages != example.passages:
            found = self.positive(changed, draw)
            if found is None:
                return None
            item = found
        item = replace(item, parts=tuple(replace(each, gold=()) for each in item.parts))
        return item if item.length(self._pool) <= LENGTH_MAX else None

    def _other_title(self, example: Example, shown: Item, draw: random.Random) -> Item | None:
        """The same question of a passage about something else."""
        own = self._by_group[example.group] if example.set in _VAGUE else []
        for number_of_try in range(_TRIES):
            # Of vague questions the same document is tried first: its other sentences are the harder ones.
            near = own and number_of_try < _TRIES // 2
            number = draw.choice(own) if near else draw.randrange(len(self._passages))
            passage = self._passages[number]
            if self._unfit(example, number) or passage.title == example.passages[0].title != "":
                continue
            title = shown_title(passage, self._pool, draw)
            window = apart(self._pool.pieces(passage.text), (), self._room(example.question, title), draw, 4)
            if window is not None:
                return replace(shown, title=title, parts=(Part(passage.text, *window),))
        return None

    def _near(self, example: Example, draw: random.Random) -> Iterator[tuple[int, str]]:
        """Passages that share rare words with the question, each with its rarest, without the answer."""
        shared: Counter[int] = Counter()
        rarest: dict[int, str] = {}
        lists = {
            word: passages
            for word in dict.fromkeys(_WORD.findall(example.question.lower()))
            if 1 < len(passages := self._by_word.get(word, ())) <= _COMMON
        }
        for word, passages in sorted(lists.items(), key=lambda each: len(each[1])):
            for number in passages:
                shared[number] += 1
                rarest.setdefault(number, word)
        best = [number for number, _ in shared.most_common(4 * _NEAR)]
        best = [number for number in best if not self._unfit(example, number)][:_NEAR]
        draw.shuffle(best)
        for number in best:
            yield number, rarest[number]

    def _joined(self, example: Example, item: Item, draw: random.Random) -> Item:
        """A lone sentence with other sentences of its document, or ones that share the question's words."""
        if len(item.parts) != 1 or not example.has_span or example.passages[0].title:
            return item
        numbers = [n for n in self._by_group[example.group] if not self._unfit(example, n, same=True)]
        numbers = draw.sample(numbers, min(2, len(numbers)))
        if example.set not in _VAGUE:
            numbers += [number for number, _ in self._near(example, draw)][:2]
        return joined(item, [self._passages[number].text for number in numbers], self._pool, draw)

    def _unfit(self, example: Example, number: int, same: bool = False) -> bool:
        """Whether a passage may answer the example: its own, one with the answer's text, or one as near."""
        passage = self._passages[number]
        if any(passage.text == each.text for each in example.passages):
            return True
        if not example.has_span and self._groups[number] == example.group and not same:
            return True
        if example.set in _VAGUE and _stems(example.question) & _stems(passage.text):
            return True
        return answers_in(example, passage.text)

    def _room(self, question: str, title: str) -> int:
        return min(WINDOW_MAX, LENGTH_MAX - 3 - head(self._pool, question, title))

    def _text(self, part: Part) -> str:
        return self._pool.pieces(part.text).characters(part.low, part.high)


def _drawn(rules: Mapping[str, tuple[float, Any]], draw: random.Random) -> list[str]:
    """The names of rules in an order that is drawn: what counts more tends to come earlier."""
    return sorted(rules, key=lambda each: draw.random() ** (1 / rules[each][0]), reverse=True)


@lru_cache(maxsize=1 << 16)
def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORD.findall(text.lower())) - _OPEN
