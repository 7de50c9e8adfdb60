from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sutra_core.ask.paths import Chain, Sentence
from sutra_core.ask.windows import windows_of


def sentence(number: int, text: str, title: str = "") -> Sentence:
    return Sentence(number, text, number, title, 0.0, 0.0, ())


def chain(texts: list[str], first: int = 0, title: str = "", led: tuple[Sentence, ...] = ()) -> Chain:
    return Chain(first, 1.0, tuple(sentence(first + n, text, title) for n, text in enumerate(texts)), led)


def strengths(chains: list[Chain]) -> dict[tuple[int, int], float]:
    return {(at, each.id): 1 / (1 + each.id) for at, one in enumerate(chains) for each in one.sentences}


texts = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1), min_size=1)


@given(st.lists(texts, min_size=1, max_size=4))
def test_every_sentence_stands_in_a_window_as_it_is(passages: list[list[str]]) -> None:
    chains = [chain(passage, first=100 * n) for n, passage in enumerate(passages)]
    seen: set[int] = set()
    for window in windows_of(chains, strengths(chains)):
        for begins, each in window.places:
            assert window.text[begins : begins + len(each.text)] == each.text
            assert window.sentence_at(begins, begins + len(each.text)) == (each, begins)
            seen.add(each.id)
    assert seen == {each.id for one in chains for each in one.sentences}


def test_a_long_passage_is_cut_between_sentences_and_a_range_over_two_is_none() -> None:
    chains = [chain(["a" * 300, "b" * 300, "c" * 10])]
    first, second = windows_of(chains, strengths(chains))
    assert first.text == "a" * 300 and second.text == f"{'b' * 300} {'c' * 10}"
    assert second.sentence_at(290, 305) is None
    assert second.sentence_at(301, 311) == (chains[0].sentences[2], 301)


def test_the_most_promising_come_first() -> None:
    chains = [chain(["Nothing much."], first=50), chain(["Much."], first=1)]
    assert [window.text for window in windows_of(chains, strengths(chains))] == ["Much.", "Nothing much."]


def test_what_led_to_a_passage_stands_before_it_under_its_own_title() -> None:
    led = (sentence(7, "The bridge was designed by Ann Lee.", "Bridge"),)
    chains = [chain(["She was born in Alham."], first=1, title="Ann Lee (engineer)", led=led)]
    plain, joined = windows_of(chains, strengths(chains))
    assert (plain.title, plain.text, plain.led, plain.linked) == (
        "Ann Lee (engineer)",
        "She was born in Alham.",
        0,
        False,
    )
    assert joined.title == "Bridge"
    assert joined.text == "The bridge was designed by Ann Lee. Ann Lee (engineer): She was born in Alham."
    assert joined.led == 1 and joined.linked
    begins = joined.text.index("She")
    assert joined.sentence_at(begins, begins + 3) == (chains[0].sentences[0], begins)
    heading = joined.text.index("Ann Lee (")
    assert joined.sentence_at(heading, heading + 7) is None


def test_passages_that_do_not_name_each_other_are_not_linked() -> None:
    led = (sentence(7, "The bridge is old.", "Bridge"),)
    chains = [chain(["She was born in Alham."], first=1, title="Ann Lee", led=led)]
    assert not any(window.linked for window in windows_of(chains, strengths(chains)))
