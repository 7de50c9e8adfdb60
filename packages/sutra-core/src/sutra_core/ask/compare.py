"""Answers by comparing: "A or B" by their dates, "the same …" and "is A a B" by their facts.

Concludes only from facts that are there for everything compared; a fact that is missing is no "no".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sutra_core.ask.analyse import Name, Question
from sutra_core.ask.claims import claims_of
from sutra_core.ask.facts import SINGLE_VALUED, Fact, follow, statements_of
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.stems import stems_in
from sutra_core.types import Association, ReadView

__all__ = ["before_christ", "date_key", "propose_comparisons"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_SAME = frozenset({"same", "share", "shared", "both"})
_CLASS = ("instance_of", "is_a", "occupation", "nationality", "part_of", "located_in", "member_of")
_EDGES_MAX = 100
_SORTS_MAX = 100
# "Not the same" follows from two different values only where a thing has one of them.
_ONE_EACH = SINGLE_VALUED | {"nationality"}
# Relations that are so both ways.
_SYMMETRIC = frozenset({"spouse_of", "sibling_of"})
# How sure a "no" is, of what is known the other way round alone.
_TURNED = 0.6
_NEGATIONS = frozenset({"not", "never", "without", "no"})
_SHORT_NOT = re.compile(r"n['’]t\b", re.IGNORECASE)
_BEFORE_CHRIST = re.compile(r"\d\s*B\.?\s?C\b")


def propose_comparisons(view: ReadView, question: Question) -> list[Proposal]:
    """What follows from comparing the things that the question names."""
    if question.choices and question.order:
        return _by_date(view, question)
    if not question.yes_no:
        return []
    words = set(re.findall(r"\w+", question.text.lower()))
    if words & _NEGATIONS or _SHORT_NOT.search(question.text):
        return []
    if len(question.names) == 2 and words & _SAME and question.relations:
        return _same(view, question)
    return _is_so(view, question)


def date_key(text: str) -> tuple[int, int, int] | None:
    """(year, month, day) of a date as written, 0 for what it leaves out; None where there is no year."""
    years = re.findall(r"\b\d{3,4}\b", text)
    if not years:
        return None
    starts = _MONTHS.split()
    months = [word[:3] for word in re.findall(r"[a-z]+", text.lower()) if word[:3] in starts]
    days = re.findall(r"\b\d{1,2}\b", text)
    month = starts.index(months[0]) + 1 if months else 0
    return int(years[-1]), month, int(days[0]) if days and month else 0


def before_christ(text: str) -> bool:
    """Whether a text speaks of years before Christ, which `date_key` does not tell apart."""
    return bool(_BEFORE_CHRIST.search(text))


def _by_date(view: ReadView, question: Question) -> list[Proposal]:
    """The choice whose date is the earlier or the later; none where the dates do not decide."""
    dated = [_dated(view, question, choice) for choice in question.choices]
    one, other = dated
    if one is None or other is None:
        return []
    length = next((n for n in (1, 2, 3) if one[0][:n] != other[0][:n]), 0)
    if not length or 0 in (one[0][length - 1], other[0][length - 1]):
        return []
    younger = one[0] > other[0]
    winner = question.choices[int(younger == (question.order < 0))]
    facts = [one[1], other[1]]
    steps = tuple(step for fact in facts for step in fact.steps)
    evidence = tuple(statements_of(view, [edge for edge, _ in steps]))
    strength = facts[0].strength * facts[1].strength
    return [Proposal(winner.text, winner.entities[0], "comparison", evidence, strength, 1.0, steps)]


def _dated(view: ReadView, question: Question, choice: Name) -> tuple[tuple[int, int, int], Fact] | None:
    """The surest date to which the question's relations lead from a choice."""
    facts = follow(view, question, dict.fromkeys(choice.entities, 1.0))
    ends = view.concepts([fact.end for fact in facts])
    best: tuple[tuple[int, int, int], Fact] | None = None
    for fact, end in zip(facts, ends, strict=True):
        key = date_key(end.text) if end.entity_type == "date" else None
        if key is None or _counts_backwards(view, fact):
            continue
        rank = (len(fact.relations), fact.strength, sum(part > 0 for part in key))
        if best is None or rank > (len(best[1].relations), best[1].strength, sum(p > 0 for p in best[0])):
            best = key, fact
    return best


def _counts_backwards(view: ReadView, fact: Fact) -> bool:
    """Whether its statement speaks of years before Christ, which dates as written do not tell apart."""
    statements = view.concepts(statements_of(view, [edge for edge, _ in fact.steps]))
    return any(before_christ(statement.text) for statement in statements)


def _same(view: ReadView, question: Question) -> list[Proposal]:
    """Whether two things have one object of a relation in common."""
    ends: list[dict[int, Fact]] = []
    for name in question.names:
        found: dict[int, Fact] = {}
        for fact in follow(view, question, dict.fromkeys(name.entities, 1.0)):
            if fact.end not in found or fact.strength > found[fact.end].strength:
                found[fact.end] = fact
        ends.append(found)
    if not all(ends):
        return []
    shared = set(ends[0]) & set(ends[1])
    if shared:
        pairs = [(ends[0][end], ends[1][end]) for end in sorted(shared)]
        one, other = max(pairs, key=lambda pair: pair[0].strength * pair[1].strength)
    else:
        one, other = (max(each.values(), key=lambda fact: fact.strength) for each in ends)
        if not (one.relations | other.relations) <= _ONE_EACH or _other_sort(view, question, one, other):
            return []
    steps = (*one.steps, *other.steps)
    evidence = tuple(statements_of(view, [edge for edge, _ in steps]))
    text = "yes" if shared else "no"
    return [Proposal(text, 0, "comparison", evidence, one.strength * other.strength, 1.0, steps)]


def _other_sort(view: ReadView, question: Question, one: Fact, other: Fact) -> bool:
    """Whether the question compares something ("country") that the two values are not known to be."""
    named = stems_in(view, (name.text for name in question.names))
    asked = {
        term.stem
        for term in question.terms
        if term.stem not in named and not term.compares and term.relations.isdisjoint(one.relations)
    }
    sorts = view.expand([one.end, other.end], "instance_of", limit=_SORTS_MAX)
    told = [stems_in(view, (sort.text for sort in view.concepts(each))) for each in sorts]
    return bool(asked) and not all(asked <= each for each in told)


def _is_so(view: ReadView, question: Question) -> list[Proposal]:
    """What facts say to a claim; "yes" where each thing named has one that says all else in the question."""
    named = stems_in(view, (name.text for name in question.names))
    rest = {term.stem for term in question.terms if term.stem not in named and not term.compares}
    cues = {term.stem for term in question.terms if term.relations}
    if len(question.names) > 1 and (claimed := _claimed(view, question)):
        return claimed
    if not question.names or not rest or (len(question.names) > 1 and rest <= cues):
        return []
    found = [_says(view, name, rest) for name in question.names]
    steps = [step for step in found if step] if all(found) else []
    return [_verdict(view, "yes", steps, 1.0)] if steps else []


def _claimed(view: ReadView, question: Question) -> list[Proposal]:
    """ "yes" where a fact says what the question claims, "no" where one says it the other way round."""
    ends = {name.text: name.entities for name in question.names}
    found: list[Proposal] = []
    for claim in claims_of(question):
        known = view.find_entities([claim.subject, claim.object])
        one, other = (
            (*ends.get(text, ()), each)
            for text, each in zip((claim.subject, claim.object), known, strict=True)
        )
        if claim.relation in _SYMMETRIC:
            one, other = (*one, *other), (*other, *one)
        if said := _between(view, claim.relation, one, other):
            found.append(_verdict(view, "yes", [said], 1.0))
        elif turned := _between(view, claim.relation, other, one):
            found.append(_verdict(view, "no", [turned], _TURNED))
    return found


def _verdict(view: ReadView, text: str, steps: list[tuple[Association, bool]], sure: float) -> Proposal:
    evidence = tuple(statements_of(view, [edge for edge, _ in steps]))
    strength = sure * min(edge.confidence for edge, _ in steps)
    return Proposal(text, 0, "comparison", evidence, strength, 1.0, tuple(steps))


def _between(
    view: ReadView, relation: str, subjects: Sequence[int], objects: Sequence[int]
) -> tuple[Association, bool] | None:
    """The surest association of a relation from one of these to one of those."""
    known = [entity for entity in dict.fromkeys(subjects) if entity]
    edges = [
        edge
        for found in view.neighbors(known, direction="out", relations=[relation], limit=_EDGES_MAX)
        for edge in found
        if edge.object in objects and edge.object != edge.subject
    ]
    best = max(edges, key=lambda edge: edge.confidence, default=None)
    return None if best is None else (best, False)


def _says(view: ReadView, name: Name, rest: set[str]) -> tuple[Association, bool] | None:
    """The surest fact of what a thing is whose other end has all of these words."""
    edges = [
        edge
        for found in view.neighbors(name.entities, direction="out", relations=_CLASS, limit=_EDGES_MAX)
        for edge in found
    ]
    ends = view.concepts([edge.object for edge in edges])
    stems = view.word_weights([end.text for end in ends])
    fitting = [
        (edge, False) for edge, of_end in zip(edges, stems, strict=True) if rest and rest <= set(of_end)
    ]
    return max(fitting, key=lambda edge: edge[0].confidence, default=None)
