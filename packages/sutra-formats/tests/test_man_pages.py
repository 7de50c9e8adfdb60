"""Manual pages read as they are shown, whichever macros they are written in."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_formats.manuals.man_pages import ManPageAdapter

MAN = r""".\" a comment
.TH SPAN 1 2024-05-01 "Bridge tools"
.de XX
hidden
..
.SH NAME
span \- measure a bridge
.SH SYNOPSIS
.B span
.RI [ file ]
.SH DESCRIPTION
.B Span
measures \(lqbridges\(rq.
It \fInever\fR waits.\" hidden
.PP
A second paragraph, see
.BR piers (5).
.if n \{\
hidden
.\}
.SS "Its options"
.TP
.B \-v
Says more.
.IP \(bu 2
A point.
.nf
span \-v x
.fi
.SH "SEE ALSO"
.BR deck (1)
"""
MDOC = r""".Dd 2024-05-01
.Dt SPAN 1
.Os
.Sh NAME
.Nm span
.Nd measure a bridge
.Sh SYNOPSIS
.Nm
.Op Fl v
.Op Ar file ...
.Sh DESCRIPTION
The
.Nm
utility measures bridges, see
.Xr piers 5 .
.Pp
.Bl -tag
.It Fl v
Says more.
.El
.Bd -literal
$ span -v
.Ed
"""
FORMATTED = """SPAN(1)                 Bridge tools                 SPAN(1)

NAME
       s\bsp\bpa\ban\bn - measure a bridge

DESCRIPTION
       Span measures bridges, and it never
       waits for a man-
       ual.

1.0                      2024-05-01                  SPAN(1)
"""

PAGES = [MAN, MDOC, FORMATTED]


def items(path: Path, data: str | bytes, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(ManPageAdapter(**limits).read(path, "span.1"))


def page(path: Path, data: str | bytes) -> Item:
    (found,) = items(path, data)
    assert isinstance(found, Item)
    return found


def pieces(item: Item) -> list[str]:
    data = item.draft.text.encode()
    return [data[start:end].decode() for start, end in item.prose or ()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "span.1"


def test_man(path: Path) -> None:
    found = page(path, MAN)
    assert (found.draft.title, found.draft.time) == ("span(1)", 1_714_521_600_000_000)
    assert pieces(found) == [
        "Name",
        "span - measure a bridge",
        "Synopsis",
        "span [file]",
        "Description",
        "Span measures “bridges”. It never waits.",
        "A second paragraph, see piers(5).",
        "Its options",
        "-v: Says more.",
        "A point.",
        "See also",
        "deck(1)",
    ]
    assert "span -v x" in found.draft.text
    assert "hidden" not in found.draft.text
    assert found.bytes_done == len(MAN.encode())


def test_mdoc(path: Path) -> None:
    found = page(path, MDOC)
    assert found.draft.title == "span(1)"
    assert pieces(found) == [
        "Name",
        "span — measure a bridge",
        "Synopsis",
        "span [-v] [file ...]",
        "Description",
        "The span utility measures bridges, see piers(5).",
        "-v: Says more.",
    ]
    assert "$ span -v" in found.draft.text


def test_formatted_for_a_terminal(path: Path) -> None:
    found = page(path, FORMATTED)
    assert found.draft.title == "span(1)"
    assert pieces(found) == [
        "Name",
        "span - measure a bridge",
        "Description",
        "Span measures bridges, and it never waits for a manual.",
    ]


def test_packed(path: Path) -> None:
    assert page(path, gzip.compress(MAN.encode())).draft.text == page(path, MAN).draft.text


def test_latin_1(path: Path) -> None:
    assert "é" in page(path, MAN.replace("waits", "waits, é").encode("latin-1")).draft.text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(MAN.encode())[:-20], "damaged_file"),
        (gzip.compress(MAN.encode())[:30], "damaged_file"),
        (gzip.compress(bytes(1 << 20)), "too_large"),
        (b".so man1/other.1\n", "empty_text"),
        (b"", "empty_text"),
    ],
)
def test_refused(path: Path, data: bytes, code: str) -> None:
    (found,) = items(path, data, page_bytes=100_000)
    assert isinstance(found, BadItem)
    assert found.code == code


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("span.1", MAN.encode(), True),
        ("span.txt", MDOC.encode(), True),
        ("span.1.gz", gzip.compress(MAN.encode()), True),
        ("span.txt", FORMATTED.encode(), True),
        ("span.tar.gz", gzip.compress(MAN.encode()), False),
        ("span.1.gz", gzip.compress(b"words"), False),
        ("span.1.gz", b"\x1f\x8bwords", False),
        ("release.1", b"Words.", False),
        ("a.md", b"NAME\n\nThe name.", False),
        ("a", b"", False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert ManPageAdapter().recognises(Path(name), head) is expected


@settings(max_examples=50)
@given(
    st.binary(max_size=30), st.integers(0, 800), st.integers(0, 60), st.sampled_from([MAN, MDOC, FORMATTED])
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.1"
    data = text.encode()[:at] + noise + text.encode()[at + cut :]
    for sample in (data, gzip.compress(text.encode())[:at] + noise):
        ManPageAdapter().recognises(path, sample)
        for item in items(path, sample, part_bytes=100):
            if isinstance(item, Item):
                assert item.draft.text.encode()
