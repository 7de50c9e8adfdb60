"""A question finds texts in its own language by every form of a word, and English stays as it was."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sutra_core.languages import asked_in_its_language, language_code, with_language
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, SourceDraft

TEXTS = {
    "de": "Die alten Häuser am Hafen wurden im Jahre 1852 von einem Kaufmann aus Bremen gebaut.",
    "fr": "Les anciennes maisons du port furent construites en 1852 par un marchand de Brême.",
    "ru": "Старые дома у гавани были построены в 1852 году богатым купцом из города Бремена.",
    "ja": "港の古い家は一八五二年にブレーメンの商人によって建てられました。",
    "en": "The old houses at the harbour were built in 1852 by a merchant of Bremen.",
}


def store(*texts: str) -> ReferenceStore:
    found = ReferenceStore(fingerprint="none", dimension=2)
    for number, text in enumerate(texts):
        draft = SourceDraft(f"text {number}", text, attributes=with_language({}, text))
        found.commit(Batch([draft], [(0, 0, len(text.encode()), True, True)]))
    return found


def found(texts: tuple[str, ...], question: str) -> list[int]:
    view = asked_in_its_language(store(*texts).view(), question)
    return view.search_words(question, 5)[0].tolist()


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_the_language_of_a_text_is_detected_and_counted(code: str, text: str) -> None:
    assert with_language({}, text) == {"language": code}
    assert store(text).view().languages() == {code: 1}


def test_what_was_said_of_a_text_is_not_overruled() -> None:
    attributes: Mapping[str, str] = {"language": "pt-BR", "by": "Ana"}
    assert with_language(attributes, TEXTS["de"]) == attributes
    assert language_code("pt-BR") == "pt"


def test_a_text_too_short_to_tell_has_no_language() -> None:
    assert with_language({"by": "Ana"}, "Aln 1852") == {"by": "Ana"}
    assert store("Aln 1852").view().languages() == {"en": 1}


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("de", "Wer hat das Haus am Hafen gebaut, von dem hier die Rede ist?"),
        ("fr", "Qui a construit la maison dans les ports de cette ville?"),
        ("ru", "Кем был построен дом у самой гавани этого старого города?"),
        ("ja", "港の家は誰によって建てられましたか。"),
    ],
)
def test_a_question_finds_the_text_of_its_language_by_other_forms(code: str, question: str) -> None:
    texts = (TEXTS["en"], TEXTS[code], "Something else entirely is said of the hills here.")
    assert found(texts, question)[0] == 2


def test_a_short_question_is_taken_for_the_language_of_most_texts() -> None:
    texts = (TEXTS["de"], "Der Fluss entspringt in den Hügeln und mündet bei der Stadt ins Meer.")
    assert found(texts, "Häfen?") == [1]


def test_a_short_question_is_taken_for_the_language_that_has_its_words() -> None:
    texts = (TEXTS["en"], "The ships leave the harbour at dawn.", "The merchant is old.", TEXTS["fr"])
    assert found(texts, "marchande constructions") == [4]


def test_a_store_in_english_is_asked_in_english() -> None:
    view = store(TEXTS["en"]).view()
    assert asked_in_its_language(view, TEXTS["de"]) is view
