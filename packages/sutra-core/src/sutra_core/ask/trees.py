"""Boosted regression trees as arrays: many small trees whose leaves are added up (Friedman 2001).

A tree asks one feature at a time whether it is at most a threshold, and its leaf has a value. All trees are
walked at once, for all rows at once. Fits nothing; holds what was fitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trees"]


@dataclass(frozen=True, slots=True)
class Trees:
    """`feature`, `threshold`, `left` and `right` are [trees, nodes]; `value` is [trees, leaves].

    A child is a node from 0 on, or a leaf: -1 is the first, -2 the second. Node 0 is where a tree begins.
    """

    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: NDArray[np.float64]

    @classmethod
    def of(cls, trees: Sequence[Mapping[str, Any]]) -> Trees:
        """Of trees each as the lists of these names; a tree of one leaf has no nodes."""

        def padded(name: str, kind: type[np.generic], missing: float) -> NDArray[Any]:
            width = max((len(tree[name]) for tree in trees), default=0) or 1
            array = np.full((len(trees), width), missing, kind)
            for number, tree in enumerate(trees):
                array[number, : len(tree[name])] = tree[name]
            return array

        # What is missing leads to the first leaf.
        return cls(
            padded("feature", np.intp, 0),
            padded("threshold", np.float64, 0.0),
            padded("left", np.intp, -1),
            padded("right", np.intp, -1),
            padded("value", np.float64, 0.0),
        )

    def sums(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the leaves that each row [rows, features] comes to, [rows]."""
        count, nodes, features = len(self.feature), int(self.feature.shape[1]), int(rows.shape[1])
        # All as flat arrays: a node by its place in all trees, a row's feature by its place in all rows.
        of_tree: NDArray[np.intp] = nodes * np.arange(count, dtype=np.intp)
        of_row: NDArray[np.intp] = features * np.arange(len(rows), dtype=np.intp)[:, None]
        feature, threshold = self.feature.ravel(), self.threshold.ravel()
        left, right = self.left.ravel(), self.right.ravel()
        told = np.ascontiguousarray(rows).ravel()
        at: NDArray[np.intp] = np.zeros((len(rows), count), np.intp)
        while True:
            node: NDArray[np.intp] = np.maximum(at, 0) + of_tree
            found = told.take(feature.take(node) + of_row)
            turned: NDArray[np.intp] = np.where(
                found <= threshold.take(node), left.take(node), right.take(node)
            )
            at = np.where(at >= 0, turned, at)
            if at.max(initial=-1) < 0:
                break
        return self.value[np.arange(count), -1 - at].sum(axis=1)

    def as_lists(self) -> list[dict[str, list[float]]]:
        """What `of` takes, filled up to one length."""
        return [
            {name: getattr(self, name)[number].tolist() for name in self.__slots__}
            for number in range(len(self.feature))
        ]
