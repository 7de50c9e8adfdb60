"""Answers read off the best sentences: what they mention, and the sentences themselves."""

from __future__ import annotations

import math
import re

from sutra_core.ask.analyse import Question
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.sentences import RatedSentence
from sutra_core.ask.stems import stems_in
from sutra_core.types import ReadView

__all__ = ["propose_mentions", "propose_sentences"]

_SENTENCES = 5
# How well a sentence fits that mentions nothing of the sort asked for.
_NOTHING_OFFERED = 0.4
# What is left of a sentence's strength for a name far from what the question says of it.
_FAR = 0.6
_WORD = re.compile(r"\w+")


def propose_mentions(view: ReadView, question: Question, rated: list[RatedSentence]) -> list[Proposal]:
    """What sentences offer and the question has no words for; its choices, where it has some."""
    if question.yes_no or question.manner or (question.expected is None and not question.choices):
        return []
    named = stems_in(view, (name.text for name in question.names))
    predicate = tuple(term.stem for term in question.terms if term.stem not in named)
    asked = {term.stem for term in question.terms}
    new: dict[int, bool] = {}
    proposals: list[Proposal] = []
    for each in rated:
        words = _WORD.findall(each.sentence.text.lower())
        cues = [at for at, word in enumerate(words) if word.startswith(predicate)]
        for entity, fit in each.offers:
            if entity.id not in new:
                new[entity.id] = bool(question.choices) or not stems_in(view, [entity.text]) <= asked
            if new[entity.id]:
                strength = each.strength * _nearness(words, entity.text, cues)
                proposals.append(Proposal(entity.text, entity.id, "mention", each.evidence, strength, fit))
    return proposals


def propose_sentences(rated: list[RatedSentence]) -> list[Proposal]:
    """The best sentences as they stand, but for those that only repeat the question."""
    proposals = [
        Proposal(
            each.sentence.text,
            each.sentence.id,
            "sentence",
            each.evidence,
            each.strength,
            1.0 if each.fits else _NOTHING_OFFERED,
        )
        for each in rated
        if each.adds
    ]
    return sorted(proposals, key=lambda each: -each.weight)[:_SENTENCES]


def _nearness(words: list[str], name: str, cues: list[int]) -> float:
    """1 where a name stands beside what the question says of it, down to `_FAR` far from it."""
    own = _WORD.findall(name.lower())
    places = [at for at in range(len(words)) if words[at : at + len(own)] == own]
    if not places or not cues:
        return _FAR
    distance = min(max(place - cue, cue - place - len(own) + 1, 0) for place in places for cue in cues)
    return _FAR + (1 - _FAR) * math.exp(-max(distance - 1, 0) / 4)
