"""An exported chat is read day by day, and claims no date that the file does not show."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.whatsapp import WhatsAppAdapter

MONTH_FIRST = """\
12/30/21, 10:32 PM - Messages and calls are end-to-end encrypted.
12/30/21, 10:32 PM - Ann: I moved to Lyon.

It is warm: really.
12/30/21, 10:33 PM - Ben: <Media omitted>
1/2/22, 12:05 AM - Ben: When?
1/2/22, 12:06 AM - Ann Lee added Cy
"""
DAY_FIRST = (
    "\ufeff[31.12.21, 22:32:01] Ann: I moved.\n\u200e[31.12.21, 22:33:00] Ben: \u200eimage omitted\n"
    "[01.02.22, 08:00:00] ~\u202fBen: When?\u200e <This message was edited>\n"
)
UNKNOWN = "04/05/21, 10:32 - Ann: I moved.\n04/05/21, 10:33 - Ben: When?\n"
YEAR_FIRST = "2021-12-31, 22:32 - Ann: I moved.\n2021-12-31, 22:33 - Ben: When?\n"


def items(path: Path, data: str | bytes, limit: int = 8192) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(WhatsAppAdapter(part_bytes=limit).read(path, "chat.txt"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.txt"


def microseconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[arg-type, misc]


def test_days_are_sources(path: Path) -> None:
    first, second = items(path, MONTH_FIRST)
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert first.draft.text == "Ann: I moved to Lyon.\nIt is warm: really."
    assert first.draft.address == "chat.txt#2021-12-30"
    assert first.draft.title == "Conversation of Ann, 30 December 2021"
    assert first.draft.time == microseconds(2021, 12, 30, 22, 32)
    assert (second.draft.address, second.draft.text) == ("chat.txt#2022-01-02", "Ben: When?")
    assert second.draft.time == microseconds(2022, 1, 2, 0, 5)
    assert place_at(second.draft.attributes, 0) == "00:05"
    assert second.bytes_done == len(MONTH_FIRST)


@pytest.mark.parametrize(
    ("data", "addresses", "texts"),
    [
        (DAY_FIRST, ["2021-12-31", "2022-02-01"], ["Ann: I moved.", "Ben: When?"]),
        (YEAR_FIRST, ["2021-12-31"], ["Ann: I moved.\n\nBen: When?"]),
        (YEAR_FIRST.replace("\n", "\r\n"), ["2021-12-31"], ["Ann: I moved.\n\nBen: When?"]),
    ],
)
def test_orders(path: Path, data: str, addresses: list[str], texts: list[str]) -> None:
    drafts = [one.draft for one in items(path, data) if isinstance(one, Item)]
    assert [draft.address.partition("#")[2] for draft in drafts] == addresses
    assert [draft.text for draft in drafts] == texts
    assert all(draft.time is not None and "date_order" not in draft.attributes for draft in drafts)


@pytest.mark.parametrize("data", [UNKNOWN, UNKNOWN + "31/05/21, 10:00 - Ann: a\n05/31/21, 10:00 - Ann: b\n"])
def test_no_date_is_claimed(path: Path, data: str) -> None:
    found = items(path, data)[0]
    assert isinstance(found, Item)
    assert found.draft.time is None
    assert found.draft.title == "Conversation of Ann and Ben, 04/05/21"
    assert found.draft.attributes["date_order"] == "unknown"
    assert found.draft.attributes["date"] == "04/05/21"


def test_a_bad_line_leaves_its_neighbours(path: Path) -> None:
    data = UNKNOWN.replace("moved", "mové").encode() + b"04/05/21, 10:34 - Ann: \xff\n" + UNKNOWN.encode()
    found = items(path, data)
    assert [one.draft.text if isinstance(one, Item) else one.code for one in found] == [
        "Ann: I mové.\n\nBen: When?",
        "invalid_utf8",
        "Ann: I moved.\n\nBen: When?",
    ]


def test_nobody(path: Path) -> None:
    (found,) = items(path, MONTH_FIRST[:65])
    assert isinstance(found, BadItem)
    assert found.code == "empty_text"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("WhatsApp Chat with Ben.txt", MONTH_FIRST, True),
        ("_chat.txt", DAY_FIRST, True),
        ("a.txt", UNKNOWN, True),
        ("a.txt", YEAR_FIRST, True),
        ("a.txt", "12/30/21, 10:32 PM - It rained.\nWe slept: long.\n", False),
        ("a.txt", "Ann: Yes.\nBen: No.\n", False),
        ("a.csv", UNKNOWN, False),
        ("a.txt", UNKNOWN + "\0", False),
        ("a.txt", "", False),
    ],
)
def test_recognised(name: str, head: str, expected: bool) -> None:
    assert WhatsAppAdapter().recognises(Path(name), head.encode()) is expected


@given(
    st.binary(max_size=30),
    st.integers(0, 250),
    st.integers(0, 60),
    st.sampled_from([MONTH_FIRST, DAY_FIRST, UNKNOWN, YEAR_FIRST]),
)
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, whole: str
) -> None:
    data = whole.encode()[:at] + noise + whole.encode()[at + cut :]
    path = tmp_path_factory.getbasetemp() / "fuzz_chat.txt"
    WhatsAppAdapter().recognises(path, data)
    found = items(path, data, 20)
    assert found
    for item in found:
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            ends = [0, *(edge for run in item.prose or () for edge in run), len(item.draft.text.encode())]
            assert ends == sorted(ends)


@given(
    st.lists(
        st.from_regex(
            r"\[?\d{1,5}[./-]\d{1,3}[./-]\d{1,5},? \d{1,3}[:.]\d\d( [ap]m)?\]?( -)? A: b", fullmatch=True
        )
    )
)
def test_any_date_is_survived(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    for item in items(tmp_path_factory.getbasetemp() / "dates.txt", "\n".join(lines)):
        assert isinstance(item, BadItem) or item.draft.address.encode()
