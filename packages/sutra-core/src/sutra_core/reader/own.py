"""Sutra's own network: built from the embedder's weights and the shipped ones (`graph`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer

from sutra_core.embed.session import FAILURES, open_session
from sutra_core.errors import ReaderError
from sutra_core.reader.limits import LENGTH_MAX, QUESTION_MAX, TITLE_MAX, WINDOW_MAX, head_of, whole_words
from sutra_core.reader.onnx import LaidOut, Logits
from sutra_core.reader.protocol import WindowText

__all__ = ["OwnNetwork"]


class OwnNetwork:
    """A `Network` over a built reader and the embedder's tokeniser."""

    def __init__(self, model: Path, tokeniser: Path) -> None:
        self._tokeniser = Tokenizer.from_file(str(tokeniser))
        self._tokeniser.no_padding()
        self._tokeniser.no_truncation()
        self._begin, self._end = self._tokeniser.encode("").ids
        try:
            self._session: Any = open_session(model)
        except FAILURES as error:
            raise ReaderError(f"the reader at {model} does not load: {error}") from error

    def lay_out(self, question: str, windows: Sequence[WindowText]) -> list[LaidOut]:
        (asked,) = self._tokenise([question])
        titles = self._tokenise([head_of(window.title) for window in windows])
        texts = self._tokenise([window.text for window in windows])
        front = [self._begin, *asked.ids[: whole_words(asked.word_ids, QUESTION_MAX)], self._end]
        return [self._lay_out(front, title, text) for title, text in zip(titles, texts, strict=True)]

    def run(self, laid: LaidOut) -> Logits:
        start, end, verdict = self._session.run(
            ["start_logits", "end_logits", "verdict_logits"],
            {
                "input_ids": np.array([laid.ids], np.int64),
                "token_type_ids": np.array([laid.segments], np.int64),
            },
        )
        return Logits(start[0], end[0], verdict[0])

    def _lay_out(self, front: list[int], title: Encoding, text: Encoding) -> LaidOut:
        ids = [*front, *title.ids] if len(title.ids) <= TITLE_MAX else list(front)
        low = len(ids)
        kept = whole_words(text.word_ids, min(WINDOW_MAX, LENGTH_MAX - low - 1))
        ids += [*text.ids[:kept], self._end]
        segments = [0] * len(front) + [1] * (len(ids) - len(front))
        return LaidOut(ids, segments, low, text.offsets[:kept])

    def _tokenise(self, texts: list[str]) -> list[Encoding]:
        for text in texts:
            text.encode()  # what is not valid Unicode is told apart here
        return self._tokeniser.encode_batch(texts, add_special_tokens=False)
