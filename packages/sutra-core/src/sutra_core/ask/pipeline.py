"""The steps of asking, in the order in which a question takes them.

    analyse     question → names, words, what is asked for         ask/analyse.py
    embed       question → vector                                  the embedder
    retrieve    → passages that may matter, first scores           ask/retrieve.py
    spread      → what those lead to, all in one order             ask/spread.py
    paths       → chains of passages, opened into sentences        ask/paths.py
    windows     → pieces of text that may hold the answer          ask/windows.py
    read        → spans in them                                    ask/read.py
    candidates  → what they and the facts say, with features       ask/candidates.py
    weigh       → candidates with their confidence                 ask/weigh.py
    explain     → the record                                       ask/explain.py

Without a reader the four steps before the last are one, which knows facts and sentences alone:
ask/aggregate.py.

One view is used from the first step to the last, so a question sees one state. Nothing is learned and
nothing is written; the same view, embedder and question give the same answer.
"""

from __future__ import annotations

import time
from dataclasses import replace

from sutra_core.ask.aggregate import Candidate, aggregate
from sutra_core.ask.analyse import Hint, Question, analyse, read_hint
from sutra_core.ask.answer import Answer
from sutra_core.ask.candidates import ReadCandidate, find_candidates
from sutra_core.ask.explain import explain
from sutra_core.ask.judge import fitted_judge
from sutra_core.ask.paths import Chain, open_chains
from sutra_core.ask.read import Read, read_windows
from sutra_core.ask.retrieve import retrieve
from sutra_core.ask.sentences import rate_sentences
from sutra_core.ask.spread import spread
from sutra_core.ask.stems import Stems
from sutra_core.ask.weigh import weigh
from sutra_core.ask.windows import windows_of
from sutra_core.embed import Embedder
from sutra_core.reader import Reader
from sutra_core.types import Floats, ReadView

__all__ = ["THRESHOLD", "answer_question", "rank_passages", "threshold_of", "unjudged"]

THRESHOLD = 0.35
"""Without a reader, the confidence below which the answer is "I don't know"."""


def threshold_of(reader: Reader | None) -> float:
    """The fitted confidence below which the answer is "I don't know", with this reader or without any."""
    return THRESHOLD if reader is None else fitted_judge().threshold


def answer_question(
    view: ReadView,
    embedder: Embedder,
    question: str,
    *,
    max_steps: int = 6,
    num_paths: int = 3,
    threshold: float | None = None,
    hint: Hint = read_hint,
    reader: Reader | None = None,
) -> Answer:
    """Answers a question from one state of the store, or says that it does not know.

    Without a `reader` it answers from facts and sentences. `max_steps` bounds the steps of a path,
    `num_paths` how many are recorded, `threshold` in [0, 1] is the least confidence of an answer, by
    default the fitted one.
    """
    clock = _Clock()
    asked = analyse(view, question, hint)
    clock.lap("analyse")
    candidates: list[Candidate] = []
    if asked.terms:
        candidates = _candidates(view, embedder, reader, asked, clock)
    answer = explain(
        view,
        asked,
        candidates,
        num_paths=num_paths,
        max_steps=max_steps,
        threshold=threshold_of(reader) if threshold is None else threshold,
        embedder=embedder.fingerprint,
    )
    clock.lap("explain")
    return replace(answer, timings_ms=clock.laps_ms)


def _candidates(
    view: ReadView, embedder: Embedder, reader: Reader | None, asked: Question, clock: _Clock
) -> list[Candidate]:
    """From the question's vector to the weighed candidates."""
    vector, chains = _chains(view, embedder, asked, clock)
    if reader is None:
        candidates = aggregate(view, asked, vector, chains)
        clock.lap("aggregate")
        return candidates
    stems = Stems(view)
    read = _read_chains(view, reader, asked, stems, chains)
    clock.lap("read")
    candidates = weigh(find_candidates(view, asked, stems, vector, read), read, fitted_judge())
    clock.lap("weigh")
    return candidates


def _chains(view: ReadView, embedder: Embedder, asked: Question, clock: _Clock) -> tuple[Floats, list[Chain]]:
    """The question's vector, and the best chains of passages."""
    vector = embedder.encode([asked.text])[0]
    clock.lap("embed")
    found = retrieve(view, asked, vector)
    clock.lap("retrieve")
    reached = spread(view, embedder, asked, vector, found)
    clock.lap("spread")
    chains = open_chains(view, vector, reached)
    clock.lap("paths")
    return vector, chains


def unjudged(view: ReadView, embedder: Embedder, reader: Reader, question: str) -> list[ReadCandidate]:
    """What a judge is fitted on: the candidates of a question, as no judge has seen them."""
    asked = analyse(view, question, read_hint)
    if not asked.terms:
        return []
    vector, chains = _chains(view, embedder, asked, _Clock())
    stems = Stems(view)
    return find_candidates(view, asked, stems, vector, _read_chains(view, reader, asked, stems, chains))


def _read_chains(view: ReadView, reader: Reader, asked: Question, stems: Stems, chains: list[Chain]) -> Read:
    """What a reader makes of the windows of these chains."""
    rated = rate_sentences(view, asked, stems, chains)
    places = [at for at, chain in enumerate(chains) for _ in chain.sentences]
    strengths = {(at, each.sentence.id): each.strength for at, each in zip(places, rated, strict=True)}
    return read_windows(reader, asked, stems, windows_of(chains, strengths))


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
