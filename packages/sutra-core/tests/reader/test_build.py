from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from safetensors.numpy import load_file, save
from tiny_reader import TinyReader, logits_by_the_book

from sutra_core.embed.models import WEIGHTS, profile_named
from sutra_core.errors import ReaderError
from sutra_core.reader import SHIPPED, ReaderFiles
from sutra_core.reader.build import build_reader
from sutra_core.reader.limits import EXACT_LAYERS
from sutra_core.reader.shipped import is_trained, unpack

NAMES = ["start_logits", "end_logits", "verdict_logits"]
# What the network that is fitted says (tools/fit/reader/model.py); tests/fit holds it to the same file.
FITTED = json.loads((Path(__file__).parents[4] / "tests/fixtures/reader_logits.json").read_text())


def run(model: bytes, ids: list[int], segments: list[int]) -> Any:
    session: Any = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    values = {"input_ids": np.array([ids]), "token_type_ids": np.array([segments])}
    start, end, verdict = session.run(NAMES, values)
    assert start.shape == end.shape == (1, len(ids))
    assert verdict.shape == (1, 3)
    return start[0], end[0], verdict[0]


def built(tiny: TinyReader, *, quantised: bool) -> bytes:
    return build_reader(tiny.profile, tiny.folder / WEIGHTS, tiny.shipped.read(), quantised=quantised)


def whole(base: Path, packed: bytes) -> dict[str, Any]:
    frozen = {name: array for name, array in load_file(base).items() if not is_trained(name)}
    return frozen | unpack(packed)


@pytest.mark.parametrize("length", [3, 9, 60])
def test_the_reader_is_the_network(tiny: TinyReader, length: int) -> None:
    ids = np.random.default_rng(length).integers(0, 20, length).tolist()
    segments = [0] * (length // 3) + [1] * (length - length // 3)
    scores, verdict = logits_by_the_book(whole(tiny.folder / WEIGHTS, tiny.shipped.read()), ids, segments)
    start, end, said = run(built(tiny, quantised=False), ids, segments)
    np.testing.assert_allclose(start, scores[:, 0], atol=1e-3)
    np.testing.assert_allclose(end, scores[:, 1], atol=1e-3)
    np.testing.assert_allclose(said, verdict, atol=1e-3)


@pytest.mark.parametrize("item", FITTED)
def test_the_reader_says_what_the_fitted_network_says(tiny: TinyReader, item: dict[str, Any]) -> None:
    given = run(built(tiny, quantised=False), item["ids"], item["segments"])
    for found, name in zip(given, ("start", "end", "verdict"), strict=True):
        np.testing.assert_allclose(found, item[name], atol=1e-3)


def test_quantised_logits_stay_close(tiny: TinyReader) -> None:
    ids = np.random.default_rng(2).integers(0, 20, 50).tolist()
    segments = [0] * 10 + [1] * 40
    exact = run(built(tiny, quantised=False), ids, segments)[0]
    close = run(built(tiny, quantised=True), ids, segments)[0]
    assert np.corrcoef(exact, close)[0, 1] > 0.9
    assert not np.array_equal(exact, close), "nothing was quantised"


def test_what_ends_the_first_layers_is_not_quantised(tiny: TinyReader) -> None:
    model = onnx.load_from_string(built(tiny, quantised=True))
    matrices = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    kinds = [matrices[f"encoder.layer.{layer}.output.dense.weight"].dtype for layer in range(6)]
    assert kinds == [np.float32] * EXACT_LAYERS + [np.int8] * (6 - EXACT_LAYERS)
    assert matrices["encoder.layer.0.intermediate.dense.weight"].dtype == np.int8


@pytest.mark.parametrize("name", ["qa.bias", "encoder.layer.3.output.dense.weight"])
def test_weights_of_another_network_are_refused(tiny: TinyReader, name: str) -> None:
    arrays = unpack(tiny.shipped.read())
    del arrays[name]
    with pytest.raises(ReaderError, match=rf"do not make a reader on tiny-bert: '{name}'"):
        build_reader(tiny.profile, tiny.folder / WEIGHTS, save(arrays), quantised=False)


def test_a_head_of_another_shape_is_refused(tiny: TinyReader) -> None:
    arrays = unpack(tiny.shipped.read())
    arrays["qa.weight"] = np.zeros((3, 24), np.float32)
    with pytest.raises(ReaderError, match=r"a head qa of \(3, 24\)"):
        build_reader(tiny.profile, tiny.folder / WEIGHTS, save(arrays), quantised=False)


def test_what_is_no_safetensors_is_refused(tiny: TinyReader) -> None:
    with pytest.raises(ReaderError, match="do not make a reader"):
        build_reader(tiny.profile, tiny.folder / WEIGHTS, b"not weights at all", quantised=False)


def test_the_real_reader_is_the_network(real_reader: ReaderFiles) -> None:
    base, packed = real_reader.model.parent / WEIGHTS, SHIPPED.read()
    ids = [101, *np.random.default_rng(1).integers(1000, 30000, 30).tolist(), 102]
    segments = [0] * 9 + [1] * 23
    scores, verdict = logits_by_the_book(whole(base, packed), ids, segments)
    model = build_reader(profile_named("default"), base, packed, quantised=False)
    start, end, said = run(model, ids, segments)
    np.testing.assert_allclose(start, scores[:, 0], atol=2e-3)
    np.testing.assert_allclose(end, scores[:, 1], atol=2e-3)
    np.testing.assert_allclose(said, verdict, atol=2e-3)
