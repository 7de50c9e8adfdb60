"""A small real file of every format that `sutra_formats` reads, by the name of its entry point."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pyarrow
import pyarrow.parquet
from openpyxl import Workbook
from tiny_wordnet import write_wordnet

__all__ = ["SAMPLES"]

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def _file(name: str, text: str | bytes) -> Callable[[Path], Path]:
    """What writes a file of this name and text into a folder."""

    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def _archive(name: str, members: Mapping[str, str]) -> Callable[[Path], Path]:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            packing = zipfile.ZIP_STORED if member == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(member, text, packing)
    return _file(name, data.getvalue())


def _workbook() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in (["name", "born", "town"], ["Ada", 1815, "London"], ["Bo", 1931, "Alham"]):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _parquet() -> bytes:
    library = cast("Any", pyarrow)
    data = io.BytesIO()
    library.parquet.write_table(library.table({"name": ["Ada", "Bo"], "born": [1815, 1931]}), data)
    return data.getvalue()


def _pdf() -> bytes:
    shown = b"BT /F 11 Tf 72 700 Td (The bridge was opened in 1901, and it stands.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F 3 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
    ]
    data = bytearray(b"%PDF-1.7\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % each for each in places)
    return bytes(data + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


def _dictionary(folder: Path) -> Path:
    entry = "Aln \\Aln\\, n.\n   A river; see {River}.\n"
    (folder / "d.index").write_text("Aln\tA\tn\n", encoding="utf-8")
    return _file("d.dict.dz", gzip.compress(entry.encode(), mtime=0))(folder)


def _shape(text: str) -> str:
    return f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def _related(target: str, kind: str) -> str:
    relation = f'<Relationship Id="r1" Type="{_RELATED}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'


_MAIL = (
    "From: Ada <ada@example.org>\nTo: Ben <ben@example.org>\nSubject: The bridge\n"
    "Message-ID: <1@example.org>\nDate: Wed, 1 May 2024 12:00:00 +0000\n\n"
    "The bridge is old.\n\n> How old is it?\n"
)
_CELL = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>".format
_TABLE = f"<w:tbl><w:tr>{_CELL('Span')}</w:tr><w:tr>{_CELL('north')}</w:tr></w:tbl>"

SAMPLES: Mapping[str, Callable[[Path], Path]] = {
    "changelog": _file(
        "CHANGELOG.md",
        "# Changelog\n\n## [1.1.0] - 2024-05-01\n\n### Added\n\n- The bridge opens.\n- It stands.\n\n"
        "## [1.0.0] - 2024-01-01\n\n### Fixed\n\n- The road.\n",
    ),
    "chat-irc": _file(
        "bridges.log",
        "[12:01:30] *** Joins: ann (~ann@example.com)\n[12:01:31] <ann> I moved.\n[12:01:40] <ben> When?\n",
    ),
    "chat-json": _file(
        "talk.json",
        json.dumps(
            [{"conversations": [{"from": "human", "value": "One?"}, {"from": "gpt", "value": "Two."}]}],
            indent=1,
        ),
    ),
    "chat-slack": _file(
        "2023-05-08.json",
        json.dumps(
            [
                {"type": "message", "user": "U1", "text": "I <b>moved</b>.", "ts": "1683504000.000100"},
                {"type": "message", "user": "U2", "text": "<@U1> When?", "ts": "1683504060.000100"},
            ],
            indent=1,
        ),
    ),
    "chat-transcript": _file(
        "talk.txt",
        "Ann: I moved to Lyon in May.\nBen Lee: Did you take the train?\nAnn: No. The line was closed.\n"
        "Ben Lee: A pity.\n",
    ),
    "chat-whatsapp": _file(
        "chat.txt",
        "12/30/21, 10:32 PM - Ann: I moved to Lyon.\nIt is warm.\n12/30/21, 10:33 PM - Ben: When?\n",
    ),
    "csv": _file("people.csv", 'name,born,says\nAda,1815,"She wrote, often."\nBo,1931,\n'),
    "dict": _dictionary,
    "docx": _archive(
        "bridge.docx",
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>'
            f"<w:p><w:r><w:t>It was opened in 1901.</w:t></w:r></w:p>{_TABLE}</w:body></w:document>",
        },
    ),
    "epub": _archive(
        "bridges.epub",
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
            "book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="one" '
            'href="one.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="one"/>'
            "</spine></package>",
            "one.xhtml": "<html><body><h1>The north</h1><p>The bridge stands.</p></body></html>",
        },
    ),
    "git-history": _file(
        "log.txt",
        "commit 0123456789abcdef0123456789abcdef01234567\nAuthor: Ada Whitlow <ada@example.org>\n"
        "Date:   Wed May 1 12:00:00 2024 +0200\n\n    The bridge opens\n\n    It was closed.\n",
    ),
    "html": _file(
        "page.html",
        "<!doctype html><html lang=en><head><title>Bridges</title></head><body><nav><a href=a>Menu</a></nav>"
        "<main><h1>The bridge</h1><p>It was opened in 1901, and it stands.</p><table><tr><th>Span</th></tr>"
        "<tr><td>north</td></tr></table></main></body></html>",
    ),
    "json": _file(
        "people.json", json.dumps([{"name": "Ada", "text": "She wrote."}, {"text": "Ålnbrücke."}], indent=1)
    ),
    "mail": _file("bridge.eml", _MAIL),
    "mailbox": _file("bridges.mbox", f"From ada@example.org Wed May  1 12:00:00 2024\n{_MAIL}\n" * 2),
    "manual-page": _file(
        "span.1",
        '.TH SPAN 1 2024-05-01 "Bridge tools"\n.SH NAME\nspan \\- measure a bridge\n.SH DESCRIPTION\n'
        ".B span\nmeasures bridges.\n.TP\n.I file\nThe file.\n",
    ),
    "mediawiki": _file(
        "dump.xml",
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en"><page><title>Aln</title>'
        "<ns>0</ns><id>1</id><revision><timestamp>2020-05-01T12:00:00Z</timestamp><text>{{Box\n|a=[[b]]\n"
        "|c=d\n|e=f\n}}\n'''Aln''' is a [[river]].&lt;ref&gt;Smith&lt;/ref&gt;\n\n== Course ==\n{|\n| cell\n"
        "|}\nIt rises.\n[[Category:Rivers]]</text></revision></page></mediawiki>",
    ),
    "odt": _archive(
        "bridge.odt",
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:'
            'office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
            "<office:text><text:h>The bridge</text:h><text:p>It stands.</text:p></office:text></office:body>"
            "</office:document-content>",
        },
    ),
    "parquet": _file("people.parquet", _parquet()),
    "pdf": _file("bridge.pdf", _pdf()),
    "pptx": _archive(
        "bridges.pptx",
        {
            "ppt/presentation.xml": f'<p:presentation xmlns:p="{_SLIDES}" xmlns:r="{_RELATED}"><p:sldIdLst>'
            '<p:sldId id="256" r:id="r1"/></p:sldIdLst></p:presentation>',
            "ppt/_rels/presentation.xml.rels": _related("slides/slide1.xml", "slide"),
            "ppt/slides/slide1.xml": f'<p:sld xmlns:p="{_SLIDES}" xmlns:a="{_DRAWING}">'
            f"{_shape('It has twelve arches.')}</p:sld>",
        },
    ),
    "restructuredtext": _file(
        "bridge.rst",
        "The Bridge\n==========\n\n:date: 2024-05-01\n\nIt *stands*.\n\n- one\n- two\n\n"
        ".. note::\n\n   Well.\n",
    ),
    "sectioned-text": _file(
        "bridge.txt",
        "1. The bridge\n\nIt was opened in 1901, and it stands to this day.\n\n2. Its arches\n\n"
        "It has twelve of them, and each is\nas wide as the first.\n\n2.1 The first arch\n\nIt spans the "
        "north channel.\n\x0c\n3. Its end\n\nNobody knows when it will fall.\n",
    ),
    "subtitles": _file(
        "bridge.srt",
        "1\n00:00:01,000 --> 00:00:02,000\n<i>The bridge was built</i>\n\n2\n00:00:02,500 --> 00:00:04,000\n"
        "in 1901.\n\n",
    ),
    "wordnet": lambda folder: write_wordnet(folder) / "data.noun",
    "xlsx": _file("people.xlsx", _workbook()),
}
"""What writes a format's sample into a folder, and gives its path; some have others beside them."""
