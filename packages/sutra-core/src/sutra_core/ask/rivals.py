"""Which candidates say the same thing of another time, and which of them the question means.

"It costs 12 euros" and "the price was raised to 15 euros" answer one question, each for its time. Knows what
was read alone; the judge weighs what is found here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sutra_core.ask.analyse import Question, share_of
from sutra_core.ask.days import stretches_in
from sutra_core.ask.groups import Group, key_of, overlap
from sutra_core.ask.paths import Sentence
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.times import Told, asked_time, earlier_of, fits_better, told_time, written_day
from sutra_core.ask.ways import LEFT_OUT
from sutra_core.ask.wording import tells_change

__all__ = ["OtherTime", "Rivals"]

# An answer this much less sure than the best is a name like any other.
_ANSWERS = 8.0
# Of the most that any sentence has of the question's words, one about the same thing has this much.
_ABOUT = 0.6
# A sentence that tells of a change may stand so many after the one that says of what.
_AFTER = 2


@dataclass(frozen=True, slots=True)
class OtherTime:
    """What is said of an earlier time than an answer, or of a later one, and the statement that says it."""

    text: str
    statement: int
    earlier: bool


class Rivals:
    """The candidates of one question that were read, by the time of which they are so."""

    def __init__(
        self,
        question: Question,
        groups: Sequence[Group],
        read: Read,
        stems_of: Callable[[str], frozenset[str]],
    ) -> None:
        self._asked = None if "times" in LEFT_OUT else asked_time(question.text)
        self._stems_of = stems_of
        self._names = [stems_of(name.text) for name in question.names]
        self._read = [group for group in groups if group.spans and key_of(group.text)]
        self._told = {id(group): _told(group.spans[0]) for group in self._read}
        best = max((group.score for group in self._read), default=0.0)
        self._answers = [stems_of(each.text) for each in self._read if each.score >= best - _ANSWERS]
        self._said: defaultdict[int, list[Group]] = defaultdict(list)
        for group in sorted(self._read, key=lambda each: -each.score):
            self._said[self._told[id(group)].statement].append(group)
        # Most of this is for nothing where no time is asked for.
        self._about = self._statements_about(question, read) if self._asked else set[int]()

    def fit(self, group: Group) -> dict[str, float]:
        """`timely` where it fits the time asked for better than another, `untimely` where worse than one;
        `further` how many of the others of its source stand before it, less those after it, as a share.
        """
        found = {"timely": 0.0, "untimely": 0.0, "further": 0.0}
        own = self._told.get(id(group))
        if self._asked is None or own is None:
            return found
        rivals = self._rivals(group)
        if not rivals:
            return found
        fits = [fits_better(self._asked, own, self._told[id(other)]) for other in rivals]
        found["untimely"] = float(min(fits) < 0)
        found["timely"] = float(min(fits) >= 0 and max(fits) > 0)
        beside = [told for other in rivals if (told := self._told[id(other)]).source == own.source]
        if beside:
            after = sum(one.statement < own.statement for one in beside)
            before = sum(one.statement > own.statement for one in beside)
            sign = -1 if self._asked.era == "former" else 1
            found["further"] = sign * (after - before) / len(beside)
        return found

    def other_times(self, group: Group) -> tuple[OtherTime, ...]:
        """What was read of other times than this, as far as that is known, the earlier first; nothing where
        the question asks for no time.
        """
        own = self._told.get(id(group))
        if own is None or self._asked is None:
            return ()
        ordered = [(earlier_of(self._told[id(other)], own), other) for other in self._rivals(group)]
        return tuple(
            OtherTime(other.text, other.spans[0].sentence.id, order < 0)
            for order, other in sorted(ordered, key=lambda each: each[0])
            if order
        )

    def _rivals(self, group: Group) -> list[Group]:
        """What answers alike and says something else, of the same thing."""
        return [
            other
            for other in self._read
            if other is not group
            and not overlap(group.text, other.text)
            and self._alike(self._told[id(group)], self._told[id(other)], group, other)
        ]

    def _alike(self, own: Told, their: Told, group: Group, other: Group) -> bool:
        """Whether they are the best of two sentences about what is asked, or one tells of both."""
        if own.statement == their.statement:
            return (own.left and their.reached) or (own.reached and their.left)
        if not {own.statement, their.statement} <= self._about:
            return False
        return self._is_first(group, other) and self._is_first(other, group)

    def _is_first(self, group: Group, other: Group) -> bool:
        """Whether it is the surest of what its sentence says, the other's words left aside."""
        beside = self._said[self._told[id(group)].statement]
        return next(each for each in beside if each is group or not overlap(each.text, other.text)) is group

    def _statements_about(self, question: Question, read: Read) -> set[int]:
        """The statements that have the question's words, and those after them with a change or a time."""
        sentences = {each.id: each for window in read.windows for _, each in window.places}
        shares = {
            at: share_of(question.terms, self._stems_of(each.text) | self._stems_of(each.title))
            for at, each in sentences.items()
        }
        least = _ABOUT * max(shares.values(), default=0.0)
        about = {at for at, share in shares.items() if share >= least and self._of_named(sentences[at])}
        for window in read.windows:
            places = [each for _, each in window.places]
            for at, each in enumerate(places):
                if each.id in about:
                    continue
                before = {one.id for one in places[max(at - _AFTER, 0) : at] if one.source == each.source}
                changes = tells_change(each.text) or stretches_in(each.text)
                if before & about and changes and self._of_named(each):
                    about.add(each.id)
        return about

    def _of_named(self, sentence: Sentence) -> bool:
        """Whether a sentence has the names of the question, or no names but likely answers and its own."""
        stems = self._stems_of(sentence.text) | self._stems_of(sentence.title)
        if all(name <= stems for name in self._names):
            return True
        others = (
            self._stems_of(each.text)
            for each in sentence.entities
            if each.entity_type not in {"date", "number"}
        )
        said = [self._stems_of(each.text) for each in self._said.get(sentence.id, ())[:1]]
        answers = [*self._answers, *said]
        return all(any(name <= answer or answer <= name for answer in answers) for name in others)


def _told(span: FoundSpan) -> Told:
    sentence = span.sentence
    return told_time(
        sentence.text,
        span.start,
        span.end,
        source=sentence.source,
        statement=sentence.id,
        written=written_day(sentence.written, sentence.title),
    )
