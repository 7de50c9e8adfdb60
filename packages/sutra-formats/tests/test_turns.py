"""Turns become stretches of a session, each statement with its speaker."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.talk.turns import Session, Turn, conversation

DAY = 86_400_000_000


def stretches(turns: list[Turn | BadItem], limit: int = 8192) -> list[Item | BadItem]:
    return list(conversation(turns, lambda key: Session(f"a#{key}"), "a.txt", part_bytes=limit))


def test_a_statement_stands_with_its_speaker() -> None:
    (found,) = stretches(
        [
            Turn("", "A quay."),
            Turn("Ann", "I moved.\n\n To Lyon.", "turn 1", caption="a boat"),
            Turn("Ben", "When?", "turn 2", time=DAY, end=9),
        ]
    )
    assert isinstance(found, Item)
    draft = found.draft
    assert draft.text == "A quay.\n\nAnn: I moved.\nTo Lyon.\n\na boat\n\nBen: When?"
    assert (draft.title, draft.time) == ("Conversation of Ann and Ben, 2 January 1970", DAY)
    assert draft.attributes["participants"] == "Ann, Ben"
    assert place_at(draft.attributes, draft.text.index("Ben: ")) == "turn 2"
    assert [draft.text[start:end] for start, end in found.labels] == ["a boat"]


def test_sessions_are_sources_and_a_stretch_has_whole_turns() -> None:
    turns: list[Turn | BadItem] = [Turn("Ann", f"word {n}", session="1") for n in range(5)]
    turns += [Turn("Ben", "word", session="2"), Turn("Ann", "word 5", session="1")]
    found = [one.draft for one in stretches(turns, 32) if isinstance(one, Item)]
    assert [(draft.address, draft.offset, draft.text) for draft in found] == [
        ("a#1", 0, "Ann: word 0\n\nAnn: word 1"),
        ("a#1", 26, "Ann: word 2\n\nAnn: word 3"),
        ("a#1", 52, "Ann: word 4"),
        ("a#2", 0, "Ben: word"),
        ("a#1", 65, "Ann: word 5"),
    ]


def test_a_bad_item_keeps_its_place() -> None:
    bad = BadItem("a.txt:2", "why", "invalid_utf8")
    found = stretches([Turn("Ann", "One."), bad, Turn("Ann", "Two.")])
    assert [one.draft.text if isinstance(one, Item) else one.code for one in found] == [
        "Ann: One.",
        "invalid_utf8",
        "Ann: Two.",
    ]


def test_nothing_said_is_nothing() -> None:
    assert stretches([Turn("Ann", " \n "), Turn("", "")]) == []


@given(st.lists(st.tuples(st.sampled_from(["", "Ann", "B"]), st.text(max_size=40))), st.integers(4, 60))
def test_offsets_are_those_of_the_whole_text(said: list[tuple[str, str]], limit: int) -> None:
    turns: list[Turn | BadItem] = [Turn(speaker, text) for speaker, text in said]
    whole = "\n\n".join(one.draft.text for one in stretches(turns, 10**6) if isinstance(one, Item)).encode()
    for one in stretches(turns, limit):
        assert isinstance(one, Item)
        data = one.draft.text.encode()
        assert len(data) <= limit
        assert whole[one.draft.offset :][: len(data)] == data
