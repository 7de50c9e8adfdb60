"""When a figure is out of bounds: rules, and the level that they give a figure. Remembers nothing."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["OPERATORS", "WORST", "Finding", "Level", "Rule", "findings", "parsed", "worst"]

Level = Literal["ok", "warning", "critical", "unknown"]
WORST: tuple[Level, ...] = ("critical", "unknown", "warning", "ok")
"""The levels, the gravest first."""

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_RULE = re.compile(r"\s*([^\s\w.+-]+)\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rule:
    """A figure is at `level` where it stands in this relation to `bound`."""

    figure: str
    level: Level
    operator: str
    bound: float

    def crossed(self, value: float) -> bool:
        """Whether a value is out of this bound."""
        return OPERATORS[self.operator](value, self.bound)

    def __str__(self) -> str:
        return f"{self.operator} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """The level of one figure, and the gravest rule that gives it; None where it is within all bounds."""

    figure: str
    value: float
    level: Level
    rule: Rule | None


def parsed(figure: str, level: Level, text: str) -> Rule:
    """A rule such as `> 0.05`. Raises `ValueError` that says what is allowed."""
    found = _RULE.fullmatch(text)
    if not found or found[1] not in OPERATORS:
        allowed = f'one of {" ".join(OPERATORS)} and a number, such as "> 0.05", or "off"'
        raise ValueError(f"{text!r} is no rule; allowed: {allowed}")
    return Rule(figure, level, found[1], float(found[2]))


def findings(rules: Iterable[Rule], figures: Mapping[str, float]) -> list[Finding]:
    """The level of every figure, in the order of the figures."""
    by_figure: dict[str, list[Rule]] = {}
    for rule in rules:
        by_figure.setdefault(rule.figure, []).append(rule)
    found: list[Finding] = []
    for name, value in figures.items():
        crossed = [rule for rule in by_figure.get(name, []) if rule.crossed(value)]
        gravest = min(crossed, key=lambda rule: WORST.index(rule.level), default=None)
        found.append(Finding(name, value, gravest.level if gravest else "ok", gravest))
    return found


def worst(levels: Iterable[Level]) -> Level:
    """The gravest of some levels; `ok` where there is none."""
    found: set[Level] = set(levels)
    for level in WORST:
        if level in found:
            return level
    return "ok"
