"""What a question for yes or no claims: "Is Gina the father of Fred?" claims that Gina is.

The question is put as the statement that it asks about, and that is read by the rules that read texts, so
that a claim has its direction: who is whose father. English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sutra_core.ask.analyse import Question

if TYPE_CHECKING:
    from sutra_storage import Reader

__all__ = ["Claim", "claims_of"]

_AUXILIARY = re.compile(
    r"^\W*(?:(?P<be>is|are|was|were|has|have|had)|(?P<do>do|does|did))\s+(?:the\s+)?$", re.IGNORECASE
)
_VERB = re.compile(r"^\s+(?P<verb>[a-z]+)\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """A relation between two names, as it is claimed."""

    subject: str
    relation: str
    object: str


def claims_of(question: Question) -> list[Claim]:
    """What is claimed of the first name of a question for yes or no; nothing where it is not understood."""
    if not question.yes_no or not question.names:
        return []
    first = question.names[0]
    opened = _AUXILIARY.match(question.text[: first.start])
    rest = question.text[first.end :].rstrip(" ?!.")
    if opened is None:
        return []
    if opened["be"]:
        return _read(f"{first.text} {opened['be'].lower()}{rest}.")
    verb = _VERB.match(rest)
    if verb is None:
        return []
    forms = ("d", "ed") if opened["do"].lower() == "did" else ("s", "es")
    for ending in forms:
        after = rest[verb.end() :]
        if found := _read(f"{first.text} {verb['verb']}{ending}{after}."):
            return found
    return []


def _read(statement: str) -> list[Claim]:
    read = _reader().read(statement)
    return [Claim(subject, relation, object_) for _, subject, relation, _, object_, *_ in read.relations]


@cache
def _reader() -> Reader:
    from sutra_storage import Reader

    return Reader()
