"""Step: what was read and what is known as facts, as candidates, each with all that speaks for or against it.

Candidates that say the same, but for case, articles and punctuation, are one. Judges nothing: every feature
is a number that can be shown, made of the evidence alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sutra_core.ask.analyse import Question
from sutra_core.ask.bridges import propose_bridges
from sutra_core.ask.compare import propose_comparisons
from sutra_core.ask.facts import propose_facts
from sutra_core.ask.features import Features
from sutra_core.ask.groups import Group, key_of, overlap
from sutra_core.ask.lists import asks_several, listed
from sutra_core.ask.mentions import propose_mentions
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.rivals import OtherTime
from sutra_core.ask.sentences import RatedSentence
from sutra_core.ask.spoken import counted_day
from sutra_core.ask.stems import Stems
from sutra_core.ask.times import written_day
from sutra_core.ask.ways import LEFT_OUT, Way
from sutra_core.types import Floats, ReadView

__all__ = ["ReadCandidate", "find_candidates", "propose"]

_CANDIDATES = 8
# Of each way to an answer beside reading, the best so many.
_PROPOSED = 4


@dataclass(frozen=True, slots=True)
class ReadCandidate:
    """A possible answer: what it says, where it was read, and its features by name.

    `spans` are the places where it was read, the surest first; `fact` is the fact or comparison that says
    it too, or alone. `evidence` are statements, the one that says it first. `missing` are words of the
    question that none of them has. `score` is the reader's, in the window of this place. `other_times` are
    what is said of earlier or later times.
    """

    text: str
    spans: tuple[FoundSpan, ...]
    fact: Proposal | None
    evidence: tuple[int, ...]
    features: Mapping[str, float]
    missing: tuple[str, ...]
    window: int
    score: float
    other_times: tuple[OtherTime, ...] = ()


def find_candidates(
    view: ReadView,
    question: Question,
    stems: Stems,
    vector: Floats,
    proposed: Sequence[Proposal],
    read: Read,
) -> list[ReadCandidate]:
    """The most likely candidates, by what the reader says of them, and what the graph proposes besides."""
    groups = _with_list(question, read, proposed, _grouped(question, read, proposed), stems)
    features = Features(view, question, stems, vector, read, proposed, groups)
    return [_candidate(features, group) for group in groups]


def propose(view: ReadView, question: Question, rated: list[RatedSentence]) -> list[Proposal]:
    """What facts, comparisons, bridges and mentions say, the best of each; all facts for a list."""
    ways: dict[Way, Callable[[], list[Proposal]]] = {
        "facts": lambda: propose_facts(view, question),
        "comparisons": lambda: propose_comparisons(view, question),
        "bridges": lambda: propose_bridges(view, question, rated),
        "mentions": lambda: propose_mentions(view, question, rated),
    }
    chosen: list[Proposal] = []
    for way, proposals in ways.items():
        if way in LEFT_OUT:
            continue
        best: dict[str, Proposal] = {}
        for proposal in sorted(proposals(), key=lambda each: -each.weight):
            best.setdefault(key_of(proposal.text), proposal)
        # A list has all that the facts know.
        every = way == "facts" and asks_several(question.text) is not None
        chosen += list(best.values())[: None if every else _PROPOSED]
    return chosen


def _with_list(
    question: Question, read: Read, proposed: Sequence[Proposal], groups: list[Group], stems: Stems
) -> list[Group]:
    """The groups, and the list of all of them that the question asks for, where there are several."""
    if question.choices or asks_several(question.text) != "list" or "lists" in LEFT_OUT:
        return groups
    found = listed(question, read, proposed, stems.of)
    known = {key_of(group.text) for group in groups}
    if len(found.items) < 2 or key_of(found.text) in known:
        return groups
    window = found.spans[0].window if found.spans else 0
    statements = dict.fromkeys(each for fact in found.facts for each in fact.evidence)
    fact = Proposal(found.text, 0, "list", tuple(statements), 1.0, 1.0)
    group = Group(found.text, list(found.spans), fact, window=window, items=len(found.items))
    return [*groups, group]


def _candidate(features: Features, group: Group) -> ReadCandidate:
    evidence, found, missing = features.of(group)
    return ReadCandidate(
        group.text,
        tuple(group.spans),
        group.fact,
        evidence,
        found,
        missing,
        group.window,
        group.score,
        features.other_times(group),
    )


def _grouped(question: Question, read: Read, proposed: Sequence[Proposal]) -> list[Group]:
    groups: dict[str, Group] = {}
    if question.yes_no:
        for text, score, window in _verdicts(read):
            groups[text] = Group(text, verdict=score, window=window)
    else:
        for span in read.spans:
            text = _meant(question, span)
            groups.setdefault(key_of(text), Group(text, window=span.window)).spans.append(span)
    best = sorted(groups.values(), key=lambda group: -group.score)[:_CANDIDATES]
    chosen = {key_of(group.text): group for group in best}
    facts = [each for each in proposed if each.route == "fact"][_PROPOSED:]
    for proposal in proposed:
        if proposal in facts:
            continue  # of a list, and no answer by itself
        group = chosen.setdefault(key_of(proposal.text), Group(proposal.text))
        if group.fact is None and not (group.spans and proposal.route == "mention"):
            group.fact = proposal
    found = list(chosen.values())
    # A question that offers two things is answered by one of them.
    offered = [group for group in found if any(overlap(group.text, name.text) for name in question.choices)]
    return offered or found


def _meant(question: Question, span: FoundSpan) -> str:
    """What a span says; of a day that it counts from its document's, that day."""
    written = written_day(span.sentence.written, span.sentence.title)
    counted = counted_day(span.text, written) if written and question.expected == "date" else None
    return counted or span.text


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
