"""Step: the candidates in the judge's order, each with the probability that it is right."""

from __future__ import annotations

from collections.abc import Sequence

from sutra_core.ask.aggregate import Candidate
from sutra_core.ask.answer import Reading
from sutra_core.ask.candidates import ReadCandidate
from sutra_core.ask.groups import key_of, overlap
from sutra_core.ask.judge import Judge
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import Read

__all__ = ["weigh"]


def weigh(found: Sequence[ReadCandidate], read: Read, judge: Judge) -> list[Candidate]:
    """The answer first, each as likely as the judge holds it and what says the same."""
    proved = [each for each in found if each.evidence]
    rated = list(zip(judge.logits([each.features for each in proved]), proved, strict=True))
    rated.sort(key=lambda pair: (-pair[0], pair[1].text))
    logits = [logit for logit, _ in rated]
    return [
        Candidate(
            _proposal(each),
            each.evidence,
            each.features,
            judge.confidence(logits, [overlap(each.text, other.text) for _, other in rated]),
            each.missing,
            _reading(each, read),
            each.other_times,
            _window(each, read),
        )
        for _, each in rated
    ]


def _proposal(found: ReadCandidate) -> Proposal:
    """The candidate as the steps of explaining know it."""
    if found.fact is not None:
        return found.fact
    if not found.spans:
        return Proposal(found.text, 0, "verdict", found.evidence, 1.0, 1.0)
    key = key_of(found.text)
    sentence = found.spans[0].sentence
    named = next((each.id for each in sentence.entities if key_of(each.text) == key), sentence.id)
    return Proposal(found.text, named, "span", found.evidence, 1.0, 1.0)


def _reading(found: ReadCandidate, read: Read) -> Reading | None:
    count = len(read.windows)
    if found.spans:
        span = found.spans[0]
        window = read.windows[span.window]
        begins = next(start for start, each in window.places if each is span.sentence)
        start, end = begins + span.start, begins + span.end
        return Reading(window.title, window.text, start, end, span.score, count, *_votes(found.text, read))
    if found.features["verdict"]:
        window = read.windows[found.window]
        return Reading(window.title, window.text, 0, 0, found.score, count, *_verdicts(found.text, read))
    return None


def _window(found: ReadCandidate, read: Read) -> tuple[int, ...]:
    """The statements of the window that `_reading` shows."""
    if found.spans:
        return tuple(sentence.id for _, sentence in read.windows[found.spans[0].window].places)
    if found.features["verdict"]:
        return tuple(sentence.id for _, sentence in read.windows[found.window].places)
    return ()


def _votes(text: str, read: Read) -> tuple[int, int]:
    """How many windows have it as their best span, and how many something else likelier than nothing."""
    best = {each.window: each for each in reversed(read.spans)}.values()
    agreeing = [overlap(text, each.text) for each in best]
    against = sum(each.score > 0 and not agrees for each, agrees in zip(best, agreeing, strict=True))
    return sum(agreeing), against


def _verdicts(text: str, read: Read) -> tuple[int, int]:
    """How many windows say it, and how many the other, likelier than neither."""
    yes = sum(each.yes > max(each.no, 0.0) for each in read.verdicts)
    no = sum(each.no > max(each.yes, 0.0) for each in read.verdicts)
    return (yes, no) if text == "yes" else (no, yes)
