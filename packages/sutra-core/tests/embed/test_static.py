"""Tables: made of a tiny encoder as the oracle says, looked up, found again by their hash."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sutra_core.embed import (
    Embedder,
    ModelFiles,
    PassageText,
    Profile,
    UnembeddableTextError,
    made_profile,
    open_embedder,
    profile_named,
)
from sutra_core.embed.cache import ModelCache
from sutra_core.embed.distil import SMOOTHING, distil
from sutra_core.embed.fetch import fetch_model, locate
from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import TOKENISER, WEIGHTS
from sutra_core.embed.static import StaticEmbedder
from sutra_core.errors import EmbedderError, ModelUnavailableError

COMPONENTS = 8
TOKENS = 22  # of the tiny tokeniser
TEXT = "tea in Genève . Zoë drinks tea ! the sea"
SENTENCES = [(0, 16), (17, 34)]


@pytest.fixture
def profile(tiny: Any) -> Profile:
    return replace(tiny.profile, name="instant", base=tiny.profile.model, model="table", dimension=COMPONENTS)


@pytest.fixture
def table(tiny: Any, profile: Profile, tmp_path: Path) -> Path:
    path = tmp_path / "table-1.npy"
    path.write_bytes(distil(profile, tiny.folder / WEIGHTS, tiny.folder / TOKENISER))
    return path


@pytest.fixture
def embedder(tiny: Any, table: Path) -> StaticEmbedder:
    return StaticEmbedder(table, tiny.folder / TOKENISER, fingerprint=sha256_of(table))


def unit(vector: Any) -> Any:
    return vector / np.linalg.norm(vector)


def test_a_table_is_what_the_encoder_says_of_each_token(tiny: Any, table: Path) -> None:
    states = np.stack([tiny.oracle([1, token, 2])[1] for token in range(TOKENS)])
    centred = states - states.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred)
    frequencies = 1 / (np.arange(TOKENS) + 2)
    weights = SMOOTHING / (SMOOTHING + frequencies / frequencies.sum())
    expected = left[:, :COMPONENTS] * sizes[:COMPONENTS] * weights[:, None]
    found = np.load(table)
    assert found.dtype == np.float16 and found.shape == (TOKENS, COMPONENTS)
    # A component's sign and the scale of the whole change no cosine.
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        found @ found.T.astype(np.float64), expected @ expected.T / scale**2, atol=2e-3
    )


def test_it_is_made_alike_again(tiny: Any, profile: Profile, table: Path) -> None:
    again = distil(profile, tiny.folder / WEIGHTS, tiny.folder / TOKENISER)
    assert again == table.read_bytes()


def test_a_text_is_the_mean_of_its_rows(tiny: Any, table: Path, embedder: StaticEmbedder) -> None:
    assert isinstance(embedder, Embedder) and embedder.dimension == COMPONENTS
    rows = np.load(table).astype(np.float64)
    tokens = tiny.open_tokeniser()

    def expected(*texts: str) -> Any:
        return unit(sum(rows[tokens.encode(text, add_special_tokens=False).ids].sum(0) for text in texts))

    texts = [TEXT, "tea", "unheard words"]
    np.testing.assert_allclose(embedder.encode(texts), [expected(text) for text in texts], atol=1e-5)
    (passage,), (sentences,) = embedder.encode_passages([PassageText("the hill", TEXT, SENTENCES)])
    np.testing.assert_allclose(passage, expected("the hill.", TEXT), atol=1e-5)
    spans = [TEXT.encode()[start:end].decode() for start, end in SENTENCES]
    np.testing.assert_allclose(sentences, [expected(span) for span in spans], atol=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours(embedder: StaticEmbedder) -> None:
    texts = ["tea", TEXT, TEXT * 60, "the hill .", "sea"] * 40
    together = embedder.encode(texts)
    assert (together == np.concatenate([embedder.encode([text]) for text in texts])).all()
    learned, sentences = embedder.encode_passages([PassageText("", text) for text in texts])
    assert (learned == together).all() and [len(rows) for rows in sentences] == [0] * len(texts)


def test_nothing_gives_nothing(embedder: StaticEmbedder) -> None:
    assert embedder.encode([]).shape == (0, COMPONENTS)
    vectors, sentences = embedder.encode_passages([])
    assert (vectors.shape, sentences) == ((0, COMPONENTS), [])


def test_what_has_no_words_is_named(embedder: StaticEmbedder) -> None:
    with pytest.raises(UnembeddableTextError) as caught:
        embedder.encode(["tea", "", " \t"])
    assert caught.value.failures == {1: "it has no words", 2: "it has no words"}
    with pytest.raises(UnembeddableTextError) as caught:
        embedder.encode_passages(
            [
                PassageText("tea", ""),
                PassageText("", "tea  sea", [(0, 3), (3, 5)]),
                PassageText("", "tea", [(2, 1)]),
                PassageText("", "tea", [(0, 3)]),
            ]
        )
    assert caught.value.failures == {
        0: "it has no words",
        1: "its sentence 1 has no words",
        2: "sentence bytes 2 to 1 are empty, out of order or beyond the text",
    }
    with pytest.raises(UnembeddableTextError, match="not valid Unicode"):
        embedder.encode(["\ud800"])


def test_the_table_is_made_once_and_its_hash_is_told(tiny: Any, profile: Profile, tmp_path: Path) -> None:
    lines: list[str] = []
    files = fetch_model(
        profile, model_path=tiny.folder, cache=tmp_path / "cache", report=lines.append, remote=[]
    )
    fingerprint = sha256_of(files.encoder)
    assert lines[-1] == f"the table's SHA-256, which is its fingerprint, is {fingerprint}"
    made = made_profile(profile, cache=tmp_path / "cache")
    assert made.fingerprint == fingerprint and made_profile(made) is made
    assert locate(made, cache=tmp_path / "cache") == locate(profile, cache=tmp_path / "cache") == files
    assert files.encoder.parent == ModelCache(tiny.profile, tmp_path / "cache").folder
    for named in (profile, made):
        with closing(open_embedder(named, None, tmp_path / "cache")) as embedder:
            assert embedder.fingerprint == fingerprint
    # What a disk changed is not used; it is made again of the files that are there.
    whole = files.encoder.read_bytes()
    files.encoder.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert ModelCache(profile, tmp_path / "cache").ready() is None
    assert locate(profile, cache=tmp_path / "cache").encoder.read_bytes() == whole


def test_the_table_of_another_machine_is_found_by_its_hash(
    tiny: Any, profile: Profile, table: Path, tmp_path: Path
) -> None:
    made = replace(profile, table=sha256_of(table))
    locate(tiny.profile, model_path=tiny.folder, cache=tmp_path / "cache")
    brought = tmp_path / "brought"
    brought.mkdir()
    with pytest.raises(ModelUnavailableError, match=f"has the SHA-256 {made.table}: copy table-"):
        open_embedder(made, brought, tmp_path / "cache")
    shutil.copy(table, brought / "table-7.npy")
    with closing(open_embedder(made, brought, tmp_path / "cache")) as embedder:
        assert embedder.fingerprint == made.table
    with (brought / "table-7.npy").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelUnavailableError, match="no table of the embedder instant"):
        open_embedder(made, brought, tmp_path / "cache")


@pytest.mark.parametrize("shape", [(3, 8), (TOKENS,)])
def test_a_table_of_another_shape_is_refused(tiny: Any, tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "table.npy", np.zeros(shape, np.float16))
    with pytest.raises(EmbedderError, match=r"is float16 \[.*\], not float16"):
        StaticEmbedder(tmp_path / "table.npy", tiny.folder / TOKENISER, fingerprint="")
    (tmp_path / "table.npy").write_bytes(b"no table")
    with pytest.raises(EmbedderError, match="does not load"):
        StaticEmbedder(tmp_path / "table.npy", tiny.folder / TOKENISER, fingerprint="")


def test_the_real_table_finds_what_is_meant(default_model: ModelFiles, tmp_path: Path) -> None:
    profile = profile_named("instant")
    folder = default_model.tokeniser.parent
    path = tmp_path / "table-1.npy"
    path.write_bytes(distil(profile, folder / WEIGHTS, default_model.tokeniser))
    embedder = StaticEmbedder(path, default_model.tokeniser, fingerprint="")
    assert embedder.dimension == profile.dimension
    question, near, far = embedder.encode(
        ["Who discovered radium?", "Marie Curie isolated radium.", "The harbour freezes over in winter."]
    )
    assert question @ near > question @ far + 0.2
