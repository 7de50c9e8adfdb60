"""What each sentence of the best chains has to say to a question, in one number."""

from __future__ import annotations

from dataclasses import dataclass

from sutra_core.ask.analyse import Question, share_of
from sutra_core.ask.cues import says_manner, says_sort
from sutra_core.ask.facts import type_fit
from sutra_core.ask.paths import Chain, Sentence
from sutra_core.ask.stems import Stems
from sutra_core.ask.weights import SENTENCE
from sutra_core.types import Concept, ReadView

__all__ = ["RatedSentence", "rate_sentences"]

_FIT_MIN = 0.3


@dataclass(frozen=True, slots=True)
class RatedSentence:
    """A sentence, how much it speaks to the question in [0, 1], and what it offers as an answer.

    `offers` are entities with how well each is of the sort asked for; `fits` is set when it says
    something of that sort, by name or in other words, and a reason or a way where one is asked for.
    `adds` is set when it says any word that the question does not. `evidence` is the sentence and those of
    the passage that led to it.
    """

    sentence: Sentence
    strength: float
    offers: tuple[tuple[Concept, float], ...]
    evidence: tuple[int, ...]
    fits: bool
    adds: bool


def rate_sentences(
    view: ReadView, question: Question, stems: Stems, chains: list[Chain]
) -> list[RatedSentence]:
    """Every sentence of every chain, in the chains' order."""
    opened = [sentence for chain in chains for sentence in (*chain.sentences, *chain.led_by)]
    # The words of all that is going to be compared, in one call.
    said = [text for each in opened for text in (each.text, each.title)]
    named = [entity.text for each in opened for entity in each.entities]
    stems.of_each([*said, *named, *(name.text for name in question.names), *question.strange])
    return [
        _rate(view, question, stems, chain, place, sentence)
        for place, chain in enumerate(chains, 1)
        for sentence in chain.sentences
    ]


def _rate(
    view: ReadView, question: Question, stems: Stems, chain: Chain, place: int, sentence: Sentence
) -> RatedSentence:
    """The weighted mean of what `weights.SENTENCE` lists."""
    own = stems.of(sentence.text)
    titled = own | stems.of(sentence.title)
    before = frozenset(stem for led in chain.led_by for stem in stems.of(led.title) | stems.of(led.text))
    offers = _offered(view, question, sentence)
    fits = bool(offers) or question.expected is None or says_sort(sentence.text, question.expected)
    if question.manner:
        fits = says_manner(sentence.text, question.manner)
    parts = {
        "CHAIN": chain.score,
        "RANK": 1 / place,
        "MEANING": max(sentence.similarity, 0.0),
        "LED_MEANING": max(sentence.led_similarity, 0.0),
        "WORDS_TITLED": share_of(question.terms, titled),
        "WORDS_LED": share_of(question.terms, titled | before),
        "WORDS_OWN": share_of(question.terms, own),
        "WORDS_NEW": share_of(question.terms, own - before) if chain.led_by else 0.0,
        "OFFERS": float(fits),
    }
    strength = sum(SENTENCE[name] * part for name, part in parts.items()) / sum(SENTENCE.values())
    evidence = (sentence.id, *(led.id for led in chain.led_by if led.id != sentence.id))
    adds = not own <= {term.stem for term in question.terms}
    return RatedSentence(sentence, strength, offers, evidence, fits, adds)


def _offered(view: ReadView, question: Question, sentence: Sentence) -> tuple[tuple[Concept, float], ...]:
    """The choice that the question offers, or entities of the sort that it asks for and does not name."""
    if question.choices:
        chosen = {entity for name in question.choices for entity in name.entities}
        title = sentence.title.lower()
        heads = [name.entities[0] for name in question.choices if name.text.lower() == title]
        mentioned = (*sentence.entities, *view.concepts(heads)) if heads else sentence.entities
        return tuple((entity, 1.0) for entity in mentioned if entity.id in chosen)
    named = question.name_ids
    fits = [(entity, type_fit(question.expected, entity)) for entity in sentence.entities]
    return tuple((entity, fit) for entity, fit in fits if fit > _FIT_MIN and entity.id not in named)
