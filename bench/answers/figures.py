"""The figures of a run, counted over its outcomes.

Shares are in [0, 1], and None where there is nothing to count.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from answers.calibration import auroc, equal_mass_bins, expected_calibration_error
from answers.scoring import Outcome

SURE = (0.8, 0.9)
"""The confidences that a user may ask for."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good candidates and answers are.

    `exact` and `f1` are means over the answerable questions of the first candidate, given or withheld.
    `answered` is the share of all questions that got an answer, `precision` the share of these that is right.
    """

    questions: int
    answerable: int
    exact: float | None
    f1: float | None
    answered: float | None
    precision: float | None


@dataclass(frozen=True, slots=True)
class Trust:
    """How far confidence can be trusted, over all questions; no candidate is a wrong one of confidence 0.

    `auroc_right` ranks right above wrong, `auroc_answerable` answerable above unanswerable; `refused_*` are
    the shares of these that got no answer.
    """

    auroc_right: float | None
    calibration_error: float | None
    auroc_answerable: float | None
    refused_unanswerable: float | None
    refused_answerable: float | None


@dataclass(frozen=True, slots=True)
class Sure:
    """The candidates of at least a confidence: how many, how many of them are right, and the share of the
    answerable questions that have one."""

    confidence: float
    count: int
    precision: float | None
    of_answerable: float | None


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How well confidence tells answerable questions whose gold documents were all learned from others.

    `auroc_none` from those that had none of them learned, `auroc_not_all` from all that lack one.
    """

    auroc_none: float | None
    auroc_not_all: float | None


def quality(outcomes: Sequence[Outcome], threshold: float) -> Quality:
    """The quality of some questions, where `threshold` is the least confidence of an answer."""
    answerable = [each for each in outcomes if each.question.answerable]
    given = [each for each in outcomes if each.given(threshold)]
    return Quality(
        len(outcomes),
        len(answerable),
        _mean(each.exact for each in answerable),
        _mean(each.f1 for each in answerable),
        _mean(each.given(threshold) for each in outcomes),
        _mean(each.right for each in given),
    )


def trust(outcomes: Sequence[Outcome], threshold: float) -> Trust:
    """What confidence is worth over all questions of a set."""
    answerable, unanswerable = _parted(outcomes, lambda each: each.question.answerable)
    right, wrong = _parted(outcomes, lambda each: each.right)
    bins = equal_mass_bins([each.confidence for each in outcomes], [each.right for each in outcomes])
    return Trust(
        _auroc(right, wrong),
        expected_calibration_error(bins),
        _auroc(answerable, unanswerable),
        _mean(not each.given(threshold) for each in unanswerable),
        _mean(not each.given(threshold) for each in answerable),
    )


def sure(outcomes: Sequence[Outcome], confidence: float) -> Sure:
    """The candidates that are at least so sure, whatever the threshold."""
    found = [each for each in outcomes if each.given(confidence)]
    answerable = [each for each in outcomes if each.question.answerable]
    return Sure(
        confidence,
        len(found),
        _mean(each.right for each in found),
        _mean(each.given(confidence) for each in answerable),
    )


def forgetting(outcomes: Sequence[Outcome]) -> Forgetting:
    """What confidence tells of gold documents that were never learned."""
    groups = by_learned(outcomes)
    whole, part, none = (groups.get(name, []) for name in ("all learned", "some learned", "none learned"))
    return Forgetting(_auroc(whole, none), _auroc(whole, part + none))


def by_type(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each type of question, by its name."""
    return _grouped(outcomes, lambda each: each.question.kind)


def by_learned(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes by how many of their gold documents were learned; what cannot be answered has none."""
    return _grouped(outcomes, _learned)


def _learned(outcome: Outcome) -> str:
    if outcome.learned is None or not outcome.question.answerable:
        return "no gold"
    return {1.0: "all learned", 0.0: "none learned"}.get(outcome.learned, "some learned")


def _grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return dict(sorted(groups.items()))


def _parted(
    outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]
) -> tuple[list[Outcome], list[Outcome]]:
    return [each for each in outcomes if holds(each)], [each for each in outcomes if not holds(each)]


def _auroc(positive: Sequence[Outcome], negative: Sequence[Outcome]) -> float | None:
    return auroc([each.confidence for each in positive], [each.confidence for each in negative])


def _mean(values: Iterable[float]) -> float | None:
    some = list(values)
    return statistics.fmean(some) if some else None
