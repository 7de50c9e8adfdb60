from __future__ import annotations

import pytest

from sutra_core.ask import answer_question
from sutra_core.ask.analyse import analyse
from sutra_core.ask.compare import date_key, propose_comparisons


def answers(view, question: str) -> list[str]:
    return [each.text for each in propose_comparisons(view, analyse(view, question))]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which film was released first, Winter Harbour or Low Tide?", "Winter Harbour"),
        ("Which film was released later, Winter Harbour or Low Tide?", "Low Tide"),
        ("Who was born first, Marta Kovač or Ben Okoye?", "Marta Kovač"),
        ("Who is younger, Marta Kovač or Ben Okoye?", "Ben Okoye"),
        ("Which film has the director who was born later, Winter Harbour or Low Tide?", "Low Tide"),
    ],
)
def test_choices_are_decided_by_their_dates(facts, question: str, answer: str) -> None:
    assert answers(facts, question) == [answer]


def test_no_date_no_decision(facts, teach) -> None:
    assert answers(facts, "Who died first, Marta Kovač or Ben Okoye?") == []
    vague = teach("Ada Kern was born in 1950.", "Ida Kern was born on 2 May 1950.")
    assert answers(vague, "Who was born first, Ada Kern or Ida Kern?") == []


def test_yes_needs_the_fact_and_no_needs_two(teach) -> None:
    view = teach(
        "Ana Silva is a Portuguese chemist.",
        "Rui Costa is a Portuguese painter.",
        "Kai Holm is a Danish painter.",
        "Ana Silva was born in Faro.",
    )
    assert answers(view, "Do Ana Silva and Rui Costa have the same nationality?") == ["yes"]
    assert answers(view, "Do Ana Silva and Kai Holm share the same nationality?") == ["no"]
    assert answers(view, "Is Ana Silva a chemist?") == ["yes"]
    assert answers(view, "Is Ana Silva a painter?") == []
    assert answers(view, "Was Ana Silva born in Faro?") == ["yes"]
    assert answers(view, "Was Ana Silva born in Braga?") == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Is Fred Hale the father of Gina Hale?", ["yes"]),
        ("Is Gina Hale the father of Fred Hale?", ["no"]),
        ("Was Acme Works founded by Ana Silva?", ["yes"]),
        ("Did Ana Silva found Acme Works?", ["yes"]),
        ("Is Ana Silva married to Rui Costa?", ["yes"]),
        ("Is Rui Costa married to Ana Silva?", ["yes"]),
        ("Is Kai Holm the father of Gina Hale?", []),
    ],
)
def test_a_claim_has_its_direction(teach, question: str, said: list[str]) -> None:
    view = teach(
        "Fred Hale is the father of Gina Hale.",
        "Ana Silva founded Acme Works in 1990.",
        "Ana Silva is married to Rui Costa.",
        "Kai Holm is a chemist.",
    )
    assert answers(view, question) == said


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2 November 1932", (1932, 11, 2)),
        ("July 23, 1968", (1968, 7, 23)),
        ("June 1970", (1970, 6, 0)),
        ("c. 850", (850, 0, 0)),
        ("the 1960s", None),
        ("spring", None),
    ],
)
def test_dates_are_read_as_far_as_they_go(text: str, key) -> None:
    assert date_key(text) == key


@pytest.mark.parametrize(
    ("taught", "question", "never"),
    [
        (
            ["Anna Bell was born in Leeds.", "Tom Hill was born in London."],
            "Were Anna Bell and Tom Hill born in the same country?",
            "no",
        ),
        (["Anna Bell was born in Leeds."], "Was Anna Bell not born in Leeds?", "yes"),
        (["Marie Hill is a physicist and a chemist."], "Isn't Marie Hill a chemist?", "yes"),
        (
            ["Anna Bell was a painter.", "Tom Hill was a chemist."],
            "Did Anna Bell and Tom Hill have the same occupation?",
            "no",
        ),
        (
            ["Alpha Town was founded in 753 BC.", "Beta Town was founded in 410 BC."],
            "Which was founded earlier, Alpha Town or Beta Town?",
            "Beta Town",
        ),
    ],
)
def test_nothing_is_concluded_that_the_facts_do_not_decide(teach, embedder, taught, question, never) -> None:
    assert answer_question(teach(*taught), embedder, question).text != never
