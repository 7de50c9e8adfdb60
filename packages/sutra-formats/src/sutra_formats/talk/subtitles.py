"""Subtitles: SRT, WebVTT, SubStation Alpha and MicroDVD, their cues joined into sentences.

A place is the time at which the first cue of a sentence is shown. Mark-up, drawings and comments are left
out; who speaks stays in front of what is said. A file is held whole, and refused over `FILE_BYTES`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sutra_core.learn.adapters.base import BadItem, Item, shown, title_from_name
from sutra_core.learn.adapters.blocks import Block, compose
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.decoding import decoded_head, encoding_of, is_text
from sutra_formats.rows import ending_at

if TYPE_CHECKING:
    from pysubs2 import SSAFile

__all__ = ["FILE_BYTES", "SubtitlesAdapter"]

FILE_BYTES = 16 * 1024 * 1024
"""The longest file that is read."""

_KINDS = {
    "vtt": re.compile(r"WEBVTT(?:[ \t\r\n]|$)"),
    "ass": re.compile(r"\[Script Info\]"),
    "srt": re.compile(r"\d+[ \t]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3} +--> +\d{1,2}:\d\d:\d\d[,.]\d{1,3}"),
    "microdvd": re.compile(r"\{\d+\}\{\d+\}"),
}
_FRAMES = 25.0
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>\n]{1,80})>")
_MARKUP = re.compile(r"</?[A-Za-z][^<>\n]*>|\{\\[^{}]*\}")
_SPEAKER = re.compile(r"[-–—]\s*\S|[A-Z][\w. ]{0,30}: |>> ")
_DASH = re.compile(r"^(?:[-–—]|>>)\s*")
_ENDS = re.compile(r"[.!?…。！？♪][\"'”’»)\]]*$")
_PAUSE_MS = 4000
_SENTENCE_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class _Cue:
    start: int
    end: int
    text: str


class SubtitlesAdapter:
    """Reads subtitles by how they begin, whatever their names."""

    name = "subtitles"

    def __init__(self, *, part_bytes: int = PART_BYTES, file_bytes: int = FILE_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes
        self._file_bytes = file_bytes

    def recognises(self, path: Path, head: bytes) -> bool:  # noqa: ARG002
        """By the first cue, or the head of the file."""
        return is_text(head) and _kind(decoded_head(head[:4096])) != ""

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """What is said in the order of time, in parts where it is long."""
        size = path.stat().st_size
        yield from ending_at(self._items(path, address, size), size)

    def _items(self, path: Path, address: str, size: int) -> Iterator[Item | BadItem]:
        location = shown(path)
        if size > self._file_bytes:
            reason = f"the file has {size} bytes, more than the {self._file_bytes} allowed; split it"
            yield BadItem(location, reason, "too_large", size)
            return
        text = path.read_bytes().decode(encoding_of(path), "replace")
        try:
            cues = _cues(_parsed(text))
        except (ArithmeticError, LookupError, ValueError) as error:
            reason = f"the subtitles cannot be read: {' '.join(str(error).split())[:200]}"
            yield BadItem(location, reason, "damaged_file", size)
            return
        draft = SourceDraft(address, "", title_from_name(path))
        empty = True
        for item in compose(_sentences(cues), draft, location, part_bytes=self._part_bytes):
            empty = False
            yield item
        if empty:
            yield BadItem(location, "the subtitles say nothing", "empty_text", size)


def _kind(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    return next((kind for kind, begins in _KINDS.items() if begins.match(start)), "")


def _parsed(text: str) -> SSAFile:
    """Raises ValueError for what is none; the library's own errors are of other kinds."""
    from pysubs2 import SSAFile
    from pysubs2.exceptions import Pysubs2Error

    kind = _kind(text)
    if not kind:
        raise ValueError("it begins like no kind of subtitles")
    frames = _FRAMES if kind == "microdvd" else None
    try:
        with warnings.catch_warnings(action="ignore"):  # of margins and layers, which nobody reads
            return SSAFile.from_string(_VOICE.sub(r"\1: ", text), kind, fps=frames)
    except Pysubs2Error as error:
        raise ValueError(str(error)) from error


def _cues(subtitles: SSAFile) -> list[_Cue]:
    """What is said, in the order of time; lines that several people say are cues of their own."""
    found: list[_Cue] = []
    for event in sorted(subtitles.events, key=lambda event: event.start):
        if event.is_comment or event.is_drawing:
            continue
        lines: list[str] = []
        for line in _MARKUP.sub("", event.plaintext).splitlines():
            words = " ".join(line.split())
            if lines and not _SPEAKER.match(words):
                lines[-1] = f"{lines[-1]} {words}".strip()
            else:
                lines.append(words)
        for text in lines:
            speaker = f"{event.name.strip()}: " if event.name.strip() and text else ""
            if text and not (found and found[-1].text == speaker + text):
                found.append(_Cue(max(event.start, 0), max(event.end, 0), speaker + text))
    return found


def _sentences(cues: list[_Cue]) -> Iterator[Block]:
    """Cues joined until one ends a sentence, somebody else speaks, or nobody does for a while."""
    words: list[str] = []
    start = end = 0
    for cue in cues:
        long = sum(map(len, words)) > _SENTENCE_CHARACTERS
        apart = long or cue.start - end > _PAUSE_MS or _SPEAKER.match(cue.text)
        if words and (apart or _ENDS.search(words[-1])):
            yield Block(" ".join(words), place=_clock(start))
            words = []
        if not words:
            start = cue.start
        words.append(_DASH.sub("", cue.text))
        end = cue.end
    if words:
        yield Block(" ".join(words), place=_clock(start))


def _clock(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
