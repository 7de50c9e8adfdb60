# pyright: basic, reportMissingImports=false
"""The steps of a fit: the rows on the device, a compiled program for each padded length, what a step changes.

AdamW, warm-up and cosine, a mean of the weights. Reads and writes no file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from fit.reader.base import Weights
from fit.reader.batches import size_of
from fit.reader.model import losses, soft_losses
from fit.reader.prepared import Rows

MEAN_DECAY = 0.999
"""How much of the mean of the weights stays at each step; the mean is what is written."""
_ON_DEVICE = ("ids", "second", "low", "high", "starts", "ends", "verdict", "kind")

Logits = Callable[..., tuple[Any, Any, Any]]
"""A network as `model.logits` is one: weights, ids, second, low, high, precision, key to its logits."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to fit; see the options of `run.py fit`.

    Where `minutes_max` is given, the fit ends when these are over, counted from its start, and the learning
    rate falls by the time that is spent where that is further than the steps are. Every `look` steps the
    clock is looked at.
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
    look: int = 100


@dataclass(slots=True)
class State:
    """What a step changes: the trained weights, their mean, the optimiser's, and the number of the step."""

    weights: Any
    mean: Any
    optimiser: Any


@dataclass(frozen=True, slots=True)
class Network:
    """What is fitted: how logits are made, the arrays that stay, those to begin with."""

    logits: Logits
    frozen: Weights
    trained: Weights


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learnt beside the hard labels: another network's logits, softened by `temperature`.

    `weights` are those that are not the fitted network's frozen ones, whose work is then done once.
    `soft` is their share of the loss; rows of the kinds `labelled` are learnt from their labels alone.
    """

    logits: Logits
    weights: Weights
    soft: float
    temperature: float
    labelled: tuple[int, ...] = ()


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


class Steps:
    """One compiled step for each padded length, the rows on the device, and the state that steps change."""

    def __init__(
        self,
        plan: Plan,
        network: Network,
        rows: Mapping[int, Rows],
        precision: Any,
        lesson: Lesson | None = None,
    ) -> None:
        self._plan = plan
        self._logits = network.logits
        self._lesson = lesson
        self._precision = precision
        self._optimiser = optimiser()
        self.frozen = jax.device_put(network.frozen)
        self._teacher = None if lesson is None else jax.device_put(lesson.weights)
        weights = jax.device_put(network.trained)
        mean = jax.tree.map(jnp.copy, weights)
        self.state = State(weights, mean, self._optimiser.init(weights))
        self._rows = {
            length: {name: jax.device_put(getattr(part, name)) for name in _ON_DEVICE}
            for length, part in rows.items()
        }
        self._key = jax.random.key(plan.seed, impl="rbg")
        step = jax.jit(self._step, donate_argnums=(0, 1, 2))
        lowered = [self._lowered(step, length) for length in rows]
        with ThreadPoolExecutor() as pool:
            compiled = list(pool.map(lambda each: each.compile(), lowered))
        self._programs = dict(zip(rows, compiled, strict=True))

    def _lowered(self, step: Any, length: int) -> Any:
        at = jnp.zeros(size_of(length, self._plan.tokens), jnp.int32)
        number, rate = jnp.int32(0), jnp.float32(0)
        state = (self.state.weights, self.state.mean, self.state.optimiser)
        others = (self.frozen, self._teacher)
        return step.lower(*state, *others, self._rows[length], at, number, rate, self._key)

    def take(self, length: int, at: np.ndarray, number: int, rate: float) -> Any:
        """One step; gives its loss, still on the device."""
        self.state.weights, self.state.mean, self.state.optimiser, found = self._programs[length](
            self.state.weights,
            self.state.mean,
            self.state.optimiser,
            self.frozen,
            self._teacher,
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
        teacher: Any,
        rows: Any,
        at: Any,
        number: Any,
        rate: Any,
        key: Any,
    ) -> tuple[Any, Any, Any, Any]:
        part = {name: array[at] for name, array in rows.items()}
        key = jax.random.fold_in(key, number)

        shown = (part["ids"].astype(jnp.int32), part["second"], part["low"], part["high"], self._precision)
        lesson = self._lesson
        taught = None if lesson is None else lesson.logits({**frozen, **teacher}, *shown)

        def lost(trained: Any) -> Any:
            said = self._logits({**frozen, **trained}, *shown, key)
            hard = losses(*said, part["starts"], part["ends"], part["verdict"])
            if lesson is None or taught is None:
                return jnp.mean(hard)
            alone = jnp.isin(part["kind"], jnp.array(lesson.labelled, jnp.uint8))
            share = jnp.where(alone, 0.0, lesson.soft)
            soft = soft_losses(said, taught, lesson.temperature)
            return jnp.mean((1 - share) * hard + share * soft)

        found, slope = jax.value_and_grad(lost)(weights)
        change, optimiser_state = self._optimiser.update(slope, optimiser_state, weights)
        weights = jax.tree.map(lambda old, by: old - rate * by, weights, change)
        # Early on the mean follows closely, so that it does not hold on to where it began.
        stays = jnp.minimum(MEAN_DECAY, (1.0 + number) / (10.0 + number))
        mean = jax.tree.map(lambda old, new: stays * old + (1 - stays) * new, mean, weights)
        return weights, mean, optimiser_state, found
