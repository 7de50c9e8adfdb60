"""Pieces: ranges of characters and back, where words and sentences begin, windows cut as their own text."""

from __future__ import annotations

import pytest
from fit.reader.pieces import Pool, cut
from hypothesis import given
from hypothesis import strategies as some
from tokenizers import Tokenizer

TEXT = "Brunel was born in Portsmouth. He built the bridge (in 1864)! Then he died."


def test_a_range_of_characters_becomes_the_pieces_that_hold_it(pool: Pool) -> None:
    pieces = pool.pieces(TEXT)
    low = TEXT.index("Portsmouth")
    found = pieces.piece_range(low, low + len("Portsmouth"))
    assert found is not None
    assert pieces.characters(*found) == "Portsmouth"


def test_a_range_within_a_word_takes_the_pieces_it_touches(pool: Pool) -> None:
    found = pool.pieces("the singing").piece_range(4, 6)
    assert found is not None
    assert pool.pieces("the singing").characters(*found).startswith("si")


def test_a_range_of_white_space_has_no_pieces(pool: Pool) -> None:
    assert pool.pieces("a  b").piece_range(1, 3) is None


def test_sentences_begin_at_words_that_follow_an_end(pool: Pool) -> None:
    pieces = pool.pieces(TEXT)
    begun = [pieces.text[pieces.starts[n]] for n in pieces.sentences[:-1]]
    assert begun == ["B", "H", "T"]
    assert pieces.sentences[-1] == pieces.words[-1] == len(pieces)


def test_no_word_begins_behind_a_mark_without_white_space(pool: Pool) -> None:
    pieces = pool.pieces("don't (stop) now")
    assert [pieces.text[pieces.starts[n]] for n in pieces.words[:-1]] == ["d", "(", "n"]


@given(some.text("ab .,'(", max_size=40), some.data())
def test_a_window_between_words_has_the_pieces_of_its_own_text(
    tokeniser: Tokenizer, text: str, data: some.DataObject
) -> None:
    pieces = cut(tokeniser, text)
    low, high = sorted(data.draw(some.lists(some.sampled_from(pieces.words), min_size=2, max_size=2)))
    assert cut(tokeniser, pieces.characters(low, high)).ids == pieces.ids[low:high]


def test_a_text_is_kept_once(pool: Pool) -> None:
    assert [pool.number("a b"), pool.number("c"), pool.number("a b")] == [0, 1, 0]
    ids, bounds = pool.flat()
    assert len(ids) == 3
    assert bounds.tolist() == [0, 2, 3]


@pytest.mark.parametrize("text", ["", "   "])
def test_a_text_without_words_has_no_pieces(pool: Pool, text: str) -> None:
    assert len(pool.pieces(text)) == 0
