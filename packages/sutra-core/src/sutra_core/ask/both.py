"""Answers by comparing what is read of both sides: dates, numbers, verdicts, values.

Each side is asked for by itself, of the most promising window that speaks of it: on questions to fit on, more
windows found no more. What was read is compared, and both sentences are the evidence. Where one side says
nothing there is no answer here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sutra_core.ask.analyse import Question
from sutra_core.ask.compare import before_christ, date_key
from sutra_core.ask.groups import overlap
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, spans_in
from sutra_core.ask.sides import Side, Sides, sides_of
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.reader import Reader, Reading, WindowText

__all__ = ["propose_sides"]

# A score or a verdict of so much is nearly sure.
_SURE = 4.0
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NUMERALS = tuple("zero one two three four five six seven eight nine ten eleven twelve".split())  # noqa: SIM905

Value = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read of one side: its text and value, the sentence, and how surely, in (0, 1)."""

    text: str
    value: Value
    statement: int
    sure: float


def propose_sides(
    reader: Reader, question: Question, stems: Stems, windows: Sequence[Window]
) -> list[Proposal]:
    """What follows from the two sides of a question that compares; nothing for any other."""
    sides = sides_of(question)
    if sides is None:
        return []
    named = [side.name.text for side in (sides.one, sides.other)]
    stems.of_each([*named, *(text for each in windows for text in (each.title, each.text))])
    about = [
        next((each for each in windows if _speaks_of(each, side, stems)), None)
        for side in (sides.one, sides.other)
    ]
    if about[0] is None or about[1] is None:
        return []
    one, other = _read(reader, sides, (about[0], about[1]), stems)
    if one is None or other is None:
        return []
    evidence = tuple(dict.fromkeys((one.statement, other.statement)))
    both = one.sure * other.sure
    if sides.compared == "both":
        text, strength = ("yes", both) if both >= 0.5 else ("no", 1 - both)
        return [Proposal(text, 0, "comparison", evidence, strength, 1.0)]
    if sides.compared == "same":
        text = "yes" if overlap(one.text, other.text) else "no"
        return [Proposal(text, 0, "comparison", evidence, both, 1.0)]
    if sides.compared == "verdict":
        chosen, strength = (sides.one, one.sure) if one.sure > other.sure else (sides.other, other.sure)
        strength *= 1 - min(one.sure, other.sure)
    else:
        least = _lesser(one.value, other.value)
        if least is None:
            return []
        chosen, strength = (sides.one if (least < 0) == (sides.order < 0) else sides.other), both
    return [Proposal(chosen.name.text, chosen.name.entities[0], "comparison", evidence, strength, 1.0)]


def _lesser(one: Value, other: Value) -> int | None:
    """-1 where the first is the lesser, 1 where the second is, None where what is known does not say."""
    for own, their in zip(one, other, strict=True):
        if own != their:
            known = len(one) == 1 or (own and their)
            return (-1 if own < their else 1) if known else None
    return None


def _read(
    reader: Reader, sides: Sides, about: tuple[Window, Window], stems: Stems
) -> tuple[_Found | None, _Found | None]:
    """What the most promising window about each side says of it."""
    asked = [
        (side.question, [WindowText(window.title, window.text)])
        for side, window in zip((sides.one, sides.other), about, strict=True)
    ]
    (one,), (other,) = reader.read_several(asked)
    return (
        _found(sides, sides.one, about[0], one, stems),
        _found(sides, sides.other, about[1], other, stems),
    )


def _found(sides: Sides, side: Side, window: Window, reading: Reading, stems: Stems) -> _Found | None:
    if sides.compared in {"verdict", "both"}:
        margin = reading.yes - max(reading.no, 0.0)
        return _Found("", (), window.places[window.led][1].id, _chance(margin))
    spans = spans_in(stems, stems.of(side.question), (), window, reading, 0)
    valued = [(value, span) for span in spans if (value := _value(sides, span)) is not None]
    if not valued:
        return None
    value, span = max(valued, key=lambda each: each[1].score)
    return _Found(span.text, value, span.sentence.id, _chance(span.score))


def _speaks_of(window: Window, side: Side, stems: Stems) -> bool:
    name = stems.of(side.name.text)
    title = stems.of(window.title)
    return bool(name) and (name <= title or (bool(title) and title <= name) or name <= stems.of(window.text))


def _value(sides: Sides, span: FoundSpan) -> Value | None:
    """What a span is compared by; None where it is nothing of the kind."""
    if sides.compared == "same":
        return ()
    if sides.compared == "date":
        key = date_key(span.text)
        return None if key is None or before_christ(span.sentence.text) else key
    digits = _NUMBER.search(span.text)
    if digits:
        return (float(digits.group().replace(",", "")),)
    words = [_NUMERALS.index(word) for word in span.text.lower().split() if word in _NUMERALS]
    return (float(words[0]),) if words else None


def _chance(score: float) -> float:
    return 1 / (1 + math.exp(-4 * score / _SURE))
