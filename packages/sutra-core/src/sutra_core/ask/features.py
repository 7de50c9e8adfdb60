"""What speaks for and against a candidate, in numbers: the features that the judge weighs.

Every feature is made of the question and of the evidence alone, has a fixed range, and is shown with the
answer. `docs/design/confidence.md` lists them. Judges nothing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sutra_core.ask.analyse import Question, Shares, share_of
from sutra_core.ask.facts import type_fit
from sutra_core.ask.groups import UNREAD, Group, key_of, overlaps
from sutra_core.ask.kept import kept
from sutra_core.ask.lists import asks_several
from sutra_core.ask.paths import Sentence
from sutra_core.ask.proposal import Proposal, Route
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.rivals import OtherTime, Rivals
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.ask.wording import denies
from sutra_core.types import EntityType, Floats, ReadView

__all__ = ["Features"]

# A span this much less sure than the best of its kind is no second witness.
_AGREES = 3.0
_SCALE = 10.0
# A question of so many words is as long as any.
_LONG = 20.0
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Scopes:
    """The words of the evidence as the index has them: of the sentence by itself; with its title; with what
    led to it; with the sentences around it instead; all together. `texts_around` and `texts` are what the
    last two are made of.
    """

    own: frozenset[str]
    told: frozenset[str]
    led: frozenset[str]
    around: frozenset[str]
    all: frozenset[str]
    texts_around: tuple[str, ...]
    texts: tuple[str, ...]


class Features:
    """What speaks for and against the candidates of one question."""

    def __init__(
        self,
        view: ReadView,
        question: Question,
        stems: Stems,
        vector: Floats,
        read: Read,
        proposed: Sequence[Proposal],
        groups: Sequence[Group],
    ) -> None:
        self._view = view
        self._question = question
        self._vector = vector
        self._read = read
        self._groups = groups
        self._proposed: defaultdict[Route, list[tuple[str, float]]] = defaultdict(list)
        for each in proposed:
            self._proposed[each.route].append((key_of(each.text), each.weight))
        self._look_up(stems)
        self._stems_of = stems.of
        self._share = Shares(question.terms).of
        # What is found of texts, by these.
        self._said_in: dict[str, list[str]] = {}
        self._orders: dict[str, float] = {}
        self._denied = denies(question.text)
        self._several = asks_several(question.text)
        self._rivals = Rivals(question, groups, read, stems.of)
        asked = [self._stems_of(name.text) for name in question.names]
        self._names = asked + [self._stems_of(word) for word in question.strange]
        in_names = frozenset(stem for name in self._names for stem in name)
        self._asked = in_names | {term.stem for term in question.terms}
        self._words = [term for term in question.terms if term.stem not in in_names]
        tops: defaultdict[int, list[FoundSpan]] = defaultdict(list)
        for span in read.spans:
            tops[span.window].append(span)
        self._tops = {at: (key_of(spans[0].text), spans[0].score) for at, spans in tops.items()}
        self._answering = {at: _answering([each.score for each in spans]) for at, spans in tops.items()}
        self._choices = {key_of(choice.text) for choice in question.choices}
        self._widest = max((self._share(self._around(each)) for each in read.windows), default=0.0)
        self._nearest = max(
            (each.similarity for window in read.windows for _, each in window.places), default=0.0
        )
        self._literals = [
            token.casefold()
            for number, token in enumerate(_WORD.findall(question.text))
            if any(c.isdigit() for c in token) or (number and token[0].isupper() and len(token) > 1)
        ]

    def _look_up(self, stems: Stems) -> None:
        """Fetches at once what is going to be looked at for each group."""
        proved = self._view.concepts([each for group in self._groups for each in _proof(group)])
        said = {span.sentence.text for group in self._groups for span in group.spans}
        for group in self._groups:
            if group.verdict is not None:
                said |= {each.text for _, each in self._read.windows[group.window].places}
        stems.of_each(
            [
                *(word for text in sorted(said) for word in _WORD.findall(text)),
                *(group.text for group in self._groups),
                *(each.text for each in proved),
            ]
        )
        self._view.vectors([each.id for each in proved])

    def of(self, group: Group) -> tuple[tuple[int, ...], dict[str, float], tuple[str, ...]]:
        """A candidate's evidence, its features by name, and the words of the question without evidence."""
        sentences, led = self._evidence(group)
        proved = [each.text for each in self._view.concepts(_proof(group))]
        evidence = tuple(dict.fromkeys(each.id for each in (*sentences, *led)))
        evidence += tuple(each for each in _proof(group) if each not in evidence)
        scopes = self._scopes(group, sentences, led, proved)
        missing = tuple(term.word for term in self._question.terms if term.stem not in scopes.led)
        return evidence, self._features(group, sentences, scopes, evidence), missing

    def other_times(self, group: Group) -> tuple[OtherTime, ...]:
        """What is said of earlier or later times than a candidate."""
        return self._rivals.other_times(group)

    def _scopes(
        self, group: Group, sentences: Sequence[Sentence], led: Sequence[Sentence], proved: Sequence[str]
    ) -> _Scopes:
        """How far the evidence reaches: from the sentence that says it to all that was looked at."""
        said = [each.text for each in sentences[:1]]
        titled = [each.title for each in sentences[:1]]
        own = said or list(proved[:1])
        # What a relation that was followed stands for is as good as said.
        followed = (
            frozenset(step.relation for step, _ in group.fact.steps) if group.fact else frozenset[str]()
        )
        plain = {term.stem for term in self._question.terms if not term.relations.isdisjoint(followed)}
        windows = self._windows(group)[:1]
        beside = [each.text for window in windows for _, each in window.places[window.led :]]
        before = [text for each in led for text in (each.title, each.text)]
        told = [*said, *titled, *proved]
        return _Scopes(
            self._stems(own),
            self._stems(told) | plain,
            self._stems([*told, *before]) | plain,
            self._stems([*told, *beside]) | plain,
            self._stems([*told, *before, *beside]) | plain,
            (*told, *beside),
            (*told, *before, *beside),
        )

    def _stems(self, texts: Sequence[str]) -> frozenset[str]:
        return frozenset[str]().union(*map(self._stems_of, texts))

    def _evidence(self, group: Group) -> tuple[list[Sentence], tuple[Sentence, ...]]:
        """The sentences that say it, the surest first, and those that led to the first."""
        if group.verdict is not None:
            window = self._read.windows[group.window]
            sentences = [sentence for _, sentence in window.places[window.led :]]
            sentences.sort(key=lambda each: -self._share(self._stems_of(each.text)))
            return sentences[:2], self._leading(window)
        agrees = math.inf if group.items else _AGREES
        close = [each for each in group.spans if each.score >= group.score - agrees]
        sentences = list({each.sentence.id: each.sentence for each in close}.values())
        return sentences, self._leading(self._read.windows[group.window]) if sentences else ()

    def _leading(self, window: Window) -> tuple[Sentence, ...]:
        return tuple(sentence for _, sentence in window.places[: window.led])

    def _features(
        self,
        group: Group,
        sentences: Sequence[Sentence],
        scopes: _Scopes,
        evidence: tuple[int, ...],
    ) -> dict[str, float]:
        question, key = self._question, key_of(group.text)
        windows = self._windows(group)
        sources = {each.source for each in sentences}
        cosine = float((self._view.vectors(list(evidence[:4])) @ self._vector).max()) if evidence else 0.0
        fact = self._strength("fact", key)
        nearness = max((max(each.similarity, 0.0) for each in sentences[:1]), default=0.0)
        return {
            **self._reading(group, key),
            "sources": 1 - 1 / len(sources) if sources else 0.0,
            "fact": fact,
            "against": 0.0 if fact else self._contrary("fact", key),
            "compared": self._strength("comparison", key),
            "compared otherwise": self._contrary("comparison", key),
            "bridged": self._strength("bridge", key),
            "mentioned": self._strength("mention", key),
            "choice": float(key in self._choices),
            "choices": float(bool(self._choices)),
            "directness": self._share(scopes.own),
            "coverage": share_of(self._words, scopes.led, of_none=1.0),
            "window": self._share(scopes.all),
            "widest": self._widest,
            "unsaid": self._unsaid(scopes.all),
            "bridge": max((self._bridge(each) for each in windows), default=0.0),
            "names": self._named(scopes.told),
            "names around": self._named(scopes.around),
            "names led": self._named(scopes.led),
            "named": float(bool(self._names)),
            "literal": self._literal(scopes.texts_around),
            "literal led": self._literal(scopes.texts),
            "literals": min(len(self._literals), 4) / 4,
            "strangers": self._strangers(key, sentences),
            "denied": float(self._denied),
            "denial": float(any(denies(each.text) for each in sentences[:1])),
            "denial amiss": self._denial_amiss(sentences),
            "order": self._order(sentences),
            **self._rivals.fit(group),
            "several": float(self._several == "list"),
            "counting": float(self._several == "count"),
            "items": 1 - 1 / group.items if group.items else 0.0,
            "counted": self._strength("count", key),
            "long": min(len(question.terms), _LONG) / _LONG,
            "title": float(any(self._is_named(each.title) for each in windows)),
            "similarity": max(cosine, 0.0),
            "nearness": nearness,
            "nearest": self._nearest,
            "near": nearness / self._nearest if self._nearest > 0 else 0.0,
            "sort": self._sort(group, sentences),
            "sorted": float(question.expected is not None),
            "manner": float(question.manner is not None),
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

    def _reading(self, group: Group, key: str) -> dict[str, float]:
        """What the reader says of it, in its window and in the others."""
        read = group.score > UNREAD
        rivals = [
            other.score
            for other in self._groups
            if other is not group and not overlaps(key, key_of(other.text)) and other.score > UNREAD
        ]
        count = len(self._read.windows) or 1
        agreeing = sum(overlaps(key, top) for top, _ in self._tops.values())
        likely = sum(score > 0 for _, score in self._tops.values())
        otherwise = sum(score > 0 and not overlaps(key, top) for top, score in self._tops.values())
        beside = [
            span.score
            for span in self._read.spans
            if span.window == group.window and not overlaps(key, key_of(span.text))
        ]
        return {
            "score": _squashed(group.score) if read else 0.0,
            "read": float(read),
            "lead": _squashed(group.score - max(rivals)) if read and rivals else float(read),
            "contest": _squashed(group.score - max(beside)) if group.spans and beside else float(read),
            "answering": self._answering.get(group.window, 0.0) if group.spans else 0.0,
            "agreement": agreeing / len(self._tops) if self._tops else 0.0,
            "answered": likely / count,
            "otherwise": otherwise / count,
        }

    def _strength(self, route: Route, key: str) -> float:
        """How surely a way beside reading says it, in [0, 1]."""
        return max((weight for said, weight in self._proposed[route] if said == key), default=0.0)

    def _contrary(self, route: Route, key: str) -> float:
        """How surely it says something else."""
        others = (weight for said, weight in self._proposed[route] if not overlaps(key, said))
        return max(others, default=0.0)

    def _named(self, stems: frozenset[str]) -> float:
        """The share of the question's names that are among these words; 1 of no names."""
        return sum(name <= stems for name in self._names) / len(self._names) if self._names else 1.0

    def _literal(self, texts: Sequence[str]) -> float:
        """The share of the question's capitalised words and numbers that stand there as written."""
        if not self._literals:
            return 1.0
        words = kept(self._said_in, texts, lambda each: (_WORD.findall(text.casefold()) for text in each))
        said = set[str]().union(*words)
        return sum(each in said for each in self._literals) / len(self._literals)

    def _denial_amiss(self, sentences: Sequence[Sentence]) -> float:
        """Whether one of question and sentence says "not" and the other does not; 0 without a sentence."""
        return float(any(denies(each.text) != self._denied for each in sentences[:1]))

    def _order(self, sentences: Sequence[Sentence]) -> float:
        """The share of the question's words that follow each other in the sentence too; one half of none."""
        return kept(self._orders, [sentences[0].text], self._orders_of)[0] if sentences else 0.5

    def _orders_of(self, texts: Sequence[str]) -> list[float]:
        return [self._order_of(text) for text in texts]

    def _order_of(self, text: str) -> float:
        place: dict[str, int] = {}
        for at, word in enumerate(_WORD.findall(text)):
            for stem in self._stems_of(word):
                place.setdefault(stem, at)
        found = [place[term.stem] for term in self._question.terms if term.stem in place]
        if len(found) < 2:
            return 0.5
        return sum(one < other for one, other in pairwise(found)) / (len(found) - 1)

    def _strangers(self, key: str, sentences: Sequence[Sentence]) -> float:
        """How many names the sentence has, of three, that are neither the question's nor the answer."""
        asked = self._asked
        found = {
            each.id
            for sentence in sentences[:1]
            for each in sentence.entities
            if each.entity_type not in {"date", "number"}
            and not overlaps(key, key_of(each.text))
            and not self._stems_of(each.text) <= asked
        }
        return min(len(found), 3) / 3

    def _unsaid(self, stems: frozenset[str]) -> float:
        """The weight of the rarest word of the question that is missing, by that of its rarest word."""
        rarest = max((term.weight for term in self._question.terms), default=0.0)
        missing = (term.weight for term in self._question.terms if term.stem not in stems)
        return max(missing, default=0.0) / rarest if rarest else 0.0

    def _places(self, group: Group) -> list[int]:
        """The windows, by their place, in which it was read about as surely as anywhere."""
        if group.verdict is not None:
            return [group.window]
        close = (each.window for each in group.spans if each.score >= group.score - _AGREES)
        return list(dict.fromkeys(close))

    def _windows(self, group: Group) -> list[Window]:
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
            (self._share(stems | own) for stems in leading if title and title <= stems),
            default=0.0,
        )

    def _is_named(self, title: str) -> bool:
        """Whether the question names what a window is about."""
        stems = self._stems_of(title)
        return bool(stems) and any(stems <= name or name <= stems for name in self._names if name)

    def _sort(self, group: Group, sentences: Sequence[Sentence]) -> float:
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


def _proof(group: Group) -> tuple[int, ...]:
    """The statements of the fact or comparison that says it too."""
    return group.fact.evidence if group.fact else ()


def _by_form(expected: EntityType, text: str) -> float:
    """Numbers and dates have digits, mostly, and names capitals; nothing else shows."""
    if expected in {"date", "number"}:
        return 0.7 if _DIGIT.search(text) else 0.3
    return 0.5 if text[:1].isupper() else 0.3


def _squashed(score: float) -> float:
    return max(-2.0, min(2.0, score / _SCALE))


def _answering(scores: Sequence[float]) -> float:
    """The probability, as the reader holds it, that a window has an answer at all, by its best spans."""
    best = max(scores)
    logit = best + math.log(sum(math.exp(each - best) for each in scores))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit / 2))))
