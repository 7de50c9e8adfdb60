"""The one place that knows PDFium: opens a PDF, and gives its pages as lines with their places.

A page is in memory by itself, and only while its lines are taken. Nothing is drawn, run or fetched.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

__all__ = ["Line", "OpenPdf", "Page", "PdfError"]

_LINE_CHARACTERS_MAX = 20_000
_PAGE_CHARACTERS_MAX = 2_000_000
_OUTLINE_MAX = 20_000
_BOLD = 600

# PDFium writes a word on two lines as one, with a mark where the hyphen and the end of the line were.
_DIVISIONS = "\x02\ufffe\xad"
_LINE_END = re.compile(r"[\x02\ufffe](?:\r\n)?|\xad?\r\n")


class PdfError(Exception):
    """A document or a page that PDFium cannot read."""

    def __init__(self, code: Literal["password_protected", "damaged_file", "too_large"], reason: str) -> None:
        super().__init__(reason)
        self.code: Literal["password_protected", "damaged_file", "too_large"] = code


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is printed: `left`, `right` and `base` in points, the last from the foot of the page.

    `size` is the height of its letters. A hyphen at the end is there as "-".
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order in which the PDF holds them; `pictured` means mostly an image."""

    label: str
    height: float
    width: float
    lines: list[Line]
    pictured: bool = False


class OpenPdf:
    """A PDF that is open; a context manager. Raises `PdfError` where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        import pypdfium2  # pyright: ignore[reportMissingTypeStubs]
        from pypdfium2 import raw  # pyright: ignore[reportMissingTypeStubs]

        self._raw = cast("Any", raw)
        self._failed: type[Exception] = pypdfium2.PdfiumError
        try:
            self._document = cast("Any", pypdfium2).PdfDocument(path)
            self.pages = len(self._document)
        except self._failed as error:
            if getattr(error, "err_code", None) == self._raw.FPDF_ERR_PASSWORD:
                reason = "the PDF is protected by a password; save it without one"
                raise PdfError("password_protected", reason) from error
            if getattr(error, "err_code", None) == self._raw.FPDF_ERR_SECURITY:
                reason = "the PDF is encrypted in a way that cannot be read; save it without encryption"
                raise PdfError("password_protected", reason) from error
            raise PdfError("damaged_file", f"the PDF cannot be opened: {error}") from error

    def __enter__(self) -> OpenPdf:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def said(self) -> dict[str, str]:
        """What the document says of itself: Title, CreationDate and so on; empty values are left out."""
        found = cast("dict[str, str]", self._document.get_metadata_dict(skip_empty=True))
        return {name: _clean(value) for name, value in found.items()}

    def outline(self) -> Iterator[tuple[int, str, int]]:
        """The bookmarks as page from 0, title and level from 1."""
        for count, bookmark in enumerate(self._document.get_toc(max_depth=8)):
            if count >= _OUTLINE_MAX:
                return
            try:
                place = bookmark.get_dest()
                index = place.get_index() if place is not None else None
                title = _clean(bookmark.get_title())
            except (self._failed, UnicodeError):
                continue
            if index is not None and title:
                yield int(index), title, int(bookmark.level) + 1

    def page(self, index: int) -> Page:
        """A page by its number from 0. Raises `PdfError`."""
        try:
            page = self._document[index]
        except self._failed as error:
            raise PdfError("damaged_file", f"the page cannot be read: {error}") from error
        try:
            text = page.get_textpage()
            try:
                lines = list(self._lines(text))
            finally:
                text.close()
            pictured = not lines and self._is_picture(page)
            label = _clean(self._document.get_page_label(index) or "")
            return Page(label, float(page.get_height()), float(page.get_width()), lines, pictured)
        except (self._failed, UnicodeError) as error:
            raise PdfError("damaged_file", f"the page cannot be read: {error}") from error
        finally:
            page.close()

    def _is_picture(self, page: Any) -> bool:
        whole = page.get_width() * page.get_height()
        covered = 0.0
        for image in page.get_objects(filter=[self._raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            left, bottom, right, top = image.get_bounds()
            covered += max(0.0, right - left) * max(0.0, top - bottom)
        return covered > 0.3 * whole

    def _lines(self, text: Any) -> Iterator[Line]:
        count = text.count_chars()
        if count > _PAGE_CHARACTERS_MAX:
            raise PdfError("too_large", f"the page holds {count} characters, which no page of text does")
        if count <= 0:
            return
        whole = cast("str", text.get_text_range(errors="replace"))
        at = start = 0
        for end in [*_LINE_END.finditer(whole), None]:
            line = whole[start : end.start() if end else None]
            divided = end is not None and end[0][0] in _DIVISIONS
            if found := self._line(text, line, at, divided):
                yield found
            if end is not None:
                at += sum(1 + (character > "\uffff") for character in whole[start : end.end()])
                start = end.end()

    def _line(self, text: Any, line: str, at: int, divided: bool) -> Line | None:
        start = len(line) - len(line.lstrip())
        end = len(line.rstrip())
        if start >= end or end > _LINE_CHARACTERS_MAX:
            return None
        first, middle, last = (
            self._raw.FPDFText_GetCharIndexFromTextIndex(text, at + offset)
            for offset in (start, (start + end) // 2, end - 1)
        )
        left, base = self._origin(text, first)
        boxes = [self._box(text, index) for index in (first, middle, last)]
        size = sorted(top - bottom for _, bottom, _, top in boxes)[1]
        weights = [self._raw.FPDFText_GetFontWeight(text, index) for index in (first, middle, last)]
        said = _clean(line.replace("\xad", ""))
        if not said:
            return None
        said += "-" if divided else ""
        return Line(said, left, max(box[2] for box in boxes), base, size, min(weights) >= _BOLD)

    def _origin(self, text: Any, index: int) -> tuple[float, float]:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._raw.FPDFText_GetCharOrigin(text, index, x, y)
        return x.value, y.value

    def _box(self, text: Any, index: int) -> tuple[float, float, float, float]:
        box = self._raw.FS_RECTF()
        self._raw.FPDFText_GetLooseCharBox(text, index, box)
        return box.left, box.bottom, box.right, box.top


def _clean(text: str) -> str:
    """Without control characters and what is no character; white space collapsed."""
    shown = (" " if character < " " or "\ud800" <= character <= "\udfff" else character for character in text)
    return " ".join("".join(shown).replace("\ufffd", "").split())
