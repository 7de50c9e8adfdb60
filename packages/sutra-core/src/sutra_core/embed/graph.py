"""Writes a sentence encoder as an ONNX graph, straight from its weights.

The graph takes `input_ids` [texts, tokens] whose rows all have the same length, so it needs no
padding and no mask; it gives `tokens` [texts, tokens, hidden], the last hidden state, and
`embedding` [texts, hidden], their mean at unit length. It holds no tokeniser and truncates nothing.

Operators are chosen for onnxruntime on CPUs, and the graph is meant to be loaded without its
extended fusions: they make SkipLayerNormalization of Add and LayerNormalization, whose kernel takes
about five times as long as the two. MultiHeadAttention without a mask takes the blocked path.

Quantised weights are symmetric int8 of 7 bits, a scale for each column, and activations uint8 with
a range for each call. With 7 bits no processor's int8 instructions saturate, so the products are
exact integers everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sutra_core.embed.models import Architecture

__all__ = [
    "LARGEST_CODE_7_BITS",
    "OPERATORS",
    "Graph",
    "Weights",
    "encoder_graph",
    "quantise",
    "token_count",
    "token_places",
    "transformer_layer",
]

Weights = Mapping[str, NDArray[np.float32]]

_CONTRIB = "com.microsoft"
_BERT_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
}
_MPNET_LAYER = {
    "query": "attention.attn.q",
    "key": "attention.attn.k",
    "value": "attention.attn.v",
    "output": "attention.attn.o",
    "norm": "attention.LayerNorm",
}
_RELATIVE_DISTANCE_MAX = 128
# Two products of 255 * 63 fit the 16 bits in which processors without VNNI add them.
LARGEST_CODE_7_BITS = 63
OPERATORS = (helper.make_opsetid("", 18), helper.make_opsetid(_CONTRIB, 1))
"""The versions of the operators that the nodes use."""


class Graph:
    """Collects nodes and constants; every method returns the name of a tensor.

    Products named in `exact` stay in single precision when the others are quantised.
    """

    def __init__(
        self,
        weights: Weights,
        architecture: Architecture,
        *,
        quantised: bool,
        exact: Collection[str] = (),
    ) -> None:
        self.weights = weights
        self.architecture = architecture
        self.quantised = quantised
        self.exact = exact
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: Any) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, order="C", copy=True), name)
        return name

    def apply(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, list(inputs), [output], name=output, domain=domain, **attributes)
        )
        return output

    def linear(self, x: str, name: str, matrix: NDArray[Any], bias: NDArray[Any]) -> str:
        """`x @ matrix + bias`; quantised: int8 columns with a scale each, `x` to uint8 as it comes."""
        bias_name = self.constant(f"{name}.bias", bias)
        if not self.quantised or name in self.exact:
            return self.apply(
                "Add", self.apply("MatMul", x, self.constant(f"{name}.weight", matrix)), bias_name
            )
        codes, scales = quantise(matrix, axis=0, largest_code=LARGEST_CODE_7_BITS)
        return self.apply(
            "DynamicQuantizeMatMul",
            x,
            self.constant(f"{name}.weight", codes),
            self.constant(f"{name}.scale", scales.reshape(-1)),
            "",
            bias_name,
            domain=_CONTRIB,
        )

    def dense(self, x: str, name: str) -> str:
        return self.linear(x, name, self.weights[f"{name}.weight"].T, self.weights[f"{name}.bias"])

    def norm(self, x: str, name: str) -> str:
        return self.apply(
            "LayerNormalization",
            x,
            self.constant(f"{name}.weight", self.weights[f"{name}.weight"]),
            self.constant(f"{name}.bias", self.weights[f"{name}.bias"]),
            axis=-1,
            epsilon=self.architecture.norm_epsilon,
        )

    def rows(self, name: str, table: NDArray[Any], indices: str) -> str:
        """Rows of an embedding table; quantised: int8 with a scale for each row."""
        if not self.quantised:
            return self.apply("Gather", self.constant(name, table), indices)
        codes, scales = quantise(table, axis=1, largest_code=127)
        picked = self.apply("Gather", self.constant(f"{name}.codes", codes), indices)
        scale = self.apply("Gather", self.constant(f"{name}.scale", scales), indices)
        return self.apply("Mul", self.apply("Cast", picked, to=TensorProto.FLOAT), scale)


def quantise(
    matrix: NDArray[Any], *, axis: int, largest_code: int
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric integer codes of a matrix, and the scales, which keep `axis` as one long."""
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scales = np.where(largest > 0, largest / largest_code, 1.0).astype(np.float32)
    return np.rint(matrix / scales).astype(np.int8), scales


def relative_buckets(buckets: int, length: int) -> NDArray[np.int64]:
    """The bucket of the relative position bias for each pair of positions, [length, length].

    T5's bidirectional buckets (Raffel et al. 2020, section 2.1): a half for each direction, of
    which the first half holds exact distances and the rest grows logarithmically.
    """
    half = buckets // 2
    exact = half // 2
    distance = np.arange(length)[None, :] - np.arange(length)[:, None]
    size = np.abs(distance)
    scale = (half - exact) / math.log(_RELATIVE_DISTANCE_MAX / exact)
    far = exact + (np.log(np.maximum(size, 1) / exact) * scale).astype(np.int64)
    bucket = np.where(size < exact, size, np.minimum(far, half - 1))
    return bucket + np.where(distance > 0, half, 0)


def encoder_graph(weights: Weights, architecture: Architecture, *, quantised: bool) -> onnx.ModelProto:
    """The encoder as a model; `KeyError` when `weights` lacks one that the architecture has."""
    graph = Graph(weights, architecture, quantised=quantised)
    length = token_count(graph)
    x = _embeddings(graph, length)
    bias = _relative_bias(graph, length) if architecture.relative_buckets else ""
    for layer in range(architecture.layers):
        x = transformer_layer(graph, x, f"encoder.layer.{layer}.", bias)
    graph.nodes.append(helper.make_node("Identity", [x], ["tokens"]))
    mean = graph.apply("ReduceMean", x, graph.constant("axes_1", np.array([1])), keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], axis=-1, p=2))
    hidden = architecture.hidden
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["texts", "tokens"])],
            [
                helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", hidden]),
                helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["texts", "tokens", hidden]),
            ],
            list(graph.constants.values()),
        ),
        opset_imports=OPERATORS,
        ir_version=9,
    )


def token_count(graph: Graph) -> str:
    """How many tokens `input_ids` has."""
    return graph.apply("Gather", graph.apply("Shape", "input_ids"), graph.constant("axis_1", np.int64(1)))


def token_places(graph: Graph, length: str) -> str:
    """0, 1, … for `length` tokens."""
    return graph.apply(
        "Range", graph.constant("zero", np.int64(0)), length, graph.constant("step", np.int64(1))
    )


def _embeddings(graph: Graph, length: str) -> str:
    """Word and position embeddings, added and normalised; the one segment is folded in."""
    weights, architecture = graph.weights, graph.architecture
    table = weights["embeddings.position_embeddings.weight"][architecture.position_offset :]
    if architecture.family == "bert":
        table = table + weights["embeddings.token_type_embeddings.weight"][0]
    positions = token_places(graph, length)
    words = graph.rows("words", weights["embeddings.word_embeddings.weight"], "input_ids")
    places = graph.apply("Gather", graph.constant("positions", table), positions)
    return graph.norm(graph.apply("Add", words, places), "embeddings.LayerNorm")


def _relative_bias(graph: Graph, length: str) -> str:
    """The bias of each pair of positions for each head, [1, heads, tokens, tokens]."""
    architecture = graph.architecture
    rows = graph.weights["embeddings.position_embeddings.weight"].shape[0]
    buckets = relative_buckets(architecture.relative_buckets, rows - architecture.position_offset)
    size = graph.apply("Unsqueeze", length, graph.constant("axes_0", np.array([0])))
    corner = graph.apply(
        "Slice",
        graph.constant("buckets", buckets),
        graph.constant("origin", np.array([0, 0])),
        graph.apply("Concat", size, size, axis=0),
        graph.constant("axes_01", np.array([0, 1])),
    )
    weight = graph.weights["encoder.relative_attention_bias.weight"]
    picked = graph.apply("Gather", graph.constant("relative_bias", weight), corner)
    heads_first = graph.apply("Transpose", picked, perm=[2, 0, 1])
    return graph.apply("Unsqueeze", heads_first, "axes_0")


def transformer_layer(graph: Graph, x: str, prefix: str, bias: str = "") -> str:
    """One transformer layer: attention and feed-forward, each added to its input and normalised."""
    weights, architecture = graph.weights, graph.architecture
    names = {
        part: prefix + name
        for part, name in (_MPNET_LAYER if architecture.family == "mpnet" else _BERT_LAYER).items()
    }
    projections = [names[part] for part in ("query", "key", "value")]
    projected = graph.linear(
        x,
        f"{prefix}projections",
        np.concatenate([weights[f"{name}.weight"].T for name in projections], axis=1),
        np.concatenate([weights[f"{name}.bias"] for name in projections]),
    )
    parts = [f"{name}.projected" for name in projections]
    graph.nodes.append(helper.make_node("Split", [projected], parts, axis=-1, num_outputs=3))
    attention = graph.apply(
        "MultiHeadAttention",
        *parts,
        *(["", "", bias] if bias else []),
        domain=_CONTRIB,
        num_heads=architecture.heads,
    )
    x = graph.norm(graph.apply("Add", graph.dense(attention, names["output"]), x), names["norm"])
    inner = graph.apply("Gelu", graph.dense(x, f"{prefix}intermediate.dense"), domain=_CONTRIB)
    outer = graph.dense(inner, f"{prefix}output.dense")
    return graph.norm(graph.apply("Add", outer, x), f"{prefix}output.LayerNorm")
