"""Questions for all of several things, and for their number."""

import pytest

from sutra_core.ask.analyse import analyse
from sutra_core.ask.lists import as_list, asks_several, counted, listed
from sutra_core.ask.paths import Sentence
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import FoundSpan, Read
from sutra_core.ask.stems import Stems

QUESTION = "Which languages does Mira speak?"


@pytest.mark.parametrize(
    "question",
    [
        "Which languages does Mira speak?",
        "What are the colours of the flag?",
        "Who are the members of the board?",
        "Which members of the board live in Lenti?",
        "Which people work on Kestrel?",
        "List all rivers of Alham.",
    ],
)
def test_all_of_several_are_asked_for(question):
    assert asks_several(question) == "list"


@pytest.mark.parametrize(
    "question",
    [
        "Which language does Mira speak?",
        "What makes ice melt?",
        "Which company makes pumps?",
        "Which class is she in?",
        "What bus does she take?",
        "Which of the two rivers is longer?",
        "Who is Mira?",
    ],
)
def test_one_thing_is_asked_for(question):
    assert asks_several(question) is None


def test_a_number_is_asked_for():
    assert asks_several("How many languages does Mira speak?") == "count"
    assert as_list("How many languages does Mira speak?") == QUESTION


def read(*said: tuple[str, str, float]) -> Read:
    """Sentences, each with a span of it and that span's score."""
    spans = []
    for number, (text, answer, score) in enumerate(said, 1):
        start = text.index(answer)
        sentence = Sentence(number, text, number, "", 0.0, 0.0, ())
        spans.append(FoundSpan(answer, sentence, start, start + len(answer), score, 0))
    return Read((), tuple(sorted(spans, key=lambda each: -each.score)), ())


SPOKEN = (
    ("Mira speaks Danish and Polish.", "Danish and Polish", 9.0),
    ("Mira also speaks Greek.", "Greek", 7.0),
    ("Mira lives in Lenti.", "Lenti", 4.0),
    ("Boris speaks Welsh.", "Welsh", -3.0),
)


@pytest.fixture
def view(teach):
    return teach(*(text for text, _, _ in SPOKEN))


def test_the_items_of_all_sentences_are_listed_once_in_their_order(view):
    question = analyse(view, QUESTION)
    twice = (*SPOKEN, ("Mira speaks Greek.", "Greek", 8.0))
    found = listed(question, read(*twice), (), Stems(view).of)
    assert found.text == "Danish, Polish and Greek"
    assert {span.sentence.id for span in found.spans} == {1, 2, 5}


def test_ends_of_facts_are_listed_too(view):
    question = analyse(view, QUESTION)
    facts = [
        Proposal("Greek", 7, "fact", (2,), 0.9, 1.0),
        Proposal("Basque", 8, "fact", (9,), 0.9, 1.0),
        Proposal("Latin", 9, "fact", (9,), 0.2, 1.0),
        Proposal("Irish", 9, "mention", (9,), 0.9, 1.0),
    ]
    found = listed(question, read(*SPOKEN), facts, Stems(view).of)
    assert found.items == ("Danish", "Polish", "Greek", "Basque")
    assert [each.text for each in found.facts] == ["Basque"]


def test_nothing_is_listed_where_nothing_was_surely_read(view):
    question = analyse(view, QUESTION)
    assert listed(question, read(*SPOKEN[3:]), (), Stems(view).of).items == ()


def test_what_was_listed_is_counted(view):
    question = analyse(view, QUESTION)
    found = counted(question, read(*SPOKEN), (), Stems(view).of)
    assert found is not None
    assert (found.text, found.route, found.evidence) == ("3", "count", (1, 2))
    assert 0.8 < found.strength < 1
    assert counted(question, read(*SPOKEN[1:]), (), Stems(view).of) is None


def test_a_long_piece_between_commas_is_no_item(view):
    text = "Mira speaks Danish, which she learned from the sailors of a ship that was wrecked there."
    answer = text[len("Mira speaks ") : -1]
    found = listed(analyse(view, QUESTION), read((text, answer, 5.0)), (), Stems(view).of)
    assert found.items == (answer,)
