from __future__ import annotations

from dataclasses import replace

from sutra_core.ask.analyse import analyse
from sutra_core.ask.paths import Chain, Sentence
from sutra_core.ask.sentences import rate_sentences
from sutra_core.ask.stems import Stems


def sentence(text: str, *, similarity: float = 0.0) -> Sentence:
    return Sentence(1, text, 1, "", similarity, 0.0, ())


def strength(view, question: str, *chains: Chain) -> list[float]:
    return [
        each.strength for each in rate_sentences(view, analyse(view, question), Stems(view), list(chains))
    ]


def test_words_meaning_and_place_each_count(facts) -> None:
    question = "Why must the sensor F709 be inspected?"
    said, other = sentence("The sensor F709 must be inspected."), sentence("Pumps are cheap.")
    first, second = strength(facts, question, Chain(1, 1.0, (said, other), ()))
    assert 0 <= second < first <= 1
    near = replace(other, similarity=0.9)
    assert strength(facts, question, Chain(1, 1.0, (near,), ()))[0] > second
    assert strength(facts, question, Chain(9, 1.0, (), ()), Chain(1, 1.0, (other,), ()))[0] < second


def test_what_led_to_a_sentence_counts_with_it_and_is_its_evidence(facts) -> None:
    question = "Why must the sensor F709 be inspected?"
    target, led = replace(sentence("It is inspected by law."), id=2), sentence("The sensor F709 is old.")
    alone = rate_sentences(facts, analyse(facts, question), Stems(facts), [Chain(1, 1.0, (target,), ())])[0]
    chained = rate_sentences(
        facts, analyse(facts, question), Stems(facts), [Chain(1, 1.0, (target,), (led,))]
    )[0]
    assert chained.strength > alone.strength
    assert (alone.evidence, chained.evidence) == ((2,), (2, 1))
