"""Step: weigh all proposals, agree on one answer, and say how sure.

Proposals with one text are one candidate. Names are never merged because they look alike, and a sentence
that states a disputed fact is disputed too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sutra_core.ask.analyse import Question, Term
from sutra_core.ask.answer import Reading
from sutra_core.ask.bridges import propose_bridges
from sutra_core.ask.compare import propose_comparisons
from sutra_core.ask.confidence import Parts, confidence
from sutra_core.ask.facts import propose_facts
from sutra_core.ask.homes import homes
from sutra_core.ask.mentions import propose_mentions, propose_sentences
from sutra_core.ask.paths import Chain
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.rivals import OtherTime
from sutra_core.ask.sentences import rate_sentences
from sutra_core.ask.stems import Stems
from sutra_core.ask.witnesses import support_of
from sutra_core.types import Floats, ReadView

__all__ = ["Candidate", "aggregate"]

_WEIGHED = 6
# An entity says an answer more exactly than its sentence: it may be this much less sure.
_EXACTNESS = 0.85
# A statement agrees when it speaks to the question at least this much as well as the best one does.
_AGREES = 0.8
_FIT_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer with its confidence. `missing` are words of the question no evidence has,
    `other_times` what was read that is so of an earlier or a later time, `window` the statements of the
    window that it was read in.
    """

    best: Proposal
    evidence: tuple[int, ...]
    parts: Mapping[str, float]
    confidence: float
    missing: tuple[str, ...]
    reading: Reading | None = None
    other_times: tuple[OtherTime, ...] = ()
    window: tuple[int, ...] = ()


def aggregate(view: ReadView, question: Question, vector: Floats, chains: list[Chain]) -> list[Candidate]:
    """All candidates worth showing, the answer first."""
    exact = propose_facts(view, question)
    exact += propose_comparisons(view, question)
    rated = rate_sentences(view, question, Stems(view), chains)
    exact += propose_bridges(view, question, rated) + propose_mentions(view, question, rated)
    named = _weigh(view, question, vector, _group(exact))
    stated = _weigh(view, question, vector, _group(_disputed(exact, propose_sentences(rated))))
    named.sort(key=lambda each: -each.confidence)
    stated.sort(key=lambda each: -each.confidence)
    if named and (not stated or named[0].confidence >= _EXACTNESS * stated[0].confidence):
        return named + stated
    return stated + named


def _disputed(exact: list[Proposal], sentences: list[Proposal]) -> list[Proposal]:
    """The sentences, each as disputed as the fact that it states."""
    disputes = {each.evidence[0]: each.rivals for each in exact if each.rivals}
    return [replace(each, rivals=disputes.get(each.concept, 0.0)) for each in sentences]


def _group(proposals: list[Proposal]) -> list[list[Proposal]]:
    """Proposals by what they say, the heaviest group first, each with its best proposal first.

    A name that another group's name ends or begins with ("Einstein", "Albert Einstein") stays apart:
    two names are never merged because they look alike.
    """
    groups: defaultdict[str, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        groups[" ".join(proposal.text.lower().split())].append(proposal)
    for group in groups.values():
        group.sort(key=lambda each: (-_rank(each), each.evidence))
    return sorted(groups.values(), key=lambda group: -_rank(group[0]))


def _rank(proposal: Proposal) -> float:
    """Facts before bridges, and these before what is only mentioned."""
    return proposal.weight + {"fact": 2.0, "comparison": 2.0, "bridge": 1.0}.get(proposal.route, 0.0)


def _weigh(
    view: ReadView, question: Question, vector: Floats, groups: list[list[Proposal]]
) -> list[Candidate]:
    best = groups[:_WEIGHED]
    homes(view, question, view.concepts([each for group in best for each in group[0].evidence]))
    said = [_texts_of(view, question, group[0]) for group in best]
    # The words of all of them, in one call.
    view.word_weights([text for texts in said for text in (" ".join(texts), texts[0])])
    candidates: list[Candidate] = []
    for group, texts in zip(best, said, strict=True):
        proposal = group[0]
        enough = _AGREES * proposal.weight
        agreeing = [each for each in group if each.route == proposal.route and each.weight >= enough]
        others = [g[0].weight for g in groups if g is not group and g[0].route == proposal.route]
        lead = 1 - max(others, default=0.0) / proposal.weight if proposal.weight > 0 else 0.0
        candidates.append(_assess(view, question, vector, proposal, texts, agreeing, max(lead, 0.0)))
    return candidates


def _assess(
    view: ReadView,
    question: Question,
    vector: Floats,
    best: Proposal,
    said: list[str],
    agreeing: list[Proposal],
    margin: float,
) -> Candidate:
    """The parts of a candidate's confidence; `said` are the texts of its evidence."""
    support = support_of(view, best, agreeing)
    stems, first = map(set, view.word_weights([" ".join(said), said[0]]))
    own = stems if best.steps else first
    asked = [set(each) for each in view.word_weights([n.text for n in question.names] + [*question.strange])]
    in_names = {stem for name in asked for stem in name}
    words = [term for term in question.terms if term.stem not in in_names]
    covered = _covered(words, stems, best)
    parts = Parts(
        support=support.strength,
        independence=1 - 1 / support.count,
        margin=margin,
        coverage=covered,
        names=sum(name <= stems for name in asked) / len(asked) if asked else covered,
        directness=_covered(question.terms, own, best) * (1.0 if best.steps else best.fit),
        similarity=max(float((view.vectors(best.evidence) @ vector).max()), 0.0),
        dispute=best.rivals,
    )
    evidence = tuple(dict.fromkeys((*best.evidence, *support.statements)))
    missing = tuple(term.word for term in question.terms if not _said(term, stems, best))
    return Candidate(best, evidence, asdict(parts), confidence(best.route, parts), missing)


def _texts_of(view: ReadView, question: Question, proposal: Proposal) -> list[str]:
    """The statements of a proposal, each after its title."""
    concepts = view.concepts(proposal.evidence)
    titles = [source.title for _, source in homes(view, question, concepts)]
    return [f"{title} {concept.text}" for title, concept in zip(titles, concepts, strict=True)]


def _covered(terms: Sequence[Term], stems: set[str], best: Proposal) -> float:
    """The share of these words, by weight, that the evidence has; 1 of no words."""
    total = sum(term.weight for term in terms)
    return sum(term.weight for term in terms if _said(term, stems, best)) / total if total else 1.0


def _said(term: Term, stems: set[str], best: Proposal) -> bool:
    """Whether the evidence has a word: in itself, as a relation, as the sort of thing it is."""
    followed = {step.relation for step, _ in best.steps}
    return (
        term.stem in stems
        or not term.relations.isdisjoint(followed)
        or (term.asks_type and best.fit >= _FIT_SURE)
        or (term.compares and best.route == "comparison")
    )
