# pyright: basic, reportMissingImports=false
"""Fits the trained layers and the heads to prepared rows: AdamW, warm-up and cosine, a mean of the weights.

All rows lie on the device; each padded length is one compiled program. Nothing is chosen by what is held
out: it is only printed. Weights are written now and then, and at the end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from fit.reader.base import Weights, heads, is_trained, read_base, read_trained, write_trained
from fit.reader.batches import batches, size_of
from fit.reader.model import logits, loss
from fit.reader.prepared import Prepared, Rows, read
from fit.reader.watch import figures, line, reader

MEAN_DECAY = 0.999
"""How much of the mean of the weights stays at each step; the mean is what is written."""
_ON_DEVICE = ("ids", "second", "low", "high", "starts", "ends", "verdict")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to fit; see the options of `run.py fit`.

    Where `minutes_max` is given, the fit ends when these are over, counted from its start, and the learning
    rate falls by the time that is spent where that is further than the steps are.
    """

    steps: int
    tokens: int
    rate: float
    seed: int
    warm_up: int
    negatives: float
    every: int
    minutes: float
    minutes_max: float | None = None


@dataclass(slots=True)
class State:
    """What a step changes: the trained weights, their mean, the optimiser's, and the number of the step."""

    weights: Any
    mean: Any
    optimiser: Any


def fit(
    prepared: Path, base: Path, out: Path, plan: Plan, start: Path | None = None, items: int | None = None
) -> Weights:
    """Fits and writes; gives the mean of the weights. `start` are weights to go on from."""
    began = time.monotonic()
    accelerated = jax.default_backend() != "cpu"
    precision = jnp.bfloat16 if accelerated else jnp.float32
    data = read(prepared)
    fitted = data.fitted if items is None else first_rows(data.fitted, items)
    frozen, trained = starting_weights(base, start, plan.seed)
    print(
        f"{sum(map(len, fitted.values())):,} rows to fit on, "
        f"{sum(map(len, data.held_out.values())):,} held out, "
        f"{jax.devices()[0].device_kind}, {precision.__name__}, read in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    steps = _Steps(plan, frozen, trained, fitted, precision)
    print(f"{len(fitted)} programs compiled, {time.monotonic() - began:.0f} s", flush=True)
    watch = _watcher(data, steps.frozen, precision)
    _run(steps, plan, fitted, watch, out, began)
    mean = {name: np.asarray(array) for name, array in steps.state.mean.items()}
    write_trained(out, mean)
    print(f"held out, by set, at the end ({time.monotonic() - began:.0f} s):", flush=True)
    for name, found in sorted(watch(steps.state.mean).items()):
        print(f"  {name:22} {line(found)}  of {found['count']:.0f}", flush=True)
    return mean


def starting_weights(base: Path, start: Path | None, seed: int) -> tuple[Weights, Weights]:
    """The frozen and the trained arrays to begin with."""
    weights = read_base(base)
    trained = {name: array for name, array in weights.items() if is_trained(name)}
    trained |= heads(len(weights["embeddings.LayerNorm.weight"]), seed)
    if start is not None:
        trained |= read_trained(start)
    return {name: array for name, array in weights.items() if not is_trained(name)}, trained


def first_rows(rows: Mapping[int, Rows], count: int) -> dict[int, Rows]:
    """The first `count` rows, fewer lengths first: the longest rows of the fewest programs, for trials."""
    found: dict[int, Rows] = {}
    for length in sorted(rows):
        taken = min(count, len(rows[length]))
        if taken:
            found[length] = Rows(*(getattr(rows[length], each.name)[:taken] for each in fields(Rows)))
        count -= taken
    return found


def rate_of(plan: Plan, number: int, minutes: float) -> float:
    """The learning rate of a step: linear warm-up, then a cosine to a hundredth of the highest.

    How far the cosine has come is the share of the steps or of the minutes that are spent, whichever is more.
    """
    spent = number / plan.steps
    if plan.minutes_max is not None:
        spent = max(spent, minutes / plan.minutes_max)
    warm_up = max(1, min(plan.warm_up, plan.steps // 4))
    fall = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1.0, spent))) / 2
    return plan.rate * fall * min(1.0, (number + 1) / warm_up)


def optimiser() -> optax.GradientTransformation:
    """AdamW without its rate: decay .01, not on biases and norms; gradients clipped to norm 1."""
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.scale_by_adam(b1=0.9, b2=0.98, eps=1e-6),
        optax.add_decayed_weights(0.01, mask=_decays),
    )


def _decays(weights: Any) -> Any:
    return {name: not name.endswith("bias") and "LayerNorm" not in name for name in weights}


class _Steps:
    """One compiled step for each padded length, the rows on the device, and the state that steps change."""

    def __init__(
        self, plan: Plan, frozen: Weights, trained: Weights, rows: Mapping[int, Rows], precision: Any
    ) -> None:
        self._plan = plan
        self._precision = precision
        self._optimiser = optimiser()
        self.frozen = jax.device_put(frozen)
        weights = jax.device_put(trained)
        mean = jax.tree.map(jnp.copy, weights)
        self.state = State(weights, mean, self._optimiser.init(weights))
        self._rows = {
            length: {name: jax.device_put(getattr(part, name)) for name in _ON_DEVICE}
            for length, part in rows.items()
        }
        self._key = jax.random.key(plan.seed, impl="rbg")
        step = jax.jit(self._step, donate_argnums=(0, 1, 2))
        self._programs = {length: self._compiled(step, length) for length in rows}

    def _compiled(self, step: Any, length: int) -> Any:
        at = jnp.zeros(size_of(length, self._plan.tokens), jnp.int32)
        number, rate = jnp.int32(0), jnp.float32(0)
        state = (self.state.weights, self.state.mean, self.state.optimiser)
        return step.lower(*state, self.frozen, self._rows[length], at, number, rate, self._key).compile()

    def take(self, length: int, at: np.ndarray, number: int, rate: float) -> Any:
        """One step; gives its loss, still on the device."""
        self.state.weights, self.state.mean, self.state.optimiser, found = self._programs[length](
            self.state.weights,
            self.state.mean,
            self.state.optimiser,
            self.frozen,
            self._rows[length],
            jnp.asarray(at, jnp.int32),
            jnp.int32(number),
            jnp.float32(rate),
            self._key,
        )
        return found

    def _step(
        self,
        weights: Any,
        mean: Any,
        optimiser_state: Any,
        frozen: Any,
        rows: Any,
        at: Any,
        number: Any,
        rate: Any,
        key: Any,
    ) -> tuple[Any, Any, Any, Any]:
        part = {name: array[at] for name, array in rows.items()}
        key = jax.random.fold_in(key, number)

        def lost(trained: Any) -> Any:
            start, end, verdict = logits(
                {**frozen, **trained},
                part["ids"].astype(jnp.int32),
                part["second"],
                part["low"],
                part["high"],
                self._precision,
                key,
            )
            return loss(start, end, verdict, part["starts"], part["ends"], part["verdict"])

        found, slope = jax.value_and_grad(lost)(weights)
        change, optimiser_state = self._optimiser.update(slope, optimiser_state, weights)
        weights = jax.tree.map(lambda old, by: old - rate * by, weights, change)
        # Early on the mean follows closely, so that it does not hold on to where it began.
        stays = jnp.minimum(MEAN_DECAY, (1.0 + number) / (10.0 + number))
        mean = jax.tree.map(lambda old, new: stays * old + (1 - stays) * new, mean, weights)
        return weights, mean, optimiser_state, found


def _watcher(
    data: Prepared, frozen: Any, precision: Any
) -> Callable[[Any], dict[str, dict[str, float | None]]]:
    read = reader(precision)
    return lambda trained: figures(read, {**frozen, **trained}, data.held_out, data.sets, data.vocabulary)


def _run(
    steps: _Steps,
    plan: Plan,
    rows: Mapping[int, Rows],
    watch: Callable[[Any], dict[str, dict[str, float | None]]],
    out: Path,
    began: float,
) -> None:
    losses: list[Any] = []
    tokens = 0
    running = written = now = time.monotonic()
    source = batches(rows, plan.tokens, plan.negatives, plan.seed)
    for number in range(plan.steps):
        rate = rate_of(plan, number, (now - began) / 60)
        length, at = next(source)
        losses.append(steps.take(length, at, number, rate))
        tokens += length * len(at)
        done = number + 1
        if done % 100 and done != plan.steps:
            continue
        mean_loss = float(jnp.mean(jnp.stack(losses)))
        losses.clear()
        now = time.monotonic()
        over = plan.minutes_max is not None and now - began >= 60 * plan.minutes_max
        if done % min(plan.every, 500) == 0 or done == 100 or done == plan.steps or over:
            print(
                f"step {done:6,}  loss {mean_loss:.3f}  rate {rate:.1e}  "
                f"{tokens / (now - running):,.0f} tokens a second  {now - began:.0f} s",
                flush=True,
            )
        if over:
            break
        if now - written > 60 * plan.minutes:
            write_trained(out, {name: np.asarray(each) for name, each in steps.state.mean.items()})
            written = now
        if done % plan.every == 0 and done != plan.steps:
            print(f"  held out: {line(watch(steps.state.mean)['all'])}", flush=True)
