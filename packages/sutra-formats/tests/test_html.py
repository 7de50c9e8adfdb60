"""HTML: the main text of a page, its blocks, title, time and language; nothing of what stands around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import ADDRESS, bad, blocks, damaged, items, labels, place, read_aloud, read_sound

from sutra_core.learn.adapters.moments import moment
from sutra_formats.pages.html import HtmlAdapter

PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Aln Bridge | Bridges of the north</title>
<meta property="article:published_time" content="2021-03-04T05:06:07Z">
<style>p { color: red }</style><script>var p = "<p>a script</p>";</script></head>
<body>
<header><a href="/">Bridges of the north</a></header>
<nav><ul><li><a href="/">Home</a></li><li><a href="/all">All bridges</a></li></ul></nav>
<div class="cookie-banner"><p>We use cookies to improve your experience.</p><button>Accept</button></div>
<main>
<h1>Aln Bridge<a class="headerlink" href="#aln">¶</a></h1>
<p>The Aln Bridge was designed by <a href="/people/ada">Ada Whitlow</a>.
It has <b>twelve</b> arches.<sup><a href="#note">[1]</a></sup></p>
<h2>History</h2>
<p>It was opened in 1901.<br>It was repaired in 1954.</p>
<ul><li>The first stone was laid in 1898.</li>
<li>The last arch was closed in 1900.<ul><li>It rained.</li></ul></li></ul>
<figure><img src="a.png" alt="a photograph"><figcaption>The bridge in winter</figcaption></figure>
<table><caption>Spans</caption><thead><tr><th>Span</th><th>Length</th></tr></thead>
<tbody><tr><td>north</td><td>40 m</td></tr><tr><td>south</td><td></td></tr></tbody></table>
<pre>load =  12
  * 3</pre>
<form><label>Search</label><input value="search"><button>Go</button></form>
<p hidden>Nobody sees this.</p>
<aside>Buy a model of the bridge.</aside>
</main>
<footer>Copyright of the northern bridges</footer>
</body></html>"""


def written(tmp_path: Path, page: str | bytes, name: str = "page.html") -> Path:
    path = tmp_path / name
    path.write_bytes(page.encode() if isinstance(page, str) else page)
    return path


def test_a_page_becomes_its_blocks(tmp_path: Path) -> None:
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, PAGE)))
    assert blocks(item) == [
        "Aln Bridge",
        "The Aln Bridge was designed by Ada Whitlow. It has twelve arches.",
        "History",
        "It was opened in 1901.\nIt was repaired in 1954.",
        "The first stone was laid in 1898.",
        "The last arch was closed in 1900.",
        "It rained.",
        "The bridge in winter",
        "Spans",
        "Span: north; Length: 40 m.",
        "Span: south.",
        "load =  12\n  * 3",
    ]
    assert labels(item) == ["Aln Bridge", "History", "The bridge in winter", "Spans"]
    assert "load =  12\n  * 3" not in read_aloud(item)
    assert place(item, "It was opened") == "Aln Bridge > History"


def test_what_a_page_says_of_itself(tmp_path: Path) -> None:
    path = written(tmp_path, PAGE)
    [item] = items(read_sound(HtmlAdapter(), path))
    assert item.draft.address == ADDRESS
    assert item.draft.title == "Aln Bridge | Bridges of the north"
    assert item.draft.time == moment("2021-03-04T05:06:07Z")
    assert item.draft.attributes["language"] == "en-GB"
    assert item.bytes_done == path.stat().st_size


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="Given"><title>Other</title>', "Given"),
        ("<title>\n The \n title</title>", "The title"),
        ("", "In the page"),
    ],
)
def test_titles_in_their_order(tmp_path: Path, head: str, title: str) -> None:
    page = f"<html><head>{head}</head><body><h1>In the page</h1><p>There is text.</p></body></html>"
    assert items(read_sound(HtmlAdapter(), written(tmp_path, page)))[0].draft.title == title


def test_without_any_title_the_file_names_the_page(tmp_path: Path) -> None:
    path = written(tmp_path, "<html><body><p>There is text.</p></body></html>", "aln_bridge.html")
    assert items(read_sound(HtmlAdapter(), path))[0].draft.title == "aln bridge"


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ('<meta name="date" content="2020-01-02">', "2020-01-02"),
        ('<meta name="DCTERMS.date" content="2019">', "2019"),
        ('<meta name="date" content="02/03/2020">', None),
        ("", None),
    ],
)
def test_a_date_is_iso_or_none(tmp_path: Path, said: str, time: str | None) -> None:
    page = f"<html><head>{said}</head><body><p>There is text.</p></body></html>"
    draft = items(read_sound(HtmlAdapter(), written(tmp_path, page)))[0].draft
    assert draft.time == (None if time is None else moment(time))


def test_without_main_the_text_is_found_where_it_lies(tmp_path: Path) -> None:
    links = "".join(f'<li><a href="/{n}">Chapter {n} of the book</a></li>' for n in range(30))
    text = "".join(
        f"<p>Arch {n} of the bridge was closed on a rainy day, and nobody saw it.</p>" for n in range(20)
    )
    sides = f"<div class='x1'><ul>{links}</ul></div><div class='x2'>{text}</div>"
    page = f"<html><body><div>{sides}</div></body></html>"
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert len(blocks(item)) == 20
    assert "Chapter" not in item.draft.text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('<html><meta charset="iso-8859-1"><p>Größe “Café”.</p></html>'.encode("cp1252"), "Größe “Café”."),
        ('<meta content="text/html; charset=windows-1251"><p>Мост.'.encode("cp1251"),
         "Мост."),
        ('<html><meta charset="utf-8"><p>Größe.</p></html>'.encode(), "Größe."),
        (b"\xef\xbb\xbf<html><meta charset=\"iso-8859-1\"><p>Gr\xc3\xb6\xc3\x9fe.</p></html>", "Größe."),
        ("<html><p>Größe.</p></html>".encode(), "Größe."),
        ('<html><meta charset="no-such-thing"><p>Größe.</p></html>'.encode(), "Größe."),
        ("<html><p>Die Größe der Brücke über die Elbe beträgt sieben Meter, und jeder weiß es schon länger."
         "</p></html>".encode("cp1252"), "Größe der Brücke"),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, data: bytes, text: str) -> None:
    assert text in items(read_sound(HtmlAdapter(), written(tmp_path, data)))[0].draft.text


def test_a_heading_that_leads_back_to_the_contents_is_a_heading(tmp_path: Path) -> None:
    heading = '<h2><a class="toc-backref" href="#id1">The piers</a></h2>'
    listed = '<div class="toc"><ul><li><a href="#piers">The piers</a></li></ul></div>'
    page = f"<html><body>{listed}{heading}<p>They are made of stone.</p></body></html>"
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert blocks(item) == ["The piers", "They are made of stone."]


def test_tables_with_spans_and_names_of_rows(tmp_path: Path) -> None:
    page = """<html><body><p>Two tables.</p>
    <table><tr><th>Bridge</th><th>Year</th><th>Arches</th></tr>
    <tr><td rowspan="2">Aln</td><td>1901</td><td>12</td></tr><tr><td>1954</td><td>13</td></tr>
    <tr><td colspan="3">Not yet built</td></tr></table>
    <table><tr><th>Length</th><td>40 m</td></tr><tr><th>Width</th><td>5 m</td></tr></table>
    <table><tr><td>a</td><td>b</td></tr></table></body></html>"""
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert blocks(item)[1:] == [
        "Bridge: Aln; Year: 1901; Arches: 12.",
        "Bridge: Aln; Year: 1954; Arches: 13.",
        "Not yet built",
        "Length: 40 m.",
        "Width: 5 m.",
        "a; b",
    ]
    assert labels(item) == ["Not yet built", "a; b"]


def test_a_table_says_hardly_more_than_its_page_holds(tmp_path: Path) -> None:
    wide = f'<td colspan="1000" rowspan="1000">{"long text " * 100}</td><td colspan="1000">b</td>'
    rows = f"<tr>{wide * 20}</tr>" * 20 + f"<tr><th>{'name ' * 1000}</th><th>b</th></tr>"
    page = f"<html><body><table>{rows}</table></body></html>"
    found = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert sum(len(item.draft.text) for item in found) < 2 * len(page)


def test_a_table_that_lays_out_the_page_is_walked(tmp_path: Path) -> None:
    cells = "<td><h2>One</h2><p>First.</p></td><td><p>Second.</p></td>"
    page = f"<html><body><table><tr>{cells}</tr></table></body></html>"
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert blocks(item) == ["One", "First.", "Second."]


@pytest.mark.parametrize(
    ("name", "data", "is_html"),
    [
        ("page.html", PAGE.encode(), True),
        ("page", b"<!-- made by hand -->\n<!doctype HTML><p>x", True),
        ("page.txt", b"<html><body>x", True),
        ("page.htm", b"<p>A fragment of a page.</p>", True),
        (
            "page.xhtml",
            b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
            True,
        ),
        ("page.html", b"Only text of no kind.", False),
        ("page.html", b"%PDF-1.7\n\0\0", False),
        ("page.html", b'<?xml version="1.0"?><mediawiki><page/></mediawiki>', False),
        ("page.md", b"# A heading\n\n<div>and some HTML</div>", False),
        ("page.html", b"", False),
    ],
)
def test_recognition(name: str, data: bytes, is_html: bool) -> None:
    assert HtmlAdapter().recognises(Path(name), data) is is_html


def test_a_page_without_text_is_said_to_be_empty(tmp_path: Path) -> None:
    for page in ("", "<html></html>", "<html><body><script>draw()</script><nav>Home</nav></body></html>"):
        assert bad(read_sound(HtmlAdapter(), written(tmp_path, page))) == ["empty_text"]


def test_a_page_over_the_limit_is_refused(tmp_path: Path) -> None:
    assert bad(read_sound(HtmlAdapter(file_bytes_max=100), written(tmp_path, PAGE))) == ["too_large"]


def test_depth_is_bounded_and_said(tmp_path: Path) -> None:
    page = "<html><body><p>Before.</p>" + "<div>" * 50_000 + "deep" + "</div>" * 50_000
    found = read_sound(HtmlAdapter(), written(tmp_path, page))
    assert items(found)[0].draft.text.startswith("Before.")
    assert bad(found) == ["damaged_file"]


def test_no_entity_is_resolved(tmp_path: Path) -> None:
    secret = written(tmp_path, "the secret", "secret.txt")
    declared = f'<!DOCTYPE html [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    page = f"{declared}<html><body><p>Before &e; after.</p></body></html>"
    [item] = items(read_sound(HtmlAdapter(), written(tmp_path, page)))
    assert "the secret" not in item.draft.text


def test_a_page_cut_anywhere_gives_what_is_there(tmp_path: Path) -> None:
    for length in range(0, len(PAGE), 97):
        read_sound(HtmlAdapter(), written(tmp_path, PAGE[:length]))


def test_long_pages_come_in_parts(tmp_path: Path) -> None:
    page = "<html><body>" + "".join(f"<p>Sentence {n} is here.</p>" for n in range(200)) + "</body></html>"
    found = items(read_sound(HtmlAdapter(part_bytes=500), written(tmp_path, page)))
    assert len(found) > 5
    assert "\n\n".join(item.draft.text for item in found).count("is here.") == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(damaged(PAGE.encode()), st.binary(max_size=300)))
def test_damage_never_escapes(tmp_path: Path, data: bytes) -> None:
    read_sound(HtmlAdapter(), written(tmp_path, data))
