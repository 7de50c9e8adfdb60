"""Step: what a reader makes of the windows: spans that may be the answer, and verdicts.

Reads the most promising windows first, and more only as long as it is asked for more. Decides nothing: it
leaves out what is no answer by its form, and keeps everything else with how sure the reader was.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sutra_core.ask.analyse import Question, says_nothing
from sutra_core.ask.paths import Sentence
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.reader import Reader, Reading, Span, WindowText

__all__ = ["FoundSpan", "Read", "Verdict", "read_windows", "spans_in"]

# Windows that are read before it is looked whether they settle the question.
_STAGES = (2, 6)
# Punctuation that an answer neither begins nor ends with.
_EDGES = " \t\n.,;:!?…\"'“”‘’«»–—-"
_BRACKETS = {"(": ")", "[": "]"}
_WORD = re.compile(r"\w")
_ADDRESS = re.compile(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """A span of a sentence: characters `start` to `end` of its text, which are `text`.

    `score` is the reader's, see `Span`; `window` the place of its window among those that were read.
    """

    text: str
    sentence: Sentence
    start: int
    end: int
    score: float
    window: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a window says to a question for yes or no: logits less that of "neither"."""

    yes: float
    no: float
    window: int


@dataclass(frozen=True, slots=True)
class Read:
    """The windows that were read, in their order, and what was found in them, the surest first."""

    windows: tuple[Window, ...]
    spans: tuple[FoundSpan, ...]
    verdicts: tuple[Verdict, ...]


def read_windows(
    reader: Reader, question: Question, stems: Stems, windows: Sequence[Window]
) -> Iterator[Read]:
    """Reads the windows, a few at a time, and yields what was read so far after each few."""
    asked = {term.stem for term in question.terms}
    offered = {choice.text.casefold() for choice in question.choices}
    spans: list[FoundSpan] = []
    verdicts: list[Verdict] = []
    done = 0
    for stage in _STAGES:
        batch = windows[done:stage]
        shown = [WindowText(each.title, each.text) for each in batch]
        readings = reader.read(question.text, shown) if shown else []
        stems.of_each(_texts_of(batch, readings))
        for number, (window, reading) in enumerate(zip(batch, readings, strict=True), done):
            verdicts.append(Verdict(reading.yes, reading.no, number))
            spans += spans_in(stems, asked, offered, window, reading, number)
        done += len(batch)
        spans.sort(key=lambda each: (-each.score, each.window, each.start))
        yield Read(tuple(windows[:done]), tuple(spans), tuple(verdicts))
        if done == len(windows):
            return


def _texts_of(windows: Sequence[Window], readings: Sequence[Reading]) -> Iterator[str]:
    """The texts of windows, and of what was read in them."""
    for window, reading in zip(windows, readings, strict=True):
        yield from (window.title, window.text)
        for span in reading.spans:
            if placed := _placed(window, span):
                sentence, start, end = placed
                yield sentence.text[start:end]


def spans_in(
    stems: Stems,
    asked: Collection[str],
    offered: Collection[str],
    window: Window,
    reading: Reading,
    number: int,
) -> list[FoundSpan]:
    """What was read in one window, less what is no answer: `asked` are the question's words, `offered` what
    it offers to choose from.
    """
    found: list[FoundSpan] = []
    for span in reading.spans:
        placed = _placed(window, span)
        if placed is None:
            continue
        sentence, start, end = placed
        text = sentence.text[start:end]
        words = stems.of(text)
        # "12" may have no words for the index; what the question offers to choose from repeats its words.
        repeated = bool(words) and words <= frozenset(asked) and text.casefold() not in offered
        if repeated or says_nothing(text) or _is_no_answer(text, sentence):
            continue
        found.append(FoundSpan(text, sentence, start, end, span.score, number))
    return found


def _placed(window: Window, span: Span) -> tuple[Sentence, int, int] | None:
    """The span's sentence and its characters in it, without punctuation at its ends."""
    start, end = span.start, span.end
    text = window.text
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    for opening, closing in _BRACKETS.items():
        if start < end and text[start] == opening and closing not in text[start:end]:
            start += 1
        if start < end and text[end - 1] == closing and opening not in text[start:end]:
            end -= 1
    at = window.sentence_at(start, end)
    if at is None or start >= end:
        return None
    sentence, begins = at
    return sentence, start - begins, end - begins


def _is_no_answer(text: str, sentence: Sentence) -> bool:
    """What is no answer by its form: nothing, an address, a question, a heading."""
    if not _WORD.search(text) or _ADDRESS.match(text):
        return True
    return sentence.text.rstrip().endswith("?")
