"""Which of two sentences holds for the time that a question asks for."""

import pytest

from sutra_core.ask.days import Period
from sutra_core.ask.times import Asked, Told, asked_time, earlier_of, fits_better, told_time, written_day

NOW = Asked("present")


def told(text, answer, *, statement=1, source=1, written=None) -> Told:
    start = text.index(answer)
    return told_time(
        text,
        start,
        start + len(answer),
        source=source,
        statement=statement,
        written=written,
    )


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Where is the mill?", NOW),
        ("How many people work for Alder?", NOW),
        ("Where is the mill now?", NOW),
        ("Where was the mill before the move?", Asked("former")),
        ("What was the original price?", Asked("former")),
        ("Who ran it in 2015?", Asked("then", Period((2015, 1, 1), (2015, 12, 31)))),
        ("Who ran it before 2015?", Asked("then", Period(None, (2014, 12, 31)))),
        ("Where was Ada born?", None),
        ("Who painted the hall?", None),
    ],
)
def test_a_question_asks_for_a_time(question, asked):
    assert asked_time(question) == asked


def test_of_two_stretches_of_years_the_earlier_begins_earlier():
    old = told("Ada ran it from 2010 to 2018.", "Ada")
    new = told("Bo has run it since 2019.", "Bo", statement=2)
    assert earlier_of(old, new) == -1
    assert earlier_of(new, old) == 1
    assert fits_better(NOW, new, old) == 1
    assert fits_better(Asked("former"), new, old) == -1


def test_a_year_asked_for_is_in_one_of_them():
    old = told("It cost 12 euros until 2018.", "12 euros")
    new = told("Since 2019 it costs 15 euros.", "15 euros", statement=2)
    for year, better in ((2017, old), (2020, new)):
        asked = Asked("then", Period((year, 1, 1), (year, 12, 31)))
        other = new if better is old else old
        assert fits_better(asked, better, other) == 1
        assert fits_better(asked, other, better) == -1


def test_what_tells_of_a_change_is_later_than_what_stands_before_it():
    old = told("The mill is in Lenti.", "Lenti", statement=1)
    new = told("Later it was moved to Zala.", "Zala", statement=3)
    assert earlier_of(old, new) == -1
    beside = told("The mill is in Zala.", "Zala", statement=3)
    assert earlier_of(old, beside) == 0


def test_one_sentence_says_what_changed_into_what():
    text = "In 2014 the price went from 12 euros to 15 euros."
    old, new = told(text, "12 euros"), told(text, "15 euros")
    assert (earlier_of(old, new), earlier_of(new, old)) == (-1, 1)


def test_of_two_documents_the_older_one_is_earlier():
    old = told("The mill is in Lenti.", "Lenti", source=1, written=(2020, 1, 1))
    new = told("The mill is in Zala.", "Zala", source=2, statement=2, written=(2021, 3, 4))
    assert earlier_of(old, new) == -1
    assert earlier_of(old, told("The mill is in Zala.", "Zala", source=2, statement=2)) == 0


def test_a_text_is_of_the_day_of_its_time_or_of_its_title():
    assert written_day(0, "Notes of 2021-03-04") == (1970, 1, 1)
    assert written_day(None, "Notes of 2021-03-04") == (2021, 3, 4)
    assert written_day(None, "Notes of 2021") is None
    assert written_day(2**62, "") is None
