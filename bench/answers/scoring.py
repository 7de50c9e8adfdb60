"""How near an answer is to the accepted ones: exact match and token F1.

Both as SQuAD's official evaluation has them (Rajpurkar et al. 2016, "SQuAD: 100,000+ Questions for Machine
Comprehension of Text", section 6.1). Judges one text against others; knows nothing of engines or sets.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from common import Question

RIGHT = 0.5
"""An answer is right from this F1 on."""

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question with its first candidate: `text` is None where there is none, and `confidence` then 0.

    `learned` is the share of the question's gold documents that were learned; None where it has none.
    """

    question: Question
    text: str | None
    confidence: float
    learned: float | None

    @property
    def exact(self) -> float:
        """1 where the candidate is one of the accepted answers, else 0; always 0 if there is none to find."""
        return max((exact_match(self.text or "", each) for each in self._accepted), default=0.0)

    @property
    def f1(self) -> float:
        """The best token F1 against an accepted answer, in [0, 1]; always 0 if there is none to find."""
        return max((token_f1(self.text or "", each) for each in self._accepted), default=0.0)

    @property
    def right(self) -> bool:
        """Whether the candidate counts as right; none to an unanswerable question does."""
        return self.f1 >= RIGHT

    def given(self, threshold: float) -> bool:
        """Whether the engine gives the candidate as its answer when it asks for this confidence."""
        return self.text is not None and self.confidence >= threshold

    @property
    def _accepted(self) -> Sequence[str]:
        return self.question.answers if self.question.answerable and self.text is not None else ()


def normalised(text: str) -> str:
    """Lower case, without punctuation and articles, words parted by one space.

    >>> normalised("The Aln,  at  Alham!")
    'aln at alham'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(text: str, accepted: str) -> float:
    """1 when both are the same once normalised, else 0."""
    return float(normalised(text) == normalised(accepted))


def token_f1(text: str, accepted: str) -> float:
    """The harmonic mean of precision and recall of words, each counted as often as it stands; in [0, 1].

    Where either has no words left it is 1 if both have none, else 0.
    """
    words, wanted = normalised(text).split(), normalised(accepted).split()
    if not words or not wanted:
        return float(words == wanted)
    shared = (Counter(words) & Counter(wanted)).total()
    return 2 * shared / (len(words) + len(wanted))
