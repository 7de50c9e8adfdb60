"""Step: the record of an answer. Renders what the steps before decided; finds nothing out by itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from sutra_core.ask.aggregate import Candidate
from sutra_core.ask.analyse import Question
from sutra_core.ask.answer import (
    UNKNOWN_TEXT,
    Alternative,
    Answer,
    AnswerKind,
    AnswerPath,
    AnswerStep,
    Citation,
    OtherValue,
    Reading,
    WithoutSource,
    answer_id,
)
from sutra_core.ask.facts import statements_of
from sutra_core.ask.homes import homes
from sutra_core.ask.paths import graph_paths
from sutra_core.ask.proposal import Route
from sutra_core.places import place_at
from sutra_core.types import Association, Concept, ReadView, Source, Support

__all__ = ["RULES_VERSION", "explain"]

RULES_VERSION = 4
"""Which rules and fitted numbers an answer was made by; counts up with every change of either."""

# What graph search takes off for each step, so that facts' own paths compare with what it finds.
_STEP_DECAY = 0.9
_ALTERNATIVES = 3
_OTHER_TIMES = 4
_PLACES = 1000  # of a sentence, in how many its sources are looked for
_YES_NO = frozenset({"yes", "no"})
_KINDS: dict[Route, AnswerKind] = {"sentence": "passage", "span": "span", "list": "list", "count": "count"}


def explain(
    view: ReadView,
    question: Question,
    candidates: list[Candidate],
    *,
    without: list[Candidate] | None = None,
    num_paths: int,
    max_steps: int,
    threshold: float,
    embedder: str,
) -> Answer:
    """The answer to keep: the first candidate if it is sure enough, else "I don't know". Not timed yet.

    `without` are the candidates where the source of the first citation does not count, None where that
    was not asked.
    """
    known = bool(candidates) and candidates[0].confidence >= threshold
    text, kind = UNKNOWN_TEXT, "unknown"
    citations: tuple[Citation, ...] = ()
    paths: tuple[AnswerPath, ...] = ()
    search_cut_off = False
    if candidates:
        chosen = candidates[0]
        citations = _cite(view, question, chosen.evidence)
        if known:
            text = chosen.best.text
            kind = _KINDS.get(chosen.best.route, "entity")
            paths, search_cut_off = _paths(view, question, chosen, num_paths, max_steps)
    answer = Answer(
        id="",
        question=question.asked,
        text=text,
        kind=kind,
        confidence=candidates[0].confidence if candidates else 0.0,
        confidence_parts=dict(candidates[0].parts) if candidates else {},
        citations=citations,
        paths=paths,
        search_cut_off=search_cut_off,
        reading=_reading(view, candidates[0]) if candidates else None,
        alternatives=_alternatives(view, question, candidates[known:], text),
        other_times=_other_times(view, question, candidates[0]) if known else (),
        without_best=_without(view, question, citations, without, threshold) if known else None,
        read_as=question.read_as,
        missing=() if known else _missing(question, candidates),
        transaction=view.transaction,
        embedder=embedder,
        rules=RULES_VERSION,
        timings_ms={},
    )
    return dataclasses.replace(answer, id=answer_id(answer))


def _reading(view: ReadView, chosen: Candidate) -> Reading | None:
    """Where it was read, with every source that says some of that."""
    if chosen.reading is None:
        return None
    places = view.supports(chosen.window, limit=_PLACES)
    sources = tuple(sorted({place.source for each in places for place in each}))
    return dataclasses.replace(chosen.reading, sources=sources)


def _cite(view: ReadView, question: Question, statements: Sequence[int]) -> tuple[Citation, ...]:
    """Where each statement stands, in the same order, each once.

    Of several places that is the one whose source is called what the question names, else the first.
    """
    concepts = view.concepts(list(dict.fromkeys(statements)))
    found = zip(concepts, homes(view, question, concepts), strict=True)
    return tuple(_citation(concept, *home) for concept, home in found)


def _citation(concept: Concept, place: Support, source: Source) -> Citation:
    return Citation(
        source.id,
        source.address,
        source.title,
        source.offset + place.start,
        source.offset + place.end,
        concept.text,
        place_at(source.attributes, place.start),
    )


def _paths(
    view: ReadView, question: Question, chosen: Candidate, num_paths: int, max_steps: int
) -> tuple[tuple[AnswerPath, ...], bool]:
    """The steps that gave the answer, then the graph's best paths; whether that search was cut off."""
    cut_off = False
    walks: list[tuple[tuple[tuple[Association, bool], ...], float]] = []
    if chosen.best.steps:
        score = 1.0
        for step, _ in chosen.best.steps:
            score *= step.confidence * _STEP_DECAY
        walks.append((chosen.best.steps, score))
    if chosen.best.concept:
        found = graph_paths(
            view, question, chosen.best.concept, chosen.evidence, k=num_paths, max_steps=max_steps
        )
        cut_off = found.exhausted
        walks += [(tuple((s.association, s.inverse) for s in path.steps), path.score) for path in found.paths]
    walks = walks[: num_paths + 1]
    edges = [edge for steps, _ in walks for edge, _ in steps]
    # All ends and statements in one call each.
    view.concepts([end for edge in edges for end in (edge.subject, edge.object)])
    _cite(view, question, statements_of(view, edges))
    rendered: dict[tuple[tuple[str, str, str], ...], AnswerPath] = {}
    for steps, score in walks:
        path = AnswerPath(tuple(_step(view, question, edge, inverse) for edge, inverse in steps), score)
        rendered.setdefault(tuple((s.subject, s.relation, s.object) for s in path.steps), path)
    return tuple(rendered.values())[:num_paths], cut_off


def _step(view: ReadView, question: Question, edge: Association, inverse: bool) -> AnswerStep:
    subject, object_ = view.concepts([edge.subject, edge.object])
    (citation,) = _cite(view, question, statements_of(view, [edge]))
    return AnswerStep(subject.text, edge.relation, object_.text, inverse, edge.confidence, citation)


def _alternatives(
    view: ReadView, question: Question, candidates: list[Candidate], text: str
) -> tuple[Alternative, ...]:
    """The surest candidates that say something else: a sentence that holds the answer is none."""
    said = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
    others = (each for each in candidates if text in _YES_NO or not said.search(each.best.text))
    best = sorted(others, key=lambda each: -each.confidence)[:_ALTERNATIVES]
    _cite(view, question, [statement for each in best for statement in each.evidence[:1]])
    return tuple(
        Alternative(each.best.text, each.confidence, _cite(view, question, each.evidence[:1])[0])
        for each in best
    )


def _other_times(view: ReadView, question: Question, chosen: Candidate) -> tuple[OtherValue, ...]:
    """What is said of other times, each where it stands."""
    told = chosen.other_times[:_OTHER_TIMES]
    _cite(view, question, [each.statement for each in told])
    return tuple(
        OtherValue(each.text, each.earlier, *_cite(view, question, [each.statement])) for each in told
    )


def _without(
    view: ReadView,
    question: Question,
    citations: Sequence[Citation],
    candidates: list[Candidate] | None,
    threshold: float,
) -> WithoutSource | None:
    """What would be said if the source of the best citation did not count."""
    if candidates is None:
        return None
    best = candidates[0] if candidates else None
    address, title = citations[0].address, citations[0].title
    if best is None or best.confidence < threshold:
        return WithoutSource(address, title, UNKNOWN_TEXT, best.confidence if best else 0.0)
    said = _cite(view, question, best.evidence)
    return WithoutSource(address, title, best.best.text, best.confidence, said)


def _missing(question: Question, candidates: list[Candidate]) -> tuple[str, ...]:
    """The words of the question that the nearest evidence lacks."""
    return candidates[0].missing if candidates else tuple(term.word for term in question.terms)
