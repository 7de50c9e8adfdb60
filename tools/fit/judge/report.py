"""Prints how good a judge is, set by set, and writes the one that is shipped.

Sets that the fit saw are judged by sisters, each fitted without that set; sets that it did not see by the
judge itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from answers.calibration import auroc, equal_mass_bins, expected_calibration_error, risk_coverage
from answers.plot import draw
from answers.scoring import RIGHT
from common import print_table
from fit.judge.odds import Picked, chosen, fit
from fit.judge.rows import Asked, read_rows
from fit.judge.threshold import threshold_for

from sutra_core.ask.judge import Judge, fitted_judge

PROMISED = 0.8
"""The share of answers that the shipped threshold promises to be right."""
_SHARES = (0.1, 0.25, 0.5, 1.0)
_HEADER = (
    *("set", "questions", "answerable", "exact", "F1", "AUROC right", "AUROC answerable", "ECE"),
    *("≥ 0.9", "right", "windows"),
)


def fit_and_report(rows: Path, out: Path) -> None:
    """Fits the judge, prints what each set is judged like by a sister that never saw it, and writes it."""
    asked = read_rows(rows)
    table: list[list[object]] = []
    families = sorted({_family(each) for each in asked})
    for family in families:
        mine = [each for each in asked if _family(each) == family]
        sister = fit([each for each in asked if _family(each) != family])
        table.append([family, *_figures(read_through(sister, mine))])
    print_table("each set as a sister judges it that never saw it (per cent)", _HEADER, table)
    judge = fit(asked)
    settled = ", ".join(f"{each:.2f}" for each in judge.settled)
    print(f"slope {judge.slope:.2f}, shift {judge.shift:.2f}, settled at {settled}")
    _write(judge, out)


def report_thresholds(rows: Path, out: Path, plot: Path | None = None) -> None:
    """Prints how good the shipped judge is on each set, and the thresholds that keep promises on all.

    Writes the one for four right answers in five into the judge, and draws all sets together to `plot`.
    """
    judge, asked = fitted_judge(), read_rows(rows)
    sets = list(dict.fromkeys(each.set for each in asked))
    read = {name: read_through(judge, [each for each in asked if each.set == name]) for name in sets}
    every = [each for name in sets for each in read[name]]
    table: list[list[object]] = [[name, *_figures(read[name])] for name in sets]
    table.append(["all", *_figures(every)])
    print_table("the shipped judge on questions that nothing was fitted on (per cent)", _HEADER, table)
    confidence = [picked.confidence for _, picked in every]
    right = [picked.f1 >= 0.5 for _, picked in every]
    promises: list[list[object]] = []
    for promised in (0.6, 0.7, PROMISED, 0.9):
        found = threshold_for(promised, confidence, right)
        promises.append([100 * promised, *((found[0], found[1], 100 * found[2]) if found else ("-", 0, "-"))])
        if found and promised == PROMISED:
            record = json.loads(out.read_text("utf-8")) | {"threshold": round(found[0], 3)}
            out.write_text(_compact(record), encoding="utf-8")
            judge = Judge(**{**_fields(judge), "threshold": found[0]})
    print_table("thresholds", ["promised, %", "threshold", "answered", "right, %"], promises)
    kept: list[list[object]] = []
    for name in sets:
        known = [each for each in read[name] if each[1].confidence >= judge.threshold]
        rightly = sum(p.f1 >= 0.5 for _, p in known) + sum(
            not of.answerable and p.confidence < judge.threshold for of, p in read[name]
        )
        kept.append([name, len(known), 100 * rightly / len(read[name])])
    print_table("at the threshold", ["set", "answered", "right or rightly refused, %"], kept)
    risks = [[name, *_right_among(read[name])] for name in sets] + [["all", *_right_among(every)]]
    print_table("right among the surest, %", ["set", *(f"{100 * share:.0f} %" for share in _SHARES)], risks)
    if plot is not None:
        draw(plot, "all sets", equal_mass_bins(confidence, right), risk_coverage(confidence, right))


def _right_among(read: Sequence[tuple[Asked, Picked]]) -> list[object]:
    """How many of the surest tenth, and so on, are right: one less the risk at that coverage."""
    picked = sorted((each for _, each in read), key=lambda each: -each.confidence)
    counts = [max(1, round(share * len(picked))) for share in _SHARES]
    return [100 * float(np.mean([each.f1 >= RIGHT for each in picked[:count]])) for count in counts]


def read_through(judge: Judge, asked: Sequence[Asked]) -> list[tuple[Asked, Picked]]:
    """What the judge chooses of each question, at the stage at which it stops to read."""
    questions: dict[tuple[str, str], list[Asked]] = {}
    for each in asked:
        questions.setdefault((each.set, each.id), []).append(each)
    return [_read_on(judge, stages) for stages in questions.values()]


def _read_on(judge: Judge, stages: Sequence[Asked]) -> tuple[Asked, Picked]:
    for stage, each in enumerate(stages[:-1]):
        picked = chosen(judge, each)
        if judge.settles(stage, picked.confidence):
            return each, picked
    return stages[-1], chosen(judge, stages[-1])


def _figures(read: Sequence[tuple[Asked, Picked]]) -> list[object]:
    confidence = [picked.confidence for _, picked in read]
    right = [picked.f1 >= 0.5 for _, picked in read]
    f1 = [picked.f1 for asked, picked in read if asked.answerable]
    sure = [good for good, value in zip(right, confidence, strict=True) if value >= 0.9]
    known = [value for (asked, _), value in zip(read, confidence, strict=True) if asked.answerable]
    unknown = [value for (asked, _), value in zip(read, confidence, strict=True) if not asked.answerable]
    area = auroc(
        [value for value, good in zip(confidence, right, strict=True) if good],
        [value for value, good in zip(confidence, right, strict=True) if not good],
    )
    answerable = auroc(known, unknown)
    return [
        len(read),
        len(f1),
        100 * float(np.mean([value == 1 for value in f1])) if f1 else 0.0,
        100 * float(np.mean(f1)) if f1 else 0.0,
        "-" if area is None else 100 * area,
        "-" if answerable is None else 100 * answerable,
        100 * (expected_calibration_error(equal_mass_bins(confidence, right)) or 0.0),
        len(sure),
        100 * float(np.mean(sure)) if sure else "-",
        float(np.median([asked.windows for asked, _ in read])),
    ]


def _family(asked: Asked) -> str:
    """The set without what was done to it, and without its number: hotpotqa_fit500 is hotpotqa."""
    return asked.set.split(",")[0].split("_")[0]


def _fields(judge: Judge) -> dict[str, Any]:
    return {name: getattr(judge, name) for name in judge.__slots__}


def _write(judge: Judge, out: Path) -> None:
    record = _fields(judge)
    record |= {"trees": judge.trees.as_lists(), "names": list(judge.names)}
    for name in ("slope", "shift", "threshold"):
        record[name] = round(record[name], 4)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_compact(record), encoding="utf-8")


def _compact(record: dict[str, Any]) -> str:
    """JSON with a tree in each line."""
    trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in record["trees"])
    head = json.dumps({name: each for name, each in record.items() if name != "trees"}, indent=1)
    return f'{head.removesuffix("}").rstrip()},\n "trees": [\n{trees}\n]}}\n'
