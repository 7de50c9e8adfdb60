"""A quick look whether a store is whole: some sources and some concepts, drawn at random.

Finds at once what is wrong everywhere, and in time what is wrong somewhere. It proves nothing: what reads
everything is the store's own `verify`. Changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from random import SystemRandom

import numpy as np

from sutra_core.errors import SutraError
from sutra_core.types import ReadView, VerifyReport

__all__ = ["spot_check"]

_SYSTEM = SystemRandom()
_UNIT = 1e-2  # how far from 1 the length of a vector in half precision may be


def spot_check(view: ReadView, count: int, draw: Callable[[int], int] | None = None) -> VerifyReport:
    """Checks up to `count` sources (text against SHA-256) and as many concepts (places, vector).

    `draw(n)` gives a number from 0 to n - 1; by default the system draws.
    """
    draw = draw or _SYSTEM.randrange
    stats = view.stats()
    checked = {"sources": 0, "concepts": 0}
    faults: list[str] = []
    for what, total, look in (
        ("sources", stats.sources, _source_fault),
        ("concepts", stats.concepts, _concept_fault),
    ):
        numbers = range(1, total + 1) if total <= count else {draw(total) + 1 for _ in range(count)}
        for number in numbers:
            try:
                fault = look(view, number)
            except SutraError as error:
                fault = f"{what[:-1]} {number}: {error.code}: {error}"
            checked[what] += 1
            if fault:
                faults.append(fault)
    return VerifyReport(checked, faults)


def _source_fault(view: ReadView, number: int) -> str | None:
    (source,) = view.sources([number])
    text = view.source_text(number).encode()
    if hashlib.sha256(text).hexdigest() != source.sha256 or len(text) != source.length:
        return f"the text of source {number} does not have its SHA-256"
    return None


def _concept_fault(view: ReadView, number: int) -> str | None:
    (concept,) = view.concepts([number])
    if concept.kind == "statement" and not view.supports([number], limit=1)[0]:
        return f"statement {number} stands nowhere"
    if concept.has_vector and abs(float(np.linalg.norm(view.vectors([number])[0])) - 1) > _UNIT:
        return f"the vector of statement {number} does not have the length 1"
    return None
