"""The steps of asking, in the order in which a question takes them.

    analyse     question → names, words, what is asked for         ask/analyse.py, ask/slips.py
    embed       question → vector                                  the embedder
    retrieve    → passages that may matter, first scores           ask/retrieve.py
    spread      → what those lead to, all in one order             ask/spread.py
    paths       → chains of passages, opened into sentences        ask/paths.py
    sentences   → how much each speaks to the question             ask/sentences.py
    windows     → pieces of text that may hold the answer          ask/windows.py
    read        → spans in them, and of both sides compared        ask/read.py, ask/both.py
    candidates  → what they and the facts say, lists of them       ask/candidates.py, ask/lists.py
    features    → what speaks for and against each, in numbers     ask/features.py, ask/rivals.py
    weigh       → candidates with their confidence                 ask/weigh.py, ask/judge.py
    explain     → the record                                       ask/explain.py

The steps from sentences to features belong to one question (ask/question_read.py); those from read on are
taken again where the first windows do not settle it. Without a reader all from sentences to weigh are one
step, which knows facts and sentences alone: ask/aggregate.py.

One view is used from the first step to the last, so a question sees one state. Nothing is learned and
nothing is written; the same view, embedder and question give the same answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sutra_core.ask.aggregate import Candidate, aggregate
from sutra_core.ask.analyse import Hint, Question, analyse, read_hint
from sutra_core.ask.answer import Answer
from sutra_core.ask.candidates import ReadCandidate
from sutra_core.ask.explain import explain
from sutra_core.ask.homes import homes
from sutra_core.ask.judge import fitted_judge
from sutra_core.ask.paths import Chain, open_chains
from sutra_core.ask.question_read import QuestionRead
from sutra_core.ask.question_view import QuestionView
from sutra_core.ask.read import Read
from sutra_core.ask.rerank import keep_first, rerank
from sutra_core.ask.retrieve import retrieve
from sutra_core.ask.slips import Reading
from sutra_core.ask.spread import spread
from sutra_core.ask.weigh import weigh
from sutra_core.embed import Embedder
from sutra_core.languages import question_language
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
    on_step: Callable[[str], None] | None = None,
) -> Answer:
    """Answers a question from one state of the store, or says that it does not know.

    Without a `reader` it answers from facts and sentences. `max_steps` bounds the steps of a path,
    `num_paths` how many are recorded, `threshold` in [0, 1] is the least confidence of an answer, by
    default the fitted one. `on_step` is called with the name of each step that has been taken.
    """
    clock = _Clock(on_step)
    view, hint = _in_its_language(view, question, hint)
    asked = analyse(view, question, hint)
    clock.lap("analyse")
    least = threshold_of(reader) if threshold is None else threshold
    candidates: list[Candidate] = []
    without: list[Candidate] | None = None
    if asked.terms:
        vector, chains = _chains(view, embedder, asked, clock)
        if reader is None:
            candidates = aggregate(view, asked, vector, chains)
            clock.lap("aggregate")
        else:
            reading = QuestionRead(view, reader, asked, vector, chains)
            clock.lap("windows")
            candidates, without = _read(view, reading, asked, least, clock)
    answer = explain(
        view,
        asked,
        candidates,
        without=without,
        num_paths=num_paths,
        max_steps=max_steps,
        threshold=least,
        embedder=embedder.fingerprint,
    )
    clock.lap("explain")
    return replace(answer, timings_ms=clock.laps_ms)


def _read(
    view: ReadView, reading: QuestionRead, asked: Question, least: float, clock: _Clock
) -> tuple[list[Candidate], list[Candidate] | None]:
    """The weighed candidates, and those without the best one's source where it is an answer."""
    judge = fitted_judge()
    read, candidates = Read((), (), ()), list[Candidate]()
    for stage, read in enumerate(reading.readings()):
        clock.lap("read")
        candidates = weigh(reading.candidates(read), read, judge)
        clock.lap("weigh")
        if judge.settles(stage, candidates[0].confidence if candidates else 0.0):
            break
    if not candidates or candidates[0].confidence < least:
        return candidates, None
    ((_, source),) = homes(view, asked, view.concepts(candidates[0].evidence[:1]))
    rest, found = reading.without(read, source.id)
    without = weigh(found, rest, judge)
    clock.lap("without")
    return candidates, without


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


def unjudged(
    view: ReadView, embedder: Embedder, reader: Reader, question: str
) -> Iterator[tuple[Read, list[ReadCandidate]]]:
    """What a judge is fitted on: the candidates of a question as no judge has seen them, after each few
    windows until all are read.
    """
    view = QuestionView(view)
    asked = analyse(view, question, read_hint)
    if asked.terms:
        reading = QuestionRead(view, reader, asked, *_chains(view, embedder, asked, _Clock()))
        for read in reading.readings():
            yield read, reading.candidates(read)


def rank_passages(
    view: ReadView,
    embedder: Embedder,
    question: str,
    k: int,
    *,
    hint: Hint = read_hint,
    reader: Reader | None = None,
) -> list[tuple[int, float]]:
    """The `k` best passages by meaning, words and graph together: (concept, score), best first.

    A `reader` reads the best ones, and the one in which it finds the answer moves up; the best before any hop
    stays among the first two. Neither where the question compares, and needs both.
    """
    view, hint = _in_its_language(view, question, hint)
    asked = analyse(view, question, hint)
    vector = embedder.encode([asked.text])[0]
    found = retrieve(view, asked, vector)
    reached = spread(view, embedder, asked, vector, found)
    ranking = [(each.passage, each.score) for each in reached.ranked]
    if not ranking or asked.choices or asked.yes_no:
        return ranking[:k]
    if reader is not None and asked.terms:
        reading = QuestionRead(view, reader, asked, vector, open_chains(view, vector, reached))
        *_, read = reading.readings()
        ranking = rerank(reached.ranked, read, reading.share(read))
    return keep_first(ranking, found.best)[:k]


def _in_its_language(view: ReadView, question: str, hint: Hint) -> tuple[ReadView, Hint]:
    """The question's own view, in its language, and what reads it: rules for English alone ("Was ist X?"
    is no question for yes or no).
    """
    language = question_language(view, question)
    if language == "en":
        return QuestionView(view), hint
    return QuestionView(view.in_language(language)), _no_hint


def _no_hint(questions: Sequence[str]) -> Sequence[Reading]:
    return [(None, (), False) for _ in questions]


class _Clock:
    """How long each step took in all, in milliseconds."""

    def __init__(self, on_step: Callable[[str], None] | None = None) -> None:
        self._on_step = on_step
        self.laps_ms: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps_ms[step] = self.laps_ms.get(step, 0.0) + (now - self._since) * 1000
        self._since = now
        if self._on_step:
            self._on_step(step)
