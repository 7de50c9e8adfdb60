"""PDF: the text of its pages as paragraphs and headings, a few pages at a time.

Pictures are not read: a document that has nothing else is refused, with what to do about it. Running headers,
footers and page numbers are left out. The title and the time are those that the document says of itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sutra_core.learn.adapters import BadItem, Block, Item, compose
from sutra_core.learn.adapters.base import BadItemCode, shown, title_from_name
from sutra_core.learn.adapters.moments import moment
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.types import SourceDraft
from sutra_formats.pdf.blocks import PdfBlocks, compared
from sutra_formats.pdf.margins import without_margins
from sutra_formats.pdf.pdfium import OpenPdf, Page, PdfError

__all__ = ["PdfAdapter"]

_MARK = b"%PDF-"
_COVERED_FROM = 4  # pages behind the first one; a shorter document has no covers
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z|([+-]\d\d)'?(\d\d)?)?")
_NO_TITLE = re.compile(
    r"untitled.*|(?:microsoft|libreoffice) .*|(?:slide|page|document) ?\d*"
    r"|.*\.(?:docx?|odt|pdf|indd|tex|dvi|pptx?)",
    re.I,
)


class PdfAdapter:
    """Reads PDF."""

    name = "PDF"

    def __init__(self, *, part_bytes: int = PART_BYTES) -> None:
        """`part_bytes` (at least 4) is the most bytes of text in one source."""
        self._part_bytes = part_bytes

    def recognises(self, path: Path, head: bytes) -> bool:
        """By its mark, which may stand behind a few other bytes, whatever the file is called."""
        del path
        at = head.find(_MARK, 0, 1024 + len(_MARK))
        return at == 0 or (at > 0 and b"<" not in head[:at])

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """The document as one source, a long one in parts; then the pages that could not be read."""
        location = shown(path)
        size = path.stat().st_size
        try:
            with OpenPdf(path) as pdf:
                reading = _Reading(pdf, location, size)
                draft = _draft(pdf, path, address)
                empty = True
                for item in compose(reading.blocks(), draft, location, part_bytes=self._part_bytes):
                    empty = False
                    yield item
                yield from reading.refused(empty)
        except PdfError as error:
            yield BadItem(location, str(error), error.code, size)


class _Reading:
    """One document that is being read, and the pages that were refused."""

    def __init__(self, pdf: OpenPdf, location: str, size: int) -> None:
        self._pdf = pdf
        self._location = location
        self._size = size
        self._bad: list[BadItem] = []
        self._pictured: list[int] = []
        outline: dict[int, dict[str, int]] = defaultdict(dict)
        for page, title, level in pdf.outline():
            if key := compared(title):
                outline[page][key] = level
        self._blocks = PdfBlocks(outline)

    def blocks(self) -> Iterator[Block]:
        for index, page in enumerate(without_margins(self._pages())):
            yield from self._blocks.take(page, index, self._size * (index + 1) // self._pdf.pages)
        yield from self._blocks.end()

    def refused(self, empty: bool) -> Iterator[BadItem]:
        """What could not be read; a document of nothing but pictures is one such thing."""
        if empty and len(self._pictured) > 0:
            reason = "the PDF holds pictures of its pages and no text; run OCR over it (for example ocrmypdf)"
            yield self._item("", reason, "no_text_layer")
        elif empty and not self._bad:
            yield self._item("", "the PDF holds no text", "empty_text")
        else:
            last = self._pdf.pages - 1
            covers = (0, last) if last >= _COVERED_FROM else ()
            for index in (index for index in self._pictured if index not in covers):
                reason = "the page is a picture without text; run OCR over the PDF (for example ocrmypdf)"
                yield self._item(f" (page {index + 1})", reason, "no_text_layer")
        yield from self._bad

    def _pages(self) -> Iterator[Page]:
        for index in range(self._pdf.pages):
            try:
                page = self._pdf.page(index)
            except PdfError as error:
                self._bad.append(self._item(f" (page {index + 1})", str(error), error.code))
                page = Page("", 0.0, 0.0, [])
            if page.pictured:
                self._pictured.append(index)
            self._blocks.look_ahead(page)
            yield page

    def _item(self, where: str, reason: str, code: BadItemCode) -> BadItem:
        return BadItem(f"{self._location}{where}", reason, code, self._size)


def _draft(pdf: OpenPdf, path: Path, address: str) -> SourceDraft:
    said = pdf.said()
    title = said.get("Title", "")
    if not title or _NO_TITLE.fullmatch(title):
        title = title_from_name(path)
    attributes: dict[str, str] = {}
    if author := said.get("Author"):
        attributes["author"] = author
    return SourceDraft(address, "", title, 0, _time(said.get("CreationDate", "")), attributes)


def _time(given: str) -> int | None:
    r"""A date as PDF writes it, in microseconds since 1970.

    >>> _time("D:19700102000000+00'00'")
    86400000000
    """
    found = _DATE.match(given)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone, zone_minutes = found.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}"
    return moment(f"{date}T{clock}{zone or '+00'}:{zone_minutes or '00'}")
