"""What a paragraph may be by its form: a heading of one of four kinds, a table of contents, a list, a figure.

It looks at one paragraph and knows no word; its neighbours tell whether it is one (`candidates`, `outline`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sutra_formats.sections.pages import Paragraph

__all__ = [
    "Form",
    "Heading",
    "Kind",
    "Level",
    "contents",
    "is_figure",
    "list_items",
    "possible_heading",
    "rule_pieces",
]

Kind = Literal["underlined", "numbered", "margin", "capitals"]

Level = tuple[str, int]
"""The style of numbered headings, and how many numbers they have."""
Form = tuple[int, bool]
"""At which column a numbered heading begins, and whether a dot stands behind its number."""

_MIDDLE = 12
_LONGEST = 200
_LONGEST_UNNUMBERED = 100
_LINES = 3
_RULE = re.compile(r"([=\-~^*#+\"'`_.:])\1{2,}")
_NUMBERED = re.compile(r"(?P<number>(?:\d{1,3}|[A-Z](?=\.))(?:\.\d{1,3}){0,7})(?P<dot>\.?)\s+(?P<title>\S.*)")
_NAMED = re.compile(
    r"(?P<name>[^\W\d_]{2,20})\s(?P<number>\d{1,3}|[A-Z]|[IVXLC]{1,7})(?:[.:]?|[.:]?\s+(?:[–—-]\s)?\S.*)"
)
_LEADERS = re.compile(r"(?:\.{3,}|(?:\. ){3,}\.?|…)\s*[\divxlc]*$")
_SENTENCE_ENDS = tuple(".,;:。")
_ITEM = re.compile(r"(?:[-*+•–o]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_SIGN = re.compile(rf"^{_ITEM.pattern}")
_GAP = re.compile(r"(?<=\S) {3,}(?=\S)|^[|+]|[|+]$")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True, slots=True)
class Heading:
    """What may be a heading. `number` is empty without one; `style` tells apart what counts for itself.

    The style of an underlined title is its line, that of "Chapter 4" the word; `rest` are the lines of its
    paragraph that stand below it; `dotted` says that a dot stands behind the number.
    """

    kind: Kind
    text: str
    indent: int
    number: tuple[int, ...] = ()
    style: str = ""
    rest: tuple[str, ...] = ()
    dotted: bool = False

    @property
    def depth(self) -> Level:
        """Which numbered headings count as of one level with this one."""
        return self.style, len(self.number)

    @property
    def form(self) -> Form:
        """What the headings of a level have in common; those in the middle of the page begin anywhere."""
        return min(self.indent, _MIDDLE), self.dotted


def possible_heading(paragraph: Paragraph, kinds: frozenset[Kind]) -> Heading | None:
    """The heading that a paragraph may be, of the first kind that fits."""
    if "underlined" in kinds and (found := _underlined(paragraph)):
        return found
    several = len(paragraph.lines) > 1
    if len(paragraph.lines) > _LINES or is_figure(paragraph) or (several and contents(paragraph)):
        return None
    text = paragraph.text
    if len(text) > _LONGEST or text.endswith(_SENTENCE_ENDS) or _LEADERS.search(text):
        return None
    if "numbered" in kinds and (found := _numbered(text, paragraph.indent)):
        return found
    if several or len(text) > _LONGEST_UNNUMBERED or _letters(text) < 2:
        return None
    if _ITEM.match(text) or _RULE.search(text):
        return None
    if "capitals" in kinds and text.isupper() and _letters(text) * 2 > len(text):
        return Heading("capitals", text, paragraph.indent)
    if "margin" in kinds and paragraph.indent == 0:
        return Heading("margin", text, 0)
    return None


def _underlined(paragraph: Paragraph) -> Heading | None:
    lines = paragraph.lines
    over = _RULE.fullmatch(lines[0].strip())
    first = 1 if over else 0
    for at in range(first + 1, min(len(lines), first + 1 + _LINES)):
        if not (rule := _RULE.fullmatch(lines[at].strip())):
            continue
        if over and over[1] != rule[1]:
            return None
        title = " ".join(" ".join(lines[first:at]).split())
        if len(title) > _LONGEST or not _letters(title) or not _fits(rule[0], lines[first:at]):
            return None
        return Heading(
            "underlined", title, paragraph.indent, (), rule[1] * (2 if over else 1), lines[at + 1 :]
        )
    return None


def _fits(rule: str, title: tuple[str, ...]) -> bool:
    width = max(_width(line.strip()) for line in title)
    return abs(len(rule) - width) <= max(1, width // 4)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _numbered(text: str, indent: int) -> Heading | None:
    if (found := _NUMBERED.fullmatch(text)) and _letters(found["title"]):
        head, *others = found["number"].split(".")
        first = int(head) if head.isdecimal() else ord(head)
        style = "" if head.isdecimal() else "A"
        number = (first, *map(int, others))
        return Heading("numbered", text, indent, number, style, dotted=found["dot"] != "")
    if (found := _NAMED.fullmatch(text)) and found["name"][0].isupper():
        counted = (_counted(found["number"]),)
        return Heading("numbered", text, indent, counted, found["name"].casefold())
    return None


def _counted(number: str) -> int:
    """What a number of a chapter counts: 4 for "4", for "IV" and for "D".

    >>> _counted("4"), _counted("IV"), _counted("D")
    (4, 4, 4)
    """
    if number.isdecimal():
        return int(number)
    if not set(number) <= _ROMAN.keys():
        return ord(number) - ord("A") + 1
    values = [_ROMAN[letter] for letter in number]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def rule_pieces(paragraph: Paragraph) -> Iterator[Paragraph]:
    """The paragraph, parted before each underlined title that stands right below other text."""
    lines = paragraph.lines
    began = 0
    for at in range(2, len(lines)):
        rule = _RULE.fullmatch(lines[at].strip())
        title = lines[at - 1]
        if rule is None or at - 1 <= began or abs(_width(title.strip()) - len(rule[0])) > 1:
            continue
        if _RULE.fullmatch(lines[at - 2].strip()):
            continue  # a title between two lines, or the second title of a paragraph's head
        yield Paragraph(lines[began : at - 1], paragraph.number + began, paragraph.end)
        began = at - 1
    yield Paragraph(lines[began:], paragraph.number + began, paragraph.end) if began else paragraph


def contents(paragraph: Paragraph) -> list[str]:
    """The lines of a table of contents, each entry on one; nothing where the paragraph is something else."""
    if len(paragraph.lines) < 2:
        return [paragraph.text] if _LEADERS.search(paragraph.text) else []
    entries: list[str] = []
    begun = 0
    for line in paragraph.lines:
        text = " ".join(line.split())
        leads = _LEADERS.search(text) is not None
        numbered = _NUMBERED.fullmatch(text) is not None and not text.endswith(_SENTENCE_ENDS)
        begun += leads or numbered
        if leads or numbered or not entries:
            entries.append(text)
        else:
            entries[-1] += f" {text}"
    return entries if begun >= 2 and begun * 5 >= len(paragraph.lines) * 3 else []


def list_items(paragraph: Paragraph) -> Iterator[str]:
    """The text of a paragraph; of a list, each item by itself, without its sign."""
    if not _ITEM.match(paragraph.lines[0].lstrip()):
        yield paragraph.text
        return
    item: list[str] = []
    for line in paragraph.lines:
        sign = _ITEM.match(line.lstrip())
        if sign and item and len(line) - len(line.lstrip()) <= paragraph.indent:
            yield Paragraph(tuple(item), 0, 0).text
            item = []
        item.append(line.lstrip()[sign.end() :] if sign and not item else line)
    yield Paragraph(tuple(item), 0, 0).text


def is_figure(paragraph: Paragraph) -> bool:
    """Whether the place of its characters says something: columns, boxes; or no letter is in it."""
    if not any(map(_letters, paragraph.lines)):
        return True
    lines = [_SIGN.sub("", line.strip(), count=1) for line in paragraph.lines]
    if len(lines) == 1:
        return len(_GAP.findall(lines[0])) > 1
    return sum(_GAP.search(line) is not None for line in lines) * 2 > len(lines)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))
