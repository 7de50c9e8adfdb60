"""What each sentence of the best chains has to say to a question, in one number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sutra_core.ask.analyse import Question, Shares
from sutra_core.ask.cues import says_manner, says_sort
from sutra_core.ask.facts import type_fit
from sutra_core.ask.paths import Chain, Sentence
from sutra_core.ask.stems import Stems
from sutra_core.ask.weights import SENTENCE
from sutra_core.types import Concept, ReadView

__all__ = ["RatedSentence", "rate_sentences"]

_FIT_MIN = 0.3
_PARTS = (
    *("CHAIN", "RANK", "MEANING", "LED_MEANING", "WORDS_TITLED", "WORDS_LED", "WORDS_OWN", "WORDS_NEW"),
    "OFFERS",
)
"""What a sentence is rated by, in the order in which it is added up."""
_WEIGHTS = tuple(SENTENCE[name] for name in _PARTS)
_WEIGHTS_SUM = sum(SENTENCE.values())


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
    rating = _Rating(view, question, stems)
    return [rated for place, chain in enumerate(chains, 1) for rated in rating.of_chain(chain, place)]


class _Rating:
    """How the sentences of one question are rated."""

    def __init__(self, view: ReadView, question: Question, stems: Stems) -> None:
        self._view = view
        self._question = question
        self._stems = stems
        self._shares = Shares(question.terms)
        self._asked = {term.stem for term in question.terms}
        self._named = frozenset(question.name_ids)

    def of_chain(self, chain: Chain, place: int) -> Iterator[RatedSentence]:
        """The sentences of a chain, whose place is counted from 1."""
        led = [self._stems.of(text) for each in chain.led_by for text in (each.title, each.text)]
        before = frozenset[str]().union(*led)
        for sentence in chain.sentences:
            yield self._rate(chain, before, place, sentence)

    def _rate(self, chain: Chain, before: frozenset[str], place: int, sentence: Sentence) -> RatedSentence:
        """The weighted mean of what `weights.SENTENCE` lists."""
        question, share = self._question, self._shares.of
        own = self._stems.of(sentence.text)
        titled = own | self._stems.of(sentence.title)
        offers = self._offered(sentence)
        fits = bool(offers) or question.expected is None or says_sort(sentence.text, question.expected)
        if question.manner:
            fits = says_manner(sentence.text, question.manner)
        of_titled = share(titled)
        parts = (
            chain.score,
            1 / place,
            max(sentence.similarity, 0.0),
            max(sentence.led_similarity, 0.0),
            of_titled,
            share(titled | before) if before else of_titled,
            share(own),
            share(own - before) if chain.led_by else 0.0,
            float(fits),
        )
        strength = sum([weight * part for weight, part in zip(_WEIGHTS, parts, strict=True)]) / _WEIGHTS_SUM
        evidence = (sentence.id, *(led.id for led in chain.led_by if led.id != sentence.id))
        return RatedSentence(sentence, strength, offers, evidence, fits, not own <= self._asked)

    def _offered(self, sentence: Sentence) -> tuple[tuple[Concept, float], ...]:
        """The choice that the question offers, or entities of the sort that it asks for and does not name."""
        question = self._question
        if question.choices:
            chosen = {entity for name in question.choices for entity in name.entities}
            title = sentence.title.lower()
            heads = [name.entities[0] for name in question.choices if name.text.lower() == title]
            mentioned = (*sentence.entities, *self._view.concepts(heads)) if heads else sentence.entities
            return tuple((entity, 1.0) for entity in mentioned if entity.id in chosen)
        fits = [(entity, type_fit(question.expected, entity)) for entity in sentence.entities]
        return tuple((entity, fit) for entity, fit in fits if fit > _FIT_MIN and entity.id not in self._named)
