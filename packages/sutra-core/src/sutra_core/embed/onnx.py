"""The embedder that runs an ONNX encoder in this process, on CPUs.

One session serves all threads, and each pass takes one text on one thread. So there is no padding,
no thread waits by spinning, and a text's vector never depends on its neighbours: the ranges of
quantised activations are its own. The longest texts go first, which keeps the threads level.

Questions have threads of their own, and before each passage of learning those wait that embed them
(`sutra_core.turns`): a question never stands in line behind a batch.

Downloads nothing, builds nothing: `open_embedder` gives it the files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from sutra_core.embed.protocol import Floats, PassageText, invalid_unicode, raise_failures
from sutra_core.embed.session import FAILURES, open_session
from sutra_core.embed.windows import (
    Window,
    character_ranges,
    cut,
    pool,
    sentence_of_each_token,
    unit,
)
from sutra_core.errors import EmbedderError
from sutra_core.turns import TURNS, Lane

__all__ = ["OnnxEmbedder"]


class _RefusedError(Exception):
    """Why one text has no vector."""


class OnnxEmbedder:
    """An `Embedder` over an encoder and its tokeniser. See `Embedder` for the methods.

    `fingerprint`, `max_tokens`, `pooling` and `query_prefix` are the profile's, `threads` is how many texts
    are embedded at once. A `ready_made` encoder is a BERT as it is published, whose one output is the
    last hidden state; any other was built (`graph`).
    """

    def __init__(
        self,
        encoder: Path,
        tokeniser: Path,
        *,
        fingerprint: str,
        max_tokens: int,
        threads: int,
        pooling: Literal["mean", "first"] = "mean",
        query_prefix: str = "",
        ready_made: bool = False,
    ) -> None:
        self.max_tokens = max_tokens
        self.fingerprint = fingerprint
        self._threads = threads
        self._first = pooling == "first"
        self._ready_made = ready_made
        self._tokeniser = Tokenizer.from_file(str(tokeniser))
        self._tokeniser.no_padding()
        self._tokeniser.no_truncation()
        self._begin, self._end = self._tokeniser.encode("").ids
        self._query_prefix = self._tokeniser.encode(query_prefix, add_special_tokens=False).ids
        try:
            self._session: Any = open_session(encoder, fused=ready_made)
        except FAILURES as error:
            raise EmbedderError(f"the model at {encoder} does not load: {error}") from error
        self.dimension = int(self._session.get_outputs()[0].shape[-1])
        self._learning = ThreadPoolExecutor(threads, thread_name_prefix="embed")
        self._asking = TURNS.lane(threads)

    def encode(self, texts: Sequence[str]) -> Floats:
        passages = [PassageText("", text) for text in texts]
        with TURNS.question():
            vectors, _ = self._encode(passages, self._asking, lambda: None, self._query_prefix)
        return vectors

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        return self._encode(passages, self._learning, TURNS.give_way)

    def _encode(
        self,
        passages: Sequence[PassageText],
        workers: ThreadPoolExecutor | Lane,
        before_each: Callable[[], None],
        prefix: Sequence[int] = (),
    ) -> tuple[Floats, list[Floats]]:
        raise_failures(invalid_unicode(passages))
        texts = self._tokenise([passage.text for passage in passages])
        titles = self._tokenise([f"{passage.title}." if passage.title else "" for passage in passages])
        heads = [[*prefix, *title.ids] for title in titles]
        order = sorted(range(len(passages)), key=lambda at: -len(texts[at]))
        vectors = np.empty((len(passages), self.dimension), np.float32)
        sentences = [np.empty((0, self.dimension), np.float32)] * len(passages)
        failures: dict[int, str] = {}

        def embed(at: int) -> None:
            before_each()
            try:
                windows = self._windows(passages[at], texts[at], heads[at])
                vectors[at], sentences[at] = self._embed(windows, len(passages[at].sentences))
            except _RefusedError as refused:
                failures[at] = str(refused)

        if len(order) < 2 or self._threads == 1:
            for at in order:
                embed(at)
        else:
            list(workers.map(embed, order))
        raise_failures(failures)
        return vectors, sentences

    def close(self) -> None:
        """Ends the threads; the embedder must not be used afterwards."""
        self._learning.shutdown()
        self._asking.close()

    def _windows(self, passage: PassageText, text: Encoding, head: list[int]) -> list[Window]:
        if not text.ids:
            raise _RefusedError("it has no words")
        try:
            ranges = character_ranges(passage.text, passage.sentences)
        except ValueError as error:
            raise _RefusedError(str(error)) from error
        return cut(
            head,
            text.ids,
            sentence_of_each_token(text.offsets, ranges),
            begin=self._begin,
            end=self._end,
            max_tokens=self.max_tokens,
        )

    def _tokenise(self, texts: list[str]) -> list[Encoding]:
        return self._tokeniser.encode_batch(texts, add_special_tokens=False)

    def _embed(self, windows: Sequence[Window], sentences: int) -> tuple[Floats, Floats]:
        """The vectors of one passage, checked."""
        try:
            results = [self._run(window.ids) for window in windows]
        except FAILURES as error:
            raise _RefusedError(f"the model failed on it: {error}") from error
        vector, of_sentences = pool(windows, [states for _, states in results], sentences)
        if self._first:
            vector = unit(np.sum([unit(embedding) for embedding, _ in results], axis=0))
        elif len(windows) == 1:
            vector = results[0][0]
        if not _is_unit(vector):
            raise _RefusedError("the model gave no vector of unit length")
        for number in range(sentences):
            if not _is_unit(of_sentences[number]):
                raise _RefusedError(f"its sentence {number} has no words")
        return vector, of_sentences

    def _run(self, ids: list[int]) -> tuple[Floats, Floats]:
        """A window's own vector, and its tokens' states."""
        if self._ready_made:
            states: Floats = self._session.run(None, self._inputs(ids))[0][0]
            return states[0] if self._first else unit(states.mean(axis=0)), states
        embedding, tokens = self._session.run(
            ["embedding", "tokens"], {"input_ids": np.array([ids], np.int64)}
        )
        return tokens[0][0] if self._first else embedding[0], tokens[0]

    def _inputs(self, ids: list[int]) -> dict[str, NDArray[np.int64]]:
        """What a published BERT takes: the tokens, that each counts, and that all are of the first text."""
        tokens = np.array([ids], np.int64)
        return {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.zeros_like(tokens),
        }


def _is_unit(vector: Floats) -> bool:
    """Whether a vector is finite and of length 1 (float32 rounding allowed)."""
    return bool(abs(float(vector @ vector) - 1.0) < 1e-3)
