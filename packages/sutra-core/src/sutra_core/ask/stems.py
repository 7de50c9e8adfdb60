"""The words of texts as the index has them, each text looked at once a question."""

from __future__ import annotations

from sutra_core.types import ReadView

__all__ = ["Stems"]


class Stems:
    """Looks texts up in one view, and keeps what it found."""

    def __init__(self, view: ReadView) -> None:
        self._view = view
        self._known: dict[str, frozenset[str]] = {}

    def of(self, text: str) -> frozenset[str]:
        """The stems of a text; none where it has no word for the index."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = frozenset(self._view.word_weights(text))
        return found
