"""The steps of asking, in the order in which a question takes them.

    analyse     question → names, words, what is asked for         ask/analyse.py
    embed       question → vector                                  the embedder
    retrieve    → passages that may matter, first scores           ask/retrieve.py
    spread      → what those lead to, all in one order             ask/spread.py
    paths       → chains of passages, opened into sentences        ask/paths.py
    aggregate   → candidates with their confidence                 ask/aggregate.py
    explain     → the record                                       ask/explain.py

One view is used from the first step to the last, so a question sees one state. Nothing is learned and
nothing is written; the same view, embedder and question give the same answer.
"""

from __future__ import annotations

import time
from dataclasses import replace

from sutra_core.ask.aggregate import Candidate, aggregate
from sutra_core.ask.analyse import Hint, Question, analyse, read_hint
from sutra_core.ask.answer import Answer
from sutra_core.ask.explain import explain
from sutra_core.ask.paths import open_chains
from sutra_core.ask.retrieve import retrieve
from sutra_core.ask.spread import spread
from sutra_core.embed import Embedder
from sutra_core.types import ReadView

__all__ = ["THRESHOLD", "answer_question", "rank_passages"]

THRESHOLD = 0.35
"""The confidence below which the answer is "I don't know"; see docs/design/confidence.md."""


def answer_question(
    view: ReadView,
    embedder: Embedder,
    question: str,
    *,
    max_steps: int = 6,
    num_paths: int = 3,
    threshold: float = THRESHOLD,
    hint: Hint = read_hint,
) -> Answer:
    """Answers a question from one state of the store, or says that it does not know.

    `max_steps` bounds the steps of a path, `num_paths` how many are recorded, `threshold` in [0, 1] is
    the least confidence of an answer.
    """
    clock = _Clock()
    asked = analyse(view, question, hint)
    clock.lap("analyse")
    candidates: list[Candidate] = []
    if asked.terms:
        candidates = _candidates(view, embedder, asked, clock)
    answer = explain(
        view,
        asked,
        candidates,
        num_paths=num_paths,
        max_steps=max_steps,
        threshold=threshold,
        embedder=embedder.fingerprint,
    )
    clock.lap("explain")
    return replace(answer, timings_ms=clock.laps_ms)


def _candidates(view: ReadView, embedder: Embedder, asked: Question, clock: _Clock) -> list[Candidate]:
    """From the question's vector to the weighed candidates."""
    vector = embedder.encode([asked.text])[0]
    clock.lap("embed")
    found = retrieve(view, asked, vector)
    clock.lap("retrieve")
    reached = spread(view, embedder, asked, vector, found)
    clock.lap("spread")
    chains = open_chains(view, vector, reached)
    clock.lap("paths")
    candidates = aggregate(view, asked, vector, chains)
    clock.lap("aggregate")
    return candidates


def rank_passages(
    view: ReadView, embedder: Embedder, question: str, k: int, *, hint: Hint = read_hint
) -> list[tuple[int, float]]:
    """The `k` best passages by meaning, words and graph together: (concept, score), best first."""
    asked = analyse(view, question, hint)
    vector = embedder.encode([question])[0]
    reached = spread(view, embedder, asked, vector, retrieve(view, asked, vector))
    return [(each.passage, each.score) for each in reached.ranked[:k]]


class _Clock:
    """How long each step took, in milliseconds."""

    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps_ms[step] = (now - self._since) * 1000
        self._since = now
