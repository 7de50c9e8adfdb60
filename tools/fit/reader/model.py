# pyright: basic, reportMissingImports=false
"""The reader's network: MiniLM-L6 (a BERT) as plain functions over arrays named as in BERT, and two heads.

Post-norm, 12 heads, exact GELU, layer-norm epsilon 1e-12 (Devlin et al. 2019; Wang et al. 2020). Matrix
products are in `precision`; softmax, layer norm and the residual sums in single precision. Holds no state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from fit.reader.base import FROZEN, LAYERS

HEADS = 12
EPSILON = 1e-12
DROPOUT = 0.1
SPAN_MAX = 25
"""The most pieces of a span."""
SAID_WEIGHT = 4.0
"""What a yes or no counts in the loss: one item in eighteen is one."""
HIDDEN_SCORE = -1e9
"""The score of what cannot be chosen."""

Arrays = Mapping[str, Any]


def encode(weights: Arrays, ids: Any, second: Any, length: Any, precision: Any, key: Any = None) -> Any:
    """The last layer's output [n, width, hidden] in single precision.

    `ids` [n, width]; `second` [n] the first piece of token type 1; `length` [n] the pieces without padding.
    With a random `key` the trained layers drop out a tenth; the frozen ones never do.
    """
    place = jnp.arange(ids.shape[1])
    types = (place >= second[:, None]).astype(jnp.int32)
    state = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        + weights["embeddings.token_type_embeddings.weight"][types]
    )
    state = norm(weights, "embeddings.LayerNorm", state)
    bias = padding_bias(ids.shape[1], length)
    for number in range(LAYERS):
        keys = keys_of(key if number >= FROZEN else None, number)
        state = layer(weights, f"encoder.layer.{number}", state, bias, precision, keys)
        if number == FROZEN - 1:
            state = jax.lax.stop_gradient(state)
    return state


def logits(
    weights: Arrays, ids: Any, second: Any, low: Any, high: Any, precision: Any, key: Any = None
) -> tuple[Any, Any, Any]:
    """Start and end [n, width] and verdict [n, 3].

    Starts and ends other than [CLS] and the window, `low` to `high` (left out), get `HIDDEN_SCORE`.
    """
    state = encode(weights, ids, second, high.astype(jnp.int32) + 1, precision, key)
    return head_logits(weights, state, low, high)


def head_logits(weights: Arrays, state: Any, low: Any, high: Any) -> tuple[Any, Any, Any]:
    """What the two heads say of an encoder's output [n, width, hidden]; see `logits`."""
    scores = dense(weights, "qa", state, jnp.float32)
    place = jnp.arange(state.shape[1])
    open_to = (place == 0) | ((place >= low[:, None]) & (place < high[:, None]))
    start, end = (jnp.where(open_to, scores[..., n], HIDDEN_SCORE) for n in (0, 1))
    return start, end, dense(weights, "verdict", state[:, 0], jnp.float32)


def best_span(start: Any, end: Any) -> tuple[Any, Any, Any]:
    """The best span of at most `SPAN_MAX` pieces: first piece, last piece, score less [CLS]'s; each [n]."""
    width = start.shape[1]
    place = jnp.arange(width)
    reach = place[None, :] - place[:, None]
    allowed = (reach >= 0) & (reach < SPAN_MAX) & (place[:, None] > 0)
    scores = jnp.where(allowed, start[:, :, None] + end[:, None, :], 2 * HIDDEN_SCORE)
    best = jnp.argmax(scores.reshape(len(start), -1), axis=1)
    margin = jnp.max(scores, axis=(1, 2)) - start[:, 0] - end[:, 0]
    return best // width, best % width, margin


def loss(start: Any, end: Any, verdict: Any, starts: Any, ends: Any, wanted: Any) -> Any:
    """The mean over items of `losses`."""
    return jnp.mean(losses(start, end, verdict, starts, ends, wanted))


def losses(start: Any, end: Any, verdict: Any, starts: Any, ends: Any, wanted: Any) -> Any:
    """The negative log-likelihood of each item's span and verdict, a yes or no weighed.

    The span's likelihood is the sum over the accepted ranges [n, k], 255 where there are fewer; without any
    it is that of [CLS]. A yes or no counts `SAID_WEIGHT` times.
    """
    some = starts[:, :1] != 255
    none = jnp.arange(starts.shape[1])[None] == 0
    starts = jnp.where(some, starts, jnp.where(none, 0, 255)).astype(jnp.int32)
    ends = jnp.where(some, ends, jnp.where(none, 0, 255)).astype(jnp.int32)
    given = starts != 255
    likely = jnp.take_along_axis(jax.nn.log_softmax(start), jnp.where(given, starts, 0), axis=1)
    likely += jnp.take_along_axis(jax.nn.log_softmax(end), jnp.where(given, ends, 0), axis=1)
    span = -jax.nn.logsumexp(jnp.where(given, likely, HIDDEN_SCORE), axis=1)
    said = jnp.take_along_axis(jax.nn.log_softmax(verdict), wanted.astype(jnp.int32)[:, None], axis=1)[:, 0]
    return span - said * jnp.where(wanted > 0, SAID_WEIGHT, 1.0)


def soft_loss(said: Sequence[Any], taught: Sequence[Any], temperature: float) -> Any:
    """The mean over items of `soft_losses`."""
    return jnp.mean(soft_losses(said, taught, temperature))


def soft_losses(said: Sequence[Any], taught: Sequence[Any], temperature: float) -> Any:
    """How far each item's start, end and verdict are from a teacher's: the summed divergences.

    Kullback and Leibler's, of both softened by the temperature, times its square (Hinton et al. 2015,
    section 2). What cannot be chosen has no share in either.
    """
    total = 0.0
    for ours, theirs in zip(said, taught, strict=True):
        wanted = jax.nn.log_softmax(theirs / temperature)
        apart = jnp.exp(wanted) * (wanted - jax.nn.log_softmax(ours / temperature))
        total += jnp.sum(apart, axis=1)
    return temperature**2 * total


def keys_of(key: Any, number: int) -> tuple[Any, Any]:
    """The random keys of a layer's two drop-outs; none where there is no key."""
    if key is None:
        return None, None
    first, second = jax.random.split(jax.random.fold_in(key, number))
    return first, second


def padding_bias(width: int, length: Any) -> Any:
    """What hides padding from attention, [n, 1, 1, width]."""
    return jnp.where(jnp.arange(width) < length[:, None], 0.0, HIDDEN_SCORE)[:, None, None, :]


def layer(
    weights: Arrays,
    name: str,
    state: Any,
    bias: Any,
    precision: Any,
    keys: tuple[Any, Any],
    epsilon: float = EPSILON,
) -> Any:
    """One layer; `bias` [n, heads, width, width], or what spreads to it, is added to attention's scores."""
    count, width, hidden = state.shape
    query, key, value = (
        dense(weights, f"{name}.attention.self.{part}", state, precision).reshape(count, width, HEADS, -1)
        for part in ("query", "key", "value")
    )
    scores = jnp.einsum("nqhd,nkhd->nhqk", query, key, preferred_element_type=jnp.float32)
    shares = jax.nn.softmax(scores * (hidden // HEADS) ** -0.5 + bias).astype(precision)
    mixed = jnp.einsum("nhqk,nkhd->nqhd", shares, value).reshape(count, width, hidden)
    mixed = _drop(dense(weights, f"{name}.attention.output.dense", mixed, precision), keys[0])
    state = norm(weights, f"{name}.attention.output.LayerNorm", state + mixed, epsilon)
    inner = jax.nn.gelu(dense(weights, f"{name}.intermediate.dense", state, precision), approximate=False)
    outer = _drop(dense(weights, f"{name}.output.dense", inner, precision), keys[1])
    return norm(weights, f"{name}.output.LayerNorm", state + outer, epsilon)


def dense(weights: Arrays, name: str, state: Any, precision: Any) -> Any:
    """`state` times the matrix, plus the bias."""
    matrix, bias = weights[f"{name}.weight"].astype(precision), weights[f"{name}.bias"].astype(precision)
    return state.astype(precision) @ matrix.T + bias


def norm(weights: Arrays, name: str, state: Any, epsilon: float = EPSILON) -> Any:
    """Layer norm in single precision."""
    state = state.astype(jnp.float32)
    centred = state - state.mean(-1, keepdims=True)
    scaled = centred * jax.lax.rsqrt(jnp.mean(centred**2, -1, keepdims=True) + epsilon)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _drop(state: Any, key: Any) -> Any:
    if key is None:
        return state
    kept = jax.random.bernoulli(key, 1 - DROPOUT, state.shape)
    return jnp.where(kept, state / (1 - DROPOUT), 0).astype(state.dtype)
