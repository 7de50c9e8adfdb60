# pyright: basic, reportMissingImports=false
"""The teacher's network: the wide embedder (MPNet) as plain functions, and the reader's two heads.

Twelve layers of the reader's kind, 768 wide, with a relative position bias that all layers share (Song et
al. 2020). It takes the reader's rows as they are: its table of word pieces is in the reader's order, and
token types it has none. Holds no state.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from fit.reader.base import POSITIONS, WORDS
from fit.reader.model import Arrays, head_logits, keys_of, layer, norm, padding_bias
from fit.reader.teacher_base import BUCKETS, LAYERS, RELATIVE

EPSILON = 1e-5


def encode(weights: Arrays, ids: Any, length: Any, precision: Any, key: Any = None) -> Any:
    """The last layer's output [n, width, hidden] in single precision.

    `ids` [n, width] are the reader's; `length` [n] the pieces without padding. With a random `key` every
    layer drops out a tenth.
    """
    width = ids.shape[1]
    state = weights[WORDS][ids] + weights[POSITIONS][:width]
    state = norm(weights, "embeddings.LayerNorm", state, EPSILON)
    relative = weights[RELATIVE][weights[BUCKETS][:width, :width]]
    bias = jnp.transpose(relative, (2, 0, 1)) + padding_bias(width, length)
    for number in range(LAYERS):
        keys = keys_of(key, number)
        state = layer(weights, f"encoder.layer.{number}", state, bias, precision, keys, EPSILON)
    return state


def logits(
    weights: Arrays, ids: Any, _second: Any, low: Any, high: Any, precision: Any, key: Any = None
) -> tuple[Any, Any, Any]:
    """Start, end and verdict as `model.logits` gives them."""
    return head_logits(weights, encode(weights, ids, high.astype(jnp.int32) + 1, precision, key), low, high)
