"""The teacher's network and what is learnt from it; skipped where jax is not installed, as `test_model`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from fit.reader import model, teacher  # noqa: E402
from fit.reader.base import heads, write_trained  # noqa: E402
from fit.reader.items import WINDOWS  # noqa: E402
from fit.reader.model import HIDDEN_SCORE, soft_loss  # noqa: E402
from fit.reader.pieces import CLASSIFY, SEPARATE, read_tokeniser  # noqa: E402
from fit.reader.prepared import NO_RANGE, Rows  # noqa: E402
from fit.reader.steps import Lesson, Network, Plan, Steps  # noqa: E402
from fit.reader.teacher_base import BUCKETS, LAYERS, RELATIVE, read_teacher_model  # noqa: E402
from fit.reader.train import Taught, lesson_of  # noqa: E402
from tiny_reader import tiny_weights as weights  # noqa: E402

from sutra_core.embed.graph import relative_buckets  # noqa: E402
from sutra_core.embed.models import profile_named  # noqa: E402
from sutra_core.embed.onnx import OnnxEmbedder  # noqa: E402

PLAN = Plan(300, 128, 0.05, 0, 1, 0.4, 100, 1.0)
CACHE = Path.home() / ".cache/sutra/models"


def taught() -> dict[str, np.ndarray]:
    """A small network of the teacher's shape: the reader's layers twice, and the relative bias."""
    made = weights()
    for name in list(made):
        if name.startswith("encoder.layer."):
            _, _, number, rest = name.split(".", 3)
            made[f"encoder.layer.{int(number) + LAYERS // 2}.{rest}"] = made[name]
    draw = np.random.default_rng(2)
    made[RELATIVE] = draw.normal(0, 0.5, (32, model.HEADS)).astype(np.float32)
    return made | {BUCKETS: relative_buckets(32, 32).astype(np.uint8)}


def test_padding_changes_nothing_and_only_the_window_is_open() -> None:
    ids = np.array([[1, 5, 6, 2, 7, 8, 9, 2]])
    given = np.array([4]), np.array([5]), np.array([7])
    short = teacher.logits(taught(), ids, *given, np.float32)
    long = teacher.logits(taught(), np.pad(ids, ((0, 0), (0, 8))), *given, np.float32)
    np.testing.assert_allclose(short[0], long[0][:, :8], atol=1e-5)
    np.testing.assert_allclose(short[2], long[2], atol=1e-5)
    assert np.flatnonzero(np.asarray(long[0][0]) > HIDDEN_SCORE).tolist() == [0, 5, 6]


def test_a_key_drops_out() -> None:
    ids, length = np.array([[1, 5, 6, 2]]), np.array([4])
    still = teacher.encode(taught(), ids, length, np.float32)
    dropped = teacher.encode(taught(), ids, length, np.float32, jax.random.key(0))
    assert np.abs(np.asarray(still) - np.asarray(dropped)).max() > 0.01


def test_the_soft_loss_is_the_divergence_of_what_is_open() -> None:
    draw = np.random.default_rng(3)
    ours, theirs = draw.normal(size=(2, 4, 5)).astype(np.float32)
    ours[:, 3:] = theirs[:, 3:] = HIDDEN_SCORE
    p, q = (np.exp(each[:, :3] / 2) for each in (theirs, ours))
    p, q = (each / each.sum(1, keepdims=True) for each in (p, q))
    wanted = 4 * np.mean(np.sum(p * np.log(p / q), axis=1))
    assert float(soft_loss((ours,), (theirs,), 2.0)) == pytest.approx(wanted, rel=1e-4)
    assert float(soft_loss((ours, ours), (ours, theirs), 2.0)) == pytest.approx(wanted, rel=1e-4)
    slope = jax.grad(lambda each: soft_loss((each,), (theirs,), 2.0))(ours)
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(slope[:, 3:], 0)


def test_a_lesson_is_learnt_beside_the_labels() -> None:
    """A network of one table learns what the labels say, what a teacher says, or both by their shares.

    Rows of a kind that is learnt from its labels do not hear the teacher.
    """
    count, length, place = 8, 16, np.arange(8)
    labels = np.full((count, 6), NO_RANGE, np.uint8)
    labels[:, 0] = 3
    ids = np.tile(np.arange(length, dtype=np.int16), (count, 1))
    second, low, high, verdict, sets = (np.full(count, each, np.uint8) for each in (1, 1, 15, 0, 0))
    kinds = np.full(count, 2, np.uint8)
    rows = {length: Rows(ids, second, low, high, labels, labels, verdict, place < 4, sets, kinds)}

    def table(arrays: Any, ids: Any, _second: Any, _low: Any, _high: Any, *_rest: Any) -> tuple[Any, ...]:
        said = arrays["table"][ids]
        return said[..., 0], said[..., 1], said[:, 0, 2:]

    wanted = np.zeros((length, 5), np.float32)
    wanted[9, :2] = 8
    network = Network(table, {}, {"table": np.zeros((length, 5), np.float32)})
    given = ((None, (), [1, 0]), (1.0, (1,), [0, 1]), (0.5, (), [0.5, 0.5]), (1.0, (1, 2), [1, 0]))
    for soft, labelled, share in given:
        lesson = None if soft is None else Lesson(table, {"table": wanted}, soft, 1.0, labelled)
        steps = Steps(PLAN, network, rows, np.float32, lesson)
        losses = [float(steps.take(length, place, n, 0.05)) for n in range(300)]
        assert losses[-1] < losses[0]
        shares = np.asarray(jax.nn.softmax(steps.state.weights["table"][:, 0]))
        np.testing.assert_allclose(shares[[3, 9]], share, atol=0.05)


def test_a_reader_does_not_teach_changed_questions(tmp_path: Path) -> None:
    path = tmp_path / "reader.safetensors"
    write_trained(path, heads(8, 0))
    lesson = lesson_of(Taught(path, 0.7, 2.0), ("", "names", *WINDOWS, "synonym"))
    assert lesson.labelled == (1, 5)
    assert set(lesson.weights) == set(heads(8, 0))


def test_the_network_is_the_embedders() -> None:
    """Pooled, the reader's pieces give the product's vectors."""
    ours, theirs = (next(CACHE.glob(f"{name}-*"), None) for name in ("all-MiniLM*", "all-mpnet*"))
    built = next(theirs.glob("encoder-*.onnx"), None) if theirs else None
    if ours is None or theirs is None or built is None:
        pytest.skip("both embedders have to be in the cache")
    tokeniser = read_tokeniser(ours / "tokenizer.json")
    vocabulary = [tokeniser.id_to_token(n) or "" for n in range(tokeniser.get_vocab_size())]
    arrays = read_teacher_model(theirs, vocabulary)
    texts = ["Zoë drinks tea at the sea.", "A bridge over the river fell in 1838, and nobody was hurt. " * 9]
    profile = profile_named("wide")
    embedder = OnnxEmbedder(
        built, theirs / "tokenizer.json", fingerprint="", max_tokens=profile.max_tokens, threads=1
    )
    wanted = embedder.encode(texts)
    embedder.close()
    for text, vector in zip(texts, wanted, strict=True):
        ids = np.array([[CLASSIFY, *tokeniser.encode(text, add_special_tokens=False).ids, SEPARATE]])
        width = ids.shape[1]
        shown = np.pad(ids, ((0, 0), (0, 3)))
        state = np.asarray(teacher.encode(arrays, shown, np.array([width]), np.float32))[0, :width]
        mean = state.mean(axis=0)
        np.testing.assert_allclose(mean / np.linalg.norm(mean), vector, atol=1e-3)
