"""Days as texts write them."""

import pytest

from sutra_core.ask.days import Period, stretches_in
from sutra_core.ask.spoken import counted_day


@pytest.mark.parametrize(
    ("text", "first", "last", "bounded"),
    [
        ("It opened in 2019.", (2019, 1, 1), (2019, 12, 31), False),
        ("on 3 May 2020", (2020, 5, 3), (2020, 5, 3), False),
        ("on May 3rd, 2020, it rained", (2020, 5, 3), (2020, 5, 3), False),
        ("in Sept 2020", (2020, 9, 1), (2020, 9, 30), False),
        ("2023-02-28 meeting", (2023, 2, 28), (2023, 2, 28), False),
        ("during the 1990s", (1990, 1, 1), (1999, 12, 31), False),
        ("Open since 2019.", (2019, 1, 1), None, True),
        ("from 2017 on", (2017, 1, 1), None, True),
        ("until the spring of 1988", None, (1988, 12, 31), True),
        ("before March 2020", None, (2020, 2, 29), True),
        ("before 2020", None, (2019, 12, 31), True),
        ("before 5 May 2020", None, (2020, 5, 4), True),
        ("from 2010 to 2018", (2010, 1, 1), (2018, 12, 31), True),
        ("(1990–1995)", (1990, 1, 1), (1995, 12, 31), True),
        ("between 1990 and 1995", (1990, 1, 1), (1995, 12, 31), True),
    ],
)
def test_a_stretch_of_time_is_read(text, first, last, bounded):
    (found,) = stretches_in(text)
    assert found.period == Period(first, last)
    assert found.bounded == bounded


@pytest.mark.parametrize(
    "text",
    ["It costs 1450 euros.", "sold to 2000 people", "31 February 2020", "chapter 1999", "no day at all"],
)
def test_other_numbers_are_no_days(text):
    assert stretches_in(text) == []


def test_several_are_read_in_their_order():
    found = stretches_in("Ada led it from 2010 to 2018, Bo in May 2019 and in June 2020.")
    assert [each.period.first for each in found] == [(2010, 1, 1), (2019, 5, 1), (2020, 6, 1)]


def test_the_price_that_rose_is_no_year():
    found = stretches_in("It was raised from 1200 to 1450 euros in 2014.")
    assert [each.period.first for each in found] == [(2014, 1, 1)]


def test_periods_cover_each_other_where_they_have_a_day_in_common():
    assert Period((2019, 1, 1), None).covers(Period((2021, 1, 1), (2021, 12, 31)))
    assert not Period((2019, 1, 1), None).covers(Period((2018, 1, 1), (2018, 12, 31)))
    assert not Period(None, (2017, 12, 31)).covers(Period((2018, 1, 1), (2018, 12, 31)))


MONDAY = (2023, 5, 8)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("yesterday", "7 May 2023"),
        ("Yesterday morning", "7 May 2023"),
        ("today", "8 May 2023"),
        ("tomorrow", "9 May 2023"),
        ("three days ago", "5 May 2023"),
        ("two weeks ago", "2 weeks before 8 May 2023"),
        ("last week", "the week before 8 May 2023"),
        ("next week", "the week after 8 May 2023"),
        ("a month ago", "April 2023"),
        ("next month", "June 2023"),
        ("last year", "2022"),
        ("last Friday", "5 May 2023"),
        ("last Monday", "1 May 2023"),
        ("this Friday", "12 May 2023"),
        ("next Monday", "15 May 2023"),
    ],
)
def test_a_day_is_counted_from_the_day_of_the_text(text, day):
    assert counted_day(text, MONDAY) == day


@pytest.mark.parametrize("text", ["in 2020", "the week", "an hour ago", "yesterday was better than this", ""])
def test_other_words_count_no_day(text):
    assert counted_day(text, MONDAY) is None


def test_there_is_no_day_before_the_first_year():
    assert counted_day("last year", (1, 5, 8)) is None
    assert counted_day("yesterday", (1, 1, 1)) is None


def test_a_text_of_nothing_but_years_is_read_in_time_that_its_length_is_in_proportion_to():
    assert len(stretches_in("in 1999 " * 20_000)) == 20_000
