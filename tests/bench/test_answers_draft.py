"""What is learned of a document, and which ones never are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from answers.draft import document_time, draft, forgotten
from common import Document


def microseconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc]


def test_a_draft_has_all_that_the_set_says_but_its_own_bookkeeping() -> None:
    meta = {"scope": "s", "line": 3, "speaker": "Anna", "headwords": ["x"], "time": "2023-05-08"}
    learned = draft(Document("d1", "Title", "Text.", meta))
    assert (learned.address, learned.title, learned.text) == ("d1", "Title", "Text.")
    assert learned.attributes == {"speaker": "Anna", "time": "2023-05-08"}
    assert learned.time == microseconds(2023, 5, 8)


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"date": "1:56 pm on 8 May, 2023"}, microseconds(2023, 5, 8, 13, 56)),
        ({"date": "12:05 am on 31 December, 2022"}, microseconds(2022, 12, 31, 0, 5)),
        ({"date": "2023-05-08"}, microseconds(2023, 5, 8)),
        ({"time": "2021-01-01", "date": "2023-05-08"}, microseconds(2021, 1, 1)),
        ({"time": "once", "date": "2023-05-08"}, microseconds(2023, 5, 8)),
        ({"date": "on 31 June, 2023"}, None),
        ({"date": 2023}, None),
        ({}, None),
    ],
)
def test_the_time_of_a_document(meta: dict[str, object], expected: int | None) -> None:
    assert document_time(Document("d", "", "Text.", meta)) == expected


def test_half_is_forgotten_by_title_and_by_id_where_there_is_none() -> None:
    titles = [f"title {n}" for n in range(400)]
    halves = [forgotten(Document("a", title, "Text.")) for title in titles]
    assert halves == [forgotten(Document("b", title, "Other.")) for title in titles]
    assert halves == [forgotten(Document(title, "", "Text.")) for title in titles]
    assert 160 < sum(halves) < 240
    # The SHA-256 of "forget:Alham" begins with the byte 0x23, that of "forget:Kendal" with 0xb2.
    assert [forgotten(Document("x", title, "")) for title in ("Alham", "Kendal")] == [True, False]
