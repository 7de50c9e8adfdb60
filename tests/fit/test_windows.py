"""Windows: they hold what they are cut around, never begin or end in mid-word, and cover a text."""

from __future__ import annotations

import random

from fit.reader.pieces import Pieces, cut
from fit.reader.windows import apart, around, overlapping
from hypothesis import given
from hypothesis import strategies as some
from tokenizers import Tokenizer

texts = some.lists(
    some.sampled_from(["the", "a", "bridge", "Brunel", "built.", "Then", "it", "fell.", "In", "1864,"]),
    min_size=1,
    max_size=80,
).map(" ".join)


@given(texts, some.data(), some.integers(12, 60), some.integers())
def test_a_window_holds_the_answer_and_cuts_no_word(
    tokeniser: Tokenizer, text: str, data: some.DataObject, size: int, seed: int
) -> None:
    pieces = cut(tokeniser, text)
    low = data.draw(some.integers(0, len(pieces) - 1))
    high = data.draw(some.integers(low + 1, len(pieces)))
    window = around(pieces, low, high, size, random.Random(seed))
    if window is None:
        assert high - low > size - 14
        return
    assert window[0] <= low
    assert high <= window[1] <= window[0] + size
    assert _cuts_no_word(pieces, window)


def test_an_answer_is_not_always_in_the_same_place(tokeniser: Tokenizer) -> None:
    pieces = cut(tokeniser, "a b c d e f g h i j k l m n o p q r s t u v w x y z")
    begun = {around(pieces, 12, 13, 10, random.Random(n)) for n in range(200)}
    assert len(begun) > 5


@given(texts, some.data(), some.integers(8, 60), some.integers())
def test_a_window_apart_shares_nothing_with_what_is_taken(
    tokeniser: Tokenizer, text: str, data: some.DataObject, size: int, seed: int
) -> None:
    pieces = cut(tokeniser, text)
    low = data.draw(some.integers(0, len(pieces) - 1))
    high = data.draw(some.integers(low + 1, len(pieces)))
    window = apart(pieces, [(low, high)], size, random.Random(seed), least=4)
    if window is None:
        return
    assert window[1] <= low or high <= window[0]
    assert 4 <= window[1] - window[0] <= size
    assert _cuts_no_word(pieces, window)


@given(texts, some.integers(12, 60))
def test_overlapping_windows_cover_the_text(tokeniser: Tokenizer, text: str, size: int) -> None:
    pieces = cut(tokeniser, text)
    windows = overlapping(pieces, size, size // 2)
    assert {n for low, high in windows for n in range(low, high)} == set(range(len(pieces)))
    assert all(0 < high - low <= size for low, high in windows)
    assert [low for low, _ in windows] == sorted({low for low, _ in windows})


def _cuts_no_word(pieces: Pieces, window: tuple[int, int]) -> bool:
    return {*window} <= {*pieces.words}
