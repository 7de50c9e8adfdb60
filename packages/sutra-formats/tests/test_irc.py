"""Logs of IRC are read day by day, whoever wrote them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.irc import IrcAdapter

IRSSI = """\
--- Log opened Mon May 08 23:58:00 2023
23:58 -!- ann [~ann@example.com] has joined #bridges
23:59 <@ann> I moved to \x02Lyon\x02.
23:59 < ben> When?
--- Day changed Tue May 09 2023
00:01  * ann waves
00:02 <@ann> In May.
--- Log closed Tue May 09 00:03:00 2023
"""
ZNC = "[12:01:30] *** Joins: ann (~ann@example.com)\n[12:01:31] <ann> I moved.\n[12:01:40] <ben> When?\n"
WEECHAT = (
    "2023-05-08 12:01:30\t-->\tann (~ann@example.com) has joined #bridges\n"
    "2023-05-08 12:01:31\t@ann\tI moved.\n2023-05-08 12:01:40\tben\tWhen?\n"
    "2023-05-08 12:02:00\t *\tann waves\n"
)


def items(path: Path, data: str | bytes, limit: int = 8192) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(IrcAdapter(part_bytes=limit).read(path, "a.log"))


def test_irssi(tmp_path: Path) -> None:
    first, second = items(tmp_path / "#bridges.log", IRSSI)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert first.draft.text == "ann: I moved to Lyon.\n\nben: When?"
    assert first.draft.address == "a.log#2023-05-08"
    assert first.draft.title == "#bridges (ann and ben), 8 May 2023"
    assert first.draft.time == datetime(2023, 5, 8, 23, 59, tzinfo=UTC).timestamp() * 1_000_000
    assert place_at(first.draft.attributes, 0) == "23:59"
    assert second.draft.text == "ann waves\n\nann: In May."
    assert second.draft.address == "a.log#2023-05-09"
    assert second.bytes_done == len(IRSSI)


@pytest.mark.parametrize(
    ("name", "data", "text", "address"),
    [
        ("2023-05-08.log", ZNC, "ann: I moved.\n\nben: When?", "a.log#2023-05-08"),
        ("#bridges_20230508.log", ZNC, "ann: I moved.\n\nben: When?", "a.log#2023-05-08"),
        ("20239999.log", ZNC, "ann: I moved.\n\nben: When?", "a.log"),
        ("bridges.log", ZNC, "ann: I moved.\n\nben: When?", "a.log"),
        ("irc.bridges.weechatlog", WEECHAT, "ann: I moved.\n\nben: When?\n\nann waves", "a.log#2023-05-08"),
    ],
)
def test_others(tmp_path: Path, name: str, data: str, text: str, address: str) -> None:
    (found,) = items(tmp_path / name, data)
    assert isinstance(found, Item)
    assert (found.draft.text, found.draft.address) == (text, address)
    assert (found.draft.time is None) == ("#" not in address)


def test_a_bad_line_leaves_its_neighbours(tmp_path: Path) -> None:
    data = ZNC.replace("moved", "mové").encode() + b"[12:02:00] <ann> \xff\n[12:02:01] <ben> On.\n"
    found = items(tmp_path / "a.log", data)
    assert [one.draft.text if isinstance(one, Item) else one.code for one in found] == [
        "ann: I mové.\n\nben: When?",
        "invalid_utf8",
        "ben: On.",
    ]


@pytest.mark.parametrize("data", ["", "--- Log opened Mon May 08 23:58:00 2023\n", "Words.\n"])
def test_nobody(tmp_path: Path, data: str) -> None:
    (found,) = items(tmp_path / "a.log", data)
    assert isinstance(found, BadItem)
    assert found.code == "empty_text"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("#bridges.log", IRSSI, True),
        ("a.txt", "\ufeff" + ZNC, True),
        ("a.weechatlog", WEECHAT, True),
        ("a", WEECHAT, True),
        ("a.txt", "[12:01] The <b>bridge</b>.\n[12:02] It is old.\n[12:03] <Yes>.\n", False),
        ("a.txt", "12:01\tone\ttwo\n12:02\tone\ttwo\n12:03\tone\ttwo\n", False),
        (
            "a.log",
            "2023-05-08 12:01:30 INFO started\n2023-05-08 12:01:31 INFO on\n2023-05-08 12:01:31 x\n",
            False,
        ),
        ("a.html", ZNC, False),
        ("a.log", ZNC + "\0", False),
        ("a.log", "", False),
    ],
)
def test_recognised(name: str, head: str, expected: bool) -> None:
    assert IrcAdapter().recognises(Path(name), head.encode()) is expected


@given(
    st.binary(max_size=30), st.integers(0, 300), st.integers(0, 60), st.sampled_from([IRSSI, ZNC, WEECHAT])
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, whole: str
) -> None:
    data = whole.encode()[:at] + noise + whole.encode()[at + cut :]
    path = tmp_path_factory.getbasetemp() / "fuzz_irc.log"
    IrcAdapter().recognises(path, data)
    found = items(path, data, 20)
    assert found
    for item in found:
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            ends = [0, *(edge for run in item.prose or () for edge in run), len(item.draft.text.encode())]
            assert ends == sorted(ends)
