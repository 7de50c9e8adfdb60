from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from sutra_core.embed.build import build_encoder
from sutra_core.embed.graph import quantise
from sutra_core.errors import EmbedderError


def run(tiny: Any, ids: list[list[int]]) -> tuple[Any, Any]:
    encoder = build_encoder(tiny.profile, tiny.folder / "model.safetensors")
    session: Any = onnxruntime.InferenceSession(encoder, providers=["CPUExecutionProvider"])
    embedding, tokens = session.run(["embedding", "tokens"], {"input_ids": np.array(ids, np.int64)})
    return embedding, tokens


@pytest.mark.parametrize("family", ["bert", "mpnet"])
@pytest.mark.parametrize("length", [1, 2, 9, 24])
def test_the_encoder_is_the_network(make_tiny: Any, tmp_path: Path, family: str, length: int) -> None:
    tiny = make_tiny(tmp_path, family)
    ids = np.random.default_rng(length).integers(0, 20, (2, length)).tolist()
    embedding, tokens = run(tiny, ids)
    for row in range(2):
        expected = tiny.oracle(ids[row])
        np.testing.assert_allclose(tokens[row], expected, atol=2e-4)
        mean = expected.mean(0)
        np.testing.assert_allclose(embedding[row], mean / np.linalg.norm(mean), atol=1e-4)


@pytest.mark.parametrize("family", ["bert", "mpnet"])
def test_quantised_vectors_stay_close(make_tiny: Any, tmp_path: Path, family: str) -> None:
    ids = np.random.default_rng(3).integers(0, 20, (30, 12)).tolist()
    exact, _ = run(make_tiny(tmp_path / "exact", family), ids)
    quantised, _ = run(make_tiny(tmp_path / "quantised", family, quantised=True), ids)
    cosines = (exact * quantised).sum(1)
    assert cosines.min() > 0.98
    assert cosines.max() < 1.0, "nothing was quantised"


def test_quantised_weights_never_saturate_sixteen_bits(make_tiny: Any, tmp_path: Path) -> None:
    tiny = make_tiny(tmp_path, quantised=True)
    model = onnx.load_from_string(build_encoder(tiny.profile, tiny.folder / "model.safetensors"))
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    multiplied = [
        constants[node.input[1]] for node in model.graph.node if node.op_type == "DynamicQuantizeMatMul"
    ]
    assert len(multiplied) == 4 * tiny.profile.architecture.layers
    assert all(matrix.dtype == np.int8 for matrix in multiplied)
    assert max(2 * 255 * int(np.abs(matrix.astype(int)).max()) for matrix in multiplied) < 2**15


def test_codes_and_scales_give_the_matrix_back() -> None:
    matrix = np.random.default_rng(1).normal(size=(40, 5))
    matrix[:, 2] = 0.0
    codes, scales = quantise(matrix, axis=0, largest_code=63)
    assert scales.shape == (1, 5)
    assert np.abs(codes).max(axis=0).tolist() == [63, 63, 0, 63, 63]
    assert (np.abs(codes * scales - matrix) <= scales / 2 + 1e-6).all()


def test_weights_of_another_network_are_refused(make_tiny: Any, tmp_path: Path) -> None:
    tiny = make_tiny(tmp_path, change=lambda weights: weights.pop("embeddings.LayerNorm.bias"))
    with pytest.raises(EmbedderError, match=r"tiny-bert: 'embeddings\.LayerNorm\.bias'"):
        build_encoder(tiny.profile, tiny.folder / "model.safetensors")


def test_a_file_that_is_no_safetensors_is_refused(make_tiny: Any, tmp_path: Path) -> None:
    tiny = make_tiny(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not a model at all")
    with pytest.raises(EmbedderError, match="does not hold the weights of tiny-bert"):
        build_encoder(tiny.profile, tmp_path / "model.safetensors")
