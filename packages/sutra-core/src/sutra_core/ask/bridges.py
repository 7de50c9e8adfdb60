"""Answers of two steps of which only one is a typed fact: the other is told by a sentence.

A question describes something ("the chemist who first synthesised caffeine") and asks for a relation of
it ("born in"), or asks a relation first and then for what a sentence says of its end ("on which river does
the city stand in which she was born"). The sentence has to say what the question says beyond its names and
relations; without such words there is nothing to bridge, and nothing is proposed here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sutra_core.ask.analyse import Question, share_of
from sutra_core.ask.facts import Fact, follow, statements_of, type_fit
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.sentences import RatedSentence
from sutra_core.ask.stems import stems_in
from sutra_core.types import Association, Concept, ReadView

__all__ = ["propose_bridges"]

Step = tuple[Association, bool]

_SENTENCES = 16
_STARTS = 24
# Sorts of one entity, and names in one sentence: more say nothing.
_SORTS_MAX = 100
_MENTIONS_MAX = 1000
# The least share of the describing words that a sentence has to say, and of these with the names.
_DESCRIBED_MIN = 0.4
_SAID_MIN = 0.5
_FIT_MIN = 0.3
# What is left of an answer's fit when nothing says that it is what the question calls it ("river").
_SORT_UNTOLD = 0.8
_SORTS = ("instance_of", "occupation")
_MENTIONS = ("mentions",)
_PRONOUNS = frozenset({"he", "she", "it", "they", "his", "her", "its", "their"})


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence with the stems that it has, by itself and with what its title and pronoun stand for.

    `statements` are the sentence and, where it begins with a pronoun, the one before.
    """

    rated: RatedSentence
    own: frozenset[str]
    said: frozenset[str]
    statements: tuple[int, ...]


def propose_bridges(view: ReadView, question: Question, rated: list[RatedSentence]) -> list[Proposal]:
    """The ends of all bridges, as answers with the evidence of both steps."""
    if not question.relations or question.yes_no or question.manner:
        return []
    named = stems_in(view, (name.text for name in question.names))
    told = _told(view, rated)
    return [
        *_described(view, question, named, told),
        *_told_of_end(view, question, named, told),
    ]


def _described(view: ReadView, question: Question, named: set[str], told: list[_Told]) -> list[Proposal]:
    """A sentence leads to somebody, and a typed fact from there to the answer."""
    skip = set(question.name_ids)
    tellers: dict[int, list[_Told]] = {}
    for each in told:
        for entity in each.rated.sentence.entities:
            if entity.id not in skip and entity.entity_type not in {"date", "number"}:
                tellers.setdefault(entity.id, []).append(each)
    facts = follow(view, question, dict.fromkeys(list(tellers)[:_STARTS], 1.0))
    ends = {concept.id: concept for concept in view.concepts([fact.end for fact in facts])}
    bridged = [
        (fact, fit, each, share)
        for fact in facts
        if (fit := type_fit(question.expected, ends[fact.end])) > 0 and fact.end not in skip
        for each in tellers.get(fact.start, ())
        if (share := _bridged(question, named, fact, each))
    ]
    _look_up(view, [(fact.start, each, fact) for fact, _, each, _ in bridged])
    proposals: list[Proposal] = []
    for fact, fit, each, share in bridged:
        sorts = _sorts_asked(view, question, fact.start, each)
        statements = (*_statements(view, fact), *each.statements, *sorts)
        steps = (*_link(view, question.name_ids, each, fact.start), *fact.steps)
        text, strength = ends[fact.end].text, fact.strength * share
        proposals.append(Proposal(text, fact.end, "bridge", statements, strength, fit, steps))
    return proposals


def _told_of_end(view: ReadView, question: Question, named: set[str], told: list[_Told]) -> list[Proposal]:
    """A typed fact leads to something, and a sentence about that to the answer."""
    facts = follow(view, question, dict.fromkeys(question.name_ids, 1.0))
    bridged: list[tuple[Fact, _Told, float]] = []
    for fact in facts:
        for each in told:
            mentioned = {entity.id for entity in each.rated.sentence.entities}
            if fact.end not in mentioned or mentioned & set(question.name_ids):
                continue
            share = _bridged(question, named, fact, each, with_names=False)
            if share:
                bridged.append((fact, each, share))
    fits = _sort_fits(
        view, question, [each for _, told, _ in bridged for each in told.rated.sentence.entities]
    )
    ends = [
        (fact, each, share, entity, fit)
        for fact, each, share in bridged
        for entity in each.rated.sentence.entities
        if (fit := type_fit(question.expected, entity) * fits[entity.id]) > _FIT_MIN
        and entity.id not in fact.passed
    ]
    _look_up(view, [(entity.id, each, fact) for fact, each, _, entity, _ in ends])
    proposals: list[Proposal] = []
    for fact, each, share, entity, fit in ends:
        steps = (*fact.steps, *_link(view, [fact.end], each, entity.id))
        sorts = _sorts_asked(view, question, entity.id, each)
        statements = (*each.statements, *_statements(view, fact), *sorts)
        strength = fact.strength * share
        proposals.append(Proposal(entity.text, entity.id, "bridge", statements, strength, fit, steps))
    return proposals


def _look_up(view: ReadView, bridges: list[tuple[int, _Told, Fact]]) -> None:
    """Fetches at once what bridges are made of: what their entities are called, what their sentences mention,
    and what says their facts.
    """
    edges = view.neighbors(
        [entity for entity, _, _ in bridges], direction="out", relations=_SORTS, limit=_SORTS_MAX
    )
    sorts = view.concepts([edge.object for each in edges for edge in each])
    view.word_weights([sort.text for sort in sorts])
    view.neighbors(
        [told.rated.sentence.id for _, told, _ in bridges],
        direction="out",
        relations=_MENTIONS,
        limit=_MENTIONS_MAX,
    )
    steps = [edge for _, _, fact in bridges for edge, _ in fact.steps]
    statements_of(view, [*steps, *(edge for each in edges for edge in each)])


def _told(view: ReadView, rated: list[RatedSentence]) -> list[_Told]:
    """The best sentences, each once, with what they say."""
    own = view.word_weights([each.sentence.text for each in rated])
    titled = view.word_weights([each.sentence.title for each in rated])
    stems = {each.sentence.id: frozenset(found) for each, found in zip(rated, own, strict=True)}
    told: dict[int, _Told] = {}
    before: RatedSentence | None = None
    for each, of_title in zip(rated, titled, strict=True):
        sentence = each.sentence
        said = stems[sentence.id] | frozenset(of_title)
        statements = (sentence.id,)
        first = sentence.text.split(maxsplit=1)[0].lower() if sentence.text.strip() else ""
        if first in _PRONOUNS and before and before.sentence.source == sentence.source:
            said |= stems[before.sentence.id]
            statements = (sentence.id, before.sentence.id)
        told.setdefault(sentence.id, _Told(each, stems[sentence.id], said, statements))
        before = each
    return sorted(told.values(), key=lambda each: -each.rated.strength)[:_SENTENCES]


def _bridged(
    question: Question, named: set[str], fact: Fact, told: _Told, *, with_names: bool = True
) -> float:
    """How much of what the fact leaves unsaid the sentence says; 0 where that is too little."""
    left = [
        term for term in question.terms if not term.asks_type and term.relations.isdisjoint(fact.relations)
    ]
    describing = [term for term in left if term.stem not in named]
    if not describing or share_of(describing, told.own) < _DESCRIBED_MIN:
        return 0.0
    share = share_of(left if with_names else describing, told.said)
    return share if share >= (_SAID_MIN if with_names else _DESCRIBED_MIN) else 0.0


def _sort_fits(view: ReadView, question: Question, entities: list[Concept]) -> dict[int, float]:
    """For each entity 1 where a text says that it is what the question calls it, or that calls it nothing."""
    asked = {term.stem for term in question.terms if term.asks_type}
    if not asked:
        return {entity.id: 1.0 for entity in entities}
    sorts = view.expand([entity.id for entity in entities], _SORTS[0], limit=_SORTS_MAX)
    known = list(dict.fromkeys(sort for each in sorts for sort in each))
    called = {concept.id: concept.text for concept in view.concepts(known)}
    view.word_weights([*called.values(), *(entity.text for entity in entities)])
    fits: dict[int, float] = {}
    for entity, each in zip(entities, sorts, strict=True):
        told = stems_in(view, [entity.text, *(called[sort] for sort in each)])
        fits[entity.id] = 1.0 if asked & told else _SORT_UNTOLD
    return fits


def _sorts_asked(view: ReadView, question: Question, entity: int, told: _Told) -> tuple[int, ...]:
    """Statements that call the entity what the question calls it and the sentence does not ("chemist")."""
    missing = {term.stem for term in question.terms} - told.said
    (edges,) = view.neighbors([entity], direction="out", relations=_SORTS, limit=_SORTS_MAX)
    sorts = view.word_weights([sort.text for sort in view.concepts([edge.object for edge in edges])])
    asked = [edge for edge, stems in zip(edges, sorts, strict=True) if missing & set(stems)]
    return tuple(dict.fromkeys(statements_of(view, asked)))


def _link(view: ReadView, starts: list[int], told: _Told, end: int) -> tuple[Step, ...]:
    """The two steps from the first of `starts` that the sentence mentions over the sentence to `end`."""
    (mentions,) = view.neighbors(
        [told.rated.sentence.id], direction="out", relations=_MENTIONS, limit=_MENTIONS_MAX
    )
    edges = {edge.object: edge for edge in mentions}
    for start in starts:
        if start in edges and end in edges:
            return (edges[start], True), (edges[end], False)
    return ()


def _statements(view: ReadView, fact: Fact) -> tuple[int, ...]:
    return tuple(statements_of(view, [edge for edge, _ in reversed(fact.steps)]))
