"""PPTX: slides in the order of the presentation, titles first, tables and notes; nothing of the layout."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import bad, blocks, check_every_cut, damaged, items, labels, place, read_sound, zipped

from sutra_formats.office.pptx import PptxAdapter

RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    f'xmlns:p="urn:p" xmlns:a="urn:a" xmlns:r="{RELATED}" '
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
)
MAIN = f"""<p:presentation {SPACES}><p:sldIdLst><p:sldId id="256" r:id="r2"/><p:sldId id="257" r:id="r1"/>
</p:sldIdLst></p:presentation>"""


def shape(text: str, kind: str = "") -> str:
    held = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else ""
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("|"))
    return f"<p:sp>{held}<p:txBody>{lines}</p:txBody></p:sp>"


def slide(*shapes: str) -> str:
    return f"<p:sld {SPACES}>{''.join(shapes)}</p:sld>"


def cells(*texts: str) -> str:
    return (
        f"<a:tr>{''.join(f'<a:tc><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:tc>' for text in texts)}</a:tr>"
    )


ROWS = f"{cells('Span', 'Length')}{cells('north', '40 m')}"
TABLE = f"<p:graphicFrame><a:tbl><a:tblPr firstRow='1'/>{ROWS}</a:tbl></p:graphicFrame>"
FIRST = slide(
    shape("It has twelve arches.|It is old."), shape("Aln Bridge", "title"), shape("7", "sldNum"), TABLE
)


def relations(**targets: str) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{RELATED}/{target.split("|")[0]}" Target="{target.split("|")[1]}"/>'
        for key, target in targets.items()
    )
    return f"<Relationships {SPACES}>{listed}</Relationships>"


def written(
    tmp_path: Path, first: str | bytes = FIRST, second: str | bytes = "", notes: str = "Speak slowly."
) -> Path:
    return zipped(
        tmp_path / "bridges.pptx",
        {
            "ppt/presentation.xml": MAIN,
            "ppt/_rels/presentation.xml.rels": relations(
                r1="slide|slides/slide1.xml", r2="slide|/ppt/slides/b.xml"
            ),
            "ppt/slides/slide1.xml": second or slide(shape("The end", "ctrTitle")),
            "ppt/slides/b.xml": first,
            "ppt/slides/_rels/b.xml.rels": relations(n="notesSlide|../notesSlides/n.xml"),
            "ppt/notesSlides/n.xml": slide(shape(notes, "body"), shape("3", "sldNum")),
        },
    )


def test_a_presentation_becomes_its_slides(tmp_path: Path) -> None:
    path = written(tmp_path)
    [item] = items(read_sound(PptxAdapter(), path))
    assert blocks(item) == [
        "Aln Bridge",
        "It has twelve arches.",
        "It is old.",
        "Span: north; Length: 40 m.",
        "Speak slowly.",
        "The end",
    ]
    assert labels(item) == ["Aln Bridge", "The end"]
    assert place(item, "It is old.") == "slide 1, Aln Bridge"
    assert place(item, "Speak slowly.") == "slide 1, notes, Aln Bridge"
    assert place(item, "The end") == "slide 2, The end"
    assert item.draft.title == "bridges"
    assert item.bytes_done == path.stat().st_size


def test_a_damaged_slide_is_said_and_its_neighbours_are_read(tmp_path: Path) -> None:
    found = read_sound(PptxAdapter(), written(tmp_path, second="<p:sld"))
    assert "It is old." in items(found)[0].draft.text
    assert bad(found) == ["damaged_file"]
    assert "(slide 2)" in getattr(found[-1], "location", "")


@pytest.mark.parametrize("name", ["bridges.pptx", "bridges"])
def test_recognition_by_content(tmp_path: Path, name: str) -> None:
    path = written(tmp_path).rename(tmp_path / name)
    assert PptxAdapter().recognises(path, path.read_bytes())
    assert not PptxAdapter().recognises(tmp_path / name, b"Only text.")
    other = zipped(tmp_path / "a.pptx", {"word/document.xml": "<a/>"})
    assert not PptxAdapter().recognises(other, other.read_bytes())


def test_locks_bombs_and_empty_presentations_are_refused(tmp_path: Path) -> None:
    locked = tmp_path / "locked.pptx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert bad(read_sound(PptxAdapter(), locked)) == ["password_protected"]
    assert "too_large" in bad(read_sound(PptxAdapter(), written(tmp_path, b" " * 12_000_000)))
    assert bad(read_sound(PptxAdapter(), written(tmp_path, slide(), slide(), ""))) == ["empty_text"]


def test_a_presentation_cut_anywhere_is_refused(tmp_path: Path) -> None:
    check_every_cut(PptxAdapter(), written(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path)
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    else:
        path = written(tmp_path, data.draw(damaged(FIRST.encode())))
    read_sound(PptxAdapter(), path)
