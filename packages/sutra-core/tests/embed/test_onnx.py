from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sutra_core.embed import Embedder, ModelFiles, PassageText, UnembeddableTextError, profile_named
from sutra_core.embed.onnx import OnnxEmbedder
from sutra_core.errors import EmbedderError

RIVER = "the river rises at a hill . the river flows to the sea ."
TEA = "Zoë drinks tea in Genève ! tea rises ?"


def sentences(text: str) -> list[tuple[int, int]]:
    """Byte ranges of the parts of a text that end in one of `.!?`."""
    ranges: list[tuple[int, int]] = []
    start = 0
    data = text.encode()
    for place, byte in enumerate(data):
        if byte in b".!?":
            ranges.append((start, place + 1))
            start = place + 2
    return ranges


def unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector)


def ids_of(tiny: Any, text: str) -> list[int]:
    return tiny.open_tokeniser().encode(text, add_special_tokens=False).ids


def test_it_is_an_embedder(tiny: Any, tiny_embedder: OnnxEmbedder) -> None:
    assert isinstance(tiny_embedder, Embedder)
    assert tiny_embedder.dimension == 32
    assert tiny_embedder.max_tokens == 24
    assert tiny_embedder.fingerprint == tiny.profile.fingerprint


def test_a_text_is_the_mean_over_its_tokens(tiny: Any, tiny_embedder: OnnxEmbedder) -> None:
    vectors = tiny_embedder.encode([RIVER, "tea", "unheard words"])
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    for vector, text in zip(vectors, [RIVER, "tea", "unheard words"], strict=True):
        states = tiny.oracle([1, *ids_of(tiny, text), 2])
        np.testing.assert_allclose(vector, unit(states.mean(0)), atol=1e-4)


def test_nothing_gives_nothing(tiny_embedder: OnnxEmbedder) -> None:
    assert tiny_embedder.encode([]).shape == (0, 32)
    vectors, of_sentences = tiny_embedder.encode_passages([])
    assert vectors.shape == (0, 32)
    assert of_sentences == []


@pytest.mark.parametrize("title", ["", "Zoë", "the hill"])
@pytest.mark.parametrize("text", [RIVER, TEA])
def test_sentences_are_pooled_from_the_passages_pass(
    tiny: Any, tiny_embedder: OnnxEmbedder, title: str, text: str
) -> None:
    ranges = sentences(text)
    passage, (of_sentences,) = tiny_embedder.encode_passages([PassageText(title, text, ranges)])
    head = ids_of(tiny, f"{title}.") if title else []
    states = tiny.oracle([1, *head, *ids_of(tiny, text), 2])
    np.testing.assert_allclose(passage[0], unit(states.mean(0)), atol=1e-4)
    at = 1 + len(head)
    for vector, (start, end) in zip(of_sentences, ranges, strict=True):
        length = len(ids_of(tiny, text.encode()[start:end].decode()))
        np.testing.assert_allclose(vector, unit(states[at : at + length].mean(0)), atol=1e-4)
        at += length


def test_a_long_text_is_read_to_its_end_in_windows(tiny: Any, tiny_embedder: OnnxEmbedder) -> None:
    text = " ".join([RIVER, TEA, "the hill .", RIVER, TEA, RIVER])
    ranges = sentences(text)
    (passage,), (of_sentences,) = tiny_embedder.encode_passages([PassageText("tea", text, ranges)])
    head = [1, *ids_of(tiny, "tea.")]
    windows: list[list[list[int]]] = [[]]
    for start, end in ranges:
        ids = ids_of(tiny, text.encode()[start:end].decode())
        if len(head) + sum(map(len, windows[-1])) + len(ids) + 1 > tiny.profile.max_tokens:
            windows.append([])
        windows[-1].append(ids)
    assert len(windows) > 2
    states: list[Any] = []
    expected: list[Any] = []
    for window in windows:
        state = tiny.oracle([*head, *(token for ids in window for token in ids), 2])
        at = len(head)
        for ids in window:
            expected.append(unit(state[at : at + len(ids)].mean(0)))
            at += len(ids)
        states.append(state)
    np.testing.assert_allclose(passage, unit(np.concatenate(states).mean(0)), atol=1e-4)
    np.testing.assert_allclose(of_sentences, expected, atol=1e-4)


@pytest.mark.parametrize("quantised", [False, True])
def test_a_vector_does_not_depend_on_its_neighbours(make_tiny: Any, tmp_path: Path, quantised: bool) -> None:
    embedder = make_tiny(tmp_path / "model", quantised=quantised).open(tmp_path / "cache", threads=3)
    texts = [RIVER, "tea", TEA, "the sea .", "hill"] * 4
    together = embedder.encode(texts)
    alone = np.concatenate([embedder.encode([text]) for text in texts])
    assert (together == alone).all()


def test_threads_may_share_it(tiny_embedder: OnnxEmbedder) -> None:
    texts = [RIVER, "tea", TEA, "the sea .", "hill"]
    expected = tiny_embedder.encode(texts)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: tiny_embedder.encode(texts), range(20)))
    assert all((result == expected).all() for result in results)


def test_texts_without_words_are_named(tiny_embedder: OnnxEmbedder) -> None:
    with pytest.raises(UnembeddableTextError) as caught:
        tiny_embedder.encode(["tea", "", RIVER, " \n"])
    assert caught.value.failures == {1: "it has no words", 3: "it has no words"}
    assert caught.value.code == "embedder_failed"
    assert "text 1 was not embedded: it has no words" in str(caught.value)


def test_what_is_no_unicode_is_named(tiny_embedder: OnnxEmbedder) -> None:
    with pytest.raises(UnembeddableTextError) as caught:
        tiny_embedder.encode_passages([PassageText("", "tea"), PassageText("\ud800", "tea")])
    assert list(caught.value.failures) == [1]


def test_wrong_sentence_ranges_are_named(tiny_embedder: OnnxEmbedder) -> None:
    passages = [PassageText("", "tea", [(0, 3)]), PassageText("", "tea", [(0, 9)])]
    with pytest.raises(UnembeddableTextError) as caught:
        tiny_embedder.encode_passages(passages)
    assert list(caught.value.failures) == [1]


def test_a_sentence_without_words_is_named(tiny_embedder: OnnxEmbedder) -> None:
    with pytest.raises(UnembeddableTextError) as caught:
        tiny_embedder.encode_passages([PassageText("", "tea   sea", [(0, 3), (4, 5), (6, 9)])])
    assert caught.value.failures == {0: "its sentence 1 has no words"}


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_vector_without_length_is_never_returned(make_tiny: Any, tmp_path: Path, value: float) -> None:
    def change(weights: dict[str, Any]) -> None:
        for part in ("weight", "bias"):
            weights[f"encoder.layer.1.output.LayerNorm.{part}"][:] = value

    embedder = make_tiny(tmp_path / "model", change=change).open(tmp_path / "cache")
    with pytest.raises(UnembeddableTextError) as caught:
        embedder.encode(["tea", "sea"])
    assert caught.value.failures == dict.fromkeys([0, 1], "the model gave no vector of unit length")


def test_a_text_that_the_model_fails_on_is_named(tiny: Any, tmp_path: Path) -> None:
    embedder = tiny.open(tmp_path)
    embedder.max_tokens = 100  # beyond the table of positions
    with pytest.raises(UnembeddableTextError) as caught:
        embedder.encode(["tea", "tea " * 60])
    assert list(caught.value.failures) == [1]
    assert "the model failed on it" in caught.value.failures[1]


def test_a_file_that_is_no_model_does_not_open(tiny: Any, tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(b"\x00 not a model")
    with pytest.raises(EmbedderError, match="does not load"):
        OnnxEmbedder(
            tmp_path / "encoder.onnx",
            tiny.folder / "tokenizer.json",
            fingerprint="",
            max_tokens=24,
            threads=1,
        )


def test_the_default_model_knows_what_texts_are_about(default_model: ModelFiles) -> None:
    profile = profile_named("default")
    embedder = OnnxEmbedder(
        default_model.encoder,
        default_model.tokeniser,
        fingerprint=profile.fingerprint,
        max_tokens=profile.max_tokens,
        threads=2,
    )
    question, answer, other = embedder.encode(
        ["Where was Ada Lovelace born?", "Ada Lovelace was born in London.", "Bananas are yellow."]
    )
    assert embedder.dimension == profile.dimension
    assert question @ answer == pytest.approx(0.855, abs=0.02)
    assert question @ other == pytest.approx(0.0, abs=0.03)
