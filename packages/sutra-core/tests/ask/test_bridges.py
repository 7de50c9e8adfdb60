from __future__ import annotations

import pytest

from sutra_core.ask import answer_question
from sutra_core.types import SourceDraft

TEXTS = [
    SourceDraft(
        "dyes", "Mirabel was first extracted from lichens by Orla Fenn in 1841. Lichens grow slowly."
    ),
    SourceDraft("fenn", "Orla Fenn was a chemist. She was born in Tolvik.", "Orla Fenn"),
    SourceDraft("brask", "Nils Brask was a chemist. He was born in Harnes.", "Nils Brask"),
    SourceDraft("wool", "Nils Brask washed wool in Harnes. Wool takes mirabel badly."),
    SourceDraft("tolvik", "Tolvik, a town of weavers, lies on the Skerra.", "Tolvik"),
    SourceDraft("skerra", "The Skerra is a river of the north.", "Skerra"),
    SourceDraft("harnes", "Harnes lies on the Lomme.", "Harnes"),
]


@pytest.fixture
def answer(teach, embedder):
    view = teach(*TEXTS)
    return lambda question, **options: answer_question(view, embedder, question, **options)


def test_a_description_leads_to_whom_it_describes_and_on_from_there(answer) -> None:
    found = answer("Where was the chemist who first extracted mirabel from lichens born?")
    assert found.text == "Tolvik"
    assert {citation.address for citation in found.citations} >= {"dyes", "fenn"}


def test_a_fact_leads_to_what_a_sentence_says_of_its_end(answer) -> None:
    found = answer("On which river lies the town in which Orla Fenn was born?", threshold=0.1)
    assert found.text == "Skerra"
    assert {citation.address for citation in found.citations} >= {"tolvik", "fenn"}
    steps = [step.relation for step in found.paths[0].steps]
    assert steps == ["born_in", "mentions", "mentions"]


def test_without_a_description_nothing_is_bridged(answer) -> None:
    found = answer("Where was Orla Fenn born?")
    assert found.text == "Tolvik"
    assert len(found.paths[0].steps) == 1


def test_a_description_that_no_text_gives_is_refused(answer) -> None:
    assert answer("Where was the chemist who first bottled ozone born?").kind == "unknown"
