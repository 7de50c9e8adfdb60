"""The words of texts as the index has them, each text looked at once a question."""

from __future__ import annotations

from collections.abc import Iterable

from sutra_core.ask.kept import kept
from sutra_core.types import ReadView

__all__ = ["Stems", "stems_in"]


def stems_in(view: ReadView, texts: Iterable[str]) -> set[str]:
    """The stems that any of these texts has."""
    return {stem for weights in view.word_weights(list(texts)) for stem in weights}


class Stems:
    """Looks texts up in one view, and keeps what it found."""

    def __init__(self, view: ReadView) -> None:
        self._view = view
        self._known: dict[str, frozenset[str]] = {}

    def of(self, text: str) -> frozenset[str]:
        """The stems of a text; none where it has no word for the index."""
        found = self._known.get(text)
        return self.of_each([text])[0] if found is None else found

    def of_each(self, texts: Iterable[str]) -> list[frozenset[str]]:
        """The stems of each text, looked up in one call. What is going to be asked for by itself costs
        none then.
        """
        return kept(self._known, list(texts), lambda each: map(frozenset, self._view.word_weights(each)))
