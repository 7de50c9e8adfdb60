"""Negation put into a question or a sentence, or taken out of it, at the auxiliary."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from fit.reader.names import found

_BE = frozenset(("is", "are", "was", "were"))
_HAVE = frozenset(("has", "have", "had"))
_DO = frozenset(("do", "does", "did"))
_MODAL = frozenset(("can", "could", "will", "would", "should"))
AUXILIARIES = _BE | _HAVE | _DO | _MODAL | {"am", "be", "been", "being", "may", "might", "must", "shall"}
"""Words that a sentence is negated at, or that are no more than such."""
_SHORT = {"can": "can't", "will": "won't"}
_LONG = {short: word for word, short in _SHORT.items()}

_TOKEN = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_NEGATION = re.compile(r"\b(?:not|never|cannot|no|none|nor|without)\b|n[’']t\b", re.IGNORECASE)
_TAKEN = re.compile(r" (?:not|never)\b|\b(?P<word>[A-Za-z]+n)[’']t\b")
_END = re.compile(r"[.!?][\"')\]]*\s+|\n+")


def is_negated(text: str) -> bool:
    """Whether the text has a word of negation."""
    return bool(_NEGATION.search(text))


def negated(question: str, draw: random.Random) -> str | None:
    """The question with its negation taken out, or one put in at its first auxiliary; None if neither goes.

    >>> negated("Who wasn't asked?", random.Random(0))
    'Who was asked?'
    """
    if is_negated(question):
        taken = _TAKEN.sub(_positive, question, count=1)
        return None if is_negated(taken) or taken == question else taken
    tokens = [(*match.span(), match[0]) for match in _TOKEN.finditer(question)]
    for number, (low, high, word) in enumerate(tokens):
        bare = word.lower()
        if bare not in _BE | _HAVE | _DO | _MODAL:
            continue
        short = _SHORT.get(bare, bare + "n't")
        ways = [question[:low] + word[0] + short[1:] + question[high:]]
        named = [
            each
            for each in found(question)
            if each[0] == high + 1 and each[2].startswith("name") and question[each[1] : each[1] + 1] in " ?"
        ]
        if named:
            end = named[0][1]
            words = ["not"] if bare in _BE else ["not", "never"]
            ways += [f"{question[:end]} {each}{question[end:]}" for each in words]
        elif number and tokens[number - 1][2].lower() == "who" and bare not in _DO:
            ways += [f"{question[:high]} not{question[high:]}"] * 2
        return draw.choice(ways)
    first = [word.lower() for _, _, word in tokens[:2]]
    if len(first) == 2 and (first[0] == "who" or (first[0] == "what" and first[1].endswith("ed"))):
        return f"{question[: tokens[0][1]]} never{question[tokens[0][1] :]}"
    return None


def negated_sentence(
    text: str, answers: tuple[tuple[int, int], ...], question: str, draw: random.Random
) -> tuple[int, str, str] | None:
    """Where " not" goes into the text so that its first answer's sentence says the opposite, and how the text
    and the question are with it.

    The question's first auxiliary has to be the sentence's too, and it has to have the word behind that. None
    where sentence or question is negated already.
    """
    low, high = answers[0]
    begin = max((match.end() for match in _END.finditer(text, 0, low)), default=0)
    stop = _END.search(text, high)
    end = stop.start() if stop else len(text)
    if is_negated(text[begin:end]) or is_negated(question):
        return None
    tokens = [(*match.span(), match[0]) for match in _TOKEN.finditer(text, begin, end)]
    words = [match[0].lower() for match in _TOKEN.finditer(question)]
    auxiliary = next((each for each in words if each in _BE | _HAVE | _DO | _MODAL), "")
    opposite = negated(question, draw)
    if opposite is None or auxiliary in _DO:
        return None
    for (_, place, word), (after, _, behind) in pairwise(tokens):
        if word != auxiliary or behind.lower() not in words or text[place:after] != " ":
            continue
        if not any(a < place < b for a, b in answers):
            return place, f"{text[:place]} not{text[place:]}", opposite
    return None


def _positive(match: re.Match[str]) -> str:
    word = match["word"]
    if word is None:
        return ""
    whole = _LONG.get(word.lower() + "'t", word[:-1])
    return word[0] + whole[1:]
