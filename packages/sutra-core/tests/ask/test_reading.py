"""From windows that were read to the answer: with a reader that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from word_reader import WordReader

from sutra_core.ask import answer_question, rank_passages
from sutra_core.ask.analyse import analyse
from sutra_core.ask.groups import key_of, overlap
from sutra_core.ask.paths import Sentence
from sutra_core.ask.pipeline import unjudged
from sutra_core.ask.read import read_windows
from sutra_core.ask.rerank import keep_first, rerank
from sutra_core.ask.spread import Ranked
from sutra_core.ask.stems import Stems
from sutra_core.ask.weights import READ, READ_SHARE
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

    def read_several(self, asked: Sequence[tuple[str, Sequence[WindowText]]]) -> list[list[Reading]]:
        return [self.read(question, windows) for question, windows in asked]

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
    return list(read_windows(reader, analyse(view, question), Stems(view), windows(*texts)))[-1]


def candidates(view, embedder, reader: Scripted, question: str):
    """The candidates when all windows are read."""
    return list(unjudged(view, embedder, reader, question))[-1][1]


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


def test_two_windows_are_read_and_then_up_to_six(facts) -> None:
    reader = Scripted(("Lenti", 9.0))
    asked = analyse(facts, "Where was Marta Kovač born?")
    shown = windows(*(f"She lived in Lenti {number}." for number in range(20)))
    readings = read_windows(reader, asked, Stems(facts), shown)
    assert len(next(readings).windows) == 2 and len(reader.shown) == 1
    assert [len(each.windows) for each in readings] == [6]
    assert [len(each) for each in reader.shown] == [2, 4]


def test_without_windows_nothing_is_read(facts) -> None:
    reader = Scripted(("Lenti", 9.0))
    assert read(facts, reader).spans == () and reader.shown == []


def test_candidates_that_say_the_same_are_one() -> None:
    assert key_of("The Aln,  at Alham") == key_of("aln at alham.")
    assert key_of("An hour") != key_of("hours")
    assert overlap("in 1982", "1982") and not overlap("1982", "198")


def test_what_is_read_and_what_is_a_fact_are_one_candidate(facts, embedder) -> None:
    found = candidates(facts, embedder, Scripted(("Lenti", 5.0)), "Where was Marta Kovač born?")
    (lenti,) = [each for each in found if each.text == "Lenti"]
    assert lenti.fact is not None and lenti.spans
    assert lenti.features["fact"] > 0.5 and lenti.features["read"] == 1
    assert lenti.features["names"] == 1 and lenti.missing == ()
    alone = candidates(facts, embedder, Scripted(), "Where was Marta Kovač born?")
    (known,) = [each for each in alone if each.features["fact"]]
    assert (known.text, known.features["read"]) == ("Lenti", 0)


def test_a_fact_that_says_otherwise_speaks_against_it(facts, embedder) -> None:
    found = candidates(facts, embedder, Scripted(("Kerka", 5.0)), "Where was Marta Kovač born?")
    features = {each.text: each.features for each in found}
    assert features["Kerka"]["against"] > 0.5 and features["Lenti"]["against"] == 0


def test_a_question_for_yes_or_no_gets_verdicts_alone(facts, embedder) -> None:
    found = candidates(
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


def test_every_source_of_the_window_is_told_not_the_cited_one_alone(teach, embedder) -> None:
    born = "Ada Brook was born in Lenti."
    view = teach(
        SourceDraft("a.txt", born, "Ada Brook"),
        SourceDraft("b.txt", f"{born} She kept bees in Zala.", "Ada Brook"),
    )
    answer = answer_question(view, embedder, "Where was Ada Brook born?", reader=WordReader(), threshold=0.0)
    assert answer.reading is not None and answer.text == "Lenti"
    assert answer.reading.sources == (1, 2)
    assert answer.sources() == [1, 2]


def test_what_the_answer_would_be_without_its_best_source_is_told(teach, embedder) -> None:
    question = "Where was Ada Brook born?"
    one = SourceDraft("a.txt", "Ada Brook was born in Lenti.")
    copy = SourceDraft("b.txt", "It is said that Ada Brook was born in Lenti.")
    alone = answer_question(teach(one), embedder, question, reader=WordReader(), threshold=0.0)
    both = answer_question(teach(one, copy), embedder, question, reader=WordReader(), threshold=0.0)
    assert alone.without_best is not None and alone.without_best.text == "I don't know"
    assert alone.without_best.address == alone.citations[0].address == "a.txt"
    assert both.without_best is not None and both.without_best.text == both.text
    assert both.without_best.address == both.citations[0].address
    assert f"without {both.citations[0].address}: {both.text}" in both.to_text()


RANKED = [Ranked(11, 1.0, 0), Ranked(12, 0.95, 0), Ranked(13, 0.5, 11)]


def test_the_passage_of_the_surest_span_moves_up_and_no_other(facts) -> None:
    found = read(facts, Scripted(("Lenti", 20.0)), "She was there.", "It was in Lenti.", "It was in Graz.")
    order = rerank(RANKED, found, 1.0)
    assert [passage for passage, _ in order] == [12, 11, 13]
    assert dict(order)[11] == 1.0 and dict(order)[13] == 0.5
    assert 0.95 < dict(order)[12] <= 0.95 + READ


def test_the_passage_that_led_to_it_moves_up_with_it(facts) -> None:
    found = read(facts, Scripted(("Lenti", 20.0)), "She was there.", "It was in Graz.", "It was in Lenti.")
    led = replace(found, windows=tuple(replace(each, led=each.chain // 2) for each in found.windows))
    order = dict(rerank(RANKED, led, 1.0))
    assert order[11] > 1.0 and order[13] > 0.5 and order[12] == 0.95


def test_what_was_not_found_or_has_little_of_the_question_moves_nothing(facts) -> None:
    plain = [(each.passage, each.score) for each in RANKED]
    found = read(facts, Scripted(("Lenti", 20.0)), "She was there.", "It was in Lenti.")
    assert rerank(RANKED, found, READ_SHARE) == plain
    assert rerank(RANKED, read(facts, Scripted(), "It was in Lenti."), 1.0) == plain


def test_the_best_before_any_hop_keeps_the_second_place_at_least() -> None:
    ranking = [(11, 1.0), (12, 0.9), (13, 0.5), (14, 0.4)]
    assert keep_first(ranking, 14) == [(11, 1.0), (14, 1.0), (12, 0.9), (13, 0.5)]
    assert keep_first(ranking, 11) == keep_first(ranking, 12) == keep_first(ranking, 99) == ranking


def test_a_question_is_ranked_by_what_is_read_too(facts, embedder) -> None:
    question = "Where was Marta Kovač born?"
    plain = dict(rank_passages(facts, embedder, question, 10))
    found = dict(rank_passages(facts, embedder, question, 10, reader=Scripted(("Lenti", 20.0))))
    (gained,) = [passage for passage, score in found.items() if score > plain[passage]]
    assert "Lenti" in facts.concepts([gained])[0].text
    assert dict(rank_passages(facts, embedder, question, 10, reader=Scripted())) == plain


def test_of_two_things_offered_nothing_else_is_an_answer(facts, embedder) -> None:
    reader = Scripted(("1998", 9.0), ("Winter Harbour", 2.0))
    asked = "Which film was released first, Winter Harbour or Low Tide?"
    assert {each.text for each in candidates(facts, embedder, reader, asked)} <= {
        "Winter Harbour",
        "Low Tide",
    }


def test_all_that_is_asked_for_is_one_candidate_with_all_its_sentences(teach, embedder) -> None:
    view = teach("Mira speaks Danish. Mira also speaks Greek.")
    reader = Scripted(("Danish", 9.0), ("Greek", 7.0))
    found = candidates(view, embedder, reader, "Which languages does Mira speak?")
    (both,) = [each for each in found if each.text == "Danish and Greek"]
    assert len(both.evidence) == 2
    assert (both.features["several"], both.features["items"]) == (1, 0.5)
    answer = answer_question(view, embedder, "Which languages does Mira speak?", reader=reader, threshold=0)
    assert answer.kind in {"list", "span"}


def test_what_is_listed_is_counted(teach, embedder) -> None:
    view = teach("Mira speaks Danish. Mira also speaks Greek.")
    reader = Scripted(("Danish", 9.0), ("Greek", 7.0))
    found = candidates(view, embedder, reader, "How many languages does Mira speak?")
    (two,) = [each for each in found if each.text == "2"]
    assert two.features["counting"] == 1
    assert two.features["counted"] > 0.5
    assert len(two.evidence) == 2


def test_a_day_that_a_text_counts_is_the_day_that_it_was(teach, embedder) -> None:
    view = teach(SourceDraft("a", "Mira opened the kiln yesterday.", time=1_683_540_000_000_000))
    reader = Scripted(("yesterday", 9.0))
    answer = answer_question(view, embedder, "When did Mira open the kiln?", reader=reader, threshold=0)
    assert answer.text == "7 May 2023"
    assert answer.reading is not None
    assert answer.reading.window[answer.reading.start : answer.reading.end] == "yesterday"


def test_what_was_so_before_is_shown_with_what_is_so_now(teach, embedder) -> None:
    view = teach("The mill stands in Lenti. In spring it was moved to Zala.")
    reader = Scripted(("Lenti", 5.0), ("Zala", 5.0))
    answer = answer_question(view, embedder, "Where is the mill?", reader=reader, threshold=0)
    now, before = {"Zala": ("Zala", "Lenti"), "Lenti": ("Lenti", "Zala")}[answer.text]
    assert [(each.text, each.earlier) for each in answer.other_times] == [(before, now == "Zala")]


def test_a_list_has_all_that_the_facts_know(teach, embedder) -> None:
    films = ["Red Kite", "Low Tide", "Blue Lantern", "Silent Drum", "Paper Crown", "Hollow Bell"]
    view = teach(*(f"{film} is a 2004 film directed by Ada Holm." for film in films))
    found = candidates(view, embedder, Scripted(), "Which films were directed by Ada Holm?")
    (listed,) = [each for each in found if each.features["items"]]
    assert all(film in listed.text for film in films)
    assert len(listed.evidence) == len(films)
