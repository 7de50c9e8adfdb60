"""ODT, packed and flat: what a document says; nothing that was deleted from it, or is a comment on it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import bad, blocks, check_every_cut, damaged, items, labels, read_sound, zipped

from sutra_core.learn.adapters.moments import moment
from sutra_formats.office.odt import OdtAdapter

TYPE = "application/vnd.oasis.opendocument.text"
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "style", "table", "draw", "meta")
)
BODY = """<office:automatic-styles>
<style:style style:name="P1" style:parent-style-name="Caption"/>
<style:style style:name="P2" style:parent-style-name="Preformatted_20_Text"/>
</office:automatic-styles><office:body><office:text>
<text:tracked-changes><text:changed-region><text:p>It was deleted.</text:p></text:changed-region>
</text:tracked-changes>
<text:h text:outline-level="1">Aln Bridge</text:h>
<text:p>It was <text:span>opened<text:s text:c="2"/>in 1901</text:span>.<text:note>
<text:note-citation>1</text:note-citation><text:note-body><text:p>Says the archive.</text:p></text:note-body>
</text:note> It
stands.<office:annotation><text:p>Is that so?</text:p></office:annotation></text:p>
<text:list><text:list-item><text:p>The first arch.</text:p></text:list-item>
<text:list-item><text:p>The last arch.</text:p></text:list-item></text:list>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Span</text:p></table:table-cell>
<table:table-cell><text:p>Length</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell><text:p>north</text:p></table:table-cell>
<table:table-cell><text:p>40 m</text:p></table:table-cell></table:table-row></table:table>
<text:p text:style-name="P1">The bridge in winter</text:p>
<text:p text:style-name="P2">load =<text:s text:c="2"/>12</text:p>
</office:text></office:body>"""
META = """<office:document-meta xmlns:office="urn:o" xmlns:dc="urn:dc" xmlns:meta="urn:m"><office:meta>
<dc:title>The bridge</dc:title><meta:creation-date>2021-03-04T05:06:07</meta:creation-date>
<dc:date>2022-01-01T00:00:00</dc:date><dc:language>en-GB</dc:language></office:meta></office:document-meta>"""


def written(tmp_path: Path, body: str = BODY, manifest: str = "<manifest/>") -> Path:
    return zipped(
        tmp_path / "bridge.odt",
        {
            "mimetype": TYPE,
            "content.xml": f"<office:document-content {SPACES}>{body}</office:document-content>",
            "meta.xml": META,
            "META-INF/manifest.xml": manifest,
        },
    )


EXPECTED = [
    "Aln Bridge",
    "It was opened in 1901. It stands.",
    "Says the archive.",
    "The first arch.",
    "The last arch.",
    "Span: north; Length: 40 m.",
    "The bridge in winter",
    "load =  12",
]


def test_a_document_becomes_its_blocks(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert OdtAdapter().recognises(path, path.read_bytes())
    [item] = items(read_sound(OdtAdapter(), path))
    assert blocks(item) == EXPECTED
    assert labels(item) == ["Aln Bridge", "The bridge in winter"]
    assert item.draft.title == "The bridge"
    assert item.draft.time == moment("2021-03-04T05:06:07")
    assert item.draft.attributes["language"] == "en-GB"


def test_a_flat_document_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "bridge.fodt"
    path.write_text(f'<office:document {SPACES} office:mimetype="{TYPE}">{BODY}</office:document>')
    assert OdtAdapter().recognises(path, path.read_bytes())
    assert blocks(items(read_sound(OdtAdapter(), path))[0]) == EXPECTED


def test_what_is_no_text_is_not_recognised(tmp_path: Path) -> None:
    sheet = zipped(tmp_path / "a.odt", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})
    assert not OdtAdapter().recognises(sheet, sheet.read_bytes())
    assert not OdtAdapter().recognises(Path("a.odt"), b"Only text.")


def test_a_locked_document_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, manifest="<manifest><encryption-data/></manifest>")
    assert bad(read_sound(OdtAdapter(), path)) == ["password_protected"]


def test_a_bomb_and_an_empty_document_are_refused(tmp_path: Path) -> None:
    assert "too_large" in bad(
        read_sound(OdtAdapter(), written(tmp_path, f"<text:p>{' ' * 12_000_000}</text:p>"))
    )
    assert bad(read_sound(OdtAdapter(), written(tmp_path, ""))) == ["empty_text"]


def test_a_document_cut_anywhere_is_refused(tmp_path: Path) -> None:
    check_every_cut(OdtAdapter(), written(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path)
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    else:
        inner = f"<office:document-content {SPACES}>{BODY}</office:document-content>".encode()
        zipped(path, {"mimetype": TYPE, "content.xml": data.draw(damaged(inner))})
    read_sound(OdtAdapter(), path)
