"""Fits the judge to rows: a conditional logit with "none" among the choices, then a calibration.

Every set counts the same however many questions it has, up to a root. Weights of what speaks for a candidate
are kept at 0 or above, of what speaks against it at 0 or below. Reports each set as a sister that never saw
it would judge it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from answers.calibration import auroc, equal_mass_bins, expected_calibration_error
from common import print_table
from fit.judge.rows import Asked, read_rows
from fit.judge.threshold import threshold_for

from sutra_core.ask.candidates import overlap
from sutra_core.ask.judge import Judge, fitted_judge, terms_of

FOR = (
    "score",
    "lead",
    "agreement",
    "sources",
    "fact",
    "compared",
    "coverage",
    "window",
    "bridge",
    "title",
    "directness",
    "names",
    "similarity",
    "rank",
    "chain",
    "promise",
    "place",
    "linked",
    "steps",
    "span score",
    "span score when sure",
    "verdict score",
    "score and names",
    "score and coverage",
    "plain",
    "every name",
    "sort known",
    "fact alone",
    "fact and coverage",
)
"""What never makes a candidate less likely."""
AGAINST = ("against", "no name", "hop alone")
"""What never makes it more likely."""
PROMISED = 0.8
"""The share of answers that the shipped threshold promises to be right."""
_RIDGE = 0.02
_STEPS, _RATE = 3000, 0.03


def fit_and_report(rows: Path, out: Path) -> None:
    """Fits, writes the judge, and prints how well sisters do on the sets that they did not see."""
    asked = read_rows(rows)
    sets = sorted({_family(each) for each in asked})
    table: list[list[object]] = []
    for name in sets:
        judge = fit([each for each in asked if _family(each) != name])
        table.append([name, *_figures(judge, [each for each in asked if _family(each) == name])])
    judge = fit(asked)
    table.append(["all, seen", *_figures(judge, asked)])
    header = [
        "set, not seen",
        "questions",
        "answerable",
        "exact",
        "F1",
        "AUROC right",
        "ECE",
        "≥ 0.9",
        "right",
    ]
    print_table("the judge on sets that it was not fitted on (per cent)", header, table)
    out.write_text(
        json.dumps(
            {
                "weights": {name: round(weight, 4) for name, weight in judge.weights.items()},
                "bias": round(judge.bias, 4),
                "slope": round(judge.slope, 4),
                "shift": round(judge.shift, 4),
                "threshold": judge.threshold,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )


def report_thresholds(rows: Path, out: Path) -> None:
    """Prints how good the shipped judge is on each set, and the thresholds that keep promises on all.

    Writes the one for four right answers in five into the judge.
    """
    judge, asked = fitted_judge(), read_rows(rows)
    sets = list(dict.fromkeys(each.set for each in asked))
    table: list[list[object]] = [
        [name, *_figures(judge, [each for each in asked if each.set == name])] for name in sets
    ]
    table.append(["all", *_figures(judge, asked)])
    header = ["set", "questions", "answerable", "exact", "F1", "AUROC right", "ECE", "≥ 0.9", "right"]
    print_table("the shipped judge on questions that nothing was fitted on (per cent)", header, table)
    picked = [chosen(judge, each) for each in asked]
    confidence = [at[1] if at else 0.0 for at in picked]
    right = [bool(at and each.right[at[0]]) for at, each in zip(picked, asked, strict=True)]
    promises: list[list[object]] = []
    for promised in (0.6, 0.7, PROMISED, 0.9):
        found = threshold_for(promised, confidence, right)
        kept = [found[0], found[1], 100 * found[2]] if found else ["-", 0, "-"]
        promises.append([100 * promised, *kept])
        if found and promised == PROMISED:
            record = json.loads(out.read_text("utf-8")) | {"threshold": round(found[0], 3)}
            out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print_table("thresholds", ["promised, %", "threshold", "answered", "right, %"], promises)


def fit(asked: Sequence[Asked]) -> Judge:
    """The judge of these questions."""
    asked = [each for each in asked if each.texts]
    names = sorted(terms_of(asked[0].features[0]))
    rows = [[terms_of(each) for each in question.features] for question in asked]
    terms = np.array([[row[name] for name in names] for question in rows for row in question])
    right = np.array([each for question in asked for each in question.right])
    owner = np.repeat(np.arange(len(asked)), [len(each.texts) for each in asked])
    counts = Counter(each.set for each in asked)
    weight = np.array([counts[each.set] ** -0.5 for each in asked])
    weight /= weight.mean()
    middle, scale = terms.mean(axis=0), terms.std(axis=0)
    scale[scale < 1e-6] = 1.0  # what is the same everywhere tells nothing: it is centred away
    low = np.array([0.0 if name in FOR else -np.inf for name in names])
    high = np.array([0.0 if name in AGAINST else np.inf for name in names])
    found = np.zeros(len(names) + 1)
    first, second = np.zeros_like(found), np.zeros_like(found)
    scaled = (terms - middle) / scale
    any_right = np.bincount(owner, right, len(asked)) > 0
    for step in range(1, _STEPS + 1):
        logits = np.clip(scaled @ found[:-1] + found[-1], -30, 30)
        odds = np.exp(logits)
        total = 1 + np.bincount(owner, odds, len(asked))
        share = odds / total[owner]
        good = np.bincount(owner, odds * right, len(asked))
        wanted = np.where(any_right[owner], odds * right / np.maximum(good, 1e-12)[owner], 0.0)
        slope = (share - wanted) * weight[owner] / len(asked)
        gradient = np.append(scaled.T @ slope, slope.sum())
        gradient[:-1] += _RIDGE * found[:-1] / len(names)
        # Adam (Kingma and Ba 2015), the rate falling to nothing, each step back inside the bounds.
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = _RATE * (1 - step / _STEPS)
        found -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
        found[:-1] = np.clip(found[:-1], low, high)
    weights = {name: float(value) for name, value in zip(names, found[:-1] / scale, strict=True)}
    bias = float(found[-1]) - sum(weights[name] * float(at) for name, at in zip(names, middle, strict=True))
    judge = Judge(weights, bias, 1.0, 0.0, 1.0)
    return _calibrated(judge, asked, weight)


def chosen(judge: Judge, question: Asked) -> tuple[int, float] | None:
    """The candidate that the judge chooses, and its confidence; None without candidates."""
    if not question.texts:
        return None
    logits = [judge.logit(each) for each in question.features]
    best = max(range(len(logits)), key=lambda at: logits[at])
    agreeing = [overlap(question.texts[best], text) for text in question.texts]
    return best, judge.confidence(logits, agreeing)


def _calibrated(judge: Judge, asked: Sequence[Asked], weight: np.ndarray) -> Judge:
    """The judge with slope and shift that make its confidence a probability, by Newton's method."""
    picked = [chosen(judge, each) for each in asked]
    logit = np.clip([_logit(each[1]) if each else -5.0 for each in picked], -12, 12)
    right = np.array(
        [float(each is not None and a.right[each[0]]) for each, a in zip(picked, asked, strict=True)]
    )
    slope, shift = 1.0, 0.0
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(slope * logit + shift, -30, 30)))
        wrong, spread = (chance - right) * weight, chance * (1 - chance) * weight
        # One question's worth of belief in the uncalibrated probability keeps the step finite.
        gradient = np.array([wrong @ logit + slope - 1, wrong.sum() + shift])
        curve = np.array([[spread @ logit**2 + 1, spread @ logit], [spread @ logit, spread.sum() + 1]])
        step = np.clip(np.linalg.solve(curve, gradient), -0.5, 0.5)
        slope, shift = slope - step[0], shift - step[1]
    return Judge(judge.weights, judge.bias, float(slope), float(shift), judge.threshold)


def _figures(judge: Judge, asked: Sequence[Asked]) -> list[object]:
    picked = [chosen(judge, each) for each in asked]
    f1 = [each.f1[at[0]] if at else 0.0 for each, at in zip(asked, picked, strict=True)]
    confidence = [at[1] if at else 0.0 for at in picked]
    right = [each >= 0.5 for each in f1]
    answerable = [value for value, each in zip(f1, asked, strict=True) if each.answerable]
    sure = [good for good, value in zip(right, confidence, strict=True) if value >= 0.9]
    area = auroc(
        [value for value, good in zip(confidence, right, strict=True) if good],
        [value for value, good in zip(confidence, right, strict=True) if not good],
    )
    return [
        len(asked),
        len(answerable),
        100 * float(np.mean([value == 1 for value in answerable])) if answerable else 0.0,
        100 * float(np.mean(answerable)) if answerable else 0.0,
        "-" if area is None else 100 * area,
        100 * (expected_calibration_error(equal_mass_bins(confidence, right)) or 0.0),
        len(sure),
        100 * float(np.mean(sure)) if sure else "-",
    ]


def _family(asked: Asked) -> str:
    """The set without what was done to it, and without its number: hotpotqa_fit500 is hotpotqa."""
    return asked.set.split(",")[0].split("_")[0]


def _logit(value: float) -> float:
    value = min(max(value, 1e-9), 1 - 1e-9)
    return math.log(value / (1 - value))
