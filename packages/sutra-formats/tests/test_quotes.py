"""What somebody wrote in a mail, without what was quoted in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_formats.talk.quotes import begins_quotation, own_words

ADDRESSED = "On Mon, 8 May 2023 at 10:32, Ann Lee <ann@example.com> wrote:"
HEADER = "From: Ann Lee <ann@example.com>\nSent: Monday, May 8, 2023 10:32 AM\nTo: Ben\nSubject: The bridge\n"


@pytest.mark.parametrize(
    "quoted",
    [
        f"{ADDRESSED}\n\n> Is it old?\n> I ask.",
        "On Mon, May 8, 2023 at 10:32 AM Ann of the long name\n<ann@example.com> wrote:\n> Is it old?",
        f"{ADDRESSED}\n\nIs it old?\n",
        "-----Original Message-----\nFrom: Ann\n\nIs it old?",
        "---------- Forwarded message ---------\nIs it old?",
        "Begin forwarded message:\n\nIs it old?",
        f"{HEADER}\nIs it old?",
        f"________________________________\n{HEADER}\nIs it old?",
        "Am 08.05.23 um 10:32 schrieb Ann Lee:\n> Ist sie alt?",
        "Le lun. 8 mai 2023 à 10:32, Ann <ann@example.com> a écrit :\n> Vieux ?",
        "-- \nBen\nEngineer\n\nof bridges",
        "--\nBen\nEngineer",
        "Sent from my phone\n\n> Is it old?",
        "_" * 47 + "\nbridges mailing list\nbridges@example.com",
    ],
)
def test_what_others_wrote_is_left_out(quoted: str) -> None:
    assert own_words(f"It was built in 1931.\n\n{quoted}\n") == "It was built in 1931."


def test_answers_between_quotations() -> None:
    text = "Ann wrote:\n> Is it old?\n\nIt is old.\n\n> And red?\n\nIt is red.\n"
    assert own_words(text).split() == ["It", "is", "old.", "It", "is", "red."]


@pytest.mark.parametrize(
    "text",
    [
        "We found two things:\n\nIt is old. On Monday we wrote:\n nothing.",
        "The dates are:\n\n- May\n- June\n\nBest wishes.",
        "From: the bridge\nyou can see the town.",
        "Ann said:\n\nThe bridge is old.",
        "a --\nb > c\nc -- d",
        "-- " + "x\n" * 2,
        "--\n" + "A line of text.\n" * 12 + "The end.",
    ],
)
def test_what_only_looks_like_it_is_kept(text: str) -> None:
    assert own_words(text) == text.strip("\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER, True),
        (ADDRESSED, True),
        ("-- ", True),
        ("_" * 32 + "\n" + HEADER, True),
        ("It is old.", False),
    ],
)
def test_a_paragraph_that_begins_a_quotation(text: str, expected: bool) -> None:
    assert begins_quotation(text) is expected


def test_an_attribution_below_a_line_of_text_leaves_it() -> None:
    text = "One.\nTwo.\nThree.\nFour, see below.\nOn 8 May 2023 Ann wrote:\n> Is it old?"
    assert own_words(text) == "One.\nTwo.\nThree.\nFour, see below."


@given(
    st.lists(
        st.sampled_from(
            ["> a", "-- ", "--", "On 8 May 2023, a@b.c wrote:", "x wrote:", "", "From: a", "To: b", "c"]
        )
        | st.text(max_size=20),
        max_size=30,
    )
)
def test_nothing_is_made_up(lines: list[str]) -> None:
    said = "\n".join(lines).replace("\r", "\n").split("\n")
    found = own_words("\n".join(lines)).split("\n")
    position = 0
    for line in found:
        assert line == "" or line in said[position:]
        position = said.index(line, position) + 1 if line else position
    assert not any(line.startswith(">") for line in found)
