"""Graph: PageRank by power iteration, paths by trying every one.

Both walk edges in either direction. The weight of an edge is relation weight x confidence, both in
single precision; an edge whose weight is not a positive, finite number is not walked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sutra_core.types import Association, GraphPath, PathStep

STEP_DECAY = 0.9
"""What each step of a path costs beside its own weight."""

STEPS_LIMIT = 16
"""Longer paths are not looked for, whatever is asked."""

_COST_UNIT = 2.0**40
_NEGLIGIBLE = 1e-9


class Edge(NamedTuple):
    """An association as seen from one of its ends. Edges sort by `end`, `relation`, `inverse`."""

    end: int
    relation: int
    """The relation's number: relations count from 1 in the order in which they were first learned."""
    inverse: bool
    association: Association
    weight: float


class Graph:
    """Every walkable edge of each concept."""

    def __init__(
        self,
        associations: Sequence[Association],
        relations: Sequence[str],
        weights: Mapping[str, float] | None,
    ) -> None:
        self._edges: dict[int, list[Edge]] = {}
        numbers = {name: number for number, name in enumerate(relations, start=1)}
        for association in associations:
            weight = _single((weights or {}).get(association.relation, 1.0)) * association.confidence
            if weight > 0 and math.isfinite(weight):
                number = numbers[association.relation]
                ends = association.subject, association.object
                for inverse, (start, end) in ((False, ends), (True, ends[::-1])):
                    edge = Edge(end, number, inverse, association, weight)
                    self._edges.setdefault(start, []).append(edge)

    def pagerank(self, seeds: Mapping[int, float], damping: float) -> dict[int, float]:
        """Where a walk ends that starts at a seed and goes on with probability `damping` at each step.

        At a concept without edges it ends. Exact to 1e-9 in sum.
        """
        usable = {node: _single(mass) for node, mass in seeds.items()}
        usable = {node: mass for node, mass in usable.items() if mass > 0 and math.isfinite(mass)}
        walking = {node: mass / sum(usable.values()) for node, mass in usable.items()}
        ended: dict[int, float] = {}
        while sum(walking.values()) > _NEGLIGIBLE:
            step: dict[int, float] = {}
            for node, mass in walking.items():
                edges = self._edges.get(node, [])
                ended[node] = ended.get(node, 0.0) + mass * (1 - damping if edges else 1)
                total = sum(edge.weight for edge in edges)
                for edge in edges:
                    step[edge.end] = step.get(edge.end, 0.0) + damping * mass * edge.weight / total
            walking = step
        return ended

    def paths(
        self, sources: Sequence[int], targets: Sequence[int], k: int, max_steps: int
    ) -> list[GraphPath]:
        """The `k` best of all loop-free paths of one step or more, by score.

        A step weighs min(1, weight of the edge) x `STEP_DECAY`. Scores that agree to about 12 digits are
        equal; then the source decides, then step by step the next concept, the relation, and forwards
        before inverse.
        """
        ranked: list[tuple[int, int, list[tuple[int, int, bool]], list[Edge]]] = []
        for source in set(map(int, sources)):
            for steps in self._walks(source, [], set(map(int, targets)), min(max_steps, STEPS_LIMIT)):
                cost = sum(math.floor(-math.log(_step_weight(edge)) * _COST_UNIT + 0.5) for edge in steps)
                ranked.append((cost, source, [edge[:3] for edge in steps], steps))
        ranked.sort(key=lambda path: path[:3])
        return [
            GraphPath(
                nodes=(source, *(edge.end for edge in steps)),
                steps=tuple(PathStep(edge.association, edge.inverse) for edge in steps),
                score=math.prod(map(_step_weight, steps)),
            )
            for _, source, _, steps in ranked[:k]
        ]

    def _walks(
        self, source: int, walked: list[Edge], targets: set[int], max_steps: int
    ) -> Iterator[list[Edge]]:
        end = walked[-1].end if walked else source
        if walked and end in targets:
            yield walked
        if len(walked) < max_steps:
            visited = {source, *(edge.end for edge in walked)}
            for edge in self._edges.get(end, []):
                if edge.end not in visited:
                    yield from self._walks(source, [*walked, edge], targets, max_steps)


def _single(value: float) -> float:
    """The nearest number of single precision, in which weights are given."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def _step_weight(edge: Edge) -> float:
    return min(edge.weight, 1.0) * STEP_DECAY
