"""EPUB: chapters in the order of the spine, what the book says of itself, locks and damage."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import bad, blocks, check_every_cut, damaged, items, labels, place, read_sound, zipped

from sutra_core.learn.adapters.moments import moment
from sutra_formats.epub.adapter import EpubAdapter

CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Bridges</dc:title><dc:creator>Ada Whitlow</dc:creator><dc:date>1901-05-06</dc:date>
<dc:language>en</dc:language></metadata><manifest>
<item id="two" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="one" href="one.xhtml" media-type="application/xhtml+xml"/>
<item id="picture" href="a.png" media-type="image/png"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/></spine></package>"""
ONE = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script/></head><body>
<h1>The north</h1><p><a id="x"/>The Aln Bridge&nbsp;&mdash; built of stone &#8212; stands.</p>
<table><tr><th>Span</th><th>Length</th></tr><tr><td>north</td><td>40 m</td></tr></table></body></html>"""
TWO = "<html><head><title>The south</title></head><body><p>It has no bridges.<p>None<br>at all.</body></html>"
FONTS = """<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/>
</EncryptedData></encryption>"""
LOCK = FONTS.replace("http://www.idpf.org/2008/embedding", "http://www.w3.org/2001/04/xmlenc#aes128-cbc")


def written(tmp_path: Path, **members: str | bytes) -> Path:
    book: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/nav.xhtml": "<html><body><p>Contents</p></body></html>",
        "OPS/one.xhtml": ONE,
        "OPS/text/two b.xhtml": TWO,
    }
    return zipped(tmp_path / "bridges.epub", book | members)


def test_a_book_becomes_its_chapters(tmp_path: Path) -> None:
    path = written(tmp_path, **{"META-INF/encryption.xml": FONTS})
    assert EpubAdapter().recognises(path, path.read_bytes())
    [item] = items(read_sound(EpubAdapter(), path))
    assert blocks(item) == [
        "The north",
        "The Aln Bridge — built of stone — stands.",
        "Span: north; Length: 40 m.",
        "It has no bridges.",
        "None\nat all.",
    ]
    assert labels(item) == ["The north"]
    assert place(item, "The Aln Bridge") == "chapter 1, The north"
    assert place(item, "It has no").startswith("chapter The south")
    assert (item.draft.title, item.draft.time) == ("Bridges", moment("1901-05-06"))
    assert item.draft.attributes["author"] == "Ada Whitlow"
    assert item.draft.attributes["language"] == "en"
    assert item.bytes_done == path.stat().st_size


def test_a_missing_chapter_is_said_and_its_neighbours_are_read(tmp_path: Path) -> None:
    package = PACKAGE.replace("one.xhtml", "gone.xhtml")
    found = read_sound(EpubAdapter(), written(tmp_path, **{"OPS/book.opf": package}))
    assert "It has no bridges." in items(found)[0].draft.text
    assert bad(found) == ["damaged_file"]


def test_a_locked_book_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, **{"META-INF/encryption.xml": LOCK})
    assert bad(read_sound(EpubAdapter(), path)) == ["password_protected"]


def test_a_bomb_and_an_empty_book_are_refused(tmp_path: Path) -> None:
    bomb = written(tmp_path, **{"OPS/one.xhtml": b" " * 12_000_000})
    assert bad(read_sound(EpubAdapter(), bomb)) == ["too_large"]
    blank = "<html><body/></html>"
    empty = written(tmp_path, **{"OPS/one.xhtml": blank, "OPS/text/two b.xhtml": blank})
    assert bad(read_sound(EpubAdapter(), empty)) == ["empty_text"]


def test_what_is_no_book_is_not_recognised(tmp_path: Path) -> None:
    other = zipped(tmp_path / "a.epub", {"mimetype": "application/zip", "a": "b"})
    assert not EpubAdapter().recognises(other, other.read_bytes())
    assert not EpubAdapter().recognises(Path("a.epub"), b"Only text.")


def test_a_book_cut_anywhere_is_refused(tmp_path: Path) -> None:
    check_every_cut(EpubAdapter(), written(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_never_escapes(tmp_path: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["whole", "OPS/one.xhtml", "OPS/book.opf", "META-INF/container.xml"]))
    path = written(tmp_path)
    if kind == "whole":
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    else:
        texts = {"OPS/one.xhtml": ONE, "OPS/book.opf": PACKAGE, "META-INF/container.xml": CONTAINER}
        path = written(tmp_path, **{kind: data.draw(damaged(texts[kind].encode()))})
    read_sound(EpubAdapter(), path)
