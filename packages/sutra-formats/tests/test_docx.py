"""DOCX: what a document says, by its styles; nothing that was deleted from it, or hangs beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import bad, blocks, check_every_cut, damaged, items, labels, place, read_sound, zipped

from sutra_core.learn.adapters.moments import moment
from sutra_formats.office.docx import DocxAdapter

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
STYLES = f"""<w:styles {SPACES}>
<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Own"><w:name w:val="Our heading"/><w:basedOn w:val="H1"/></w:style>
<w:style w:styleId="Cap"><w:name w:val="caption"/></w:style>
<w:style w:styleId="Code"><w:name w:val="Source Code"/></w:style></w:styles>"""
CORE = """<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="urn:dc" xmlns:dcterms="urn:dcterms">
<dc:title>The bridge</dc:title><dc:creator>Ada Whitlow</dc:creator><dc:language>en-GB</dc:language>
<dcterms:created>2021-03-04T05:06:07Z</dcterms:created></cp:coreProperties>"""


def paragraph(text: str, style: str = "", runs: str = "") -> str:
    styled = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{styled}<w:r><w:t>{text}</w:t></w:r>{runs}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in cells)}</w:tr>"


BODY = "".join(
    [
        paragraph("Aln Bridge", "Titel"),
        paragraph("History", "Own"),
        "<w:p><w:r><w:t>It was </w:t></w:r><w:r><w:t>opened</w:t><w:tab/><w:t>in 1901.</w:t></w:r>"
        "<w:del><w:r><w:delText>Not so.</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t> Really.</w:t></w:r></w:ins></w:p>",
        paragraph("The bridge in winter", "Cap"),
        paragraph("load =  12", "Code"),
        f"<w:tbl>{row('Span', 'Length')}{row('north', '40 m')}{row('south', '')}</w:tbl>",
        "<w:p><w:r><w:t>Before the box.</w:t></w:r><mc:AlternateContent><mc:Choice>"
        f"{paragraph('In the box.')}</mc:Choice><mc:Fallback>{paragraph('In the box.')}</mc:Fallback>"
        "</mc:AlternateContent></w:p>",
    ]
)
NOTES = f"""<w:footnotes {SPACES}><w:footnote w:type="separator" w:id="0">{paragraph("-")}</w:footnote>
<w:footnote w:id="1">{paragraph("Says the archive.")}</w:footnote></w:footnotes>"""


def written(tmp_path: Path, body: str = BODY, name: str = "bridge.docx") -> Path:
    return zipped(
        tmp_path / name,
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": STYLES,
            "word/footnotes.xml": NOTES,
            "docProps/core.xml": CORE,
        },
    )


def test_a_document_becomes_its_blocks(tmp_path: Path) -> None:
    path = written(tmp_path)
    [item] = items(read_sound(DocxAdapter(), path))
    assert blocks(item) == [
        "Aln Bridge",
        "History",
        "It was opened in 1901. Really.",
        "The bridge in winter",
        "load =  12",
        "Span: north; Length: 40 m.",
        "Span: south.",
        "In the box.",
        "Before the box.",
        "Says the archive.",
    ]
    assert labels(item) == ["Aln Bridge", "History", "The bridge in winter"]
    assert place(item, "Says the archive.").startswith("footnotes")
    assert item.draft.title == "The bridge"
    assert item.draft.time == moment("2021-03-04T05:06:07Z")
    assert item.draft.attributes["language"] == "en-GB"
    assert item.bytes_done == path.stat().st_size


def test_a_table_inside_a_cell_is_text_of_the_cell(tmp_path: Path) -> None:
    inner = f"<w:tc><w:tbl>{row('a', 'b')}</w:tbl></w:tc>"
    path = written(
        tmp_path, f"<w:tbl>{row('One', 'Two')}<w:tr>{inner}<w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl>"
    )
    assert blocks(items(read_sound(DocxAdapter(), path))[0])[0] == "One: a; b; Two: c."


@pytest.mark.parametrize("name", ["bridge.docx", "bridge.bin"])
def test_recognition_by_content(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name=name)
    assert DocxAdapter().recognises(path, path.read_bytes())


def test_what_is_no_document_is_not_recognised(tmp_path: Path) -> None:
    other = zipped(tmp_path / "other.docx", {"xl/workbook.xml": "<workbook/>"})
    assert not DocxAdapter().recognises(other, other.read_bytes())
    assert not DocxAdapter().recognises(Path("a.docx"), b"Only text.")
    around = tmp_path / "around.zip"
    with zipfile.ZipFile(around, "w") as archive:
        archive.write(written(tmp_path), "bridge.docx")
    assert not DocxAdapter().recognises(around, around.read_bytes())


def test_a_locked_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "locked.docx"
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
    )
    assert DocxAdapter().recognises(path, path.read_bytes())
    assert bad(read_sound(DocxAdapter(), path)) == ["password_protected"]


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, paragraph("x" * 12_000_000))
    assert "too_large" in bad(read_sound(DocxAdapter(), path))


def test_an_empty_document_is_said_to_be_empty(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.docx", {"word/document.xml": f"<w:document {SPACES}/>"})
    assert bad(read_sound(DocxAdapter(), path)) == ["empty_text"]


def test_no_entity_is_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    declared = f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    text = f"{declared}<w:document {SPACES}><w:p><w:r><w:t>Before &e; after.</w:t></w:r></w:p></w:document>"
    found = read_sound(DocxAdapter(), zipped(tmp_path / "a.docx", {"word/document.xml": text}))
    assert all("the secret" not in item.draft.text for item in items(found))


def test_damage_inside_leaves_what_stands_before_it(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.docx",
        {"word/document.xml": f"<w:document {SPACES}>{paragraph('It stands.') * 2000}<w:p><w:r></w:p>"},
    )
    found = read_sound(DocxAdapter(), path)
    assert "It stands." in items(found)[0].draft.text
    assert bad(found) == ["damaged_file"]


def test_a_document_cut_anywhere_is_refused(tmp_path: Path) -> None:
    check_every_cut(DocxAdapter(), written(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    whole = written(tmp_path).read_bytes()
    inner = f"<w:document {SPACES}>{BODY}</w:document>".encode()
    path = tmp_path / "damaged.docx"
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(st.one_of(damaged(whole), st.binary(max_size=200))))
    else:
        zipped(path, {"word/document.xml": data.draw(damaged(inner)), "word/styles.xml": STYLES})
    read_sound(DocxAdapter(), path)
