"""A model whose network comes as it runs: checked, pooled at its first mark, asked behind a prefix."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from sutra_core.embed import PassageText, Profile, UnembeddableTextError, open_embedder
from sutra_core.embed.build import build_encoder
from sutra_core.embed.cache import ModelCache
from sutra_core.embed.fetch import locate
from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import NETWORK, TOKENISER, WEIGHTS
from sutra_core.errors import ModelUnavailableError

PREFIX = "the river : "
TEXT = "tea in Genève . the hill and the sea ."
SENTENCES = [(0, 16), (17, 39)]


@pytest.fixture
def published(tiny: Any, tmp_path: Path) -> tuple[Profile, Path]:
    """The tiny model as a BERT is published: three inputs, one output."""
    model = onnx.load_from_string(build_encoder(tiny.profile, tiny.folder / WEIGHTS))
    graph = model.graph
    for name in ("attention_mask", "token_type_ids"):
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]))
    graph.node.append(helper.make_node("Identity", ["tokens"], ["last_hidden_state"]))
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", tiny.profile.dimension]
        )
    )
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / NETWORK).write_bytes(model.SerializeToString())
    (folder / TOKENISER).write_bytes((tiny.folder / TOKENISER).read_bytes())
    files = {name: sha256_of(folder / name) for name in (NETWORK, TOKENISER)}
    return replace(tiny.profile, files=files, pooling="first", query_prefix=PREFIX), folder


def unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector)


def test_a_text_is_its_first_mark_and_a_sentence_its_tokens(
    tiny: Any, published: tuple[Profile, Path], tmp_path: Path
) -> None:
    profile, folder = published
    tokens = tiny.open_tokeniser()

    def ids(text: str) -> list[int]:
        return tokens.encode(text, add_special_tokens=False).ids

    with closing(open_embedder(profile, folder, tmp_path / "cache", threads=2)) as embedder:
        assert (embedder.dimension, embedder.fingerprint) == (profile.dimension, profile.fingerprint)
        (passage,), (sentences,) = embedder.encode_passages([PassageText("tea", TEXT, SENTENCES)])
        head = [1, *ids("tea.")]
        states = tiny.oracle([*head, *ids(TEXT), 2])
        np.testing.assert_allclose(passage, unit(states[0]), atol=1e-4)
        at = len(head)
        for vector, (start, end) in zip(sentences, SENTENCES, strict=True):
            length = len(ids(TEXT.encode()[start:end].decode()))
            np.testing.assert_allclose(vector, unit(states[at : at + length].mean(0)), atol=1e-4)
            at += length
        # What is asked stands behind the prefix, what is learned does not, and a prefix is no text.
        question = tiny.oracle([1, *ids(PREFIX), *ids("the sea"), 2])[0]
        np.testing.assert_allclose(embedder.encode(["the sea"])[0], unit(question), atol=1e-4)
        learned, _ = embedder.encode_passages([PassageText("", "the sea")])
        np.testing.assert_allclose(learned[0], unit(tiny.oracle([1, *ids("the sea"), 2])[0]), atol=1e-4)
        with pytest.raises(UnembeddableTextError, match="text 1 was not embedded: it has no words"):
            embedder.encode(["tea", ""])


def test_the_network_is_checked_each_time_and_nothing_is_built(
    published: tuple[Profile, Path], tmp_path: Path
) -> None:
    profile, folder = published
    files = locate(profile, model_path=folder, cache=tmp_path / "cache")
    assert files.encoder.name == NETWORK
    assert ModelCache(profile, tmp_path / "cache").ready() == files
    whole = files.encoder.read_bytes()
    files.encoder.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ModelUnavailableError, match=r"model\.onnx changed on the disk"):
        locate(profile, cache=tmp_path / "cache")


def test_the_accurate_model_gives_meaning_a_higher_cosine() -> None:
    try:
        embedder = open_embedder("accurate", threads=1)
    except ModelUnavailableError:
        pytest.skip("bge-small-en-v1.5 is not on this machine; `sutra models fetch accurate` brings it")
    with closing(embedder):
        (question,) = embedder.encode(["Who discovered radium?"])
        texts = ["Marie Curie isolated a radioactive element.", "The harbour freezes over in winter."]
        near, far = embedder.encode_passages([PassageText("", text) for text in texts])[0] @ question
        assert near > far + 0.1
