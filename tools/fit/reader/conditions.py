"""What a question is narrowed by at its end ("after the war?"): put in, exchanged, left out."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable

_LINKS = (
    *("after", "before", "during", "since", "until", "in", "at", "on", "near", "under", "from"),
    *("with", "without", "by", "for", "of the"),
)
_ADDED = frozenset(("after", "before", "during", "since", "until", "in", "at", "near", "without"))
"""What narrows most questions; the others say what a word before them takes, and are exchanged alone."""
_DROPPED = frozenset(("after", "before", "during", "since", "in", "at", "near"))
_TAIL = re.compile(rf" ({'|'.join(_LINKS)}) ((?:[\w’'.,-]+ ){{0,4}}[\w’'-]+)(?=\s*\?*$)")
_NAMED = re.compile(
    r"(?<=\s)(in|at|during|near|after|before) "
    r"((?:the )?(?:[A-Z][\w-]+|1\d{3}|20\d\d)(?: [A-Z][\w-]+)*)"
    r"(?<=[\w-]{4})(?=[,;:)]|[.!?](?:\s|$)|"
    r" (?:and|by|to|for|with|was|were|is|as|on|in|at|from|when|where|who|which|but|that)\b)"
)
_END = re.compile(r"[.!?][\"')\]]*\s+|\n+")
_WORD = re.compile(r"[^\W_]+")
_TRIES = 12
_STEM = 5
_OPEN_ENDS = frozenset(
    (*_LINKS, "to", "into", "onto", "of", "over", "about", "like", "as", "than", "through")
)
_ASKING = frozenset(("which", "what", "whom", "who", "whose", "where", "when", "that"))
_LEAST = 4
"""So many words at least are left of a question whose condition is left out."""


class Conditions:
    """The phrases that a set's questions end in, by the word that each begins with."""

    def __init__(
        self, questions: Iterable[str], is_content: Callable[[str], bool], is_verb: Callable[[str], bool]
    ) -> None:
        self._is_content = is_content
        tails: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for question in dict.fromkeys(questions):
            if own := tail(question):
                link, rest = own[2], own[3]
                if rest.split()[0] in _ASKING or any(map(is_verb, _WORD.findall(rest))):
                    continue
                if any(map(is_content, _WORD.findall(rest))):
                    tails[link][rest] = None
        self._tails = {link: list(rests) for link, rests in tails.items()}
        self._links = [link for link in sorted(_ADDED) if link in self._tails]

    def changed(self, question: str, text: str, draw: random.Random) -> str | None:
        """The question with another's condition added, or in its own's place; the text has none of its words.

        None for a choice ("A or B"), and where no other condition goes.
        """
        own = tail(question)
        if " or " in question or not self._links or _ends_open(question):
            return None
        exchange = own is not None and own[2] in self._tails and draw.random() < 0.7
        for _ in range(_TRIES):
            if own is not None and exchange:
                low, high, link, old = own
            else:
                low = high = len(question.rstrip("? "))
                link, old = draw.choice(self._links), ""
            rest = draw.choice(self._tails[link])
            content = [each for each in _WORD.findall(rest) if self._is_content(each)]
            lacking = not any(_has(f"{question} {text}", each) for each in content)
            if lacking and rest != old and (old or link not in question.split()):
                return f"{question[:low]} {link} {rest}{question[high:]}"
        return None

    def dropped(self, question: str, text: str) -> str | None:
        """The question without its condition, which the text has: what answered it answers it still."""
        own = tail(question)
        if own is None or own[2] not in _DROPPED:
            return None
        low, high, _, rest = own
        left = _WORD.findall(question[:low])
        content = [each for each in _WORD.findall(rest) if self._is_content(each)]
        fit = len(left) >= _LEAST and self._is_content(left[-1])
        fit = fit and any(self._is_content(each) and _has(text, each) for each in left[1:])
        if not fit or not content or not all(_has(text, each) for each in content):
            return None
        return question[:low] + question[high:]

    def supported(
        self, question: str, text: str, answers: tuple[tuple[int, int], ...], draw: random.Random
    ) -> str | None:
        """The question with a condition of the answer's own sentence added: it holds, the answer stays."""
        if " or " in question or not answers or _ends_open(question) or len(question.split()) < _LEAST:
            return None
        low, high = answers[0]
        begin = max((match.end() for match in _END.finditer(text, 0, low)), default=0)
        stop = _END.search(text, high)
        phrases = [
            match[0]
            for match in _NAMED.finditer(text, begin, stop.start() if stop else len(text))
            if not any(match.start() < b and a < match.end() for a, b in answers)
            and not any(_has(question, each) for each in _WORD.findall(match[2]) if len(each) > 2)
            and match[1] not in question.split()
        ]
        asked = question.split()[0].lower()
        if asked == "when":
            phrases = [each for each in phrases if not each[-1].isdigit()]
        elif asked == "where":
            phrases = [each for each in phrases if not each.startswith(("in ", "at ", "near "))]
        if not phrases:
            return None
        end = len(question.rstrip("? "))
        return f"{question[:end]} {draw.choice(phrases)}{question[end:]}"


def tail(question: str) -> tuple[int, int, str, str] | None:
    """Where a question's last condition stands, the word it begins with and the rest of it.

    >>> tail("When did the mill burn after the flood?")
    (22, 38, 'after', 'the flood')
    """
    found = None
    place = 0
    while match := _TAIL.search(question, place):
        found, place = match, match.start() + 1
    return None if found is None else (*found.span(), found[1], found[2])


def _ends_open(question: str) -> bool:
    """Whether a question ends in a word that asks for what follows it ("What is he in?")."""
    words = _WORD.findall(question.lower())
    return not words or words[-1] in _OPEN_ENDS


def _has(text: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word[:_STEM])}", text, re.IGNORECASE))
