"""The network and its training; skipped where jax is not installed, which only fitting needs."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from fit.reader.base import heads, is_trained  # noqa: E402
from fit.reader.model import HIDDEN_SCORE, best_span, logits, loss  # noqa: E402
from fit.reader.steps import Plan, rate_of  # noqa: E402

HIDDEN = 24


def weights() -> dict[str, np.ndarray]:
    """A small network of the reader's shape."""
    draw = np.random.default_rng(0)
    made = {
        f"embeddings.{name}.weight": draw.normal(0, 0.1, (rows, HIDDEN)).astype(np.float32)
        for name, rows in (("word_embeddings", 50), ("position_embeddings", 32), ("token_type_embeddings", 2))
    }
    shapes = {
        "attention.self.query": (HIDDEN, HIDDEN),
        "attention.self.key": (HIDDEN, HIDDEN),
        "attention.self.value": (HIDDEN, HIDDEN),
        "attention.output.dense": (HIDDEN, HIDDEN),
        "intermediate.dense": (4 * HIDDEN, HIDDEN),
        "output.dense": (HIDDEN, 4 * HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(6):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        for part, shape in shapes.items():
            made[f"{name}.{part}.weight"] = draw.normal(0, 0.1, shape).astype(np.float32)
            made[f"{name}.{part}.bias"] = np.zeros(shape[0], np.float32)
    for name in norms:
        made |= {f"{name}.weight": np.ones(HIDDEN, np.float32), f"{name}.bias": np.zeros(HIDDEN, np.float32)}
    return made | heads(HIDDEN, 0)


def test_padding_changes_nothing_and_only_the_window_is_open() -> None:
    ids = np.array([[1, 5, 6, 2, 7, 8, 9, 2]])
    wide = np.pad(ids, ((0, 0), (0, 8)))
    given = np.array([4]), np.array([5]), np.array([7])
    short = logits(weights(), ids, *given, np.float32)
    long = logits(weights(), wide, *given, np.float32)
    np.testing.assert_allclose(short[0], long[0][:, :8], atol=1e-5)
    np.testing.assert_allclose(short[2], long[2], atol=1e-5)
    assert np.flatnonzero(np.asarray(long[0][0]) > HIDDEN_SCORE).tolist() == [0, 5, 6]


def test_the_best_span_is_that_of_every_pair() -> None:
    draw = np.random.default_rng(1)
    start, end = draw.normal(size=(2, 6, 40)).astype(np.float32)
    first, last, margin = map(np.asarray, best_span(start, end))
    for n in range(6):
        pairs = {(a, b): start[n, a] + end[n, b] for a in range(1, 40) for b in range(a, min(40, a + 25))}
        best = max(pairs, key=lambda pair: pairs[pair])
        assert (first[n], last[n]) == best
        assert margin[n] == pytest.approx(pairs[best] - start[n, 0] - end[n, 0], abs=1e-5)


def test_any_accepted_range_makes_the_loss_small() -> None:
    start, end = np.zeros((2, 8), np.float32), np.zeros((2, 8), np.float32)
    start[0, 5] = end[0, 6] = start[1, 0] = end[1, 0] = 30
    verdict = np.array([[30, 0, 0], [0, 30, 0]], np.float32)
    starts = np.array([[3, 5], [255, 255]], np.uint8)
    ends = np.array([[3, 6], [255, 255]], np.uint8)
    wanted = np.array([0, 1], np.uint8)
    assert float(loss(start, end, verdict, starts, ends, wanted)) < 1e-3
    assert float(loss(start, end, verdict, starts[::-1], ends[::-1], wanted)) > 10


def test_the_rate_rises_and_falls_by_steps_or_by_time() -> None:
    plan = Plan(1000, 512, 1e-3, 0, 100, 0.4, 100, 1.0, 10.0)
    rates = [rate_of(plan, n, 0) for n in range(1000)]
    assert max(rates) == pytest.approx(1e-3, rel=0.05)
    assert rates[0] < rates[50] < rates[99] > rates[500] > rates[999]
    assert rate_of(plan, 500, 10.0) == pytest.approx(1e-5)


def test_only_upper_layers_and_heads_are_trained() -> None:
    trained = {name for name in weights() if is_trained(name)}
    assert {name.split(".")[2] for name in trained if name.startswith("encoder.")} == set("2345")
    assert {name.split(".")[0] for name in trained} == {"encoder", "qa", "verdict"}
