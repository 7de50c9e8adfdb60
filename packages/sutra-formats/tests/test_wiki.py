"""Dumps of MediaWiki: text without mark-up, and links, categories, redirects and infoboxes beside it."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Block, Item, adapter_for
from sutra_core.places import place_at
from sutra_formats.wiki import MediaWikiAdapter
from sutra_formats.wiki.namespaces import Namespaces
from sutra_formats.wiki.tables import without_tables
from sutra_formats.wiki.text import read_page

HEAD = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="de">'
    "<siteinfo><sitename>Probe</sitename><namespaces>"
    '<namespace key="0" case="first-letter"/><namespace key="6">Datei</namespace>'
    '<namespace key="10">Vorlage</namespace><namespace key="14">Kategorie</namespace>'
    "</namespaces></siteinfo>"
)
NAMESPACES = Namespaces({"Datei": 6, "Vorlage": 10, "Kategorie": 14})


def page(number: int, title: str, text: str = "", *, namespace: int = 0, redirect: str = "") -> str:
    turned = f'<redirect title="{escape(redirect)}" />' if redirect else ""
    return (
        f"<page><title>{escape(title)}</title><ns>{namespace}</ns><id>{number}</id>{turned}<revision>"
        f"<timestamp>2020-05-01T12:00:00Z</timestamp><text>{escape(text)}</text></revision></page>"
    )


def dump(path: Path, *pages: str) -> Path:
    path.write_text(f"{HEAD}{''.join(pages)}</mediawiki>", encoding="utf-8")
    return path


def read(path: Path) -> list[Item | BadItem]:
    return list(MediaWikiAdapter().read(path, "wiki"))


def blocks(markup: str) -> list[tuple[str, str]]:
    return [(block.role, block.text) for block in read_page(markup, NAMESPACES).blocks]


def test_a_page_is_a_document_with_its_links(tmp_path: Path) -> None:
    text = (
        "'''Ålnbrücke''' is a [[bridge]] over the [[River Aln|Aln]] &amp; the road.<ref>Smith</ref>\n\n"
        "== History ==\nIt was built in [[1852]].\n\n[[Kategorie:Bridges]]\n[[en:Aln Bridge]]"
    )
    (item,) = read(dump(tmp_path / "a.xml", page(7, "Ålnbrücke", text)))
    assert isinstance(item, Item)
    assert item.draft.text == (
        "Ålnbrücke is a bridge over the Aln & the road.\n\nHistory\n\nIt was built in 1852."
    )
    assert (item.draft.address, item.draft.title) == ("wiki#7", "Ålnbrücke")
    assert item.draft.time == 1588334400000000
    assert item.draft.attributes["language"] == "de"
    assert place_at(item.draft.attributes, item.draft.text.encode().index(b"It was")) == "History"
    data = item.draft.text.encode()
    links = [(link.relation, link.target, data[link.at :][:6].decode()) for link in item.links]
    assert links == [
        ("links_to", "bridge", "bridge"),
        ("links_to", "River Aln", "Aln & "),
        ("links_to", "1852", "1852."),
        ("in_category", "Bridges", "Ålnbr"),
    ]
    assert [data[start:end] for start, end in item.labels] == [b"History"]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("One {{cite|a=b|c={{d}}}}two.", "One two."),
        ("One <!-- hidden [[x]] --> two.", "One  two."),
        ("One<ref name=a>x</ref><ref name=b/> two.", "One two."),
        ("{| class=x\n| a || b\n|-\n|\n{|\n| c\n|}\n|}\nAfter.", "After."),
        ("[[Datei:a.png|thumb|The [[bridge]]]]After.", "After."),
        ("[[:Datei:a.png]] is there.", "Datei:a.png is there."),
        ("See [http://example.org the page] and http://example.org now.", "See the page and  now."),
        ("x&nbsp;y &#233; &#xE9; &unknown; z", "x\xa0y é é &unknown; z"),
        ("<math>x^2</math> is <sub>small</sub> ''here''.", "is small here."),
        ("__NOTOC__Text __KEIN_INHALTSVERZEICHNIS__", "Text"),
        ("One<br />two", "One|two"),
        ("* one\n* two\n: three", "one|two|three"),
        ("Open [[link and {{template", "Open [[link and {{template"),
        ("A <b>bold <i>claim</b>", "A bold claim"),
    ],
)
def test_mark_up_is_left_out(markup: str, expected: str) -> None:
    assert "|".join(text.strip() for _, text in blocks(markup)) == expected


def test_headings_and_code_are_what_they_are() -> None:
    assert blocks("== A ==\nText.\n<pre>\nmake run\n</pre>") == [
        ("heading", "A"),
        ("prose", "Text."),
        ("verbatim", "make run"),
    ]


def test_an_infobox_gives_facts_and_other_templates_do_not() -> None:
    found = read_page(
        "{{Hinweis|a=1|b=2}}{{Infobox Brücke\n| name = Aln Bridge\n| built = 1852<ref>x</ref>\n"
        "| crosses = [[River Aln|Aln]] and [[Mill Race]]\n| image = [[Datei:a.png]]\n| empty =\n}}\n"
        "It is old. {{Infobox|a=1|b=2|c=3}}",
        NAMESPACES,
    ).blocks
    assert [block.text for block in found] == [
        "name: Aln Bridge",
        "built: 1852",
        "crosses: Aln and Mill Race",
        "It is old.",
    ]
    facts = [(link.relation, link.target, link.at) for block in found for link in block.links]
    assert facts == [
        ("name", "Aln Bridge", 6),
        ("built", "1852", 7),
        ("crosses", "River Aln", 9),
        ("crosses", "Mill Race", 9),
    ]


def test_a_redirect_is_an_alias_and_answers_nothing(tmp_path: Path) -> None:
    path = dump(
        tmp_path / "a.xml",
        page(1, "Aln Bridge", "#WEITERLEITUNG [[Ålnbrücke]]", redirect="Ålnbrücke#History"),
        page(2, "A", "#REDIRECT [[B]]", redirect="B"),
        page(3, "B", "#REDIRECT [[A]]", redirect="A"),
    )
    first, *loop = read(path)
    assert isinstance(first, Item)
    assert [(link.relation, link.target) for link in first.links] == [("alias_of", "Ålnbrücke")]
    assert first.prose == first.labels != []
    assert len(loop) == 2


def test_only_articles_are_learned_and_empty_ones_are_told_of(tmp_path: Path) -> None:
    path = dump(
        tmp_path / "a.xml",
        page(1, "Talk", "Hello.", namespace=1),
        page(2, "Template", "{{x}}", namespace=10),
        page(3, "Empty", "{{stub}}"),
        page(4, "Full", "It is full."),
    )
    empty, full = read(path)
    assert isinstance(empty, BadItem) and empty.code == "empty_text" and "page 3 (Empty)" in empty.location
    assert isinstance(full, Item) and full.draft.address == "wiki#4"


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.xml", bytes),
        ("a.xml.gz", gzip.compress),
        ("a.xml.bz2", bz2.compress),
        # Multistream: several streams, one after another.
        (
            "b.bz2",
            lambda data: bz2.compress(data[:300]) + bz2.compress(data[300:600]) + bz2.compress(data[600:]),
        ),
    ],
)
def test_dumps_are_recognised_however_they_are_packed(tmp_path: Path, name: str, pack: object) -> None:
    assert callable(pack)
    whole = dump(tmp_path / "whole.xml", *(page(n, f"T{n}", f"Text {n}. " * 20) for n in range(1, 9)))
    path = tmp_path / name
    path.write_bytes(pack(whole.read_bytes()))  # pyright: ignore[reportArgumentType]
    assert isinstance(adapter_for(path), MediaWikiAdapter)
    found = read(path)
    assert [item.draft.title for item in found if isinstance(item, Item)] == [f"T{n}" for n in range(1, 9)]
    done = [item.bytes_done for item in found]
    assert done == sorted(done) and 0 < done[-1] <= path.stat().st_size


def test_other_xml_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    for data in (b"<html><mediawik></html>", b"<feed/>", b"BZh91AY", b"\x1f\x8b", b""):
        path.write_bytes(data)
        assert not MediaWikiAdapter().recognises(path, data)


def test_a_dump_that_breaks_off_keeps_its_pages(tmp_path: Path) -> None:
    path = dump(tmp_path / "a.xml", page(1, "One", "It is one."), page(2, "Two", "It is two."))
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"It is two")])
    one, damaged = read(path)
    assert isinstance(one, Item)
    assert isinstance(damaged, BadItem) and damaged.code == "damaged_file"
    packed = bz2.compress(whole)
    path.write_bytes(packed[: len(packed) // 2])
    assert isinstance(read(path)[-1], BadItem)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol" * 10}">' for n in range(12))
    for declared, used in ((bomb, "&a11;"), (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;")):
        path = tmp_path / "a.xml"
        body = page(1, "One", "It is one.").replace("It is", used + " It is")
        path.write_text(f"<!DOCTYPE mediawiki [{declared}]>{HEAD}{body}</mediawiki>", encoding="utf-8")
        texts = [each.draft.text if isinstance(each, Item) else each.reason for each in read(path)]
        assert not any("secret" in text or "lollol" in text for text in texts)


MARKS = st.text(alphabet="[]{}|='<>/!-*:#\n abcß&;_", max_size=200)


@given(MARKS)
def test_any_mark_up_is_read(markup: str) -> None:
    for block in read_page(markup, NAMESPACES).blocks:
        assert isinstance(block, Block)
        assert any(map(str.isalnum, block.text))
        assert all(0 <= link.at <= len(block.text.encode()) for link in block.links)


@given(st.data())
def test_any_damage_is_told_of(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("wiki") / "a.xml"
    dump(path, page(1, "One", "It is [[one]]. {{x|y=z}}"), page(2, "Two", "It is two.", redirect="One"))
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    for item in read(path):
        assert isinstance(item, (Item, BadItem))


def test_a_table_goes_even_where_its_mark_up_is_sloppy() -> None:
    table = "{| class=\"a\" width=520px>\n|-\n| '''cell\n{| border=1\n| inner\n|}\n| last\n|}"
    assert blocks(f"Before.\n{table}\n\nAfter.") == [("prose", "Before."), ("prose", "After.")]
    assert blocks(f"List:\n:{table}\nAfter.") == blocks("List:\n:\nAfter.")


def test_what_only_looks_like_a_table_stays() -> None:
    assert without_tables("{| a\n| b") == "{| a\n| b"
    shown = "<nowiki>\n{|\n|}\n</nowiki>"
    assert without_tables(shown) == shown
    template = "{{Box\n|name=Aln\n|}}\nIt {| rises.\n"
    assert without_tables(template) == template


@given(st.text(alphabet="{|}\n :-<a!", max_size=60))
def test_taking_tables_out_of_anything_leaves_pieces_of_it(markup: str) -> None:
    left = without_tables(markup)
    assert len(left) <= len(markup)
    rest = iter(markup)
    assert all(each in rest for each in left)
