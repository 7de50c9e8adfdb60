"""What the macros of man(7) and mdoc(7) mean for somebody who reads the page.

It makes blocks of lines, and never runs a request: definitions and conditions are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sutra_core.learn.adapters.blocks import Block
from sutra_formats.manuals.mdoc import CALLABLE, said
from sutra_formats.manuals.roff import arguments, plain

__all__ = ["Page", "page_of"]

_PARAGRAPH = frozenset({"PP", "P", "LP", "Pp", "Lp", "sp", "HP", "Bl", "El", "RS", "RE", "YS"})
_VERBATIM = {"nf": "fi", "EX": "EE", "Bd": "Ed", "TS": "TE", "DS": "DE"}
_SPACED = frozenset({"B", "I", "SM", "SB", "R", "CW"})
_JOINED = frozenset({"BR", "BI", "IB", "IR", "RB", "RI"})
_SKIPPED = {"de": ".", "de1": ".", "am": ".", "ig": ".", "EQ": "EN", "PS": "PE"}
_CONDITIONS = frozenset({"if", "ie", "el", "while"})


@dataclass(slots=True)
class Page:
    """A page: "ls(1)", its date as written, and its blocks."""

    title: str = ""
    date: str = ""
    blocks: list[Block] = field(default_factory=list[Block])


def page_of(lines: Iterable[str]) -> Page:
    """The page that lines of roff make."""
    reading = _Reading(iter(lines))
    reading.run()
    return reading.page


class _Reading:
    """The page so far, the paragraph that is open, and the tag that waits for one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.page = Page()
        self._lines = lines
        self._words: list[str] = []
        self._tag: list[str] = []
        self._tagging = False
        self._heading = 0
        self._name = ""

    def run(self) -> None:
        for line in self._lines:
            if line[:1] in {".", "'"}:
                self._request(line[1:].lstrip())
            elif line.strip():
                self._say(plain(line))
            else:
                self._end()
        self._end()

    def _request(self, text: str) -> None:
        macro, _, rest = text.partition(" ")
        macro = macro.partition("\\")[0].strip()
        if macro in _SKIPPED:
            self._until(_SKIPPED[macro])
        elif macro in _CONDITIONS:
            depth = rest.count("\\{") - rest.count("\\}")
            while depth > 0 and (line := next(self._lines, None)) is not None:
                depth += line.count("\\{") - line.count("\\}")
        elif macro in _VERBATIM:
            self._verbatim(macro, rest)
        elif macro in {"SH", "SS", "Sh", "Ss"}:
            self._end()
            self._heading = 1 if macro in {"SH", "Sh"} else 2
            if rest.strip():
                self._say(" ".join(arguments(rest)))
        elif macro in {"TH", "Dt", "Dd"}:
            self._name_page(macro, rest)
        elif macro in _PARAGRAPH:
            self._end()
        elif macro in {"TP", "TQ", "IP", "It"}:
            self._begin_item(macro, rest)
        elif macro in {"Dl", "D1"}:
            self._end()
            self.page.blocks.append(Block(said(arguments(rest), self._name), "verbatim"))
        else:
            self._inline(macro, rest)

    def _inline(self, macro: str, rest: str) -> None:
        given = arguments(rest)
        if macro in _SPACED:
            self._say(" ".join(given))
        elif macro in _JOINED:
            self._say("".join(given))
        elif macro == "OP":
            self._say(f"[{' '.join(given)}]")
        elif macro in {"SY", "UR", "MT"}:
            self._say(given[0] if given else "")
        elif macro in CALLABLE:
            if macro == "Nm" and given and not self._name:
                self._name = given[0]
            self._say(said([macro, *given], self._name))

    def _name_page(self, macro: str, rest: str) -> None:
        given = arguments(rest)
        if macro == "Dd":
            self.page.date = " ".join(given)
        elif given:
            section = f"({given[1]})" if len(given) > 1 else ""
            self.page.title = f"{given[0].lower()}{section}"
            if macro == "TH" and len(given) > 2:
                self.page.date = given[2]

    def _begin_item(self, macro: str, rest: str) -> None:
        if macro == "TQ":
            self._tag += self._words and [" ".join(self._words) + ","]
            self._words = []
            self._tagging = True
            return
        self._end()
        given = arguments(rest)
        if macro == "TP":
            self._tagging = True
        elif given:
            self._tag = [said(given, self._name) if macro == "It" else given[0]]
            if self._tag[0] in {"•", "-", "*", "o", "·"}:
                self._tag = []

    def _verbatim(self, macro: str, rest: str) -> None:
        if macro == "Bd" and not {"-literal", "-unfilled"} & set(rest.split()):
            self._end()
            return
        tag, self._tag = self._tag, []
        self._end()
        if any(tag):
            self.page.blocks.append(Block(" ".join(tag), "cell"))
        kept = [plain(line) for line in self._until(_VERBATIM[macro]) if line[:1] not in {".", "'"}]
        self.page.blocks.append(Block("\n".join(kept).strip("\n"), "verbatim"))

    def _until(self, end: str) -> list[str]:
        """The lines in front of a request, which is passed over."""
        found: list[str] = []
        for line in self._lines:
            if line[:1] in {".", "'"} and line[1:].strip().split(" ")[0] == end:
                break
            found.append(line)
        return found

    def _say(self, text: str) -> None:
        text = " ".join(text.split())
        if not text:
            return
        if self._heading:
            shown = text.capitalize() if text.isupper() else text
            self.page.blocks.append(Block(shown, "heading", self._heading))
            self._heading = 0
        elif self._tagging:
            self._tag.append(text)
            self._tagging = False
        else:
            self._words.append(text)

    def _end(self) -> None:
        """Ends the paragraph; a tag stands in front of it."""
        text, tag = " ".join(self._words), " ".join(self._tag)
        self._words, self._tag, self._tagging, self._heading = [], [], False, 0
        if text:
            self.page.blocks.append(Block(f"{tag}: {text}" if tag else text))
        elif tag:
            self.page.blocks.append(Block(tag, "cell"))
