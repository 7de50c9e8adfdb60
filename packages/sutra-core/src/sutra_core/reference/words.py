"""Words: the terms of a text, BM25 over a plain list of documents, and words that are nearly others.

The rules of `terms` are those that `crates/sutra-text/src/analyse.rs` states. Formula: S. Robertson,
H. Zaragoza, *The Probabilistic Relevance Framework: BM25 and Beyond* (2009), section 3.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol, cast

import snowballstemmer  # pyright: ignore[reportMissingTypeStubs]

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


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802


_stemmer = cast(Callable[[str], _Stemmer], snowballstemmer.stemmer)


def terms(text: str) -> list[str]:
    """The terms of a text, in order, repetitions included."""
    runs = _raw_terms(text)
    kept = [term for term in runs if term not in STOP_WORDS] or runs
    stemmer = _stemmer("english")  # One to a call: it holds the word that it works on.
    return [stemmer.stemWord(term) if term.isascii() and term.isalpha() else term for term in kept]


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


def _spellings(text: str) -> list[str]:
    """The words of a text without a digit, unstemmed, their letters composed."""
    words = (term for term in _raw_terms(text) if not any(unicodedata.category(c)[0] == "N" for c in term))
    return [unicodedata.normalize("NFC", word) for word in words]


def _raw_terms(text: str) -> list[str]:
    return [_cut(run) for run in _runs(text)]


def _runs(text: str) -> list[str]:
    """Maximal runs of letters and digits, without marks, in lower case."""
    unmarked = [c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M"]
    lowered = "".join(c.lower() for c in unmarked)
    return "".join(c if _is_alphanumeric(c) else " " for c in lowered).split()


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

    def __init__(self, documents: Mapping[int, str]) -> None:
        self._counts = {document: Counter(terms(text)) for document, text in documents.items()}
        self._lengths = {document: counts.total() for document, counts in self._counts.items()}
        self._words = {word for text in documents.values() for word in _spellings(text)}

    def inverse_frequency(self, term: str) -> float:
        """ln(1 + (N - df + 0.5) / (df + 0.5)); greater than 0."""
        frequency = self._frequency(term)
        return math.log(1 + (len(self._counts) - frequency + 0.5) / (frequency + 0.5))

    def weights(self, text: str) -> dict[str, float]:
        """The distinct terms of a text, in order of first appearance, with their inverse frequencies."""
        return {term: self.inverse_frequency(term) for term in dict.fromkeys(terms(text))}

    def scores(self, query: str) -> dict[int, float]:
        """BM25 of every document that shares a term with the query."""
        asked = Counter(terms(query))
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
        spelled = _spellings(word)
        if len(_raw_terms(word)) != 1 or not spelled or spelled[0] in STOP_WORDS or self._frequency_of(word):
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
        return len(self._counts) if word in STOP_WORDS else self._frequency(terms(word)[0])
