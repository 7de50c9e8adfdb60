"""The packed file, and that what runs is what was fitted."""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from fit.reader import items, pieces
from fit.reader.base import is_trained, read_trained, write_trained
from fit.reader.between import write_between
from fit.reader.pack import write_packed
from tiny_reader import tiny_weights

from sutra_core.reader import limits, shipped

LOGITS = Path(__file__).parents[1] / "fixtures" / "reader_logits.json"


def test_the_file_is_named_by_its_hash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trained(tmp_path / "w.safetensors", {n: a for n, a in tiny_weights().items() if is_trained(n)})
    out = write_packed(tmp_path / "w.safetensors", tmp_path / "out")
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    assert out.name == f"reader-{sha256[:16]}.safetensors" == shipped.Shipped(sha256).name
    assert f"SHA-256 {sha256}" in capsys.readouterr().out


def test_weights_can_be_taken_between_two_fits(tmp_path: Path) -> None:
    weights = {name: array for name, array in tiny_weights().items() if is_trained(name)}
    write_trained(tmp_path / "before", weights)
    write_trained(tmp_path / "after", {name: array + 1 for name, array in weights.items()})
    write_between(tmp_path / "before", tmp_path / "after", 0.75, tmp_path / "between")
    for name, array in read_trained(tmp_path / "between").items():
        np.testing.assert_allclose(array, weights[name] + 0.75, atol=2e-3)
    write_trained(tmp_path / "other", {"other": np.zeros(2, np.float32)})
    with pytest.raises(ValueError, match="one network"):
        write_between(tmp_path / "before", tmp_path / "other", 0.5, tmp_path / "between")


def test_the_command_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_trained(tmp_path / "w.safetensors", {n: a for n, a in tiny_weights().items() if is_trained(n)})
    monkeypatch.setattr(
        sys, "argv", ["run.py", "pack", str(tmp_path / "w.safetensors"), str(tmp_path / "out")]
    )
    monkeypatch.setattr(sys, "path", list(sys.path))
    runpy.run_path("tools/fit/reader/run.py", run_name="__main__")
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_the_reader_is_shown_what_it_was_fitted_on() -> None:
    assert (limits.LENGTH_MAX, limits.QUESTION_MAX, limits.TITLE_MAX, limits.WINDOW_MAX) == (
        items.LENGTH_MAX,
        items.QUESTION_MAX,
        items.TITLE_MAX,
        items.WINDOW_MAX,
    )
    for title in ("", "The river"):
        assert limits.head_of(title) == items.title_text(title)
    assert all(shipped.is_trained(name) == is_trained(name) for name in tiny_weights())
    assert pieces.CLASSIFY < pieces.SEPARATE


def test_the_stored_logits_are_those_of_the_fitted_network() -> None:
    """packages/sutra-core/tests/reader holds what runs to the same file; this needs jax."""
    pytest.importorskip("jax")
    stored = json.loads(LOGITS.read_text())
    for item, made in zip(stored, fitted_logits(stored), strict=True):
        for name in ("start", "end", "verdict"):
            np.testing.assert_allclose(made[name], item[name], atol=1e-4)


def fitted_logits(stored: list[dict[str, list[int]]]) -> list[dict[str, list[float]]]:
    """What the network that is fitted says of the packed weights, in single precision."""
    from fit.reader.model import encode
    from fit.reader.pack import pack

    weights = tiny_weights()
    trained = {name: array for name, array in weights.items() if is_trained(name)}
    weights |= shipped.unpack(pack(trained))
    made: list[dict[str, list[float]]] = []
    for item in stored:
        ids = np.array([item["ids"]])
        second = np.array([item["segments"].index(1)])
        state = np.asarray(encode(weights, ids, second, np.array([ids.shape[1]]), np.float32))[0]
        scores = state @ weights["qa.weight"].T + weights["qa.bias"]
        verdict = state[0] @ weights["verdict.weight"].T + weights["verdict.bias"]
        made.append(
            {"start": scores[:, 0].tolist(), "end": scores[:, 1].tolist(), "verdict": verdict.tolist()}
        )
    return made
