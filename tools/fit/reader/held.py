"""Whether a text holds an answer of an example, so that it is no negative to it."""

from __future__ import annotations

from functools import lru_cache

from answers.scoring import normalised
from fit.reader.examples import Example


def answers_in(example: Example, text: str) -> bool:
    """Whether the text holds one of the example's answers, as SQuAD normalises both.

    An answer of which nothing is left counts as held, so that it makes no negative.
    """
    words = f" {_normalised(text)} "
    answers = [_normalised(each) for each in example.answer_texts]
    return any(not each or f" {each} " in words for each in answers)


@lru_cache(maxsize=1 << 18)
def _normalised(text: str) -> str:
    return normalised(text)
