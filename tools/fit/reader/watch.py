# pyright: basic, reportMissingImports=false
"""How good weights are on rows: EM and F1 of spans, AUROC of the margin, verdicts that are right.

The texts are those that the pieces give back, lower case; EM and F1 are SQuAD's, by `bench/answers`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from answers.calibration import auroc
from answers.scoring import exact_match, token_f1
from fit.reader.model import best_span, logits
from fit.reader.prepared import NO_RANGE, Prepared, Rows
from fit.reader.steps import Logits

_ROWS = 64

Reader = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of rows: the best span's first and last piece and margin, [n]; verdict [n, 3]."""

    first: np.ndarray
    last: np.ndarray
    margin: np.ndarray
    verdict: np.ndarray


def reader(precision: Any, network: Logits = logits) -> Reader:
    """The compiled reader: weights, ids, second, low, high to first, last, margin, verdict.

    `network` gives the logits as `model.logits` does.
    """

    def read(weights: Any, ids: Any, second: Any, low: Any, high: Any) -> tuple[Any, Any, Any, Any]:
        start, end, verdict = network(weights, ids, second, low, high, precision)
        return *best_span(start, end), verdict

    return jax.jit(read)


def read_rows(read: Reader, weights: Any, rows: Rows) -> Reading:
    """Reads rows in batches of one size, the last filled up with its first row."""
    parts: list[tuple[np.ndarray, ...]] = []
    for begin in range(0, len(rows), _ROWS):
        at = np.arange(begin, begin + _ROWS)
        at[at >= len(rows)] = begin
        given = (rows.ids[at].astype(np.int32), rows.second[at], rows.low[at], rows.high[at])
        found = read(weights, *given)
        parts.append(tuple(np.asarray(each)[: len(rows) - begin] for each in found))
    return Reading(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def decoded(ids: np.ndarray, vocabulary: Sequence[str]) -> str:
    """The text of pieces: words parted by one space, lower case.

    >>> decoded(np.array([0, 1, 2]), ["brun", "##el", "'"])
    "brunel '"
    """
    return " ".join(vocabulary[int(n)] for n in ids).replace(" ##", "")


def figures(read: Reader, weights: Any, data: Prepared) -> dict[str, dict[str, float | None]]:
    """EM, F1, AUROC (spans against none), share of yes and no that is right, count, of what is held out.

    Of "all" and each set; and of each rule, whose negatives are set against the spans of all.
    """
    rows, vocabulary = data.held_out, data.vocabulary
    kept: dict[str, list[tuple[float, float, float, int]]] = {}
    verdicts: dict[str, list[float]] = {}
    with ThreadPoolExecutor() as pool:  # At once, for each length is a program to compile.
        readings = list(pool.map(lambda part: read_rows(read, weights, part), rows.values()))
    for part, found in zip(rows.values(), readings, strict=True):
        for n in range(len(part)):
            wanted = [
                decoded(part.ids[n, a : b + 1], vocabulary)
                for a, b in zip(part.starts[n].tolist(), part.ends[n].tolist(), strict=True)
                if a != NO_RANGE
            ]
            text = decoded(part.ids[n, found.first[n] : found.last[n] + 1], vocabulary)
            right = float(found.verdict[n].argmax() == part.verdict[n])
            exact = max((exact_match(text, each) for each in wanted), default=0.0)
            near = max((token_f1(text, each) for each in wanted), default=0.0)
            kind = 1 if wanted else 0 if not part.verdict[n] else -1
            rule = data.kinds[int(part.kind[n])]
            names = ("all", data.sets[int(part.set[n])], *((f"rule: {rule}",) if rule else ()))
            for name in names:
                kept.setdefault(name, []).append((exact, near, float(found.margin[n]), kind))
                if part.verdict[n]:
                    verdicts.setdefault(name, []).append(right)
    spans = [each[2] for each in kept.get("all", ()) if each[3] == 1]
    said = {name: _figures(kept[name], verdicts.get(name, [])) for name in kept}
    for name, part in kept.items():
        if name.startswith("rule: "):
            said[name]["auroc"] = auroc(spans, [each[2] for each in part if each[3] == 0])
    return said


def _figures(
    kept: Sequence[tuple[float, float, float, int]], verdicts: Sequence[float]
) -> dict[str, float | None]:
    spans = [each for each in kept if each[3] == 1]
    return {
        "exact": statistics.fmean(each[0] for each in spans) if spans else None,
        "f1": statistics.fmean(each[1] for each in spans) if spans else None,
        "auroc": auroc([each[2] for each in spans], [each[2] for each in kept if each[3] == 0]),
        "verdict": statistics.fmean(verdicts) if verdicts else None,
        "count": float(len(kept)),
    }


def line(found: Mapping[str, float | None]) -> str:
    """Figures in one line, per cent."""
    return "  ".join(
        f"{name} {'-' if (value := found[name]) is None else f'{100 * value:.1f}'}"
        for name in ("exact", "f1", "auroc", "verdict")
    )
