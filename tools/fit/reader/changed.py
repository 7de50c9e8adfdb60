"""A question changed by rule, so that its window no longer answers it, or so that it still does.

What no longer is answered: a name, number or date exchanged, names in each other's role, a word exchanged for
a contrary or for another of its place, a negation put in or taken out, a condition added or exchanged. What
still is: a synonym, a condition that the answer's sentence has, one left out, question and sentence both
negated. The second kind is there so that no form of a question tells that it is not answered.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from fit.reader.conditions import Conditions
from fit.reader.examples import NEITHER, Example, Passage
from fit.reader.names import Names, swapped, turned
from fit.reader.negation import is_negated, negated, negated_sentence
from fit.reader.wordnet import WordNet
from fit.reader.words import Usage, Words

Rule = Callable[[Example, random.Random], Example | None]
"""Gives the example with what was changed in its question, or in its passage."""


class Changes:
    """The rules, with what the questions of one set lend them, and the usage of all texts."""

    def __init__(
        self, examples: Sequence[Example], wordnet: WordNet | None = None, usage: Usage | None = None
    ) -> None:
        questions = [each.question for each in examples]
        self._names = Names(questions)
        self._words = Words(questions, usage or Usage(written(examples)), wordnet)
        self._conditions = Conditions(questions, self._words.is_content, self._words.is_verb)
        self.unanswered: dict[str, tuple[float, Rule]] = {
            "names": (0.8, self._exchanged),
            "roles": (0.5, self._roles),
            "negated": (0.35, self._negated),
            "contrary": (0.8, self._contrary),
            "other word": (0.6, self._other_word),
            "condition": (0.4, self._condition),
        }
        """By name: how much each counts, and the rule. The window is to stay as it is, without its answer."""
        self.answered: dict[str, tuple[float, Rule]] = {
            "synonym": (1.0, self._synonym),
            "condition held": (0.6, self._held),
            "condition dropped": (0.5, self._dropped),
            "both negated": (1.5, self._both_negated),
        }
        """Those that keep the answer."""

    def _exchanged(self, example: Example, draw: random.Random) -> Example | None:
        """A name of the question exchanged."""
        return _asking(example, self._names.exchanged(example.question, texts(example), draw))

    def _roles(self, example: Example, draw: random.Random) -> Example | None:
        """A name of the question in another's role: swapped, or the answer for it."""
        if not _spans(example):
            return None
        text, answer = texts(example), example.answer_texts[0]
        asked = [swapped(example.question, text), turned(example.question, answer, text, draw)]
        draw.shuffle(asked)
        return _asking(example, asked[0] or asked[1])

    def _negated(self, example: Example, draw: random.Random) -> Example | None:
        """The question negated or no longer so, or the sentence that answers it negated."""
        if not _spans(example):
            return None
        if draw.random() < 0.5 and (both := _negated_both(example, draw)):
            return replace(both, question=example.question)
        return _asking(example, negated(example.question, draw))

    def _contrary(self, example: Example, draw: random.Random) -> Example | None:
        if not _spans(example):
            return None
        return _asking(example, self._words.contrary(example.question, texts(example), draw))

    def _other_word(self, example: Example, draw: random.Random) -> Example | None:
        if not _spans(example):
            return None
        return _asking(example, self._words.other(example.question, texts(example), draw))

    def _condition(self, example: Example, draw: random.Random) -> Example | None:
        if not _spans(example):
            return None
        return _asking(example, self._conditions.changed(example.question, texts(example), draw))

    def _synonym(self, example: Example, draw: random.Random) -> Example | None:
        return _asking(example, self._words.synonym(example.question, draw))

    def _held(self, example: Example, draw: random.Random) -> Example | None:
        passage = example.passages[-1]
        asked = self._conditions.supported(example.question, passage.text, passage.answers, draw)
        return _asking(example, asked)

    def _dropped(self, example: Example, _draw: random.Random) -> Example | None:
        return _asking(example, self._conditions.dropped(example.question, texts(example)))

    def _both_negated(self, example: Example, draw: random.Random) -> Example | None:
        """Question and sentence negated; a question that is negated already and answered stays as it is."""
        return example if is_negated(example.question) else _negated_both(example, draw)


def written(examples: Iterable[Example]) -> Iterator[str]:
    """All questions and passages."""
    for example in examples:
        yield example.question
        yield from (passage.text for passage in example.passages)


def texts(example: Example) -> str:
    """The titles and texts of the example's passages."""
    return "\n".join(f"{each.title}\n{each.text}" for each in example.passages)


def _spans(example: Example) -> bool:
    return example.verdict == NEITHER and example.has_span


def _asking(example: Example, question: str | None) -> Example | None:
    return None if question is None else replace(example, question=question)


def _negated_both(example: Example, draw: random.Random) -> Example | None:
    if len(example.passages) != 1 or not _spans(example):
        return None
    passage = example.passages[0]
    found = negated_sentence(passage.text, passage.answers, example.question, draw)
    if found is None:
        return None
    place, text, question = found
    by = len(text) - len(passage.text)
    moved = tuple((a + by, b + by) if a >= place else (a, b) for a, b in passage.answers)
    return replace(example, question=question, passages=(Passage(passage.title, text, moved),))
