"""Makes a table of one vector for each token, out of an encoder's weights: an embedder that only looks up.

Each token of the vocabulary goes through the encoder alone, between the marks; its own state, cut to the
principal components, is weighted by how rare the token is. That is how model2vec makes its tables (Minish
Lab, 2024), with smooth inverse frequencies (Arora et al. 2017, section 3) of a Zipf distribution over the
tokens' order in the vocabulary, for which no texts are needed.

This needs the libraries that build a model; what uses the table does not. One machine makes the same table
each time; another processor may round otherwise, and then its table has another hash.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sutra_core.embed.build import build_encoder
from sutra_core.embed.models import Profile
from sutra_core.embed.session import FAILURES, open_session
from sutra_core.errors import EmbedderError
from sutra_core.types import Floats

__all__ = ["distil", "frequency_weights", "principal_components"]

_BATCH = 256
SMOOTHING = 1e-5
"""Arora's a. Of 1e-3 to 1e-6, what finds most on the sets of `bench/ask` with vectors alone."""


def distil(profile: Profile, weights: Path, tokeniser: Path) -> bytes:
    """The table of a profile as the bytes of an .npy file: float16 `[tokens of the vocabulary, dimension]`.

    Raises `EmbedderError` when the weights are not those of the profile's architecture.
    """
    states = _token_states(profile, weights, Tokenizer.from_file(str(tokeniser)))
    table = principal_components(states, profile.dimension) * frequency_weights(len(states))[:, None]
    file = io.BytesIO()
    np.save(file, (table / np.abs(table).max()).astype(np.float16), allow_pickle=False)
    return file.getvalue()


def _token_states(profile: Profile, weights: Path, tokeniser: Tokenizer) -> Floats:
    """The last hidden state of each token between the marks, `[tokens, hidden]`, in full precision."""
    tokeniser.no_padding()
    tokeniser.no_truncation()
    begin, end = tokeniser.encode("").ids
    count = tokeniser.get_vocab_size()
    states = np.empty((count, profile.architecture.hidden), np.float32)
    try:
        session = open_session(build_encoder(replace(profile, quantised=False), weights))
        for first in range(0, count, _BATCH):
            ids = [[begin, token, end] for token in range(first, min(count, first + _BATCH))]
            (tokens,) = session.run(["tokens"], {"input_ids": np.array(ids, np.int64)})
            states[first : first + len(ids)] = tokens[:, 1]
    except FAILURES as error:
        raise EmbedderError(f"{weights} does not run as {profile.base}: {error}") from error
    return states


def principal_components(states: Floats, components: int) -> NDArray[np.float64]:
    """The rows, centred, in their first principal components, `[rows, components]`.

    The largest entry of each component's direction is positive, so that no solver's choice of a sign counts.
    """
    centred = states.astype(np.float64) - states.mean(axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(centred.T @ centred)
    kept = directions[:, ::-1][:, :components]
    largest = np.take_along_axis(kept, np.abs(kept).argmax(axis=0)[None, :], axis=0)
    return centred @ (kept * np.sign(largest))


def frequency_weights(count: int) -> NDArray[np.float64]:
    """The weight, between 0 and 1, of each of `count` tokens that stand in the order of their frequency."""
    frequencies = 1.0 / np.arange(2, count + 2)
    frequencies /= frequencies.sum()
    return SMOOTHING / (SMOOTHING + frequencies)
