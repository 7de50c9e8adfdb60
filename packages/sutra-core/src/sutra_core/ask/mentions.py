"""Answers read off the best sentences: entities of the sort asked for, and the sentences themselves."""

from __future__ import annotations

import math
import re

from sutra_core.ask.analyse import Question
from sutra_core.ask.facts import type_fit
from sutra_core.ask.paths import Chain, Sentence
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.weights import SENTENCE
from sutra_core.types import Concept, ReadView

__all__ = ["propose_mentions", "propose_sentences"]

_SENTENCES = 5
_FIT_MIN = 0.3
# How well a sentence fits that mentions nothing of the sort asked for.
_NOTHING_OFFERED = 0.6
_WORD = re.compile(r"\w+")


def propose_mentions(view: ReadView, question: Question, chains: list[Chain]) -> list[Proposal]:
    """Entities that good sentences mention and the question does not, of the sort it asks for.

    Where the question offers a choice, the things it offers instead.
    """
    if question.yes_no or (question.expected is None and not question.choices):
        return []
    named = {stem for name in question.names for stem in view.word_weights(name.text)}
    predicate = [term.stem for term in question.terms if term.stem not in named]
    asked = {term.stem for term in question.terms}
    familiar: dict[int, bool] = {}
    proposals: list[Proposal] = []
    for place, chain in enumerate(chains, 1):
        for sentence in chain.sentences:
            strength = _strength(view, question, chain, place, sentence)
            for entity, fit in _offered(view, question, sentence):
                if entity.id not in familiar:
                    familiar[entity.id] = set(view.word_weights(entity.text)) <= asked
                if familiar[entity.id] and not question.choices:
                    continue
                near = strength * _nearness(sentence.text, entity.text, predicate)
                evidence = (sentence.id, *(led.id for led in chain.led_by if led.id != sentence.id))
                proposals.append(Proposal(entity.text, entity.id, "mention", evidence, near, fit))
    return proposals


def _offered(view: ReadView, question: Question, sentence: Sentence) -> list[tuple[Concept, float]]:
    """What a sentence offers as an answer, each with how well it is of the sort asked for."""
    if question.choices:
        chosen = {entity for name in question.choices for entity in name.entities}
        title = sentence.title.lower()
        heads = [name.entities[0] for name in question.choices if name.text.lower() == title]
        return [
            (entity, 1.0) for entity in (*sentence.entities, *view.concepts(heads)) if entity.id in chosen
        ]
    fits = [(entity, type_fit(question.expected, entity)) for entity in sentence.entities]
    return [(entity, fit) for entity, fit in fits if fit > _FIT_MIN and entity.id not in question.name_ids]


def _nearness(text: str, name: str, predicate: list[str]) -> float:
    """1 where a name stands beside what the question says of it, down to 0.6 far from it."""
    words = _WORD.findall(text.lower())
    own = _WORD.findall(name.lower())
    places = [at for at in range(len(words)) if words[at : at + len(own)] == own]
    cues = [at for at, word in enumerate(words) if any(word.startswith(stem) for stem in predicate)]
    if not places or not cues:
        return 0.6
    distance = min(max(place - cue, cue - place - len(own) + 1, 0) for place in places for cue in cues)
    return 0.6 + 0.4 * math.exp(-max(distance - 1, 0) / 4)


def propose_sentences(view: ReadView, question: Question, chains: list[Chain]) -> list[Proposal]:
    """The best sentences as they stand."""
    proposals = [
        Proposal(
            sentence.text,
            sentence.id,
            "sentence",
            (sentence.id, *(led.id for led in chain.led_by if led.id != sentence.id)),
            _strength(view, question, chain, place, sentence),
            1.0 if question.expected is None or _offered(view, question, sentence) else _NOTHING_OFFERED,
        )
        for place, chain in enumerate(chains, 1)
        for sentence in chain.sentences
    ]
    return sorted(proposals, key=lambda each: -each.weight)[:_SENTENCES]


def _strength(view: ReadView, question: Question, chain: Chain, place: int, sentence: Sentence) -> float:
    """How much a sentence speaks to the question, in [0, 1]: a weighted mean, see `weights.SENTENCE`."""
    led = [f"{each.title} {each.text}" for each in chain.led_by]
    own = set(view.word_weights(sentence.text))
    titled = own | set(view.word_weights(sentence.title))
    before = set(view.word_weights(" ".join(led))) if led else set[str]()
    parts = {
        "CHAIN": chain.score,
        "RANK": 1 / place,
        "MEANING": max(sentence.similarity, 0.0),
        "LED_MEANING": max(sentence.led_similarity, 0.0),
        "WORDS_TITLED": _share(question, titled),
        "WORDS_LED": _share(question, titled | before),
        "WORDS_OWN": _share(question, own),
        "WORDS_NEW": _share(question, own - before) if led else 0.0,
        "OFFERS": 1.0 if question.expected is None else float(bool(_offered(view, question, sentence))),
    }
    return sum(SENTENCE[name] * part for name, part in parts.items()) / sum(SENTENCE.values())


def _share(question: Question, stems: set[str]) -> float:
    """The share of the question's words, by weight, that are among these."""
    total = sum(term.weight for term in question.terms)
    return sum(term.weight for term in question.terms if term.stem in stems) / total if total else 0.0
