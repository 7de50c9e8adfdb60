"""A day of a channel is read with the names of those who write."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.slack import SlackAdapter

DAY = [
    {
        "type": "message",
        "subtype": "channel_join",
        "user": "U1",
        "text": "<@U1> has joined",
        "ts": "1683504000.000100",
    },
    {
        "type": "message",
        "user": "U1",
        "text": "I *moved* to <https://a.example|Lyon> &amp; on.",
        "ts": "1683504060.000200",
    },
    {
        "type": "message",
        "user": "U2",
        "user_profile": {"real_name": "Ben Lee"},
        "text": "<@U1> see <#C1|plans> <!here>, a_b_c",
        "ts": "1683504120.000300",
    },
    {"type": "message", "subtype": "me_message", "user": "U3", "text": "waves", "ts": "1683504180.000400"},
    {
        "type": "message",
        "subtype": "bot_message",
        "username": "Robot",
        "text": "Beep.",
        "ts": "1683504240.000500",
    },
]
USERS = [
    {"id": "U1", "name": "ann", "profile": {"display_name": "Ann", "real_name": "Ann Lee"}},
    {"id": "U2"},
    7,
]


def items(path: Path, data: bytes | object, **limits: int) -> list[Item | BadItem]:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, indent=1).encode())
    return list(SlackAdapter(**limits).read(path, "general/2023-05-08.json"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "general" / "2023-05-08.json"


def test_a_day(path: Path) -> None:
    (path.parent.parent / "users.json").write_text(json.dumps(USERS), encoding="utf-8")
    (found,) = items(path, DAY)
    assert isinstance(found, Item)
    assert found.draft.text.split("\n\n") == [
        "Ann: I moved to Lyon & on.",
        "Ben Lee: @Ann see #plans @here, a_b_c",
        "U3 waves",
        "Robot: Beep.",
    ]
    assert found.draft.title == "#general (Ann, Ben Lee and Robot), 8 May 2023"
    assert found.draft.address == "general/2023-05-08.json"
    assert found.draft.time == datetime(2023, 5, 8, 0, 1, tzinfo=UTC).timestamp() * 1_000_000 + 200
    assert place_at(found.draft.attributes, found.draft.text.index("Ben Lee")) == "00:02 UTC"
    assert found.bytes_done == path.stat().st_size


@pytest.mark.parametrize("users", [None, b"{", b"[]", b'{"id": "U1"}'])
def test_without_names_identifiers_stand(path: Path, users: bytes | None) -> None:
    if users is not None:
        path.parent.mkdir()
        (path.parent.parent / "users.json").write_bytes(users)
    (found,) = items(path, DAY[:2])
    assert isinstance(found, Item)
    assert found.draft.text == "U1: I moved to Lyon & on."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["empty_text"]),
        (b"[]", ["empty_text"]),
        (b"{}", ["invalid_json"]),
        (json.dumps(DAY).encode()[:-20], ["damaged_file"]),
        (b'[{"type": "message", "user": "a", "text": "b"}, {]]', ["a: b", "invalid_json"]),
        (b'[{"user": "a", "text": "\\udc00"}, {"user": "a", "text": "c"}]', ["invalid_text", "a: c"]),
        (b'[{"user": "a", "text": 1}, {"user": ["x"], "text": "c", "ts": 1}]', ["c"]),
        (
            json.dumps([{"user": "a", "text": "b", "blocks": ["b" * 100] * 4000}, DAY[1]]).encode(),
            ["too_large", "U1: I moved to Lyon & on."],
        ),
    ],
)
def test_what_is_refused_leaves_its_neighbours(path: Path, data: bytes, expected: list[str]) -> None:
    assert texts(items(path, data, message_characters=300))[-len(expected) :] == expected


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("general/2023-05-08.json", DAY, True),
        ("a.json", DAY, True),
        ("users.json", USERS, False),
        ("a.json", [], False),
        ("a.json", {"messages": DAY}, False),
        ("a.json", [{"text": "one", "ts": "1683504060.000200"}], False),
        ("a.json", [{"type": "message", "ts": 1683504060, "text": "one"}], False),
        ("a.txt", DAY, False),
    ],
)
def test_recognised(name: str, data: object, expected: bool) -> None:
    assert SlackAdapter().recognises(Path(name), json.dumps(data).encode()) is expected


@given(st.binary(max_size=20), st.integers(0, 900), st.integers(0, 20), st.sampled_from([60, 100_000]))
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, limit: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "slack" / "2023-05-08.json"
    whole = json.dumps(DAY).encode()
    for data in (noise, whole[:at] + noise + whole[at + cut :]):
        SlackAdapter().recognises(path, data)
        found = items(path, data, part_bytes=20, message_characters=limit)
        assert found
        for item in found:
            assert item.bytes_done <= len(data)
            if isinstance(item, Item):
                ends = [0, *(edge for run in item.prose or () for edge in run), len(item.draft.text.encode())]
                assert ends == sorted(ends)
