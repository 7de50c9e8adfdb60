"""The two sides of a question that compares, each as a question of its own.

"Which film was released earlier, X or Y?" becomes "When was X released?" and the same of Y; "Are X and Y from
the same country?" becomes "Which country is X from?". Takes the question apart by its words and looks nothing
up; what it does not understand has no sides. English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from sutra_core.ask.analyse import Name, Question

__all__ = ["Compared", "Side", "Sides", "sides_of"]

Compared = Literal["date", "number", "verdict", "both", "same"]
"""What the sides' answers are compared as: dates; numbers; which is likelier a yes; whether each is a yes;
whether they are the same.
"""

_SINGULAR = {
    "is": "is",
    "are": "is",
    "was": "was",
    "were": "was",
    "do": "does",
    "does": "does",
    "did": "did",
    "has": "has",
    "have": "has",
    "had": "had",
    "can": "can",
    "could": "could",
    "will": "will",
}
_AUXILIARY = "|".join(_SINGULAR)
_AGES = re.compile(r"\b(?:older|younger|elder|oldest|youngest)\b", re.IGNORECASE)
_ORDERS = re.compile(
    r"\b(?:(?:more|most)\s+recent(?:ly)?|first|last|earlier|earliest|later|latest|sooner|before|after|"
    r"older|younger|elder|oldest|youngest|newer|newest|recently)\b(?:\s+than\s+the\s+other)?",
    re.IGNORECASE,
)
_AMOUNTS = re.compile(
    r"\b(?:(more|most)|(fewer|fewest|less|least))\b(?:\s+than\s+the\s+other)?", re.IGNORECASE
)
_COMPARATIVE = re.compile(
    r"\b(?:is|are|was|were)\s+(?:the\s+)?(\w{3,}?)er\b|"
    r"\b(?:has|have|had)\s+(?:an?|the)\s+(?P<base>\w{3,}?)er\s+(?P<owned>[\w'’-]+)",
    re.IGNORECASE,
)
_LESSER = frozenset({"small", "short", "low", "near", "light", "narrow", "cheap", "slow", "shallow"})
_ASKED = rf"(?:who|which|what)\b(?:\s+(?!(?:{_AUXILIARY}|whose)\b)[\w'’-]+)*"
_OWNED = re.compile(
    rf"^{_ASKED}\s+(?:has|have|had|whose)\s+(?:the\s+)?(?P<owned>[\w'’-]+?)s?\s+"
    rf"(?:(?:who|that|which)\s+)?(?:(?P<aux>{_AUXILIARY})\b\s*)?(?P<rest>.*)$",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"^(?:{_ASKED}\s+)?(?P<aux>{_AUXILIARY})\b\s*(?P<rest>.*)$", re.IGNORECASE)
_BARE = re.compile(r"^(?:who|(?:which|what)\s+[\w'’-]+)\s+(?P<rest>.+)$", re.IGNORECASE)
_LEADING = re.compile(r"[\s,:;–—-]*(?:\b(?:between|either|out\s+of|the)\b\s*)*$", re.IGNORECASE)
_TRAILING = re.compile(r"^[\s,:;–—-]+|[\s?.!]+$")
_PAIR = re.compile(
    rf"^\W*(?P<aux>{_AUXILIARY})\s+(?:both\s+)?(?:of\s+)?(?:the\s+)?(?P<before>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_AND = re.compile(r"^[\s,\"'“”]*\band\s+(?P<before>(?:[\w'’-]+\s+){0,5})[\"'“”]*$", re.IGNORECASE)
_SAME = re.compile(r"^(?P<before>.*?)\b(?:the\s+)?same\s+(?P<what>[\w'’-]+)(?P<after>.*)$", re.IGNORECASE)
_SHARE = re.compile(r"\b(?:share|have|has|of|possess)\s*$", re.IGNORECASE)
_HAVING = re.compile(
    r"^(?:have|has)\s+(?:the\s+|an?\s+)?(?P<owned>[\w'’-]+?)s?\s+(?:that|who|which|with)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared, and the question that is asked of it alone."""

    name: Name
    question: str


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides. Of dates and numbers the lesser is asked for where `order` is -1, the greater where 1."""

    one: Side
    other: Side
    compared: Compared
    order: int


def sides_of(question: Question) -> Sides | None:
    """The sides of a question, None where it compares nothing or in a way that is not understood."""
    if question.choices:
        return _of_choice(question)
    if question.yes_no and len(question.names) >= 2:
        return _of_pair(question)
    return None


def _of_choice(question: Question) -> Sides | None:
    """ "Which …, X or Y?" """
    one, other = question.choices[:2]
    lead = _LEADING.sub("", question.text[: one.start])
    clause = " ".join(f"{lead} {_TRAILING.sub('', question.text[other.end :])}".split())
    amount = _AMOUNTS.search(clause)
    comparative = _COMPARATIVE.search(clause)
    ordered = _ORDERS.search(clause)
    if ordered:
        if _AGES.search(clause):
            clause = f"{_without(clause, ordered)} born or founded"
        else:
            clause = _without(clause, ordered)
        return _both(one, other, clause, "When", "date", question.order)
    if amount:
        what = clause[amount.end() :].strip()
        clause = clause[: amount.start()].strip()
        asks = f"How many {what}" if what else "How much"
        return _both(one, other, clause, asks, "number", -1 if amount[2] else 1)
    if comparative:
        base = _base((comparative[1] or comparative["base"]).lower())
        order = -1 if base in _LESSER else 1
        if comparative["owned"]:
            asked = [f"How {base} is the {comparative['owned']} of {name.text}?" for name in (one, other)]
            return Sides(Side(one, asked[0]), Side(other, asked[1]), "number", order)
        rest = f"{clause[: comparative.start(1)]}{clause[comparative.end() :]}"
        return _both(one, other, rest.strip(), f"How {base}", "number", order)
    return _both(one, other, clause, "", "verdict", 0)


def _both(one: Name, other: Name, clause: str, asks: str, compared: Compared, order: int) -> Sides | None:
    asked = [_asked(clause, asks, name.text) for name in (one, other)]
    if asked[0] is None or asked[1] is None:
        return None
    return Sides(Side(one, asked[0]), Side(other, asked[1]), compared, order)


def _asked(clause: str, asks: str, name: str) -> str | None:
    """The clause as a question about this one: `asks` comes first, then the verb and the name."""
    owned = _OWNED.match(clause)
    if owned:
        name = f"the {owned['owned']} of {name}"
    found = owned or _PLAIN.match(clause) or _BARE.match(clause)
    if found is None:
        return None
    auxiliary = found.groupdict().get("aux") or ""
    verb = _SINGULAR.get(auxiliary.lower(), "was" if found["rest"].startswith("born") else "")
    words = (asks, verb, name, found["rest"]) if asks or verb else ("Is it", name, "that", found["rest"])
    text = " ".join(" ".join(words).split())
    return f"{text[:1].upper()}{text[1:]}?"


def _without(clause: str, found: re.Match[str]) -> str:
    return " ".join(f"{clause[: found.start()]} {clause[found.end() :]}".split())


def _base(stem: str) -> str:
    """What a comparative is made of: "larg" is large, "happi" happy, "bigg" big."""
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls":
        return stem[:-1]
    return f"{stem}e" if stem.endswith(("rg", "id", "at", "av", "os", "af", "ug")) else stem


def _of_pair(question: Question) -> Sides | None:
    """ "Are X and Y …?", of each or of both together."""
    text = question.text
    for one, other in pairwise(question.names):
        joined, begun = _AND.match(text[one.end : other.start]), _PAIR.match(text[: one.start])
        if joined and begun:
            break
    else:
        return None
    verb = _SINGULAR[begun["aux"].lower()]
    # "directors of films X and Y" has directors of films on both sides.
    before = (begun["before"], joined["before"] or begun["before"])
    phrases = [f"{start}{name.text}" for start, name in zip(before, (one, other), strict=True)]
    rest = re.sub(r"\bboth\b\s*", "", _TRAILING.sub("", text[other.end :])).strip()
    same = _SAME.match(rest)
    if same:
        asked = [_asked_same(same, verb, phrase) for phrase in phrases]
        return Sides(Side(one, asked[0]), Side(other, asked[1]), "same", 0)
    if not rest:
        return None
    asked = [" ".join(f"{verb.capitalize()} {phrase} {rest}".split()) + "?" for phrase in phrases]
    return Sides(Side(one, asked[0]), Side(other, asked[1]), "both", 0)


def _asked_same(same: re.Match[str], verb: str, phrase: str) -> str:
    having = _HAVING.match(same["before"])
    before = "" if having else _SHARE.sub("", same["before"]).strip()
    if having:
        phrase = f"the {having['owned']} of {phrase}"
    words = f"What {same['what']} {verb} {phrase} {before} {same['after']}"
    if not before:
        words = f"What is the {same['what']} of {phrase} {same['after']}"
    return " ".join(words.split()) + "?"
