"""The dictionary: a word's base, its contraries and synonyms, each in the word's own form."""

from __future__ import annotations

from pathlib import Path

import pytest
from fit.reader.wordnet import Form, WordNet, ended, read_wordnet
from tiny_wordnet import write_wordnet


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    """The tiny dictionary."""
    return WordNet(write_wordnet(tmp_path))


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("carried", Form("carry", "v", "ed")),
        ("won", Form("win", "v", "ed")),
        ("stopping", Form("stop", "v", "ing")),
        ("boxes", Form("box", "n", "s")),
        ("bigger", Form("big", "a", "er")),
        ("smallest", Form("small", "a", "est")),
        ("unheard", None),
    ],
)
def test_a_form_is_led_back_to_its_base(wordnet: WordNet, word: str, form: Form | None) -> None:
    assert wordnet.form(word) == form


def test_contraries_have_the_words_form(wordnet: WordNet) -> None:
    assert wordnet.contraries("carries") == (["drops"], ["stops", "halts"])
    assert wordnet.contraries("carried")[1] == ["stopped", "halted"]
    assert wordnet.contraries("won") == (["lost"], [])
    assert wordnet.contraries("ferries") == ([], ["boxes"])
    assert wordnet.contraries("smaller") == (["bigger"], [])
    assert wordnet.contraries("unheard") == ([], [])


def test_what_is_like_a_word_has_its_contraries(wordnet: WordNet) -> None:
    assert wordnet.contraries("tiny")[0] == ["big"]


def test_synonyms_are_of_the_first_sense_and_in_use(wordnet: WordNet) -> None:
    assert wordnet.synonyms("stops") == ["halts"]
    assert wordnet.synonyms("big") == ["large"]
    assert wordnet.synonyms("carry") == []


def test_what_shares_a_meaning_is_related(wordnet: WordNet) -> None:
    assert wordnet.related("stopped", "halted")
    assert wordnet.related("small", "tiny")
    assert wordnet.related("ferry", "crafts")
    assert not wordnet.related("ferry", "box")
    assert not wordnet.related("ferry", "unheard")


def test_without_its_files_there_is_none(tmp_path: Path) -> None:
    assert read_wordnet(tmp_path) is None
    assert read_wordnet(write_wordnet(tmp_path)) is not None


def test_endings_are_put_by_the_rules_of_spelling() -> None:
    assert [ended(word, "s") for word in ("day", "city", "church")] == ["days", "cities", "churches"]
    assert [ended(word, "ing") for word in ("see", "make", "dye")] == ["seeing", "making", "dyeing"]
