"""The best spans of a window, out of a logit for each piece's being the first, and the last.

Pure functions over arrays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sutra_core.reader.limits import SPAN_MAX, SPANS_MAX

__all__ = ["best_spans"]


def best_spans(
    start: NDArray[np.float32], end: NDArray[np.float32], low: int, high: int
) -> list[tuple[int, int, float]]:
    """(first piece, last piece, score) of the best spans in `low` to `high` (left out), the best first.

    A score is the start's and the end's logit less those of piece 0, which stands for "not answered
    here". A span that overlaps a better one is left out; of equal ones the first and shortest counts.
    """
    count = high - low
    if count <= 0:
        return []
    reach = min(SPAN_MAX, count)
    padded = np.concatenate([end[low:high].astype(np.float64), np.full(reach - 1, -np.inf)])
    ends = np.lib.stride_tricks.sliding_window_view(padded, reach)  # [first, pieces after it]
    scores = start[low:high].astype(np.float64)[:, None] + ends - float(start[0]) - float(end[0])
    firsts = np.arange(count)[:, None]
    lasts = firsts + np.arange(reach)[None, :]
    spans: list[tuple[int, int, float]] = []
    while len(spans) < SPANS_MAX:
        first, more = divmod(int(scores.argmax()), reach)
        score = float(scores[first, more])
        if score == -np.inf:
            break
        last = first + more
        spans.append((low + first, low + last, score))
        scores[(firsts <= last) & (lasts >= first)] = -np.inf
    return spans
