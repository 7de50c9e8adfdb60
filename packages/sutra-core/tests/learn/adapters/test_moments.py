"""ISO 8601 and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters.moments import moment

DAY = 86_400_000_000


@given(st.datetimes())
def test_reads_what_python_writes(when: datetime) -> None:
    microseconds = moment(when.isoformat())
    assert microseconds is not None
    seconds, rest = divmod(microseconds, 1_000_000)
    whole = when.replace(tzinfo=UTC)
    assert (seconds, rest) == (int(whole.replace(microsecond=0).timestamp()), when.microsecond)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970", 0),
        ("1970-02", 31 * DAY),
        (" 1970-01-02 ", DAY),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02T00:00:00Z", DAY),
        ("1969-12-31", -DAY),
    ],
)
def test_known_moments(text: str, expected: int) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "1/2/2020", "2020-13", "0000", "2020-02-30", "٢٠٢٠x", "٢٠٢٠"])
def test_what_is_not_iso_is_none(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    "text",
    ["1712010312045", "1712010312", "20240402", "17120103.5", "20240402T101112", "2024-W01-1", "2024W01"],
)
def test_a_run_of_digits_is_no_moment(text: str) -> None:
    assert moment(text) is None


@given(st.text())
def test_never_fails(text: str) -> None:
    assert moment(text) is None or isinstance(moment(text), int)
