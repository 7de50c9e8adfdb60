"""Transcripts are read as turns, and what only looks like them is left alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.transcripts import TranscriptAdapter

PLAIN = """\
Planning the bridge

Ann: I moved to Lyon in May.
It was warm.
Ben Lee: Did you take the train?
Ann: No. Remember: the line was closed.

(They laugh.)

Ben Lee: When was that?
Ann: In May.
"""
TIMED = "[00:00:02] ann: yes\n[00:01:02] Ben: no\n[00:01:05] ann: yes\n[1:02:03] Ben: ok\n"
DATED = "2023-05-08 10:32 Ann: yes\n2023-05-08 10:33:04 Ben: no\n2023-05-08 10:34 Ann: Well\n10:35 Ben: ok\n"
BEHIND = "Ann (10:32): Hello there.\nBen (10:33): Hello.\nAnn (10:34): Yes.\nBen (10:35): No.\n"
ALONE = "ANN:\nI moved to Lyon.\n\nBEN:\nWhen was that?\n\nANN:\nIn May.\n\nBEN:\nFine.\n"


def items(path: Path, data: str | bytes, limit: int = 8192) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(TranscriptAdapter(part_bytes=limit).read(path, "a.txt"))


def text(found: list[Item | BadItem]) -> str:
    return "\n\n".join(one.draft.text if isinstance(one, Item) else one.code for one in found)


def test_plain(tmp_path: Path) -> None:
    (found,) = items(tmp_path / "the_plan.txt", PLAIN)
    assert isinstance(found, Item)
    assert found.draft.text.split("\n\n") == [
        "Planning the bridge",
        "Ann: I moved to Lyon in May.\nIt was warm.",
        "Ben Lee: Did you take the train?",
        "Ann: No. Remember: the line was closed.",
        "(They laugh.)",
        "Ben Lee: When was that?",
        "Ann: In May.",
    ]
    assert found.draft.title == "the plan (Ann and Ben Lee)"
    assert found.draft.attributes["participants"] == "Ann, Ben Lee"
    assert place_at(found.draft.attributes, found.draft.text.index("Ben Lee: When")) == "turn 4"
    assert found.bytes_done == len(PLAIN)


@pytest.mark.parametrize(
    ("data", "expected", "place"),
    [
        (TIMED, "ann: yes\n\nBen: no\n\nann: yes\n\nBen: ok", "00:00:02"),
        (DATED, "Ann: yes\n\nBen: no\n\nAnn: Well\n\nBen: ok", "2023-05-08 10:32"),
        (BEHIND, "Ann: Hello there.\n\nBen: Hello.\n\nAnn: Yes.\n\nBen: No.", "10:32"),
        (ALONE, "ANN: I moved to Lyon.\n\nBEN: When was that?\n\nANN: In May.\n\nBEN: Fine.", "turn 1"),
        ("Ann: Yes.\r\n\r\nAnn: No.\r\n", "Ann: Yes.\n\nAnn: No.", "turn 1"),
    ],
)
def test_other_forms(tmp_path: Path, data: str, expected: str, place: str) -> None:
    (found,) = items(tmp_path / "a.txt", data)
    assert isinstance(found, Item)
    assert found.draft.text == expected
    assert place_at(found.draft.attributes, 0) == place


def test_a_date_is_the_time(tmp_path: Path) -> None:
    (found,) = items(tmp_path / "a.txt", DATED)
    assert isinstance(found, Item)
    assert found.draft.time == datetime(2023, 5, 8, 10, 32, tzinfo=UTC).timestamp() * 1_000_000
    assert found.draft.title == "a (Ann and Ben), 8 May 2023"


def test_long_ones_are_stretches(tmp_path: Path) -> None:
    found = items(tmp_path / "a.txt", TIMED * 30, 100)
    assert len(found) > 10
    assert text(found) == text(items(tmp_path / "a.txt", TIMED * 30))
    done = [one.bytes_done for one in found]
    assert done == sorted(set(done))


def test_a_bad_line_leaves_its_neighbours(tmp_path: Path) -> None:
    data = "Ann: Élan.\nBen: Yes.\nAnn: \xff\nBen: No.\nAnn: Yes.\n".encode().replace(b"\xc3\xbf", b"\xff")
    assert (
        text(items(tmp_path / "a.txt", data))
        == "Ann: Élan.\n\nBen: Yes.\n\ninvalid_utf8\n\nBen: No.\n\nAnn: Yes."
    )


def test_nobody(tmp_path: Path) -> None:
    assert text(items(tmp_path / "a.txt", "\n \n")) == "empty_text"


PROSE = "They met on the bridge. It was late.\n\nNote: it rained all day long, and more.\n\n" * 4
PLAY = 'He said: "I moved to Lyon." She said: "When?"\nThe wind blew over the bridge.\n' * 4
CONFIG = "Host: alpha\nPort: 22\nHost: beta\nPort: 23\nHost: gamma\nPort: 24\n"
RECORDS = "Colour: a deep and lasting red.\nShape: round as a ball.\nPlace: Lyon.\n\n" * 4
SHAPES = "Red: 1\nBlue: 2\nRed: 3\nBlue: 4\nRed: 5\nBlue: 6\n"
LOG = "10:32:01 INFO: started\n10:32:02 ERROR: failed\n10:32:03 INFO: on\n10:32:04 ERROR: off\n"
FIELDS = "Kept-By: one of us.\n" * 6 + "Needs-Tool: three and four more words.\n" * 6
MAIL = "From: Ann\nTo: Ben\nSubject: One\nDate: today\n\nAnn: Yes.\n"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.txt", PLAIN, True),
        ("a", TIMED, True),
        ("a.txt", "\ufeff" + DATED, True),
        ("a.txt", BEHIND, True),
        ("a.txt", ALONE, True),
        ("a.txt", PROSE, False),
        ("a.txt", PLAY, False),
        ("a.txt", CONFIG, False),
        ("a.txt", RECORDS, False),
        ("a.txt", SHAPES, False),
        ("a.txt", LOG, False),
        ("a.txt", MAIL, False),
        ("METADATA", FIELDS, False),
        ("a.txt", "Question: Is it old?\nAnswer: Yes.\n" * 4, False),
        ("a.txt", "Ann: Yes.\nBen: No.\n", False),
        ("a.yaml", PLAIN, False),
        ("a.md", PLAIN, False),
        ("a.txt", PLAIN + "\0", False),
        ("a.txt", "", False),
    ],
)
def test_recognised(name: str, head: str, expected: bool) -> None:
    assert TranscriptAdapter().recognises(Path(name), head.encode()) is expected


@given(
    st.binary(max_size=30), st.integers(0, 250), st.integers(0, 60), st.sampled_from([PLAIN, TIMED, DATED])
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, whole: str
) -> None:
    data = whole.encode()[:at] + noise + whole.encode()[at + cut :]
    path = tmp_path_factory.getbasetemp() / "fuzz.txt"
    TranscriptAdapter().recognises(path, data)
    found = items(path, data, 20)
    assert found
    for item in found:
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            ends = [0, *(edge for run in item.prose or () for edge in run), len(item.draft.text.encode())]
            assert ends == sorted(ends)
