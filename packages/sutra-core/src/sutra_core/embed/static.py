"""The embedder that looks up: a text's vector is the mean of its tokens' rows in a table, at unit length.

No network runs: it needs numpy and the tokeniser alone, and does not give way, for a batch of learning takes
a question's time. The order of words does not count. A passage is tokenised by sentences, which gives the
sentences' vectors without offsets. Makes nothing: see `distil`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from sutra_core.embed.protocol import (
    Floats,
    PassageText,
    invalid_unicode,
    raise_failures,
)
from sutra_core.embed.windows import character_ranges, unit
from sutra_core.errors import EmbedderError

__all__ = ["StaticEmbedder"]

_TOKENS_AT_ONCE = 1024


class StaticEmbedder:
    """An `Embedder` over a table and its tokeniser. See `Embedder` for the methods.

    `fingerprint` is the SHA-256 of the table's file.
    """

    def __init__(self, table: Path, tokeniser: Path, *, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._tokeniser = Tokenizer.from_file(str(tokeniser))
        self._tokeniser.no_padding()
        self._tokeniser.no_truncation()
        try:
            rows = np.load(table, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise EmbedderError(f"the table at {table} does not load: {error}; remove it") from error
        tokens = self._tokeniser.get_vocab_size()
        if rows.ndim != 2 or rows.dtype != np.float16 or len(rows) != tokens:
            raise EmbedderError(
                f"the table at {table} is {rows.dtype} {list(rows.shape)}, "
                f"not float16 [{tokens}, …]; remove it"
            )
        self._table = rows.astype(np.float32)
        self.dimension = int(rows.shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        raise_failures(invalid_unicode([PassageText("", text) for text in texts]))
        sums, counts = self._sums(texts)
        vectors = unit(sums)
        raise_failures(_without_vector(vectors, counts))
        return vectors

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        raise_failures(invalid_unicode(passages))
        failures: dict[int, str] = {}
        pieces: list[str] = []
        wanted: list[list[int]] = []  # of each passage, which of its pieces are its sentences
        borders = [0]
        for at, passage in enumerate(passages):
            try:
                cut, sentences = _pieces(passage)
            except ValueError as error:
                failures[at] = str(error)
                cut, sentences = [], []
            wanted.append([len(pieces) + piece for piece in sentences])
            pieces += cut
            borders.append(len(pieces))
        sums, counts = self._sums(pieces)
        vectors = np.zeros((len(passages), self.dimension), np.float32)
        of_sentences: list[Floats] = []
        words = np.zeros(len(passages), np.int64)
        for at, (first, last) in enumerate(pairwise(borders)):
            vectors[at] = sums[first:last].sum(axis=0)
            words[at] = counts[first + bool(passages[at].title) : last].sum()  # a title alone says nothing
            of_sentences.append(unit(sums[wanted[at]]))
        vectors = unit(vectors)
        failures = _without_vector(vectors, words) | failures
        for at, rows in enumerate(of_sentences):
            if at not in failures and len(missing := np.flatnonzero(~np.isfinite(rows).all(axis=1))):
                failures[at] = f"its sentence {missing[0]} has no words"
        raise_failures(failures)
        return vectors, of_sentences

    def close(self) -> None:
        """Nothing is held beyond memory."""

    def _sums(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
        """The sum of each text's rows, `[texts, dimension]`, and how many tokens it has, `[texts]`."""
        encodings = self._tokeniser.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        counts = np.fromiter(map(len, ids), np.int64, len(ids))
        sums = np.zeros((len(ids), self.dimension), np.float32)
        flat = np.fromiter(chain.from_iterable(ids), np.int64, int(counts.sum()))
        ends = np.cumsum(counts)
        some = np.flatnonzero(counts)
        while len(some):
            # So many texts that their rows fit the processor's cache; one at least.
            begin = ends[some[0]] - counts[some[0]]
            run = some[: max(1, int(np.searchsorted(ends[some], begin + _TOKENS_AT_ONCE, side="right")))]
            rows = self._table[flat[begin : ends[run[-1]]]]
            sums[run] = np.add.reduceat(rows, ends[run] - counts[run] - begin, axis=0)
            some = some[len(run) :]
        return sums, counts


def _without_vector(vectors: Floats, counts: NDArray[np.int64]) -> dict[int, str]:
    """Why texts have no vector, counted from 0."""
    missing = np.flatnonzero((counts == 0) | ~np.isfinite(vectors).all(axis=1))
    return {
        at: "its words cancel each other out" if counts[at] else "it has no words" for at in missing.tolist()
    }


def _pieces(passage: PassageText) -> tuple[list[str], list[int]]:
    """A passage's title, then its text cut where sentences begin and end; which pieces are sentences."""
    pieces = [f"{passage.title}."] if passage.title else []
    sentences: list[int] = []
    done = 0
    for start, end in character_ranges(passage.text, passage.sentences):
        if done < start:
            pieces.append(passage.text[done:start])
        sentences.append(len(pieces))
        pieces.append(passage.text[start:end])
        done = end
    if done < len(passage.text):
        pieces.append(passage.text[done:])
    return pieces, sentences
