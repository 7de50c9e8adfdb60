"""PageRank and paths, on graphs small enough to be worked out by hand."""

from __future__ import annotations

import pytest

from sutra_core.reference.graph import Graph
from sutra_core.types import Association

RELATIONS = ("r", "s")


def edge(subject: int, relation: str, object_: int, confidence: float = 1.0) -> Association:
    return Association(subject, relation, object_, "semantic", confidence, 1)


def test_a_walk_goes_both_ways_and_ends_by_chance() -> None:
    graph = Graph([edge(1, "r", 2)], RELATIONS, None)
    # From 1: ends there with 1/2 + 1/8 + 1/32 + … = 2/3.
    assert graph.pagerank({1: 5.0}, 0.5) == pytest.approx({1: 2 / 3, 2: 1 / 3})
    assert graph.pagerank({1: 1.0, 9: 3.0}, 0.5) == pytest.approx({9: 3 / 4, 1: 1 / 6, 2: 1 / 12})
    assert graph.pagerank({1: 1.0}, 0.0) == {1: 1.0}
    assert graph.pagerank({1: 0.0, 2: -1.0}, 0.5) == {}


def test_a_walk_follows_weights() -> None:
    graph = Graph([edge(1, "r", 2, 0.5), edge(3, "s", 1, 0.5)], RELATIONS, {"s": 3.0})
    scores = graph.pagerank({1: 1.0}, 0.5)
    assert scores[3] == pytest.approx(3 * scores[2])
    unweighted = Graph([edge(1, "r", 2, 0.5), edge(3, "s", 1, 0.5)], RELATIONS, {"s": 0.0})
    assert 3 not in unweighted.pagerank({1: 1.0}, 0.5)


def test_the_best_path_is_the_surest_not_the_shortest() -> None:
    graph = Graph([edge(1, "r", 3, 0.5), edge(1, "r", 2), edge(3, "r", 2)], RELATIONS, None)
    best, direct = graph.paths([1], [3], 5, 6)
    assert best.nodes == (1, 2, 3)
    assert [step.inverse for step in best.steps] == [False, True]
    assert best.score == pytest.approx(0.81)
    assert (direct.nodes, direct.score) == ((1, 3), pytest.approx(0.45))
    assert [path.nodes for path in graph.paths([1], [3], 5, 1)] == [(1, 3)]
    assert [path.nodes for path in graph.paths([1], [3], 1, 6)] == [(1, 2, 3)]


def test_equal_paths_are_ordered_by_the_learning_of_their_relations() -> None:
    graph = Graph([edge(1, "s", 2), edge(2, "r", 1), edge(1, "r", 2)], RELATIONS, {"s": 7.0})
    found = graph.paths([1], [1, 2], 5, 3)
    assert [(path.steps[0].association.relation, path.steps[0].inverse) for path in found] == [
        ("r", False),
        ("r", True),
        ("s", False),
    ]
    assert {path.score for path in found} == {0.9}


def test_paths_may_lead_through_targets_but_never_back() -> None:
    graph = Graph([edge(1, "r", 2), edge(2, "r", 3)], RELATIONS, None)
    assert [path.nodes for path in graph.paths([1], [1, 2, 3], 9, 6)] == [(1, 2), (1, 2, 3)]
