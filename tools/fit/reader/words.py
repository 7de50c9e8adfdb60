"""Content words of a question, and their exchange for a contrary, a synonym, or another of their place."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from fit.reader.negation import AUXILIARIES
from fit.reader.wordnet import WordNet

_WORD = re.compile(r"(?<![\w’'-])[a-z]{3,}(?![\w’'-])")
_ANY = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
_OFTEN = 0.015
"""A word that more of a set's questions have is none of its content."""
_OFTEN_LEAST = 20
_USED_LEAST = 2
"""What is put in has to occur so often in the set, so that no word tells that it was put there."""
_SAMPLED = 40
_STEM = 5
_ENDINGS = ("ed", "ing", "ly", "est", "er", "s")
_OPEN = frozenset(
    (
        *("who", "whom", "whose", "what", "which", "when", "where", "why", "how", "that", "than", "then"),
        *("the", "this", "these", "those", "there", "some", "any", "many", "much", "more", "most", "other"),
        *("each", "every", "both", "such", "all", "and", "but", "not", "never", "also", "only", "just"),
        *("about", "above", "across", "after", "against", "along", "among", "around", "away", "before"),
        *("behind", "below", "between", "beyond", "down", "during", "for", "from", "into", "near", "off"),
        *("onto", "out", "over", "since", "through", "toward", "towards", "under", "until", "upon", "with"),
        *("within", "without", "his", "her", "hers", "him", "she", "its", "they", "their", "them", "you"),
        *("your", "our", "one", "two", "get", "got", "something", "someone"),
    )
)
"""Words of closed classes."""


class Usage:
    """How often words occur in texts, and which stands next to which."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._used: Counter[str] = Counter()
        self._pairs: set[tuple[str, str]] = set()
        for text in dict.fromkeys(texts):
            words = ["", *_ANY.findall(text.lower()), ""]
            self._pairs.update(pairwise(words))
            self._used.update(words[1:-1])

    def has(self, before: str, word: str, behind: str) -> bool:
        """Whether a word is in use, and somewhere behind the one and somewhere before the other."""
        beside = (before, word) in self._pairs and (word, behind) in self._pairs
        return beside and self._used[word] >= _USED_LEAST


class Words:
    """The words of a set's questions, by their neighbours."""

    def __init__(self, questions: Iterable[str], usage: Usage, wordnet: WordNet | None) -> None:
        self._wordnet = wordnet
        self._usage = usage
        asked: Counter[str] = Counter()
        kept = list(dict.fromkeys(questions))
        for question in kept:
            asked.update(set(_ANY.findall(question.lower())))
        most = max(_OFTEN_LEAST, _OFTEN * len(kept))
        self._often = {word for word, count in asked.items() if count > most} | AUXILIARIES | _OPEN
        places: defaultdict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        for question in kept:
            for low, high in self._content(question):
                for place in _places(question, low, high):
                    places[place][question[low:high]] = None
        self._places = {place: list(words) for place, words in places.items()}
        self._known: dict[str, tuple[list[str], list[str], list[str]]] = {}

    def contrary(self, question: str, text: str, draw: random.Random) -> str | None:
        """The question with a word exchanged for an antonym or another of its kind that the text lacks."""
        for low, high in self._shuffled(question, draw):
            antonyms, beside, _ = self._relations(question[low:high])
            lists = [antonyms, beside] if draw.random() < 0.7 else [beside, antonyms]
            for words in lists:
                if new := self._fitting(words, question, low, high, text, draw):
                    return _put(question, low, high, new)
        return None

    def synonym(self, question: str, draw: random.Random) -> str | None:
        """The question with a word exchanged for a synonym that shares its first sense."""
        for low, high in self._shuffled(question, draw):
            words = self._relations(question[low:high])[2]
            if new := self._fitting(words, question, low, high, "", draw):
                return _put(question, low, high, new)
        return None

    def other(self, question: str, text: str, draw: random.Random) -> str | None:
        """The question with a word exchanged for one that stands between such words in another question.

        Only a word that the text has is exchanged, for one that it lacks; never for a near one in meaning.
        """
        for low, high in self._shuffled(question, draw):
            old = question[low:high]
            if not _has(text, old):
                continue
            for place in _places(question, low, high):
                words = self._places.get(place, [])
                words = draw.sample(words, min(_SAMPLED, len(words)))
                near = self._wordnet.related if self._wordnet else lambda _one, _other: False
                words = [each for each in words if not near(old, each)]
                if new := self._fitting(words, question, low, high, text, draw):
                    return _put(question, low, high, new)
        return None

    def is_content(self, word: str) -> bool:
        """Whether a word says what a question is about, and few questions of the set have it."""
        return len(word) > 2 and word.lower() not in self._often

    def is_verb(self, word: str) -> bool:
        """Whether a word in lower case is an auxiliary, or most often a verb."""
        form = None if self._wordnet is None else self._wordnet.form(word)
        return word in AUXILIARIES or (form is not None and form.part == "v")

    def _content(self, question: str) -> Iterator[tuple[int, int]]:
        for match in _WORD.finditer(question):
            if match.start() and match[0] not in self._often:
                yield match.span()

    def _shuffled(self, question: str, draw: random.Random) -> list[tuple[int, int]]:
        places = list(self._content(question))
        draw.shuffle(places)
        return places

    def _relations(self, word: str) -> tuple[list[str], list[str], list[str]]:
        """Antonyms, words of the same kind, synonyms."""
        if self._wordnet is None:
            return [], [], []
        if word not in self._known:
            self._known[word] = (*self._wordnet.contraries(word), self._wordnet.synonyms(word))
        return self._known[word]

    def _fitting(
        self, words: list[str], question: str, low: int, high: int, text: str, draw: random.Random
    ) -> str | None:
        """One of the words that neither question nor text has, and that is used beside the same two."""
        before = (_ANY.findall(question[:low].lower()) or [""])[-1]
        behind = (_ANY.findall(question[high:].lower()) or [""])[0]
        fit = [
            each
            for each in words
            if self.is_content(each)
            and self._usage.has(before, each, behind)
            and not _has(f"{question} {text}", each)
        ]
        return draw.choice(fit) if fit else None


def _places(question: str, low: int, high: int) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Where a word stands, by the one before and the one behind it, and what it ends in."""
    before, behind = _ANY.findall(question[:low].lower()), _ANY.findall(question[high:].lower())
    ending = next((end for end in _ENDINGS if question[low:high].endswith(end)), "")
    return ("before", before[-1] if before else "", ending), ("behind", behind[0] if behind else "", ending)


def _has(text: str, word: str) -> bool:
    """Whether a text has a word, or one that begins as it does."""
    return bool(re.search(rf"\b{re.escape(word[:_STEM])}", text, re.IGNORECASE))


def _put(question: str, low: int, high: int, new: str) -> str:
    front = question[:low]
    article = re.search(r"\b([Aa])n? $", front)
    if article:
        front = front[: article.end(1)] + ("n " if new[0] in "aeiou" else " ")
    return front + new + question[high:]
