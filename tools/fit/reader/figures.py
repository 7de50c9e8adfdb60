"""EM, F1 and AUROC of candidates: the best span of each question over the windows of its passage."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from answers.calibration import auroc
from answers.scoring import RIGHT, exact_match, token_f1
from common import Question

WINDOW = 100
"""The pieces of a window, about what the engine offers."""
STRIDE = 50

HEADER = ("questions", "answerable", "exact", "F1", "AUROC answerable", "AUROC right")

Candidate = tuple[str, float]
"""The text of the best span and its margin."""


def figures(questions: Sequence[Question], found: Sequence[Candidate]) -> list[object]:
    """What `HEADER` names, in per cent."""
    answerable = [
        (text, margin, question.answers)
        for question, (text, margin) in zip(questions, found, strict=True)
        if question.answerable
    ]
    others = [
        margin for question, (_, margin) in zip(questions, found, strict=True) if not question.answerable
    ]
    exact = [max(exact_match(text, each) for each in answers) for text, _, answers in answerable]
    near = [max(token_f1(text, each) for each in answers) for text, _, answers in answerable]
    right = [margin for (_, margin, _), f1 in zip(answerable, near, strict=True) if f1 >= RIGHT]
    wrong = [margin for (_, margin, _), f1 in zip(answerable, near, strict=True) if f1 < RIGHT]
    return [
        len(questions),
        len(answerable),
        100 * statistics.fmean(exact),
        100 * statistics.fmean(near),
        _percent(auroc([margin for _, margin, _ in answerable], others)),
        _percent(auroc(right, wrong + others)),
    ]


def _percent(value: float | None) -> object:
    return "-" if value is None else 100 * value
