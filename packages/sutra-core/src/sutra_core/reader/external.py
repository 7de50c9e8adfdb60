"""Somebody else's network: a folder with `model.onnx` and `tokenizer.json`, looked at before it is used.

It has the inputs `input_ids` and `attention_mask`, and `token_type_ids` where it has segments, and gives
`start_logits` and `end_logits`, all [windows, tokens]; its first token stands for "not answered here". Its
tokeniser's own template joins question and window. It says neither yes nor no. Nothing is converted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from sutra_core.embed.files import sha256_of
from sutra_core.embed.session import FAILURES, open_session
from sutra_core.errors import ModelUnavailableError, ReaderError
from sutra_core.reader.limits import LENGTH_MAX, QUESTION_MAX, TITLE_MAX, head_of, whole_words
from sutra_core.reader.onnx import LaidOut, Logits
from sutra_core.reader.protocol import WindowText

__all__ = ["MODEL", "TOKENISER", "ExternalNetwork", "fingerprint_of"]

MODEL = "model.onnx"
TOKENISER = "tokenizer.json"

_NEEDED = ("input_ids", "attention_mask")
_KNOWN = (*_NEEDED, "token_type_ids")
_GIVEN = ("start_logits", "end_logits")
_WANTED = (
    "a reader takes input_ids and attention_mask (and token_type_ids, if it has them) and gives "
    "start_logits and end_logits, each of two free dimensions"
)


def fingerprint_of(folder: Path) -> str:
    """SHA-256 (hexadecimal) over the folder's files; raises `ModelUnavailableError` where one is missing."""
    missing = [name for name in (MODEL, TOKENISER) if not (folder / name).is_file()]
    if missing:
        raise ModelUnavailableError(
            f"the reader's folder {folder} has no {' and no '.join(missing)}; "
            "name another in SUTRA_READER_PATH, or none for Sutra's own reader"
        )
    hashes = "\n".join(f"{name} {sha256_of(folder / name)}" for name in (MODEL, TOKENISER))
    return hashlib.sha256(f"external reader\n{hashes}".encode()).hexdigest()


class ExternalNetwork:
    """A `Network` over such a folder; raises `ReaderError`, which says what was found, for any other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            self._tokeniser = Tokenizer.from_file(str(folder / TOKENISER))
        except Exception as error:  # the library raises nothing more special
            raise ReaderError(f"{folder / TOKENISER} is no tokeniser: {error}") from error
        self._tokeniser.no_padding()
        self._tokeniser.no_truncation()
        self._marks = self._tokeniser.num_special_tokens_to_add(is_pair=True)
        sequences = self._tokeniser.encode("a", "a").sequence_ids
        if not sequences or sequences[0] is not None:
            raise ReaderError(
                f"{folder / TOKENISER} puts no mark in front of a question; "
                'the first token has to stand for "not answered here"'
            )
        try:
            self._session: Any = open_session(folder / MODEL)
        except FAILURES as error:
            raise ReaderError(f"{folder / MODEL} does not load: {error}") from error
        self._inputs = self._checked_inputs()
        self._try()

    def lay_out(self, question: str, windows: Sequence[WindowText]) -> list[LaidOut]:
        question, count = self._cut(question, QUESTION_MAX)
        heads = [self._head(window.title) for window in windows]
        room = LENGTH_MAX - self._marks - count
        shown = [self._cut(head + window.text, room)[0] for head, window in zip(heads, windows, strict=True)]
        laid: list[LaidOut] = []
        for head, encoding in zip(
            heads, self._tokeniser.encode_batch([(question, text) for text in shown]), strict=True
        ):
            of_window = [
                at
                for at, (sequence, (start, end)) in enumerate(
                    zip(encoding.sequence_ids, encoding.offsets, strict=True)
                )
                if sequence == 1 and start >= len(head.rstrip()) and end > len(head)
            ]
            low = of_window[0] if of_window else 0
            places = [
                (max(0, start - len(head)), end - len(head))
                for start, end in (encoding.offsets[at] for at in of_window)
            ]
            laid.append(LaidOut(encoding.ids, encoding.type_ids, low, places))
        return laid

    def run(self, laid: LaidOut) -> Logits:
        values = {
            "input_ids": laid.ids,
            "attention_mask": [1] * len(laid.ids),
            "token_type_ids": laid.segments,
        }
        start, end = self._session.run(
            list(_GIVEN), {name: np.array([values[name]], np.int64) for name in self._inputs}
        )
        for name, given in zip(_GIVEN, (start, end), strict=True):
            if given.shape != (1, len(laid.ids)):
                raise ReaderError(
                    f"{self._folder / MODEL} gave {name} of {list(given.shape)} for {len(laid.ids)} tokens"
                )
        return Logits(start[0], end[0], np.zeros(3, np.float32))

    def _checked_inputs(self) -> list[str]:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        taken = {each.name: f"{each.name} {each.type} {each.shape}" for each in inputs}
        given = [each.name for each in outputs]
        right = (
            set(_NEEDED) <= set(taken) <= set(_KNOWN)
            and set(_GIVEN) <= set(given)
            and all(each.type == "tensor(int64)" and _is_free(each.shape) for each in inputs)
        )
        if not right:
            raise ReaderError(
                f"{self._folder / MODEL} takes {', '.join(taken.values())} and gives {', '.join(given)}; "
                f"{_WANTED}"
            )
        return list(taken)

    def _try(self) -> None:
        """Reads something once, so that what does not run is known before the first question."""
        (laid,) = self.lay_out("who?", [WindowText("", "a b")])
        try:
            self.run(laid)
        except FAILURES as error:
            raise ReaderError(f"{self._folder / MODEL} does not run: {error}") from error

    def _head(self, title: str) -> str:
        head = head_of(title)
        if not head or len(self._tokenised(head)) > TITLE_MAX:
            return ""
        return f"{head} "

    def _cut(self, text: str, room: int) -> tuple[str, int]:
        """As much of the text as there is room for, and how many pieces that is."""
        encoding = self._tokenised(text)
        kept = whole_words(encoding.word_ids, room)
        return (text if kept == len(encoding.ids) else text[: encoding.offsets[kept - 1][1]]), kept

    def _tokenised(self, text: str) -> Any:
        text.encode()  # what is not valid Unicode is told apart here
        return self._tokeniser.encode(text, add_special_tokens=False)


def _is_free(shape: Sequence[object]) -> bool:
    """Whether a shape is one of [windows, tokens], of which there may be any number of tokens."""
    if len(shape) != 2:
        return False
    windows, tokens = shape
    return (windows == 1 or not isinstance(windows, int)) and not isinstance(tokens, int)
