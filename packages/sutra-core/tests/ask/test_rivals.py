"""Candidates that say the same thing of another time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sutra_core.ask.analyse import analyse
from sutra_core.ask.groups import Group
from sutra_core.ask.paths import Sentence
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.rivals import Rivals
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window


def rivals_of(teach, question: str, said: Sequence[tuple[str, str, float]], sources=()):
    """The candidates, one for each sentence with its answer and score, all read in one window."""
    view = teach(*(text for text, _, _ in said))
    sentences = [
        Sentence(number, text, sources[number - 1] if sources else 1, "", 0.0, 0.0, ())
        for number, (text, _, _) in enumerate(said, 1)
    ]
    groups, places, at = [], [], 0
    for sentence, (text, answer, score) in zip(sentences, said, strict=True):
        start = text.index(answer)
        span = FoundSpan(answer, sentence, start, start + len(answer), score, 0)
        groups.append(Group(answer, [span]))
        places.append((at, sentence))
        at += len(text) + 1
    window = Window("", " ".join(text for text, _, _ in said), tuple(places), 0, 1.0, 0, False, 1.0)
    spans = tuple(sorted((group.spans[0] for group in groups), key=lambda each: -each.score))
    rivals = Rivals(analyse(view, question), groups, Read((window,), spans, ()), Stems(view).of)
    return rivals, groups


MOVED = (
    ("The mill stands in Lenti.", "Lenti", 9.0),
    ("In spring it was moved to Zala.", "Zala", -2.0),
    ("The boat lies in Pecs.", "Pecs", -4.0),
)


def test_what_became_of_it_is_meant_and_the_earlier_is_told(teach):
    rivals, (old, new, other) = rivals_of(teach, "Where is the mill?", MOVED)
    assert rivals.fit(new)["timely"] == 1
    assert rivals.fit(old) == {"timely": 0.0, "untimely": 1.0, "further": -1.0}
    assert rivals.fit(other) == {"timely": 0.0, "untimely": 0.0, "further": 0.0}
    assert [(each.text, each.statement, each.earlier) for each in rivals.other_times(new)] == [
        ("Lenti", 1, True)
    ]
    assert [(each.text, each.earlier) for each in rivals.other_times(old)] == [("Zala", False)]


def test_what_it_was_before_is_meant_where_that_is_asked(teach):
    rivals, (old, new, _) = rivals_of(teach, "Where was the mill before?", MOVED)
    assert (rivals.fit(old)["timely"], rivals.fit(new)["untimely"]) == (1, 1)


@pytest.mark.parametrize(("year", "meant"), [(2016, 0), (2021, 1)])
def test_a_year_picks_the_one_of_its_time(teach, year, meant):
    said = (
        ("Until 2018 the mill had 12 doors.", "12", 8.0),
        ("Since 2019 the mill has 15 doors.", "15", 7.0),
    )
    rivals, groups = rivals_of(teach, f"How many doors did the mill have in {year}?", said)
    assert [rivals.fit(group)["timely"] for group in groups] == [1 - meant, meant]
    assert [rivals.fit(group)["untimely"] for group in groups] == [meant, 1 - meant]


def test_no_time_is_preferred_where_none_is_asked_for(teach):
    rivals, (old, new, _) = rivals_of(teach, "Where was the mill built?", MOVED)
    assert not any([*rivals.fit(old).values(), *rivals.fit(new).values()])


def test_two_sources_that_tell_no_time_are_no_change(teach):
    said = (("The mill stands in Lenti.", "Lenti", 9.0), ("The mill stands in Zala.", "Zala", 8.0))
    rivals, (one, other) = rivals_of(teach, "Where is the mill?", said, sources=(1, 2))
    assert rivals.other_times(one) == rivals.other_times(other) == ()
