from __future__ import annotations

import pytest

from sutra_core.ask.english import is_english
from sutra_core.reference.words import terms


@pytest.mark.parametrize("word", ["loud", "played", "while", "colours", "colors", "organised", "Monday"])
def test_common_words_are_english_in_any_form(word: str) -> None:
    assert all(map(is_english, terms(word) or [word]))


@pytest.mark.parametrize("word", ["falcn", "projcet", "univeristy", "# SCOWL", ""])
def test_slips_are_not(word: str) -> None:
    assert not is_english(word)
