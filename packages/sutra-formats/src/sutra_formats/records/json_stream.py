"""The values of a JSON document one after the other, without the document.

It reads a piece of the file, decodes the value that begins there, and lets go of both. A value that is no
JSON is passed over to where its brackets close, so that its neighbours are read; where they never close, the
stream ends with `StreamError`. It knows nothing of records.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import BinaryIO

from sutra_core.learn.adapters.base import BadItemCode
from sutra_formats.decoding import undecodable

__all__ = ["Element", "JsonStream", "StreamError"]

_PIECE_BYTES = 256 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
_SCALAR = re.compile(r"[^\s,:\[\]{}\"]+")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Element:
    """A value and the line on which it begins; `code` and `reason` say why there is none."""

    line: int
    value: object
    code: BadItemCode | None = None
    reason: str = ""


class StreamError(Exception):
    """The document cannot be read any further, from a line on."""

    def __init__(self, line: int, code: BadItemCode, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.code: BadItemCode = code
        self.reason = reason


class JsonStream:
    """Reads an open file from where it stands, in an encoding of `codecs`; a value has at most `limit`."""

    def __init__(self, file: BinaryIO, encoding: str, limit: int) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(
            "replace" if encoding in {"utf-16", "utf-32"} else "surrogateescape"
        )
        self._limit = limit
        self._buffer = ""
        self._at = 0
        self._ended = False
        self.line = 1

    @property
    def bytes_done(self) -> int:
        """How many bytes of the file were read."""
        return self._file.tell()

    def peek(self) -> str:
        """The next character that is no white space; "" at the end of the file."""
        while True:
            self._move(_SPACE.match(self._buffer, self._at).end())  # pyright: ignore[reportOptionalMemberAccess]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._read():
                return ""

    def take(self, allowed: str) -> str:
        """Goes past the next character, which has to be one of `allowed`. Raises `StreamError`."""
        found = self.peek()
        if not found:
            raise StreamError(self.line, "damaged_file", "the document ends too early; it may be truncated")
        if found not in allowed:
            expected = " or ".join(allowed)
            reason = f"not JSON: {found!a} where {expected} should stand; nothing behind it was read"
            raise StreamError(self.line, "invalid_json", reason)
        self._move(self._at + 1)
        return found

    def value(self) -> Element:
        """The next value. Raises `StreamError`."""
        first = self.peek()
        line = self.line
        if first not in '{["':
            return self._scalar(line)
        try:
            found, end = _DECODER.raw_decode(self._buffer, self._at)
        except (ValueError, RecursionError):
            return self._slow(line)
        return self._element(line, end, found)

    def _scalar(self, line: int) -> Element:
        while not (match := _SCALAR.match(self._buffer, self._at)) or match.end() == len(self._buffer):
            if not self._read():
                break
            if len(self._buffer) - self._at > self._limit:
                raise StreamError(line, "too_large", "a number or word without an end")
        if not match:
            self.take('{["')
        assert match
        return self._element(line, match.end())

    def _slow(self, line: int) -> Element:
        """A value that the piece in memory does not hold whole, or that is no JSON."""
        position, depth, dropped = self._at, 0, False
        while True:
            match = _TOKEN.search(self._buffer, position)
            if match and match[0] != '"':
                position = match.end()
                depth += (match[0] in "[{") - (match[0] in "]}")
                if depth <= 0:
                    break
                continue
            position = match.start() if match else len(self._buffer)
            if len(self._buffer) - self._at > self._limit:
                if len(self._buffer) - position > self._limit:
                    reason = "a string without an end; look for a missing quotation mark"
                    raise StreamError(line, "too_large", reason)
                self._move(position)
                dropped = True
            before = self._at
            if not self._read():
                reason = "the document ends in the middle of a value; it may be truncated"
                raise StreamError(line, "damaged_file", reason)
            position -= before
        if dropped or position - self._at > self._limit:
            self._move(position)
            reason = f"the value has more than the {self._limit} characters allowed; split it into several"
            return Element(line, None, "too_large", reason)
        return self._element(line, position)

    def _element(self, line: int, end: int, value: object = None) -> Element:
        text = self._buffer[self._at : end]
        self._move(end)
        if fault := undecodable(text):
            return Element(line, None, "invalid_utf8", fault)
        if value is not None:
            return Element(line, value)
        try:
            return Element(line, json.loads(text))
        except json.JSONDecodeError as error:
            where = f"line {line + error.lineno - 1}, column {error.colno}"
            return Element(line, None, "invalid_json", f"not JSON: {error.msg} at {where}")
        except RecursionError:
            return Element(line, None, "invalid_json", "not readable JSON: nested too deeply")
        except ValueError as error:
            return Element(line, None, "invalid_json", f"not readable JSON: {error}")

    def _move(self, to: int) -> None:
        self.line += self._buffer.count("\n", self._at, to)
        self._at = to

    def _read(self) -> bool:
        """One more piece behind what is left of the last one, as long as that: whether there was any."""
        if self._ended:
            return False
        data = self._file.read(max(_PIECE_BYTES, len(self._buffer) - self._at))
        self._ended = not data
        self._buffer = self._buffer[self._at :] + self._decoder.decode(data, final=self._ended)
        self._at = 0
        return not self._ended or bool(self._buffer)
