"""Conversations in JSON are read session by session, and other documents are left alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.json_dialogues import JsonDialogueAdapter

SESSIONS: dict[str, Any] = {
    "qa": [{"question": "Who?", "answer": "Ann"}],
    "conversation": {
        "speaker_a": "Ann",
        "session_10_date_time": "9 June, 2023",
        "session_10": [{"speaker": "Ben", "dia_id": "D10:1", "text": "Hello."}],
        "session_2_date_time": "1:56 pm on 8 May, 2023",
        "session_2": [
            {"speaker": "Ann", "dia_id": "D2:1", "text": "I moved to Lyon.", "blip_caption": "a boat"},
            {"speaker": "Ben", "dia_id": "D2:2", "text": "When?"},
        ],
    },
    "sample_id": "talk-1",
}
MESSAGES: dict[str, Any] = {
    "title": "Moving",
    "messages": [
        {"type": "service", "actor": "Ann", "text": ""},
        {
            "role": "user",
            "content": [{"type": "text", "text": "I moved to Lyon."}],
            "time": "2023-05-08T13:56",
        },
        {"from": "Ben", "text": ["See ", {"type": "link", "text": "this"}, "."]},
        {"author": {"name": "Cy"}, "content": "Well."},
        {"role": "tool", "content": None},
    ],
}
SHARED = [
    {"id": "a", "conversations": [{"from": "human", "value": "One?"}, {"from": "gpt", "value": "Two."}]},
    {"conversations": [{"from": "human", "value": "Three?"}]},
]
BARE = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Two."}]


def items(path: Path, data: bytes | object, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, indent=1).encode())
    return list(JsonDialogueAdapter(**limits).read(path, "a.json"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.json"


@pytest.mark.parametrize("listed", [True, False])
def test_sessions(path: Path, listed: bool) -> None:
    found = items(path, [SESSIONS] if listed else SESSIONS)
    assert texts(found) == ["Ann: I moved to Lyon.\n\na boat\n\nBen: When?", "Ben: Hello."]
    first = found[0]
    assert isinstance(first, Item)
    assert first.draft.address == ("a.json#talk-1/session_2" if listed else "a.json#session_2")
    assert first.draft.title == "Conversation of Ann and Ben, 8 May 2023"
    assert first.draft.time == datetime(2023, 5, 8, 13, 56, tzinfo=UTC).timestamp() * 1_000_000
    assert first.draft.attributes["session"] == "session_2"
    assert first.draft.attributes["conversation"] == "talk-1"
    assert first.draft.attributes["participants"] == "Ann, Ben"
    assert first.draft.attributes["date"] == "1:56 pm on 8 May, 2023"
    assert place_at(first.draft.attributes, first.draft.text.index("Ben")) == "D2:2"
    assert [first.draft.text[start:end] for start, end in first.labels] == ["a boat"]
    assert found[-1].bytes_done == path.stat().st_size


@pytest.mark.parametrize("limit", [100_000, 300])
def test_messages(path: Path, limit: int) -> None:
    (found,) = items(path, MESSAGES, object_characters=limit)
    assert isinstance(found, Item)
    assert found.draft.text == "user: I moved to Lyon.\n\nBen: See this.\n\nCy: Well."
    assert found.draft.title == "Moving (user, Ben and Cy), 8 May 2023"
    assert found.draft.address == "a.json"
    assert place_at(found.draft.attributes, found.draft.text.index("Ben")) == "turn 3"


def test_many_conversations(path: Path) -> None:
    found = items(path, SHARED)
    assert texts(found) == ["human: One?\n\ngpt: Two.", "human: Three?"]
    assert [one.draft.address for one in found if isinstance(one, Item)] == ["a.json#a", "a.json#2"]


def test_a_bare_list_in_stretches(path: Path) -> None:
    found = items(path, BARE * 5, part_bytes=30)
    assert texts(found) == ["user: One?\n\nassistant: Two."] * 5
    assert [one.draft.offset for one in found if isinstance(one, Item)] == [0, 29, 58, 87, 116]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["empty_text"]),
        (b"[]", ["empty_text"]),
        (b"{}", ["empty_text"]),
        (b"word", ["invalid_json"]),
        (b'{"messages": []}', ["empty_text"]),
        (b'[{"messages": [{"role": "a", "content": "b"}]}, {"x": 1}]', ["a: b", "empty_text"]),
        (b'[{"role": "a", "content": "b"}, {"role": "a", "con', ["a: b", "damaged_file"]),
        (b'[{"role": "a", "content": "b"}, {]}, {"role": "a", "content": "c"}]', ["a: b", "invalid_json"]),
        (b'[{"role": "a", "content": "\\ud800"}, {"role": "a", "content": "c"}]', ["invalid_text", "a: c"]),
        (
            b'[{"role": "a", "content": "\xc3\xa9\xff"}, {"role": "a", "content": "c"}]',
            ["invalid_utf8", "a: c"],
        ),
        (b'[{"role": "a", "content": "b"}] x', ["a: b", "invalid_json"]),
        (b'{"messages": [{"role": "a", "content": "b"}', ["damaged_file"]),
        (b'{"title": "\\ud800", "messages": [{"role": "a", "content": "b"}]}', ["a: b"]),
    ],
)
def test_what_is_refused_leaves_its_neighbours(path: Path, data: bytes, expected: list[str]) -> None:
    assert texts(items(path, data))[: len(expected)] == expected


def test_a_large_conversation_that_breaks_off(path: Path) -> None:
    data = json.dumps(MESSAGES).encode()[:-40]
    found = texts(items(path, data, object_characters=300))
    assert found[0].startswith("user: I moved to Lyon.")
    assert found[1:] == ["damaged_file"]


def test_a_conversation_that_is_too_large(path: Path) -> None:
    large = {"messages": [{"role": "a", "content": ["b" * 100] * 4000}]}
    assert texts(items(path, [large, *SHARED], object_characters=500)) == [
        "too_large",
        "human: One?\n\ngpt: Two.",
        "human: Three?",
    ]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.json", SESSIONS, True),
        ("a.json", [SESSIONS], True),
        ("a.json", {"session_1": [{"speaker": "Ann", "text": "Yes."}]}, True),
        ("a.json", MESSAGES, True),
        ("a.txt", SHARED, True),
        ("a.json", BARE, True),
        ("a.json", [{"speaker": "Ann", "text": "Yes."}], True),
        ("a.json", [{"name": "Ann", "text": "Yes."}], False),
        ("a.json", {"messages": ["one"]}, False),
        ("a.json", {"messages": {"greeting": {"role": "a", "content": "b"}}}, False),
        ("a.json", {"conversation": {"topics": [{"speaker": "Ann", "text": "Yes."}]}}, False),
        ("a.json", {"people": [MESSAGES]}, False),
        ("a.jsonl", MESSAGES, False),
        ("a.json", [], False),
        ("a.json", {}, False),
    ],
)
def test_recognised(name: str, data: object, expected: bool) -> None:
    assert JsonDialogueAdapter().recognises(Path(name), json.dumps(data).encode()) is expected


def test_json_lines_are_left_to_their_adapter() -> None:
    line = json.dumps(MESSAGES).encode() + b"\n"
    assert JsonDialogueAdapter().recognises(Path("a.json"), line)
    assert not JsonDialogueAdapter().recognises(Path("a.json"), line * 2)


@pytest.mark.parametrize(
    "head", [b"", b"[", b"{", b'{"messages": [', b'{"messages": [{"role": "a', b"[1] A note.", b"\0"]
)
def test_what_is_not_recognised(head: bytes) -> None:
    assert not JsonDialogueAdapter().recognises(Path("a.json"), head)


def test_what_stands_behind_something_long_is_found(path: Path) -> None:
    path.write_text(json.dumps([{**SESSIONS, "qa": [{"question": "Who?" * 10}] * 3000}]), encoding="utf-8")
    head = path.read_bytes()[: 64 * 1024]
    assert JsonDialogueAdapter().recognises(path, head)
    assert not JsonDialogueAdapter().recognises(path.with_name("missing.json"), head)


@given(
    st.binary(max_size=20),
    st.integers(0, 500),
    st.integers(0, 20),
    st.sampled_from([[SESSIONS], MESSAGES, SHARED, BARE]),
    st.sampled_from([60, 300, 100_000]),
)
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, document: object, limit: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz_dialogue.json"
    whole = json.dumps(document).encode()
    for data in (noise, whole[:at] + noise + whole[at + cut :]):
        JsonDialogueAdapter().recognises(path, data)
        found = items(path, data, part_bytes=20, object_characters=limit)
        assert found
        for item in found:
            assert item.bytes_done <= len(data)
            if isinstance(item, Item):
                assert item.draft.title.encode() is not None
                ends = [0, *(edge for run in item.prose or () for edge in run), len(item.draft.text.encode())]
                assert ends == sorted(ends)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["messages", "conversation", "session_1", "role", "from", "content", "text", "time", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_document_is_survived(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    for item in items(path, document):
        assert isinstance(item, BadItem) or item.draft.text.encode()
    JsonDialogueAdapter().recognises(path, path.read_bytes())
