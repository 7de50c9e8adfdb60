"""Which of the places where a statement stands is meant by a question."""

from __future__ import annotations

from sutra_core.ask.analyse import Question
from sutra_core.types import Concept, ReadView, Source, Support

__all__ = ["home"]


# A sentence that stands in more places than this is everybody's.
_PLACES_MAX = 1000


def home(view: ReadView, question: Question, statement: Concept) -> tuple[Support, Source]:
    """The place whose source is called what the question names, else the first that was learned.

    "It was opened in 1851." may stand in the articles of many bridges; it is one statement.
    """
    named = {name.text.lower() for name in question.names}
    places = view.supports([statement.id], limit=_PLACES_MAX)[0]
    sources = view.sources([place.source for place in places])
    pairs = list(zip(places, sources, strict=True))
    return next((pair for pair in pairs if pair[1].title.lower() in named), pairs[0])
