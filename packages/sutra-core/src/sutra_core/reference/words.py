"""Words: the terms of a text, BM25 over a plain list of documents, and words that are nearly others.

The rules of `terms` are those that `crates/sutra-text/src/analyse.rs` states. Formula: S. Robertson,
H. Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from itertools import pairwise
from typing import Protocol, cast

import snowballstemmer  # pyright: ignore[reportMissingTypeStubs]

from sutra_core.languages import stop_words, word_cuts

K1 = 1.2
B = 0.75

TERM_BYTES_MAX = 64

_FUNCTION_WORDS = (
    "a an and are as at be been being but by can could did do does for from had has have he her his "
    "how i if in into is it its me my no nor not of on or our s she should so than that the their "
    "them then there these they this those to was we were what when where which who whom why will "
    "with would you"
)
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())


ENGLISH = "en"
_STEMMERS = {
    ENGLISH: "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
    "sv": "swedish",
    "ru": "russian",
}
LANGUAGES = (*_STEMMERS, "zh", "ja", "und")
"""Those that are told apart, "und" for all others."""


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802


_stemmer = cast(Callable[[str], _Stemmer], snowballstemmer.stemmer)


def terms(text: str, language: str = ENGLISH) -> list[str]:
    """The terms of a text of a language (its code), in order, repetitions included."""
    words = _words(text, language)
    left_out = _stop_words(language)
    kept = [word for word in words if word not in left_out] or words
    if language not in _STEMMERS:
        return [_without_marks(word) for word in kept]
    stemmer = _stemmer(_STEMMERS[language])  # One to a call: it holds the word that it works on.
    if language != ENGLISH:
        return [_without_marks(stemmer.stemWord(word)) for word in kept]
    return [stemmer.stemWord(word) if word.isascii() and word.isalpha() else word for word in kept]


def edits(word: str, other: str) -> int:
    """How many letters to exchange, add, drop or swap with a neighbour, none of them twice, to get the other.

    L. Boytsov, *Indexing methods for approximate dictionary searching* (2011), section 2: optimal string
    alignment.
    """
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(word, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and its == word[i - 2]:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]


def edits_max(word: str) -> int:
    """How many edits away what a word is a slip of may be."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def _spellings(text: str, language: str) -> list[str]:
    """The words of a text without a digit, unstemmed and without marks, their letters composed."""
    words = (_without_marks(word) for word in _words(text, language))
    plain = (word for word in words if not any(unicodedata.category(c)[0] == "N" for c in word))
    return [unicodedata.normalize("NFC", word) for word in plain]


@cache
def _stop_words(language: str) -> frozenset[str]:
    if language == ENGLISH:
        return STOP_WORDS
    listed = stop_words(language) if language != "und" else ()
    return frozenset(word for phrase in listed for word in _words(phrase, language))


def _words(text: str, language: str) -> list[str]:
    """Maximal runs of letters and digits in lower case, cut to `TERM_BYTES_MAX` bytes each.

    A run also ends where a dictionary ends a word. English goes without marks; elsewhere they stay,
    composed.
    """
    cuts = {0, *word_cuts(text), len(text)}
    ends = sorted(cuts)
    pieces = [text[start:end] for start, end in pairwise(ends)] if len(ends) > 1 else []
    runs = (run for piece in pieces for run in _runs(piece, marks=language != ENGLISH))
    return [_composed(_cut(run)) if language != ENGLISH else _cut(run) for run in runs]


def _runs(text: str, *, marks: bool) -> list[str]:
    """Maximal runs of letters and digits, with the marks on them or without, in lower case."""
    found = ""
    for character in unicodedata.normalize("NFKD", text):
        if unicodedata.category(character)[0] == "M":
            if marks and found and found[-1] != " ":
                found += character.lower()
            continue
        found += "".join(c if _is_alphanumeric(c) else " " for c in character.lower())
    return found.split()


def _without_marks(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if unicodedata.category(c)[0] != "M")


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def _is_alphanumeric(character: str) -> bool:
    """Property Alphabetic, or category Nd, Nl or No.

    Beside letters and marks, which are gone by now, these are letters in black circles and squares.
    """
    category = unicodedata.category(character)
    black = "\U0001f150" <= character <= "\U0001f169" or "\U0001f170" <= character <= "\U0001f189"
    return category[0] in "LN" or black


def _cut(run: str) -> str:
    """The longest prefix of whole characters that has at most `TERM_BYTES_MAX` bytes."""
    return run.encode()[:TERM_BYTES_MAX].decode(errors="ignore")


class Documents:
    """A collection with its statistics."""

    def __init__(
        self,
        documents: Mapping[int, str],
        languages: Mapping[int, str] | None = None,
        asked_in: str = ENGLISH,
    ) -> None:
        """`languages` are those of documents that are not English, `asked_in` that of questions."""
        self._languages = {document: (languages or {}).get(document, ENGLISH) for document in documents}
        self._counts = {
            document: Counter(terms(text, self._languages[document])) for document, text in documents.items()
        }
        self._lengths = {document: counts.total() for document, counts in self._counts.items()}
        self._words = {
            word
            for document, text in documents.items()
            for word in _spellings(text, self._languages[document])
        }
        self._asked_in = asked_in

    def in_language(self, language: str) -> Documents:
        """The same documents, asked in another language."""
        other = copy(self)
        other._asked_in = language
        return other

    def languages(self) -> dict[str, int]:
        """How many documents are in each language."""
        return dict(Counter(self._languages.values()))

    def inverse_frequency(self, term: str) -> float:
        """ln(1 + (N - df + 0.5) / (df + 0.5)); greater than 0."""
        frequency = self._frequency(term)
        return math.log(1 + (len(self._counts) - frequency + 0.5) / (frequency + 0.5))

    def weights(self, text: str) -> dict[str, float]:
        """The distinct terms of a text, in order of first appearance, with their inverse frequencies."""
        return {term: self.inverse_frequency(term) for term in dict.fromkeys(terms(text, self._asked_in))}

    def scores(self, query: str) -> dict[int, float]:
        """BM25 of every document that shares a term with the query."""
        asked = Counter(terms(query, self._asked_in))
        weights = self.weights(query)
        mean = sum(self._lengths.values()) / max(len(self._lengths), 1)
        scores: dict[int, float] = {}
        for document, counts in self._counts.items():
            for term, times in asked.items():
                if count := counts[term]:
                    norm = K1 * (1 - B + B * self._lengths[document] / mean)
                    gain = times * weights[term] * count * (K1 + 1) / (count + norm)
                    scores[document] = scores.get(document, 0.0) + gain
        return scores

    def near(self, word: str) -> list[tuple[str, int]]:
        """The words that a word may be a slip of, best first, with how many documents have each."""
        words, spelled = _words(word, self._asked_in), _spellings(word, self._asked_in)
        if len(words) != 1 or not spelled or words[0] in _stop_words(self._asked_in):
            return []
        if self._frequency_of(word):
            return []
        allowed = edits_max(spelled[0])
        near = {other: edits(spelled[0], other) for other in self._words if allowed}
        ranked = sorted((least, -self._frequency_of(other), other) for other, least in near.items())
        return [(other, -frequency) for least, frequency, other in ranked if least <= allowed]

    def _frequency(self, term: str) -> int:
        """How many documents have a term."""
        return sum(term in counts for counts in self._counts.values())

    def _frequency_of(self, word: str) -> int:
        """How many documents have a word in any form; all have a stop word."""
        if word in _stop_words(self._asked_in):
            return len(self._counts)
        return self._frequency(terms(word, self._asked_in)[-1])
