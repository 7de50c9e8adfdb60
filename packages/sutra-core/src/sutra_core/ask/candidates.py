"""Step: what was read and what is known as facts, as candidates, each with all that speaks for or against it.

Candidates that say the same, but for case, articles and punctuation, are one. Judges nothing: every feature
is a number that can be shown, made of the evidence alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sutra_core.ask.analyse import Question
from sutra_core.ask.bridges import propose_bridges
from sutra_core.ask.compare import propose_comparisons
from sutra_core.ask.facts import propose_facts
from sutra_core.ask.features import Features, Group, key_of, overlap
from sutra_core.ask.mentions import propose_mentions
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.sentences import RatedSentence
from sutra_core.ask.stems import Stems
from sutra_core.types import Floats, ReadView

__all__ = ["ReadCandidate", "find_candidates", "key_of", "overlap", "propose"]

_CANDIDATES = 8
# Of each way to an answer beside reading, the best so many.
_PROPOSED = 4


@dataclass(frozen=True, slots=True)
class ReadCandidate:
    """A possible answer: what it says, where it was read, and its features by name.

    `spans` are the places where it was read, the surest first; `fact` is the fact or comparison that says
    it too, or alone. `evidence` are statements, the one that says it first. `missing` are words of the
    question that none of them has. `score` is the reader's, in the window of this place.
    """

    text: str
    spans: tuple[FoundSpan, ...]
    fact: Proposal | None
    evidence: tuple[int, ...]
    features: Mapping[str, float]
    missing: tuple[str, ...]
    window: int
    score: float


def find_candidates(
    view: ReadView,
    question: Question,
    stems: Stems,
    vector: Floats,
    proposed: Sequence[Proposal],
    read: Read,
) -> list[ReadCandidate]:
    """The most likely candidates, by what the reader says of them, and what the graph proposes besides."""
    groups = _grouped(question, read, proposed)
    features = Features(view, question, stems, vector, read, proposed, groups)
    return [_candidate(features, group) for group in groups]


def propose(view: ReadView, question: Question, rated: list[RatedSentence]) -> list[Proposal]:
    """What facts, comparisons, bridges and mentions say, the best of each."""
    ways = (
        propose_facts(view, question),
        propose_comparisons(view, question),
        propose_bridges(view, question, rated),
        propose_mentions(view, question, rated),
    )
    chosen: list[Proposal] = []
    for way in ways:
        best: dict[str, Proposal] = {}
        for proposal in sorted(way, key=lambda each: -each.weight):
            best.setdefault(key_of(proposal.text), proposal)
        chosen += list(best.values())[:_PROPOSED]
    return chosen


def _candidate(features: Features, group: Group) -> ReadCandidate:
    evidence, found, missing = features.of(group)
    return ReadCandidate(
        group.text, tuple(group.spans), group.fact, evidence, found, missing, group.window, group.score
    )


def _grouped(question: Question, read: Read, proposed: Sequence[Proposal]) -> list[Group]:
    groups: dict[str, Group] = {}
    if question.yes_no:
        for text, score, window in _verdicts(read):
            groups[text] = Group(text, verdict=score, window=window)
    else:
        for span in read.spans:
            groups.setdefault(key_of(span.text), Group(span.text, window=span.window)).spans.append(span)
    best = sorted(groups.values(), key=lambda group: -group.score)[:_CANDIDATES]
    chosen = {key_of(group.text): group for group in best}
    for proposal in proposed:
        group = chosen.setdefault(key_of(proposal.text), Group(proposal.text))
        if group.fact is None and not (group.spans and proposal.route == "mention"):
            group.fact = proposal
    return list(chosen.values())


def _verdicts(read: Read) -> list[tuple[str, float, int]]:
    """Yes and no, each with its best score and that score's window."""
    if not read.verdicts:
        return []
    yes = max(read.verdicts, key=lambda each: each.yes - max(each.no, 0.0))
    no = max(read.verdicts, key=lambda each: each.no - max(each.yes, 0.0))
    return [
        ("yes", yes.yes - max(yes.no, 0.0), yes.window),
        ("no", no.no - max(no.yes, 0.0), no.window),
    ]
