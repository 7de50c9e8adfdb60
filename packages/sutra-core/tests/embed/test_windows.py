from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.embed.windows import character_ranges, cut, pool, sentence_of_each_token

BEGIN, END = -1, -2


@st.composite
def passages(draw: st.DrawFn) -> tuple[list[int], list[int], np.ndarray, int]:
    """A title, numbered tokens, the sentence of each (or -1 between sentences), a window's size."""
    runs = draw(st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=8))
    sentence: list[int] = []
    number = 0
    for length, inside in runs:
        sentence += [number if inside else -1] * length
        number += inside
    title = [1000 + place for place in range(draw(st.integers(0, 20)))]
    return title, list(range(len(sentence))), np.array(sentence), draw(st.integers(8, 40))


@given(passages())
def test_every_token_is_in_exactly_one_window(case: tuple[list[int], list[int], np.ndarray, int]) -> None:
    title, tokens, sentence, size = case
    windows = cut(title, tokens, sentence, begin=BEGIN, end=END, max_tokens=size)
    head = [BEGIN, *title[: size // 4]]
    assert all(window.ids[: len(head)] == head and window.ids[-1] == END for window in windows)
    assert all(len(window.ids) <= size for window in windows)
    assert [token for window in windows for token in window.ids[len(head) : -1]] == tokens


@given(passages())
def test_spans_hold_the_tokens_of_their_sentence(
    case: tuple[list[int], list[int], np.ndarray, int],
) -> None:
    title, tokens, sentence, size = case
    windows = cut(title, tokens, sentence, begin=BEGIN, end=END, max_tokens=size)
    found: dict[int, list[int]] = {}
    for window in windows:
        for number, first, last in window.spans:
            found.setdefault(number, []).extend(window.ids[first:last])
    expected = {int(n): np.flatnonzero(sentence == n).tolist() for n in set(sentence.tolist()) - {-1}}
    assert found == expected


@given(passages())
def test_only_sentences_longer_than_a_window_are_cut_inside(
    case: tuple[list[int], list[int], np.ndarray, int],
) -> None:
    title, tokens, sentence, size = case
    windows = cut(title, tokens, sentence, begin=BEGIN, end=END, max_tokens=size)
    room = size - len(title[: size // 4]) - 2
    for number in set(sentence.tolist()) - {-1}:
        parts = sum(span[0] == number for window in windows for span in window.spans)
        length = int((sentence == number).sum())
        assert parts == 1 if length <= room else parts >= 2
    if len(tokens) <= room:
        assert len(windows) == 1


@given(st.text(min_size=1, max_size=40), st.data())
def test_byte_ranges_become_character_ranges(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
    expected = list(zip(cuts[::2], cuts[1::2], strict=False))
    in_bytes = [(len(text[:a].encode()), len(text[:b].encode())) for a, b in expected]
    assert list(character_ranges(text, in_bytes)) == expected


@pytest.mark.parametrize(
    "ranges", [[(0, 0)], [(3, 1)], [(0, 8)], [(-1, 2)], [(0, 3), (2, 4)], [(3, 4), (0, 1)]]
)
def test_ranges_that_cannot_be_are_refused(ranges: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="empty, out of order or beyond"):
        character_ranges("seven b", ranges)


@pytest.mark.parametrize("ranges", [[(0, 3)], [(3, 4)]])
def test_a_range_inside_a_character_is_refused(ranges: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="inside a character"):
        character_ranges("Zoë", ranges)


@given(
    st.lists(st.integers(0, 30), max_size=12).map(sorted),
    st.sets(st.integers(0, 30), max_size=8).map(sorted),
)
def test_each_token_belongs_to_the_sentence_it_begins_in(begins: list[int], cuts: list[int]) -> None:
    ranges = list(zip(cuts[::2], cuts[1::2], strict=False))
    naive = [
        next((n for n, (start, end) in enumerate(ranges) if start <= begin < end), -1) for begin in begins
    ]
    assert sentence_of_each_token([(b, b + 1) for b in begins], ranges).tolist() == naive


@given(passages(), st.integers(0, 2**32 - 1))
def test_pooling_is_the_mean_over_the_tokens(
    case: tuple[list[int], list[int], np.ndarray, int], seed: int
) -> None:
    title, tokens, sentence, size = case
    windows = cut(title, tokens, sentence, begin=BEGIN, end=END, max_tokens=size)
    random = np.random.default_rng(seed)
    states = [random.normal(size=(len(w.ids), 6)).astype(np.float32) for w in windows]
    count = int(sentence.max()) + 1
    vector, of_sentences = pool(windows, states, count)
    everything = np.concatenate(states).astype(np.float64).mean(0)
    np.testing.assert_allclose(vector, everything / np.linalg.norm(everything), atol=1e-4)
    head = 1 + len(title[: size // 4])
    text = np.concatenate([state[head:-1] for state in states])
    for number in range(count):
        mean = text[sentence == number].astype(np.float64).mean(0)
        np.testing.assert_allclose(of_sentences[number], mean / np.linalg.norm(mean), atol=1e-4)


def test_pooling_without_tokens_gives_no_vector() -> None:
    windows = cut([], [5], np.array([0]), begin=BEGIN, end=END, max_tokens=8)
    vector, of_sentences = pool(windows, [np.ones((3, 4), np.float32)], 2)
    assert np.isfinite(vector).all()
    assert np.isfinite(of_sentences[0]).all()
    assert np.isnan(of_sentences[1]).all()
