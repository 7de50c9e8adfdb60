"""Fits the judge to rows: boosted trees on the likelihood of a conditional logit, "none" among the choices.

Every set counts the same however many questions it has, up to a root. What speaks for a candidate never makes
it less likely, what speaks against it never more (monotone trees). Calibration and the point from which on
reading more changes nothing are taken of questions that the trees did not see: four parts, each judged by the
other three.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from answers.scoring import RIGHT
from fit.judge.own import NAME
from fit.judge.rows import Asked
from numpy.typing import NDArray

from sutra_core.ask.groups import overlap
from sutra_core.ask.judge import Judge
from sutra_core.ask.trees import Trees

FOR = (
    *("score", "lead", "contest", "answering", "agreement", "sources", "fact", "compared", "bridged"),
    *("mentioned", "choice", "directness", "coverage", "window", "bridge", "names", "names around"),
    *(
        "names led",
        "literal",
        "literal led",
        "title",
        "similarity",
        "nearness",
        "near",
        "sort",
        "rank",
        "chain",
    ),
    *("place", "promise", "linked", "steps", "timely"),
)
"""What never makes a candidate less likely."""
AGAINST = ("against", "compared otherwise", "otherwise", "unsaid", "strangers", "denial amiss", "untimely")
"""What never makes it more likely."""
TREES = 300
LEAVES = 8
RATE = 0.05
ROWS_MIN = 60
"""Candidates that a leaf has at least."""
PARTS = 4
LOST = 0.005
"""The share of questions whose answer may turn wrong by not reading on."""
_BIAS = -2.0
_RIDGE = 5.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Picked:
    """What a judge chose: the candidate's place (None without candidates), confidence and token F1."""

    at: int | None
    confidence: float
    f1: float


def fit(asked: Sequence[Asked]) -> Judge:
    """The judge of these questions, at all their stages. Its threshold is not known yet and 1."""
    names = sorted(next(each for each in asked if each.texts).features[0])
    judge = _boosted(asked, names)
    parts = [_part(each) for each in asked]
    found: list[Picked | None] = [None] * len(asked)
    for part in range(PARTS):
        seen = [each for each, of in zip(asked, parts, strict=True) if of != part]
        if not any(each.texts for each in seen):
            continue
        sister = _boosted(seen, names)
        for at, of in enumerate(parts):
            if of == part:
                found[at] = chosen(sister, asked[at])
    picked = [each or Picked(None, 0.0, 0.0) for each in found]
    slope, shift = _calibration(asked, picked)
    judge = Judge(judge.names, judge.trees, judge.bias, slope, shift, 1.0, ())
    confidence = [_calibrated(each, slope, shift) for each in picked]
    settled = settled_for(asked, confidence, [each.f1 for each in picked])
    return Judge(judge.names, judge.trees, judge.bias, slope, shift, 1.0, settled)


def chosen(judge: Judge, question: Asked) -> Picked:
    """The candidate that the judge chooses."""
    if not question.texts:
        return Picked(None, 0.0, 0.0)
    logits = judge.logits(question.features)
    best = max(range(len(logits)), key=lambda at: logits[at])
    agreeing = [overlap(question.texts[best], text) for text in question.texts]
    return Picked(best, judge.confidence(logits, agreeing), question.f1[best])


def settled_for(
    asked: Sequence[Asked], confidence: Sequence[float], f1: Sequence[float]
) -> tuple[float, ...]:
    """For each stage but the last, the least confidence with which not to read more costs at most its part of
    `LOST` of the questions, where later stages stop at theirs.
    """
    questions: dict[tuple[str, str], list[tuple[float, bool]]] = {}
    for each, sure, good in zip(asked, confidence, f1, strict=True):
        questions.setdefault((each.set, each.id), []).append((sure, good >= RIGHT))
    every = list(questions.values())
    later = max(map(len, every)) - 1
    final = [stages[-1][1] for stages in every]
    found: list[float] = []
    for stage in reversed(range(later)):
        here = [(stages[stage], at) for at, stages in enumerate(every) if len(stages) > stage + 1]
        here.sort(reverse=True)
        lost, least = 0, 1.0
        for (sure, good), at in here:
            lost += final[at] - good
            if lost > LOST / later * len(every):
                break
            least = sure
        least = math.ceil(100 * least) / 100
        for (sure, good), at in here:
            if sure >= least:
                final[at] = good
        found.insert(0, least)
    return tuple(found)


def packed(trees: Sequence[dict[str, Any]]) -> list[dict[str, list[float]]]:
    """LightGBM's trees as `Trees.of` takes them."""
    return [_packed(tree["tree_structure"]) for tree in trees]


def _packed(root: dict[str, Any]) -> dict[str, list[float]]:
    tree: dict[str, list[float]] = {name: [] for name in ("feature", "threshold", "left", "right", "value")}

    def add(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            tree["value"].append(float(f"{node['leaf_value']:.6g}"))
            return -len(tree["value"])
        at = len(tree["feature"])
        tree["feature"].append(node["split_feature"])
        tree["threshold"].append(float(f"{node['threshold']:.6g}"))
        tree["left"].append(0)
        tree["right"].append(0)
        tree["left"][at], tree["right"][at] = add(node["left_child"]), add(node["right_child"])
        return at

    add(root)
    return tree


def _boosted(asked: Sequence[Asked], names: Sequence[str]) -> Judge:
    asked = [each for each in asked if each.texts]
    rows = np.array([[each[name] for name in names] for question in asked for each in question.features])
    right = np.array([each for question in asked for each in question.right], np.float64)
    owner = np.repeat(np.arange(len(asked)), [len(each.texts) for each in asked])
    any_right = np.bincount(owner, right, len(asked)) > 0
    weight = _weights(asked)[owner]

    def slope_and_curve(logits: Floats, _: lightgbm.Dataset) -> tuple[Floats, Floats]:
        odds = np.exp(np.clip(logits, -30, 30))
        share = odds / (1 + np.bincount(owner, odds, len(asked)))[owner]
        good = np.bincount(owner, odds * right, len(asked))
        wanted = np.where(any_right[owner], odds * right / np.maximum(good, 1e-12)[owner], 0.0)
        return (share - wanted) * weight, np.maximum(share * (1 - share), 1e-3) * weight

    data = lightgbm.Dataset(rows, label=right, init_score=np.full(len(right), _BIAS))
    model = lightgbm.train(
        {
            "objective": slope_and_curve,
            "num_leaves": LEAVES,
            "learning_rate": RATE,
            "min_data_in_leaf": ROWS_MIN,
            "lambda_l2": _RIDGE,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "monotone_constraints": [1 if n in FOR else -1 if n in AGAINST else 0 for n in names],
            "monotone_constraints_method": "advanced",
            "num_threads": 1,
            "deterministic": True,
            "seed": 0,
            "verbosity": -1,
        },
        data,
        TREES,
    )
    trees = packed(model.dump_model()["tree_info"])
    return Judge(tuple(names), Trees.of(trees), _BIAS, 1.0, 0.0, 1.0, ())


def _weights(asked: Sequence[Asked]) -> Floats:
    """How much each question counts; 1 in the mean. All texts of our own are one set."""
    sets = [NAME if each.set.startswith(NAME) else each.set for each in asked]
    counts = Counter(sets)
    weight = np.array([counts[each] ** -0.5 for each in sets])
    return weight / weight.mean()


def _part(asked: Asked) -> int:
    return hashlib.sha256(f"part:{asked.set.split(',')[0]}:{asked.id}".encode()).digest()[0] % PARTS


def _calibration(asked: Sequence[Asked], picked: Sequence[Picked]) -> tuple[float, float]:
    """Slope and shift that make the last stages' confidence a probability, by Newton's method."""
    last = [(each, of) for each, of in zip(picked, asked, strict=True) if of.last]
    weight = _weights([of for _, of in last])
    logit = np.clip([_logit(each.confidence) if each.at is not None else -5.0 for each, _ in last], -12, 12)
    right = np.array([float(each.f1 >= 0.5) for each, _ in last])
    slope, shift = 1.0, 0.0
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(slope * logit + shift, -30, 30)))
        wrong, spread = (chance - right) * weight, chance * (1 - chance) * weight
        # One question's worth of belief in the uncalibrated probability keeps the step finite.
        gradient = np.array([wrong @ logit + slope - 1, wrong.sum() + shift])
        curve = np.array([[spread @ logit**2 + 1, spread @ logit], [spread @ logit, spread.sum() + 1]])
        step = np.clip(np.linalg.solve(curve, gradient), -0.5, 0.5)
        slope, shift = slope - step[0], shift - step[1]
    return float(slope), float(shift)


def _calibrated(picked: Picked, slope: float, shift: float) -> float:
    return 1 / (1 + math.exp(-(slope * _logit(picked.confidence) + shift))) if picked.at is not None else 0.0


def _logit(value: float) -> float:
    value = min(max(value, 1e-9), 1 - 1e-9)
    return math.log(value / (1 - value))
