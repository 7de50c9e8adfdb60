"""Languages: which one a text is in, and in which one a view is asked.

What is detected is written to a source's attribute `LANGUAGE` when it is learned, unless the format or the
user has said it. A question is asked in its own language where the store has texts in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sutra_core.types import ReadView
from sutra_storage import detect_language, language_code, stop_words, word_cuts

__all__ = [
    "LANGUAGE",
    "asked_in_its_language",
    "language_code",
    "question_language",
    "stop_words",
    "with_language",
    "word_cuts",
]

LANGUAGE = "language"
"""The attribute of a source that says its language, as a BCP 47 tag."""

_ENGLISH = "en"
_OTHER = "und"


def with_language(attributes: Mapping[str, str], text: str) -> dict[str, str]:
    """The attributes with the text's language: as they say, else as it is detected; else without one.

    >>> with_language({}, "Der Fluss entspringt in den Hügeln und mündet ins Meer.")
    {'language': 'de'}
    >>> with_language({"language": "de-AT"}, "Text")
    {'language': 'de-AT'}
    """
    found = dict(attributes)
    if LANGUAGE not in found and (detected := detect_language(text)):
        found[LANGUAGE] = detected
    return found


def asked_in_its_language(view: ReadView, question: str) -> ReadView:
    """The view, asked in the language of a question."""
    language = question_language(view, question)
    return view if language == _ENGLISH else view.in_language(language)


def question_language(view: ReadView, question: str) -> str:
    """The language of a question, one that passages are in; where it cannot be told, the one whose passages
    have most of its words, and of these the one of most passages.

    A language that no passage is in is as good as untold. English in a store of nothing but English and
    languages that have no words of their own here.
    """
    passages = view.languages()
    if not passages.keys() - {_ENGLISH, _OTHER}:
        return _ENGLISH
    detected = detect_language(question)
    if detected in passages:
        return detected

    def found(language: str) -> tuple[float, int]:
        _, scores = view.in_language(language).search_words(question, 1)
        return max(scores.tolist(), default=0.0), passages[language]

    return max(passages, key=found)
