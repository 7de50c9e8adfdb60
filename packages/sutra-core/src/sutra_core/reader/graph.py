"""Writes the reader as an ONNX graph: the embedder's layers, another question to them, and two heads.

The graph takes `input_ids` and `token_type_ids` [1, tokens], without padding; it gives `start_logits` and
`end_logits` [1, tokens] for every token, and `verdict_logits` [1, 3] (neither, yes, no). It hides no token:
who may begin or end a span is for the caller to know. Layers and the table of words are quantised as the
embedder's are (`sutra_core.embed.graph`); the heads are not, nor is what ends the feed-forward of the first
layers, whose loss is the largest: all layers take what these pass on.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from sutra_core.embed.graph import OPERATORS, Graph, Weights, token_count, token_places, transformer_layer
from sutra_core.embed.models import Architecture
from sutra_core.reader.limits import EXACT_LAYERS

__all__ = ["reader_graph"]


def reader_graph(weights: Weights, architecture: Architecture, *, quantised: bool) -> onnx.ModelProto:
    """The reader as a model; `KeyError` when `weights` lacks one that the network has."""
    exact = [f"encoder.layer.{layer}.output.dense" for layer in range(EXACT_LAYERS)]
    graph = Graph(weights, architecture, quantised=quantised, exact=exact)
    x = _embeddings(graph)
    for layer in range(architecture.layers):
        x = transformer_layer(graph, x, f"encoder.layer.{layer}.")
    scores = _head(graph, x, "qa")
    graph.nodes.append(
        helper.make_node("Split", [scores], ["start_column", "end_column"], axis=-1, num_outputs=2)
    )
    last = graph.constant("axes_last", np.array([-1]))
    for name in ("start", "end"):
        graph.nodes.append(helper.make_node("Squeeze", [f"{name}_column", last], [f"{name}_logits"]))
    mark = graph.apply("Gather", x, graph.constant("first", np.int64(0)), axis=1)
    graph.nodes.append(helper.make_node("Identity", [_head(graph, mark, "verdict")], ["verdict_logits"]))
    row = ["texts", "tokens"]
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "reader",
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, row)
                for name in ("input_ids", "token_type_ids")
            ],
            [
                helper.make_tensor_value_info("start_logits", TensorProto.FLOAT, row),
                helper.make_tensor_value_info("end_logits", TensorProto.FLOAT, row),
                helper.make_tensor_value_info("verdict_logits", TensorProto.FLOAT, ["texts", 3]),
            ],
            list(graph.constants.values()),
        ),
        opset_imports=OPERATORS,
        ir_version=9,
    )


def _embeddings(graph: Graph) -> str:
    """Embeddings of words, positions and segments, added and normalised."""
    weights = graph.weights
    positions = token_places(graph, token_count(graph))
    words = graph.rows("words", weights["embeddings.word_embeddings.weight"], "input_ids")
    table = weights["embeddings.position_embeddings.weight"]
    places = graph.apply("Gather", graph.constant("positions", table), positions)
    table = weights["embeddings.token_type_embeddings.weight"]
    segments = graph.apply("Gather", graph.constant("segments", table), "token_type_ids")
    added = graph.apply("Add", graph.apply("Add", words, places), segments)
    return graph.norm(added, "embeddings.LayerNorm")


def _head(graph: Graph, x: str, name: str) -> str:
    """A head's logits, in single precision."""
    weight = graph.constant(f"{name}.weight", graph.weights[f"{name}.weight"].T)
    return graph.apply(
        "Add", graph.apply("MatMul", x, weight), graph.constant(f"{name}.bias", graph.weights[f"{name}.bias"])
    )
