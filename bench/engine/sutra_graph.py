"""Sutra's graph among those that the comparison of embedded stores asks: nodes, typed edges, walks.

Everything goes through the public binding. A node is an entity that a source with its text and metadata
mentions; edges are associations whose evidence is the list that they came in, a source of its own. An edge
from a node to itself is left out. From the folder of the comparison:

    PYTHONPATH="$SUTRA/bench/engine" taskset -c 0 "$SUTRA/venv/bin/python" \\
        graph.py sutra_graph --worker "$(mktemp -d)"

`spread` is asked besides, by this program itself on a folder that such a run has left:

    taskset -c 0 venv/bin/python bench/engine/sutra_graph.py FOLDER
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from sutra_storage import Engine, ReadView
from sutra_storage.types import AssociationKind, Batch, SourceDraft

NODES = 100_000
KINDS: dict[str, AssociationKind] = {
    "is_a": "hierarchical",
    "part_of": "compositional",
    "causes": "causal",
    "mentions": "semantic",
    "follows": "temporal",
}


class Graph:
    """A graph in a folder."""

    def __init__(self, path: str, types: list[str]) -> None:
        self._types = types
        self._lists = 0
        self._folder = Path(path) / "store"
        self._engine = self._open()

    def _open(self, fresh_max: int = 50_000) -> Engine:
        return Engine(self._folder, fingerprint="bench", dimension=4, fresh_max=fresh_max)

    @cached_property
    def _view(self) -> ReadView:
        """The newest state. One that is held while others learn keeps the room of what they replace."""
        return self._engine.view()

    @cached_property
    def _nodes(self) -> list[int]:
        """What number each node has."""
        return self._view.find_entities([str(number) for number in range(NODES)])

    def add_nodes(self, ids: list[int], texts: list[str], metas: list[dict[str, Any]]) -> None:
        """Learns nodes, durable when it returns."""
        count = len(ids)
        batch = Batch(
            sources=[
                SourceDraft(address=str(number), text=text, attributes={"meta": json.dumps(meta)})
                for number, text, meta in zip(ids, texts, metas, strict=True)
            ],
            statements=[(at, 0, len(text.encode()), True, False) for at, text in enumerate(texts)],
            entities=[(str(number), "thing") for number in ids],
            relations=[("describes", "semantic")],
            associations=[(at, 0, count + at, at, 1.0, None, None, 0) for at in range(count)],
        )
        self._engine.commit(batch)

    def add_edges(self, rows: list[tuple[int, str, int]]) -> None:
        """Learns edges, durable and walked by the next view when it returns."""
        self.__dict__.pop("_view", None)
        ends = sorted({end for subject, _, target in rows for end in (subject, target)})
        reference = {end: 1 + at for at, end in enumerate(ends)}
        kinds = {kind: at for at, kind in enumerate(self._types)}
        text = "\n".join(f"{subject} {kind} {target}" for subject, kind, target in rows)
        self._lists += 1
        batch = Batch(
            sources=[SourceDraft(address=f"edges {self._lists} {time.time_ns()}", text=text)],
            statements=[(0, 0, len(text.encode()), True, False)],
            entities=[(str(end), "thing") for end in ends],
            relations=[(kind, KINDS[kind]) for kind in self._types],
            associations=[
                (reference[subject], kinds[kind], reference[target], 0, 1.0, None, None, 0)
                for subject, kind, target in rows
                if subject != target
            ],
        )
        self._engine.commit(batch)

    def finish(self) -> None:
        """Waits until everything is settled."""
        self.__dict__.pop("_view", None)
        self._engine.close()
        self._engine = self._open(fresh_max=1)
        self._engine.settle()
        self._engine.close()
        self._engine = self._open()

    def hop(self, start: int, steps: int) -> int:
        """How many nodes are at most so many steps away."""
        ids, _, _ = self._view.reach([self._nodes[start]], steps, limit=NODES)
        return len(ids)

    def shortest(self, start: int, end: int) -> int | None:
        """How many steps a shortest path has."""
        found = self._view.shortest_path(self._nodes[start], self._nodes[end], max_steps=8)
        return len(found.paths[0].steps) if found.paths else None

    def spread(self, start: int) -> int:
        """How many nodes a walk with restart from one finds."""
        ids, _ = self._view.pagerank({self._nodes[start]: 1.0}, damping=0.5, k=100)
        return len(ids)

    def close(self) -> None:
        """Keeps what is fresh, and lets go of the folder."""
        self._engine.close()


def main() -> None:
    """Personalised PageRank from 200 nodes, three times."""
    graph = Graph(sys.argv[1], list(KINDS))
    starts = [number * 499 % NODES for number in range(200)]
    spent = []
    for start in starts * 3:
        begun = time.perf_counter()
        graph.spread(start)
        spent.append(time.perf_counter() - begun)
    graph.close()
    cuts = statistics.quantiles(spent, n=100)
    print(f"PageRank: p50 {cuts[49] * 1e3:.2f} ms, p95 {cuts[94] * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
