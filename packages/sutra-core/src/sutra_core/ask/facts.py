"""Answers that the graph holds as facts: from a name in the question over the relations it asks for.

Follows typed associations alone, each at most as far as the question asks: "where was the founder of X
born" goes X –founded_by→ · –born_in→. Guesses nothing: without such an edge there is no answer here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sutra_core.ask.analyse import Question
from sutra_core.ask.proposal import Proposal
from sutra_core.types import Association, Concept, EntityType, ReadView

__all__ = ["SINGLE_VALUED", "Fact", "follow", "propose_facts", "statements_of", "type_fit"]

SINGLE_VALUED = frozenset(
    {"born_in", "born_on", "died_in", "died_on", "buried_in", "founded_in", "capital_of", "released_on"}
)
"""Relations of which a subject has one: two values contradict each other."""

_STEPS_MAX = 3
_EDGES_MAX = 60
_FRONTIER_MAX = 40
_ALIASES_MAX = 100
# Of an association that more statements than this support, the others are not read.
_EVIDENCE_MAX = 1000
_NEAR_NAME = 0.5
_ALIAS = 0.95
# What is left of a walk's strength for each relation that it was asked for and does not take.
_LEFT_OUT = 0.4

_PARENTS = frozenset({"father", "mother", "parent", "parents"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A walk over typed associations: where it began, where it is, how sure it is of every step."""

    start: int
    end: int
    strength: float
    steps: tuple[tuple[Association, bool], ...]

    @property
    def passed(self) -> set[int]:
        """Every concept on the way."""
        return {self.start}.union(*((edge.subject, edge.object) for edge, _ in self.steps))

    @property
    def relations(self) -> frozenset[str]:
        return frozenset(step.relation for step, _ in self.steps)


def propose_facts(view: ReadView, question: Question) -> list[Proposal]:
    """The ends of all walks over the question's relations, as answers."""
    if not question.relations or question.yes_no:
        return []
    starts = dict.fromkeys(question.name_ids, 1.0)
    if not starts:
        starts = {entity: _NEAR_NAME * score for entity, score in question.near}
    facts = [fact for fact in follow(view, question, starts) if fact.end not in starts]
    ends = {concept.id: concept for concept in view.concepts([fact.end for fact in facts])}
    fitting: list[tuple[Fact, float]] = []
    for fact in facts:
        # Why and how ask for a reason or a way, which no fact but a cause is.
        beside = question.manner and "causes" not in fact.relations
        fit = 0.0 if beside else type_fit(question.expected, ends[fact.end])
        if fit > 0:
            fitting.append((fact, fit))
    statements_of(view, [edge for fact, _ in fitting for edge, _ in fact.steps])
    proposals: list[Proposal] = []
    for fact, fit in fitting:
        end = ends[fact.end]
        statements = tuple(statements_of(view, [edge for edge, _ in reversed(fact.steps)]))
        strength = fact.strength * _LEFT_OUT ** _left_out(question, fact)
        rivals = _rivals(view, fact)
        proposals.append(Proposal(end.text, end.id, "fact", statements, strength, fit, fact.steps, rivals))
    return proposals


def follow(view: ReadView, question: Question, starts: dict[int, float]) -> list[Fact]:
    """All walks from these entities over the relations of the question, each relation at most once."""
    wanted = list(question.relations)
    frontier = [Fact(start, start, sure, ()) for start, sure in starts.items()]
    aliases = view.expand(list(starts), "alias_of", direction="both", limit=_ALIASES_MAX)
    frontier += [
        Fact(fact.start, alias, fact.strength * _ALIAS, ())
        for fact, called in zip(frontier, aliases, strict=True)
        for alias in called
    ]
    found: list[Fact] = []
    for _ in range(min(len(wanted), _STEPS_MAX)):
        reached: list[Fact] = []
        for fact, edges in _onward(view, wanted, frontier[:_FRONTIER_MAX]):
            for edge in edges:
                inverse = edge.object == fact.end
                end = edge.subject if inverse else edge.object
                if end in fact.passed or not _leads(question, edge.relation, inverse):
                    continue
                step = (*fact.steps, (edge, inverse))
                reached.append(Fact(fact.start, end, fact.strength * edge.confidence, step))
        found += reached
        frontier = sorted(reached, key=lambda fact: -fact.strength)
    return found


def _onward(view: ReadView, wanted: list[str], facts: list[Fact]) -> list[tuple[Fact, list[Association]]]:
    """What leads on from the ends of walks, over the relations that each has not taken."""
    unused = [tuple(relation for relation in wanted if relation not in fact.relations) for fact in facts]
    edges: list[list[Association]] = [[] for _ in facts]
    for relations in filter(None, dict.fromkeys(unused)):
        chosen = [at for at, each in enumerate(unused) if each == relations]
        found = view.neighbors([facts[at].end for at in chosen], relations=relations, limit=_EDGES_MAX)
        for at, each in zip(chosen, found, strict=True):
            edges[at] = each
    return list(zip(facts, edges, strict=True))


def type_fit(expected: EntityType | None, concept: Concept) -> float:
    """How well an entity is of the sort asked for: 1, in between where nobody knows, 0."""
    found = concept.entity_type
    if expected is None:
        return 0.9 if found not in {"date", "number"} else 0.7
    if found == expected:
        return 1.0
    if expected == "number" and found == "date" and concept.text.strip().isdigit():
        return 0.5
    if found == "thing" and expected not in {"date", "number"}:
        return 0.8
    if {found, expected} <= {"organisation", "place", "work", "person"}:
        return 0.3
    return 0.0


def statements_of(view: ReadView, edges: Iterable[Association]) -> list[int]:
    """For each association the statement that says it most surely, of the first that do."""
    evidence = view.evidence([edge[:3] for edge in edges], limit=_EVIDENCE_MAX)
    return [max(of, key=lambda each: (each.confidence, -each.statement)).statement for of in evidence]


def _left_out(question: Question, fact: Fact) -> int:
    """How many words of the question ask for a relation that the walk does not take."""
    return sum(bool(term.relations) and term.relations.isdisjoint(fact.relations) for term in question.terms)


def _leads(question: Question, relation: str, inverse: bool) -> bool:
    """Whether walking a relation this way can answer; matters for parents and children alone."""
    if relation not in {"parent_of", "child_of"}:
        return True
    asks_parent = any(term.word.lower() in _PARENTS for term in question.terms)
    return inverse == (relation == "parent_of") if asks_parent else inverse == (relation == "child_of")


def _rivals(view: ReadView, fact: Fact) -> float:
    """The strength of another value of the last step, where only one can be true."""
    edge, inverse = fact.steps[-1]
    if inverse or edge.relation not in SINGLE_VALUED:
        return 0.0
    (others,) = view.neighbors([edge.subject], direction="out", relations=[edge.relation], limit=8)
    values = view.concepts([other.object for other in others])
    own = next((value.text for value in values if value.id == edge.object), "")
    return max(
        (
            other.confidence
            for other, value in zip(others, values, strict=True)
            if other.object != edge.object and not _same_value(own, value.text)
        ),
        default=0.0,
    )


def _same_value(one: str, other: str) -> bool:
    """Whether one says the other more exactly ("1932" and "2 November 1932")."""
    words, others = set(one.lower().split()), set(other.lower().split())
    return words <= others or others <= words
