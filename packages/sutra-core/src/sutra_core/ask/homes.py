"""Which of the places where statements stand are meant by a question."""

from __future__ import annotations

from collections.abc import Sequence

from sutra_core.ask.analyse import Question
from sutra_core.types import Concept, ReadView, Source, Support

__all__ = ["homes"]


# A sentence that stands in more places than this is everybody's.
_PLACES_MAX = 1000


def homes(view: ReadView, question: Question, statements: Sequence[Concept]) -> list[tuple[Support, Source]]:
    """For each statement the place whose source is called what the question names, else the first that was
    learned.

    "It was opened in 1851." may stand in the articles of many bridges; it is one statement.
    """
    named = {name.text.lower() for name in question.names}
    places = view.supports([statement.id for statement in statements], limit=_PLACES_MAX)
    told = list(dict.fromkeys(place.source for each in places for place in each))
    sources = dict(zip(told, view.sources(told), strict=True))
    found: list[tuple[Support, Source]] = []
    for each in places:
        pairs = [(place, sources[place.source]) for place in each]
        found.append(next((pair for pair in pairs if pair[1].title.lower() in named), pairs[0]))
    return found
