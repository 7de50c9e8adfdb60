"""Sectioned text: headings by their form, paragraphs joined, page margins left out; other text as it is."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.learn.adapters.plain_text import PlainTextAdapter
from sutra_core.learn.adapters.recognition import adapter_for
from sutra_core.places import place_at
from sutra_formats.sections import SectionedTextAdapter

UNDERLINED = """\
Bridges of the Aln
==================

The Aln has three bridges, and all of them
are made of stone.

The old bridge
--------------
It was built in 1820 by Ada Whitlow.  Two arches
carry the road over the well-
known rapids.

* the first arch is wide
* the second arch
  is narrow

The new bridge
--------------

It was opened in 1931 at the eastern end of Alham.
"""
NUMBERED = """\
The Rivers of Alham

Table of Contents

1. Introduction
   1.1 Scope
2. The rivers
3. The bridges

1. Introduction

This text tells of the rivers that flow through Alham.

1.1 Scope

Only rivers that are longer than ten miles are told of here.

2. The rivers

The Aln is the longest of them. Its banks are steep.

1. Boats may be hired

4. Boats must be returned

3. The bridges

There are three bridges, and all of them are of stone.
"""
PAGES = """\
Network of Rivers                                        A. Whitlow
Paper 17                                                 April 1931


                 How Rivers Are to Be Measured

Abstract

   This paper says how a river is to be measured so that the results
   of two surveys can be compared with each other.

1.  Introduction

   A river is measured from its spring to its mouth, and whoever walks
   along it counts the



Whitlow                      Informational                      [Page 1]
\f
Paper 17                  Measuring Rivers                    April 1931


   steps between two stones.

2.  The staff

   The staff is four feet long and made of ash wood.  It is carried by
   whoever keeps the count.

      spring      mouth      miles
      Alham       Tarn       17

Whitlow                      Informational                      [Page 2]
\f
Paper 17                  Measuring Rivers                    April 1931

Authors' addresses

   Ada Whitlow lives in the house at the old bridge in Alham.
"""
CAPITALS = """\
THE FERRY

The ferry leaves at eight in the morning and comes back at noon.

THE TOLL

A rider pays two pence, and a cart pays four pence.
"""
CHAPTERS = """\
Chapter I. The spring

The Aln rises in the hills above the village of Tarn.

Chapter II. The mouth

It flows into the sea beside the lighthouse of Alham.
"""
PLAIN = """\
The Aln is a river.

1. It rises in the hills above Tarn.

2. It flows into the sea at Alham.

NOTE

It is a long river, and its banks are steep.
"""
DOCUMENTS = {
    "underlined": UNDERLINED,
    "numbered": NUMBERED,
    "pages": PAGES,
    "capitals": CAPITALS,
    "chapters": CHAPTERS,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rivers.txt"


def items(path: Path, data: str | bytes, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(SectionedTextAdapter(**limits).read(path, "file:///rivers.txt"))


def item(path: Path, data: str | bytes) -> Item:
    (found,) = items(path, data)
    assert isinstance(found, Item)
    return found


def labels(item: Item) -> list[str]:
    data = item.draft.text.encode()
    return [data[start:end].decode() for start, end in item.labels]


def place(item: Item, words: str) -> str:
    return place_at(item.draft.attributes, len(item.draft.text.partition(words)[0].encode()))


def test_underlined(path: Path) -> None:
    found = item(path, UNDERLINED)
    assert found.draft.title == "Bridges of the Aln"
    assert found.draft.text.split("\n\n") == [
        "Bridges of the Aln",
        "The Aln has three bridges, and all of them are made of stone.",
        "The old bridge",
        "It was built in 1820 by Ada Whitlow. Two arches carry the road over the well-known rapids.",
        "the first arch is wide",
        "the second arch is narrow",
        "The new bridge",
        "It was opened in 1931 at the eastern end of Alham.",
    ]
    assert labels(found) == ["Bridges of the Aln", "The old bridge", "The new bridge"]
    assert place(found, "three bridges") == ""
    assert place(found, "Two arches") == "The old bridge"
    assert place(found, "1931") == "The new bridge"
    assert found.bytes_done == path.stat().st_size


def test_numbered_without_the_table_of_contents_and_the_list(path: Path) -> None:
    found = item(path, NUMBERED)
    assert found.draft.title == "The Rivers of Alham"
    assert place(found, "Only rivers") == "1. Introduction > 1.1 Scope"
    assert place(found, "The Aln is") == "2. The rivers"
    assert place(found, "Boats must") == "2. The rivers"
    assert place(found, "There are three") == "3. The bridges"
    assert labels(found) == [
        *("1. Introduction", "1.1 Scope", "2. The rivers", "3. The bridges"),
        *("1. Introduction", "1.1 Scope", "2. The rivers", "3. The bridges"),
    ]


def test_pages_without_their_heads_and_feet(path: Path) -> None:
    found = item(path, PAGES)
    assert found.draft.title == "How Rivers Are to Be Measured"
    text = found.draft.text
    assert "[Page" not in text and "Measuring Rivers" not in text
    assert "whoever walks along it counts the steps between two stones." in text
    assert place(found, "counts the") == place(found, "between two stones") == "1. Introduction"
    assert place(found, "ash wood") == "2. The staff"
    assert place(found, "This paper") == "Abstract"
    assert place(found, "lives in").endswith("Authors' addresses")
    assert "spring      mouth      miles\nAlham       Tarn       17" in text
    data = text.encode()
    read = b"".join(data[start:end] for start, end in found.prose or ())
    assert b"Alham       Tarn" not in read and b"ash wood" in read


@pytest.mark.parametrize(
    ("data", "words", "expected"),
    [
        (CAPITALS, "two pence", "THE TOLL"),
        (CHAPTERS, "lighthouse", "Chapter II. The mouth"),
        (CHAPTERS.replace("Chapter", "Kapitel"), "The Aln", "Kapitel I. The spring"),
        (
            CHAPTERS.replace("Chapter I.", "PART A:").replace("Chapter II.", "PART B:"),
            "sea",
            "PART B: The mouth",
        ),
    ],
)
def test_other_forms(path: Path, data: str, words: str, expected: str) -> None:
    assert place(item(path, data), words) == expected


def test_words_are_not_looked_at(path: Path) -> None:
    text = (
        "川の概要\n========\n\n川は丘に源を発し、村を通って、やがて東の海に注いでいる。灯台がそこにある。\n\n"
    )
    found = item(path, text + text.replace("川の概要", "橋の概要"))
    assert labels(found) == ["川の概要", "橋の概要"]


@pytest.mark.parametrize("name", ["rivers.txt", "README", "notes.text", "RIVERS.TXT"])
@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_recognised(tmp_path: Path, name: str, document: str) -> None:
    path = tmp_path / name
    path.write_text(document, encoding="utf-8")
    assert adapter_for(path).name == "sectioned text"
    path.write_bytes(document.encode("utf-16"))
    assert adapter_for(path).name == "sectioned text"
    path.write_bytes(document.replace("\n", "\r\n").encode())
    assert adapter_for(path).name == "sectioned text"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rivers.md", UNDERLINED),
        ("rivers.py", UNDERLINED),
        ("rivers.txt", PLAIN),
        ("rivers.txt", ""),
        ("rivers.txt", "The Aln is a river.\n"),
        ("rivers.txt", UNDERLINED.replace("-", "")),
        ("rivers.txt", "\0" + UNDERLINED),
        ("rivers.txt", "".join(f"{number}. Chapter about rivers\n\n" for number in range(1, 50))),
        ("rivers.txt", "".join(f"WORDS IN CAPITALS {number}\n\n" for number in range(50))),
        ("rivers.txt", "name       town\n----       ----\nAda        Alham\n\n" * 5),
        (
            "rivers.txt",
            "-- \nAda Whitlow\n\n----------------------\nThe Aln is a river in the hills.\n\n" * 3,
        ),
    ],
)
def test_not_recognised(path: Path, name: str, data: str) -> None:
    assert not SectionedTextAdapter().recognises(path.with_name(name), data.encode())


def test_text_without_sections_is_read_as_before(path: Path) -> None:
    path.write_text(PLAIN, encoding="utf-8")
    assert isinstance(adapter_for(path), PlainTextAdapter)
    (found,) = PlainTextAdapter().read(path, "file:///rivers.txt")
    assert isinstance(found, Item)
    assert (found.draft.text, found.draft.title, found.draft.offset) == (PLAIN, "rivers", 0)
    assert (found.prose, found.labels, dict(found.draft.attributes)) == (None, (), {})


def test_a_bad_paragraph_leaves_its_neighbours(path: Path) -> None:
    data = (
        UNDERLINED.encode().replace(b"three bridges", "drei Brücken".encode()).replace(b"1931", b"19\xff31")
    )
    bad, found = items(path, data)
    assert isinstance(bad, BadItem)
    assert (bad.code, bad.location) == ("invalid_utf8", f"{path}:20")
    assert isinstance(found, Item)
    assert "Ada Whitlow" in found.draft.text and "eastern end" not in found.draft.text


def test_another_encoding(path: Path) -> None:
    found = item(path, UNDERLINED.replace("rapids", "Stromschnellen für große Schiffe").encode("cp1252"))
    assert "für große Schiffe" in found.draft.text


def test_a_long_line_is_told_of(path: Path) -> None:
    bad, found = items(path, UNDERLINED + "\n" + "x" * 300 + "\n", line_bytes=200)
    assert isinstance(bad, BadItem) and isinstance(found, Item)
    assert (bad.code, bad.location) == ("line_too_long", f"{path}:22")


def test_a_long_text_is_cut_between_paragraphs(path: Path) -> None:
    sections = "".join(
        f"{number}. Section about rivers\n\nRiver {number} flows to the sea through hills.\n\n"
        for number in range(1, 500)
    )
    found = items(path, sections, part_bytes=2000)
    assert len(found) > 10
    for one in found:
        assert isinstance(one, Item)
        assert len(one.draft.text.encode()) <= 2000
    (last,) = found[-1:]
    assert isinstance(last, Item)
    assert place(last, "River 499") == "499. Section about rivers"
    done = [one.bytes_done for one in found]
    assert done == sorted(done) and done[-1] == path.stat().st_size


def test_no_text_is_empty(path: Path) -> None:
    (bad,) = items(path, "\n \f\n")
    assert isinstance(bad, BadItem)
    assert bad.code == "empty_text"


@given(
    document=st.sampled_from(sorted(DOCUMENTS)),
    noise=st.binary(max_size=30) | st.text("\n\f=-1. A\tx", max_size=30).map(str.encode),
    at=st.integers(0, 1500),
    cut=st.integers(0, 60),
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, document: str, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.txt"
    data = DOCUMENTS[document].encode()
    SectionedTextAdapter().recognises(path, data[:at] + noise)
    for found in items(path, data[:at] + noise + data[at + cut :], part_bytes=100):
        if isinstance(found, Item):
            size = len(found.draft.text.encode())
            ranges = list(found.prose or ())
            assert all(0 <= start < end <= size for start, end in ranges)
            assert all(left[1] <= right[0] for left, right in itertools.pairwise(ranges))
            assert set(found.labels) <= set(ranges)
        else:
            assert found.code in {"invalid_utf8", "empty_text"}
