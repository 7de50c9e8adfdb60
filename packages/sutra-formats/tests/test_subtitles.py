"""Subtitles of every kind read as what is said, with the time at which it is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.subtitles import SubtitlesAdapter

SRT = """\
1
00:00:01,000 --> 00:00:02,000
<i>The bridge was built</i>

2
00:00:02,500 --> 00:00:04,000
in 1931.

3
01:00:05,000 --> 01:00:06,000
- Who built it?
- ADA: I did.
"""
VTT = """\
WEBVTT

NOTE a comment

intro
00:01.000 --> 00:02.000 align:start
<v Ada>The bridge was <b>built</b>

00:02.500 --> 00:04.000
in 1931.
"""
ASS = """\
[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ada,0,0,0,,{\\i1}The bridge\\Nis old.
Comment: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,hidden
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 100{\\p0}
"""
MICRODVD = "{0}{50}The bridge was built\n{60}{100}in 1931.\n"


def items(path: Path, data: str | bytes, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(SubtitlesAdapter(**limits).read(path, "film.srt"))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (SRT, "The bridge was built in 1931.\n\nWho built it?\n\nADA: I did."),
        (SRT.replace("\n", "\r\n"), "The bridge was built in 1931.\n\nWho built it?\n\nADA: I did."),
        (VTT, "Ada: The bridge was built in 1931."),
        (ASS, "Ada: The bridge is old."),
        (MICRODVD, "The bridge was built in 1931."),
    ],
)
def test_what_is_said(tmp_path: Path, data: str, text: str) -> None:
    (found,) = items(tmp_path / "the_film.srt", data)
    assert isinstance(found, Item)
    assert (found.draft.title, found.draft.text) == ("the film", text)
    assert found.bytes_done == len(data.encode())


def test_a_place_is_a_time(tmp_path: Path) -> None:
    (found,) = items(tmp_path / "a.srt", SRT)
    assert isinstance(found, Item)
    assert place_at(found.draft.attributes, 0) == "00:00:01"
    assert place_at(found.draft.attributes, found.draft.text.index("Who")) == "01:00:05"


def test_an_older_encoding(tmp_path: Path) -> None:
    (found,) = items(tmp_path / "a.srt", SRT.replace("bridge was built", "forêt était là").encode("cp1252"))
    assert isinstance(found, Item)
    assert "forêt était là" in found.draft.text


@pytest.mark.parametrize(
    ("data", "code"),
    [("", "damaged_file"), ("WEBVTT\n", "empty_text"), ("Words.", "damaged_file"), (SRT * 100, "too_large")],
)
def test_refused(tmp_path: Path, data: str, code: str) -> None:
    (found,) = items(tmp_path / "a.srt", data, file_bytes=5000)
    assert isinstance(found, BadItem)
    assert found.code == code


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.srt", SRT, True),
        ("a.txt", SRT, True),
        ("a.vtt", "\ufeff" + VTT, True),
        ("a.ssa", ASS, True),
        ("a.sub", MICRODVD, True),
        ("a.srt", "Words.", False),
        ("a.sub", "\0\0\1\xba", False),
        ("a.srt", "", False),
    ],
)
def test_recognised(name: str, head: str, expected: bool) -> None:
    assert SubtitlesAdapter().recognises(Path(name), head.encode()) is expected


KINDS = [SRT, VTT, ASS, MICRODVD]


@settings(max_examples=50)
@given(st.binary(max_size=30), st.integers(0, 400), st.integers(0, 60), st.sampled_from(KINDS))
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, text: str
) -> None:
    data = text.encode()[:at] + noise + text.encode()[at + cut :]
    for item in items(tmp_path_factory.getbasetemp() / "fuzz.srt", data, part_bytes=20):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()
