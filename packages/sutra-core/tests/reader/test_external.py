"""Another reader's folder: one that is right, and everything that is wrong with others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_reader import tiny_tokeniser
from tokenizers import Tokenizer, processors

from sutra_core.errors import ModelUnavailableError, ReaderError
from sutra_core.reader import Reader, WindowText, open_reader
from sutra_core.reader.external import ExternalNetwork
from sutra_core.reader.limits import LENGTH_MAX, QUESTION_MAX

INPUTS = ("input_ids", "attention_mask")
BOTH = ("start_logits", "end_logits")
FREE = ("windows", "tokens")


def write_model(
    folder: Path,
    inputs: Sequence[str] = INPUTS,
    outputs: Sequence[str] = BOTH,
    shape: Sequence[str | int] = FREE,
    kind: int = TensorProto.INT64,
    rows: int = 30,
    axis: bool = False,
) -> None:
    """A network that scores each token by its identifier: 0 for a mark, else the number itself."""
    table = np.arange(rows, dtype=np.float32)
    table[1:3] = 0
    nodes = [helper.make_node("Cast", [name], [f"{name}_64"], to=TensorProto.INT64) for name in inputs]
    nodes.append(helper.make_node("Gather", ["table", f"{inputs[0]}_64"], ["score"]))
    last = "score"
    for name in inputs[1:]:  # each has to be used
        nodes.append(helper.make_node("Cast", [f"{name}_64"], [f"{name}_f"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}_f", "nothing"], [f"{name}_0"]))
        nodes.append(helper.make_node("Add", [last, f"{name}_0"], [f"{name}_sum"]))
        last = f"{name}_sum"
    if axis:
        nodes.append(helper.make_node("Unsqueeze", [last, "two"], ["wide"]))
        last = "wide"
    nodes += [helper.make_node("Identity", [last], [name]) for name in outputs]
    out = [*shape, 1] if axis else shape
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "reader",
            [helper.make_tensor_value_info(name, kind, shape) for name in inputs],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, out) for name in outputs],
            [
                numpy_helper.from_array(table, "table"),
                numpy_helper.from_array(np.array(0, np.float32), "nothing"),
                numpy_helper.from_array(np.array([2]), "two"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    onnx.save(model, folder / "model.onnx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A right folder."""
    write_model(tmp_path)
    tiny_tokeniser().save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize("inputs", [INPUTS, (*INPUTS, "token_type_ids")])
def test_a_right_folder_is_a_reader(folder: Path, inputs: Sequence[str]) -> None:
    write_model(folder, inputs)
    reader = open_reader(folder, threads=2)
    assert isinstance(reader, Reader)
    windows = [WindowText("tea", "the river flows to Genève at a hill"), WindowText("", "")]
    first, empty = reader.read("who drinks tea ?", windows)
    best = first.spans[0]
    assert windows[0].text[best.start : best.end] == "Genève"
    assert best.score == 2 * 18
    assert (first.yes, first.no) == (0, 0)
    assert empty.spans == ()
    reader.close()


def test_spans_never_reach_into_the_title(folder: Path) -> None:
    reader = open_reader(folder, threads=1)
    (titled,) = reader.read("who ?", [WindowText("Genève", "the river")])
    (bare,) = reader.read("who ?", [WindowText("", "the river")])
    assert titled.spans == bare.spans
    assert titled.spans[0].end <= len("the river")


def test_what_is_too_long_is_cut(folder: Path) -> None:
    long = " ".join(["the river rises ."] * 100)
    (laid,) = ExternalNetwork(folder).lay_out(long, [WindowText("tea", long)])
    assert len(laid.ids) == LENGTH_MAX
    assert laid.segments.index(1) == QUESTION_MAX + 2
    assert [long[a:b] for a, b in laid.places[:3]] == ["the", "river", "rises"]


def test_the_fingerprint_follows_the_files(folder: Path) -> None:
    first = open_reader(folder, threads=1).fingerprint
    assert open_reader(folder, threads=1).fingerprint == first
    write_model(folder, rows=31)
    assert open_reader(folder, threads=1).fingerprint != first


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelUnavailableError, match=f"has no {name}") as caught:
        open_reader(folder)
    assert caught.value.code == "model_unavailable"


def no_template(folder: Path) -> None:
    tokeniser: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokeniser.post_processor = processors.TemplateProcessing(
        single="$A [SEP]", pair="$A [SEP] $B:1", special_tokens=[("[SEP]", 2)]
    )
    tokeniser.save(str(folder / "tokenizer.json"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: write_model(folder, ("input_ids",)), "takes input_ids tensor"),
        (lambda folder: write_model(folder, (*INPUTS, "position_ids")), "position_ids tensor"),
        (lambda folder: write_model(folder, outputs=("start_logits",)), "gives start_logits; a reader takes"),
        (lambda folder: write_model(folder, outputs=("logits",)), "gives logits; a reader takes"),
        (lambda folder: write_model(folder, shape=(1, 384)), r"input_ids tensor\(int64\) \[1, 384\]"),
        (lambda folder: write_model(folder, shape=(8, "tokens")), r"\[8, 'tokens'\]"),
        (lambda folder: write_model(folder, kind=TensorProto.INT32), r"tensor\(int32\)"),
        (lambda folder: write_model(folder, axis=True), r"gave start_logits of \[1, \d+, 1\] for \d+ tokens"),
        (lambda folder: write_model(folder, rows=1), "does not run"),
        (lambda folder: (folder / "model.onnx").write_bytes(b"no"), r"model\.onnx does not load"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), r"tokenizer\.json is no tokeniser"),
        (lambda folder: (folder / "tokenizer.json").write_bytes(b"\xff"), "is no tokeniser"),
        (no_template, "puts no mark in front of a question"),
    ],
)
def test_anything_else_is_refused_with_what_was_found(
    folder: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(folder)
    with pytest.raises(ReaderError, match=said) as caught:
        open_reader(folder)
    assert caught.value.code == "reader_failed"
