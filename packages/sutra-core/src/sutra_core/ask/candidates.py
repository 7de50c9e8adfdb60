"""Step: what was read and what is known as facts, as candidates, each with all that speaks for or against it.

Candidates that say the same, but for case, articles and punctuation, are one. Judges nothing: every feature
is a number that can be shown, made of the evidence alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sutra_core.ask.analyse import Question, Term
from sutra_core.ask.compare import propose_comparisons
from sutra_core.ask.facts import propose_facts, type_fit
from sutra_core.ask.paths import Sentence
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.types import EntityType, Floats, ReadView

__all__ = ["ReadCandidate", "find_candidates", "key_of", "overlap"]

_CANDIDATES = 8
# A span this much less sure than the best of its kind is no second witness.
_AGREES = 3.0
_SCALE = 10.0
# What stands for the score of a candidate that no window was read to have.
_UNREAD = -10.0
_ARTICLE = re.compile(r"^(?:the|an?)\s+")
_NOT_WORDS = re.compile(r"[^\w\s]+")
_DIGIT = re.compile(r"\d")


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


@dataclass(slots=True)
class _Group:
    text: str
    spans: list[FoundSpan] = field(default_factory=list[FoundSpan])
    fact: Proposal | None = None
    verdict: float | None = None
    """The score of a yes or no."""
    window: int = 0

    @property
    def score(self) -> float:
        if self.verdict is not None:
            return self.verdict
        return self.spans[0].score if self.spans else _UNREAD


def find_candidates(
    view: ReadView, question: Question, stems: Stems, vector: Floats, read: Read
) -> list[ReadCandidate]:
    """The most likely candidates, by what the reader says of them; at most eight, and facts besides."""
    facts = propose_facts(view, question)
    compared = propose_comparisons(view, question)
    groups = _grouped(question, read, facts, compared)
    known = _Known(view, question, stems, vector, read, facts, groups)
    return [known.candidate(group) for group in groups]


def key_of(text: str) -> str:
    """What texts that say the same have in common.

    >>> key_of("The  Aln, at Alham") == key_of("aln at alham.")
    True
    """
    return _ARTICLE.sub("", " ".join(_NOT_WORDS.sub(" ", text.casefold()).split()))


def overlap(one: str, other: str) -> bool:
    """Whether one of two texts says the other's words too, in their order: "1982" and "in 1982"."""
    return _overlap(key_of(one), key_of(other))


def _overlap(one: str, other: str) -> bool:
    return f" {one} " in f" {other} " or f" {other} " in f" {one} "


def _grouped(
    question: Question, read: Read, facts: Sequence[Proposal], compared: Sequence[Proposal]
) -> list[_Group]:
    groups: dict[str, _Group] = {}
    if question.yes_no:
        for text, score, window in _verdicts(read):
            groups[text] = _Group(text, verdict=score, window=window)
    else:
        for span in read.spans:
            groups.setdefault(key_of(span.text), _Group(span.text, window=span.window)).spans.append(span)
    best = sorted(groups.values(), key=lambda group: -group.score)[:_CANDIDATES]
    chosen = {key_of(group.text): group for group in best}
    for proposal in sorted([*facts, *compared], key=lambda each: -each.weight)[:_CANDIDATES]:
        group = chosen.setdefault(key_of(proposal.text), _Group(proposal.text))
        if group.fact is None:
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


class _Known:
    """What the features of all candidates of a question have in common."""

    def __init__(
        self,
        view: ReadView,
        question: Question,
        stems: Stems,
        vector: Floats,
        read: Read,
        facts: Sequence[Proposal],
        groups: Sequence[_Group],
    ) -> None:
        self._view = view
        self._question = question
        self._vector = vector
        self._read = read
        self._groups = groups
        self._facts = facts
        self._stems_of = stems.of
        asked = [self._stems_of(name.text) for name in question.names]
        self._names = asked + [self._stems_of(word) for word in question.strange]
        in_names = frozenset(stem for name in self._names for stem in name)
        self._words = [term for term in question.terms if term.stem not in in_names]
        tops: defaultdict[int, FoundSpan | None] = defaultdict(lambda: None)
        for span in reversed(read.spans):
            tops[span.window] = span
        self._tops = [key_of(span.text) for span in tops.values() if span]
        likely = sum(span is not None and span.score > 0 for span in tops.values())
        self._answered = likely / len(read.windows) if read.windows else 0.0

    def candidate(self, group: _Group) -> ReadCandidate:
        sentences, led = self._evidence(group)
        own = self._stems_of(sentences[0].text) if sentences else frozenset[str]()
        said = [f"{each.title} {each.text}" for each in (*sentences[:1], *led)]
        followed = frozenset[str]()
        evidence = tuple(dict.fromkeys(each.id for each in (*sentences, *led)))
        if group.fact is not None:
            evidence = tuple(dict.fromkeys((*evidence, *group.fact.evidence)))
            followed = frozenset(step.relation for step, _ in group.fact.steps)
            proved = [each.text for each in self._view.concepts(group.fact.evidence)]
            said += proved
            own = own or self._stems_of(proved[0])
        stems = frozenset(stem for text in said for stem in self._stems_of(text))
        # What a relation that was followed stands for is as good as said.
        stems |= {term.stem for term in self._question.terms if not term.relations.isdisjoint(followed)}
        features = self._features(group, sentences, own, stems, evidence)
        missing = tuple(term.word for term in self._question.terms if term.stem not in stems)
        return ReadCandidate(
            group.text,
            tuple(group.spans),
            group.fact,
            evidence,
            features,
            missing,
            group.window,
            group.score,
        )

    def _evidence(self, group: _Group) -> tuple[list[Sentence], tuple[Sentence, ...]]:
        """The sentences that say it, the surest first, and those that led to the first."""
        if group.verdict is not None:
            window = self._read.windows[group.window]
            sentences = [sentence for _, sentence in window.places[window.led :]]
            sentences.sort(key=lambda each: -self._share(self._question.terms, self._stems_of(each.text)))
            return sentences[:2], self._leading(window)
        close = [each for each in group.spans if each.score >= group.score - _AGREES]
        sentences = list({each.sentence.id: each.sentence for each in close}.values())
        return sentences, self._leading(self._read.windows[group.window]) if sentences else ()

    def _leading(self, window: Window) -> tuple[Sentence, ...]:
        return tuple(sentence for _, sentence in window.places[: window.led])

    def _features(
        self,
        group: _Group,
        sentences: Sequence[Sentence],
        own: frozenset[str],
        stems: frozenset[str],
        evidence: tuple[int, ...],
    ) -> dict[str, float]:
        question, key = self._question, key_of(group.text)
        others = [
            other.score
            for other in self._groups
            if other is not group and not _overlap(key, key_of(other.text)) and other.score > _UNREAD
        ]
        facts = [each for each in self._facts if key_of(each.text) == key]
        against = [each.weight for each in self._facts if not _overlap(key, key_of(each.text))]
        fact = max((each.weight for each in facts), default=0.0)
        compared = group.fact is not None and group.fact.route == "comparison"
        read = group.score > _UNREAD
        windows = self._windows(group)
        sources = {each.source for each in sentences}
        cosine = float((self._view.vectors(list(evidence[:4])) @ self._vector).max()) if evidence else 0.0
        names = sum(name <= stems for name in self._names) / len(self._names) if self._names else 1.0
        tops = sum(_overlap(key, top) for top in self._tops) / len(self._tops) if self._tops else 0.0
        return {
            "score": _squashed(group.score) if read else 0.0,
            "read": float(read),
            "lead": _squashed(group.score - max(others)) if read and others else float(read),
            "agreement": tops,
            "sources": 1 - 1 / len(sources) if sources else 0.0,
            "fact": fact,
            "against": max(against, default=0.0) if not fact else 0.0,
            "compared": group.fact.weight if compared and group.fact is not None else 0.0,
            "coverage": self._share(self._words, stems),
            "window": max((self._share(question.terms, self._around(each)) for each in windows), default=0.0),
            "bridge": max((self._bridge(each) for each in windows), default=0.0),
            "directness": self._share(question.terms, own),
            "names": names,
            "named": float(bool(self._names)),
            "title": float(any(self._is_named(each.title) for each in windows)),
            "answered": self._answered,
            "similarity": max(cosine, 0.0),
            "sort": self._sort(group, sentences),
            "sorted": float(question.expected is not None),
            "rank": max((1 / (1 + each.chain) for each in windows), default=0.0),
            "chain": max((each.score for each in windows), default=0.0),
            "place": 1 / (1 + min(self._places(group))) if windows else 0.0,
            "promise": max((each.promise for each in windows), default=0.0),
            "hop": float(bool(windows) and all(each.led for each in windows)),
            "linked": float(any(each.linked for each in windows)),
            "steps": float(len(group.fact.steps) > 1) * group.fact.weight if group.fact else 0.0,
            "short": 1 / len(group.text.split()) if group.text.split() else 0.0,
            "verdict": float(group.verdict is not None),
            "negation": float(group.verdict is not None and group.text == "no"),
        }

    def _places(self, group: _Group) -> list[int]:
        """The windows, by their place, in which it was read about as surely as anywhere."""
        if group.verdict is not None:
            return [group.window]
        close = (each.window for each in group.spans if each.score >= group.score - _AGREES)
        return list(dict.fromkeys(close))

    def _windows(self, group: _Group) -> list[Window]:
        return [self._read.windows[at] for at in self._places(group)] if self._read.windows else []

    def _around(self, window: Window) -> frozenset[str]:
        """The words of a whole window and its title."""
        return self._stems_of(window.title) | self._stems_of(window.text)

    def _bridge(self, window: Window) -> float:
        """How much of the question the sentence has that leads on to another passage, by its title."""
        if not window.led:
            return 0.0
        title = self._stems_of(window.places[window.led][1].title)
        leading = [self._stems_of(each.text) for _, each in window.places[: window.led]]
        own = self._stems_of(window.title)
        return max(
            (self._share(self._question.terms, stems | own) for stems in leading if title and title <= stems),
            default=0.0,
        )

    def _is_named(self, title: str) -> bool:
        """Whether the question names what a window is about."""
        stems = self._stems_of(title)
        return bool(stems) and any(stems <= name or name <= stems for name in self._names if name)

    def _sort(self, group: _Group, sentences: Sequence[Sentence]) -> float:
        """How well it is of the sort asked for, in [0, 1]; one half where nobody knows."""
        expected = self._question.expected
        if expected is None or group.verdict is not None:
            return 0.5
        key = key_of(group.text)
        fits = [
            type_fit(expected, entity)
            for sentence in sentences
            for entity in sentence.entities
            if key_of(entity.text) == key
        ]
        if group.fact is not None:
            fits.append(group.fact.fit)
        return max(fits) if fits else _by_form(expected, group.text)

    def _share(self, terms: Sequence[Term], stems: frozenset[str]) -> float:
        total = sum(term.weight for term in terms)
        return sum(term.weight for term in terms if term.stem in stems) / total if total else 1.0


def _by_form(expected: EntityType, text: str) -> float:
    """Numbers and dates have digits, mostly, and names capitals; nothing else shows."""
    if expected in {"date", "number"}:
        return 0.7 if _DIGIT.search(text) else 0.3
    return 0.5 if text[:1].isupper() else 0.3


def _squashed(score: float) -> float:
    return max(-2.0, min(2.0, score / _SCALE))
