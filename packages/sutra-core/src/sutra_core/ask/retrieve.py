"""Step: the passages that may matter, by vectors, words and named titles, with their first scores.

Never scores the whole store: everything after the three searches works on their union.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sutra_core.ask.analyse import Question
from sutra_core.ask.weights import CANDIDATES, NAMED, WORDS
from sutra_core.types import Floats, Ids, ReadView

__all__ = ["Candidates", "retrieve"]

# A title that heads more passages than this is a name for everything, and says nothing.
_NAMED_MAX = 1000


class Candidates:
    """Passages with what the question says about each; grows, never shrinks.

    `ids[n]`, `vectors[n, d]`, `term_scores[terms, n]` (BM25 of each term of the question),
    `similarity[n]` (cosine to the question), `named[n]` (0 or 1), `scores[n]` (the first score).
    """

    def __init__(self, view: ReadView, question: Question, vector: Floats) -> None:
        self._view = view
        self._question = question
        self._vector = vector
        self._named: set[int] = set()
        self.position: dict[int, int] = {}
        self.ids: Ids = np.zeros(0, np.uint64)
        self.vectors: Floats = np.zeros((0, len(vector)), np.float32)
        self.term_scores: Floats = np.zeros((len(question.terms), 0), np.float32)
        self.term_weights = np.array([term.weight for term in question.terms], np.float32)
        self._words_best = self._similarity_best = 1.0
        self._look()

    def _look(self) -> None:
        """Works out anew what follows from the passages that are there."""
        self.words = np.asarray(self.term_scores.sum(axis=0, dtype=np.float32))
        self.similarity = np.asarray(self.vectors @ self._vector, np.float32)
        self._scores: Floats | None = None

    def add(self, passages: Iterable[int]) -> None:
        """Brings passages in that are not yet there."""
        new = [passage for passage in dict.fromkeys(passages) if passage not in self.position]
        if not new:
            return
        for passage in new:
            self.position[passage] = len(self.position)
        ids = np.array(new, np.uint64)
        grown = self._view.score_words([term.word for term in self._question.terms], ids)
        self.ids = np.concatenate([self.ids, ids])
        self.vectors = np.concatenate([self.vectors, self._view.vectors(ids)])
        self.term_scores = np.concatenate([self.term_scores, grown], axis=1)
        self._look()

    def name(self, passages: Iterable[int]) -> None:
        """Marks passages whose title the question names; they have to be there."""
        self._named.update(passages)
        self._scores = None

    def settle(self) -> None:
        """Fixes what the best is, to which first scores are relative."""
        self._words_best = float(self.words.max(initial=0.0)) or 1.0
        self._similarity_best = float(self.similarity.max(initial=0.0)) or 1.0
        self._scores = None

    @property
    def words_best(self) -> float:
        return self._words_best

    @property
    def named(self) -> Floats:
        named = np.zeros(len(self.position), np.float32)
        named[[self.position[passage] for passage in self._named]] = 1
        return named

    @property
    def scores(self) -> Floats:
        if self._scores is None:
            meaning = np.maximum(self.similarity, 0) / self._similarity_best
            words = self.words / self._words_best
            self._scores = np.asarray(WORDS * words + (1 - WORDS) * meaning + NAMED * self.named, np.float32)
        return self._scores

    @property
    def best(self) -> int:
        """The passage with the best first score, of equal ones that of lowest id; there has to be one."""
        return int(self.ids[np.lexsort((self.ids, -self.scores))[0]])


def retrieve(view: ReadView, question: Question, vector: Floats) -> Candidates:
    """The union of the nearest by meaning, the best by words, and the passages under named titles."""
    candidates = Candidates(view, question, vector)
    nearest, _ = view.search_vectors(vector, CANDIDATES)
    best, _ = view.search_words(question.text, CANDIDATES)
    names = question.name_ids
    degrees = view.degrees(names, "about", direction="in")
    heads = [name for name, degree in zip(names, degrees, strict=True) if degree <= _NAMED_MAX]
    named = [
        each for found in view.expand(heads, "about", direction="in", limit=_NAMED_MAX) for each in found
    ]
    candidates.add([*nearest.tolist(), *best.tolist(), *named])
    candidates.name(named)
    candidates.settle()
    return candidates
