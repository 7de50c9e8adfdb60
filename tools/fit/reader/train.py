# pyright: basic, reportMissingImports=false
"""Fits a network to prepared rows: the reader, alone or by a teacher, or the teacher itself.

All rows lie on the device. Nothing is chosen by what is held out: it is only printed. Weights are written
now and then, and at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from fit.reader import model, teacher
from fit.reader.base import Weights, heads, is_trained, read_base, read_trained, write_trained
from fit.reader.batches import batches
from fit.reader.items import WINDOWS
from fit.reader.prepared import Prepared, Rows, read, read_kinds
from fit.reader.steps import Lesson, Network, Plan, Steps, rate_of
from fit.reader.teacher_base import is_taught, read_teacher, read_teacher_base, write_teacher
from fit.reader.watch import figures, line, reader

Watch = Callable[[Any], dict[str, dict[str, float | None]]]
Write = Callable[[Path, Weights], None]


@dataclass(frozen=True, slots=True)
class Taught:
    """Where the teacher is, what share of the loss its labels have, and how they are softened."""

    teacher: Path
    soft: float
    temperature: float


def fit(
    prepared: Path,
    base: Path,
    out: Path,
    plan: Plan,
    start: Path | None = None,
    items: int | None = None,
    taught: Taught | None = None,
) -> Weights:
    """Fits the reader and writes it; gives the mean of the weights. `start` are weights to go on from.

    A teacher that is weights of a reader teaches what it may know: rows whose question was changed by rule
    are learnt from their labels.
    """
    began = time.monotonic()
    frozen, trained = starting_weights(base, start, plan.seed)
    lesson = None if taught is None else lesson_of(taught, read_kinds(prepared))
    network = Network(model.logits, frozen, trained)
    return _fit(prepared, network, out, write_trained, plan, began, items, lesson)


def lesson_of(taught: Taught, kinds: Sequence[str]) -> Lesson:
    """What is learnt of a teacher: a bigger network, or a reader as it was before."""
    if taught.teacher.suffix != ".safetensors":
        return Lesson(teacher.logits, read_teacher(taught.teacher), taught.soft, taught.temperature)
    weights = read_trained(taught.teacher)
    labelled = tuple(number for number, kind in enumerate(kinds) if kind not in ("", *WINDOWS))
    return Lesson(model.logits, weights, taught.soft, taught.temperature, labelled)


def teach(prepared: Path, parts: Sequence[Path], out: Path, plan: Plan, items: int | None = None) -> Weights:
    """Fits the teacher from the parts of its base and writes it whole; gives the mean of what was trained."""
    began = time.monotonic()
    weights = read_teacher_base(parts)
    weights |= heads(len(weights["embeddings.LayerNorm.weight"]), plan.seed)
    frozen = {name: array for name, array in weights.items() if not is_taught(name)}
    trained = {name: array for name, array in weights.items() if is_taught(name)}

    def write(path: Path, mean: Weights) -> None:
        write_teacher(path, frozen | mean)

    return _fit(prepared, Network(teacher.logits, frozen, trained), out, write, plan, began, items)


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


def _fit(
    prepared: Path,
    network: Network,
    out: Path,
    write: Write,
    plan: Plan,
    began: float,
    items: int | None,
    lesson: Lesson | None = None,
) -> Weights:
    accelerated = jax.default_backend() != "cpu"
    precision = jnp.bfloat16 if accelerated else jnp.float32
    data = read(prepared)
    fitted = data.fitted if items is None else first_rows(data.fitted, items)
    print(
        f"{sum(map(len, fitted.values())):,} rows to fit on, "
        f"{sum(map(len, data.held_out.values())):,} held out, "
        f"{jax.devices()[0].device_kind}, {precision.__name__}, read in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    steps = Steps(plan, network, fitted, precision, lesson)
    print(f"{len(fitted)} programs compiled, {time.monotonic() - began:.0f} s", flush=True)
    watch = _watcher(data, network, steps.frozen, precision)
    _run(steps, plan, fitted, watch, out, write, began)
    mean = {name: np.asarray(array) for name, array in steps.state.mean.items()}
    write(out, mean)
    print(f"held out, by set and rule, at the end ({time.monotonic() - began:.0f} s):", flush=True)
    _print(watch(steps.state.mean))
    return mean


def look(prepared: Path, base: Path, trained: Path) -> None:
    """Prints how good a reader's weights are on what is held out."""
    data, (frozen, start) = read(prepared), starting_weights(base, trained, 0)
    _print(figures(reader(jnp.float32), {**frozen, **start}, data))


def _print(said: Mapping[str, Mapping[str, float | None]]) -> None:
    for name, found in sorted(said.items()):
        print(f"  {name:24} {line(found)}  of {found['count']:.0f}", flush=True)


def _watcher(data: Prepared, network: Network, frozen: Any, precision: Any) -> Watch:
    read = reader(precision, network.logits)
    return lambda trained: figures(read, {**frozen, **trained}, data)


def _run(
    steps: Steps,
    plan: Plan,
    rows: Mapping[int, Rows],
    watch: Watch,
    out: Path,
    write: Write,
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
        if done % plan.look and done != plan.steps:
            continue
        mean_loss = float(jnp.mean(jnp.stack(losses)))
        losses.clear()
        now = time.monotonic()
        over = plan.minutes_max is not None and now - began >= 60 * plan.minutes_max
        if done % min(plan.every, 5 * plan.look) == 0 or done == plan.look or done == plan.steps or over:
            print(
                f"step {done:6,}  loss {mean_loss:.3f}  rate {rate:.1e}  "
                f"{tokens / (now - running):,.0f} tokens a second  {now - began:.0f} s",
                flush=True,
            )
        if over:
            break
        if now - written > 60 * plan.minutes:
            write(out, {name: np.asarray(each) for name, each in steps.state.mean.items()})
            written = now
        if done % plan.every == 0 and done != plan.steps:
            print(f"  held out: {line(watch(steps.state.mean)['all'])}", flush=True)
