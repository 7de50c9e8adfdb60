"""How steady the count of concepts is, less what was learned and forgotten. Pure arithmetic over samples.

What a service has counted explains a change exactly, as long as it counts from the same moment. Where that
moment is another (it was started again), or nobody counts, what was learned in between is not known: there
only a loss is a change that nothing explains. A service that was not started again, and counts from another
moment all the same, counts another namespace: the one of that name was deleted, and made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sutra_monitor.figures import Count

__all__ = ["residuals", "variance"]


def residuals(counts: Iterable[Count]) -> list[float]:
    """For each sample, what of its count nothing explains, measured from the first on."""
    found: list[float] = []
    before: Count | None = None
    for count in counts:
        found.append(found[-1] + _unexplained(before, count) if before else 0.0)
        before = count
    return found


def variance(counts: Sequence[Count]) -> float | None:
    """The spread of the residuals relative to the greatest count; None for fewer than two samples.

    Samples of a namespace that was deleted, and made again, are left out.
    """
    counts = _latest(counts)
    if len(counts) < 2:
        return None
    greatest = max(count.concepts for count in counts)
    if greatest <= 0:
        return 0.0
    found = residuals(counts)
    return (max(found) - min(found)) / greatest


def _latest(counts: Sequence[Count]) -> Sequence[Count]:
    """The samples of the namespace that has the name now."""
    for position in range(len(counts) - 1, 0, -1):
        before, now = counts[position - 1], counts[position]
        if now.started and now.started == before.started and now.since != before.since:
            return counts[position:]
    return counts


def _unexplained(before: Count, now: Count) -> float:
    change = now.concepts - before.concepts
    if now.since and now.since == before.since:
        return change - ((now.learned - before.learned) - (now.forgotten - before.forgotten))
    return min(0, change - (now.learned - now.forgotten))
