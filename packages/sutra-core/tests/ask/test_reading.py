"""From windows that were read to the answer: with a reader that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from word_reader import WordReader

from sutra_core.ask import answer_question
from sutra_core.ask.analyse import analyse
from sutra_core.ask.candidates import key_of, overlap
from sutra_core.ask.paths import Sentence
from sutra_core.ask.pipeline import unjudged
from sutra_core.ask.read import read_windows
from sutra_core.ask.stems import Stems
from sutra_core.ask.windows import Window
from sutra_core.reader import Reading, Span, WindowText
from sutra_core.types import SourceDraft


class Scripted:
    """Reads the same in every window, and keeps what it was shown."""

    fingerprint = "ab" * 32

    def __init__(self, *spans: tuple[str, float], yes: float = -9.0, no: float = -9.0) -> None:
        self.spans = spans
        self.verdict = (yes, no)
        self.shown: list[list[WindowText]] = []

    def read(self, question: str, windows: Sequence[WindowText]) -> list[Reading]:
        self.shown.append(list(windows))
        return [self._one(window.text) for window in windows]

    def _one(self, text: str) -> Reading:
        found = [(text.find(words), words, score) for words, score in self.spans]
        spans = tuple(Span(at, at + len(words), score) for at, words, score in found if at >= 0)
        return Reading(spans, *self.verdict)

    def close(self) -> None:
        """Holds nothing."""


def windows(*texts: str) -> list[Window]:
    sentences = [Sentence(number, text, number, "", 0.0, 0.0, ()) for number, text in enumerate(texts, 1)]
    return [
        Window("", each.text, ((0, each),), at, 1.0, 0, False, 1 / (1 + at))
        for at, each in enumerate(sentences)
    ]


def read(view, reader: Scripted, *texts: str, question: str = "Where was Marta Kovač born?"):
    return read_windows(reader, analyse(view, question), Stems(view), windows(*texts))


def test_a_span_loses_the_punctuation_around_it_and_nothing_else(facts) -> None:
    reader = Scripted(('"Lenti",', 2.0), ("(in 1961", 1.0))
    found = read(facts, reader, 'It was "Lenti", they say (in 1961).')
    assert [(each.text, each.score) for each in found.spans] == [("Lenti", 2.0), ("in 1961", 1.0)]
    for each in found.spans:
        assert each.sentence.text[each.start : each.end] == each.text


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Marta Kovač was there.", "Marta Kovač"),
        ("See https://aln.example/a for it.", "https://aln.example/a"),
        ("Was she born in Graz?", "Graz"),
        ("It was -- there.", "--"),
        ("She was in there.", "in"),
    ],
    ids=["the question's own words", "an address", "a question", "no word", "nothing said"],
)
def test_what_is_no_answer_by_its_form_is_left_out(facts, text: str, span: str) -> None:
    assert read(facts, Scripted((span, 9.0)), text).spans == ()


def test_more_windows_are_read_only_where_the_first_settle_nothing(facts) -> None:
    texts = [f"She lived in Lenti {number}." for number in range(20)]
    sure, unsure = Scripted(("Lenti", 9.0)), Scripted(("Lenti", 1.0))
    assert len(read(facts, sure, *texts).windows) == 4
    assert [len(shown) for shown in sure.shown] == [4]
    assert len(read(facts, unsure, *texts).windows) == 12
    assert [len(shown) for shown in unsure.shown] == [4, 4, 4]


def test_candidates_that_say_the_same_are_one() -> None:
    assert key_of("The Aln,  at Alham") == key_of("aln at alham.")
    assert key_of("An hour") != key_of("hours")
    assert overlap("in 1982", "1982") and not overlap("1982", "198")


def test_what_is_read_and_what_is_a_fact_are_one_candidate(facts, embedder) -> None:
    found = unjudged(facts, embedder, Scripted(("Lenti", 5.0)), "Where was Marta Kovač born?")
    (lenti,) = [each for each in found if each.text == "Lenti"]
    assert lenti.fact is not None and lenti.spans
    assert lenti.features["fact"] > 0.5 and lenti.features["read"] == 1
    assert lenti.features["names"] == 1 and lenti.missing == ()
    alone = unjudged(facts, embedder, Scripted(), "Where was Marta Kovač born?")
    assert [(each.text, each.features["read"]) for each in alone] == [("Lenti", 0)]


def test_a_fact_that_says_otherwise_speaks_against_it(facts, embedder) -> None:
    found = unjudged(facts, embedder, Scripted(("Kerka", 5.0)), "Where was Marta Kovač born?")
    features = {each.text: each.features for each in found}
    assert features["Kerka"]["against"] > 0.5 and features["Lenti"]["against"] == 0


def test_a_question_for_yes_or_no_gets_verdicts_alone(facts, embedder) -> None:
    found = unjudged(
        facts, embedder, Scripted(("Graz", 9.0), yes=3.0, no=-2.0), "Was Tomas Riedl born in Graz?"
    )
    assert {each.text for each in found} == {"yes", "no"}
    yes, no = sorted(found, key=lambda each: -each.score)
    assert (yes.text, yes.score, no.score) == ("yes", 3.0, -5.0)
    assert yes.evidence and yes.features["verdict"] == 1


def test_the_answer_says_where_it_was_read(facts, embedder) -> None:
    answer = answer_question(facts, embedder, "Where was Marta Kovač born?", reader=WordReader(), threshold=0)
    reading = answer.reading
    assert reading is not None
    assert reading.window[reading.start : reading.end] == answer.text
    assert answer.text in answer.citations[0].text
    assert set(answer.timings_ms) >= {"read", "weigh"} and "aggregate" not in answer.timings_ms


def test_the_same_question_is_read_the_same_way(facts, embedder) -> None:
    one, two = (
        answer_question(facts, embedder, "Who founded Kestrel Systems?", reader=WordReader()) for _ in "ab"
    )
    assert replace(one, timings_ms={}) == replace(two, timings_ms={})


def test_what_was_read_is_a_span(teach, embedder) -> None:
    view = teach(SourceDraft("a", "The sensor F709 must be inspected every 700 hours."))
    reader = Scripted(("every 700 hours", 9.0))
    answer = answer_question(view, embedder, "How is sensor F709 inspected?", reader=reader, threshold=0)
    assert (answer.text, answer.kind) == ("every 700 hours", "span")
