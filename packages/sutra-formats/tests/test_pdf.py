"""PDF: paragraphs, headings and places of pages; nothing of their margins; pictures and locks are said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import bad, blocks, damaged, items, labels, place, read_sound

from sutra_core.learn.adapters.moments import moment
from sutra_formats.pdf.adapter import PdfAdapter
from sutra_formats.pdf.lines import Words
from sutra_formats.pdf.pdfium import Line

Text = tuple[float, float, float, str]  # left, base, size, what is printed there


def written(
    tmp_path: Path,
    pages: list[list[Text]],
    *,
    said: str = "",
    root: str = "",
    trailer: str = "",
    picture: int = -1,
) -> Path:
    """A PDF of printed lines; page `picture` is covered by an image instead."""
    objects = [f"<< /Type /Catalog /Pages 2 0 R {root} >>".encode(), b"", b"", f"<< {said} >>".encode()]
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    kids: list[int] = []
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    )
    for number, page in enumerate(pages):
        shown = b"\n".join(
            b"BT /F %g Tf %g %g Td (%s) Tj ET"
            % (size, x, y, text.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)"))
            for x, y, size, text in page
        )
        if number == picture:
            shown = b"q 595 0 0 842 0 0 cm /I Do Q"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown))
        objects.append(image + b" /Length 1 >>\nstream\n\x80\nendstream")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /F 3 0 R >> /XObject << /I %d 0 R >> >> >>" % (len(objects) - 1, len(objects))
        )
        kids.append(len(objects))
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode()
    data = bytearray(b"%PDF-1.7\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R {trailer} >>\n".encode()
    data += b"startxref\n%d\n%%%%EOF\n" % start
    path = tmp_path / "printed.pdf"
    path.write_bytes(data)
    return path


def column(texts: list[str], left: float = 72, top: float = 700, size: float = 11) -> list[Text]:
    return [(left, top - number * 14, size, text) for number, text in enumerate(texts)]


FIRST = [
    "The Aln Bridge was designed by Ada Whitlow, who had been born in Alham, and it",
    "took three winters to build it over the river that nobody had ever measu-",
    "red before, for its well-",
]
SECOND = ["known floods carried away whatever was put into the water there."]
PAGES: list[list[Text]] = [
    [(72, 800, 9, "Bridges of the north"), (72, 740, 20, "Aln Bridge"), *column(FIRST), (290, 30, 9, "1")],
    [(72, 800, 9, "Bridges of the north"), *column(SECOND), (290, 30, 9, "2")],
    [(72, 800, 9, "Bridges of the north"), *column(["It was opened in 1901."]), (290, 30, 9, "3")],
]


def test_pages_become_headings_and_paragraphs(tmp_path: Path) -> None:
    path = written(tmp_path, PAGES, said="/Title (The bridge) /CreationDate (D:20210304050607+01'00')")
    [item] = items(read_sound(PdfAdapter(), path))
    assert blocks(item) == [
        "Aln Bridge",
        "The Aln Bridge was designed by Ada Whitlow, who had been born in Alham, and it took three winters to"
        " build it over the river that nobody had ever measured before, for its wellknown floods carried away"
        " whatever was put into the water there.",
        "It was opened in 1901.",
    ]
    assert labels(item) == ["Aln Bridge"]
    assert place(item, "The Aln Bridge was") == "page 1, Aln Bridge"
    assert place(item, "It was opened") == "page 3, Aln Bridge"
    assert item.draft.title == "The bridge"
    assert item.draft.time == moment("2021-03-04T05:06:07+01:00")
    assert item.bytes_done == path.stat().st_size


def test_labels_of_pages_are_their_names(tmp_path: Path) -> None:
    path = written(tmp_path, PAGES, root="/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /St 1 >>] >>")
    [item] = items(read_sound(PdfAdapter(), path))
    assert place(item, "The Aln Bridge was") == "page i, Aln Bridge"
    assert place(item, "It was opened") == "page 1, Aln Bridge"


def test_two_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    left = [
        "The first column is read as a",
        "whole, before anybody looks at",
        "the second one, and so the next",
    ]
    right = ["sentence does not begin before", "this one has come to its end."]
    [item] = items(read_sound(PdfAdapter(), written(tmp_path, [[*column(left), *column(right, left=310)]])))
    assert blocks(item) == [" ".join([*left, *right])]


def test_space_and_indentation_begin_paragraphs(tmp_path: Path) -> None:
    lines = column(
        ["One paragraph goes on over the", "whole of this line and the next", "until it ends here, at last."]
    )
    lines += [
        (90, 658, 11, "Another is indented, and then"),
        (72, 644, 11, "it goes on at the margin again."),
    ]
    lines += [(72, 600, 11, "The third stands apart from it.")]
    [item] = items(read_sound(PdfAdapter(), written(tmp_path, [lines])))
    assert [block.split()[0] for block in blocks(item)] == ["One", "Another", "The"]


@pytest.mark.parametrize(
    ("before", "after", "seen", "joined"),
    [
        ("a divi-", "ded word", [], "a divided word"),
        ("the well-", "known man", ["a well-known woman"], "the well-known man"),
        ("state-of-the-", "art bridges", [], "state-of-the-art bridges"),
        ("the Aln-", "Alham line", [], "the Aln-Alham line"),
        ("from 1901 -", "and later", [], "from 1901 - and later"),
        ("two", "words", [], "two words"),
    ],
)
def test_hyphens_at_ends_of_lines(before: str, after: str, seen: list[str], joined: str) -> None:
    words = Words()
    words.learn(Line(f"{text} .", 0, 0, 0, 0) for text in seen)
    assert words.joined(before, after) == joined


def test_bookmarks_are_headings(tmp_path: Path) -> None:
    path = written(tmp_path, [column(["The piers", "They are made of stone."])], root="/Outlines 9 0 R")
    entry = (
        b"8 0 obj\n<< /Title (1.2 The piers) /Parent 9 0 R /Dest [7 0 R /Fit] >>\nendobj\n"
        b"9 0 obj\n<< /First 8 0 R /Last 8 0 R /Count 1 >>\nendobj\n"
    )
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"xref")] + entry + b"trailer << /Root 1 0 R >>\n%%EOF\n")
    [item] = items(read_sound(PdfAdapter(), path))
    assert labels(item) == ["The piers"]


def test_pictures_alone_are_no_text(tmp_path: Path) -> None:
    found = read_sound(PdfAdapter(), written(tmp_path, [[]], picture=0))
    assert bad(found) == ["no_text_layer"]
    mixed = read_sound(PdfAdapter(), written(tmp_path, [column(["There is text."]), []], picture=1))
    assert [len(items(mixed)), bad(mixed)] == [1, ["no_text_layer"]]
    assert "(page 2)" in getattr(mixed[-1], "location", "")


def test_a_cover_may_be_a_picture(tmp_path: Path) -> None:
    path = written(
        tmp_path, [[], *(column([f"There is text on page {number}."]) for number in range(5))], picture=0
    )
    assert bad(read_sound(PdfAdapter(), path)) == []


def test_an_empty_document_is_said_to_be_empty(tmp_path: Path) -> None:
    assert bad(read_sound(PdfAdapter(), written(tmp_path, [[]]))) == ["empty_text"]


def test_a_locked_document_is_refused(tmp_path: Path) -> None:
    key = "a1" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{key}> >> /ID [<00> <00>]"
    path = written(tmp_path, PAGES, trailer=lock)
    assert bad(read_sound(PdfAdapter(), path)) == ["password_protected"]


def test_a_document_cut_anywhere_is_read_or_refused(tmp_path: Path) -> None:
    whole = written(tmp_path, PAGES).read_bytes()
    path = tmp_path / "cut.pdf"
    for length in range(1, len(whole), len(whole) // 23):
        path.write_bytes(whole[:length])
        read_sound(PdfAdapter(), path)
    path.write_bytes(whole[:200])
    assert bad(read_sound(PdfAdapter(), path)) == ["damaged_file"]


@pytest.mark.parametrize(
    ("name", "data", "is_pdf"),
    [
        ("a.pdf", b"%PDF-1.4\n", True),
        ("a.txt", b"%PDF-2.0\n", True),
        ("a.pdf", b"\r\n\r\n%PDF-1.4\n", True),
        ("a.pdf", b"<html>%PDF-1.4", False),
        ("a.pdf", b"Only text.", False),
        ("a.pdf", b"", False),
    ],
)
def test_recognition(name: str, data: bytes, is_pdf: bool) -> None:
    assert PdfAdapter().recognises(Path(name), data) is is_pdf


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    whole = written(tmp_path, PAGES, said="/Title (The bridge)").read_bytes()
    path = tmp_path / "damaged.pdf"
    path.write_bytes(data.draw(st.one_of(damaged(whole), st.binary(max_size=300))))
    read_sound(PdfAdapter(), path)
