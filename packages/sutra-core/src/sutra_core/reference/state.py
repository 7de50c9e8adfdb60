"""Everything the reference store knows at one transaction, and what makes two things the same.

What was retired is kept until it is forgotten; which of it lives is derived in `part`. A state that a view
holds is never changed: a commit changes a copy. All values in the containers are immutable themselves
(vectors are read-only arrays), so copying the containers is enough.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from sutra_core.types import AssociationKind, Concept, Evidence, Floats, Source, Support

AssociationKey = tuple[int, str, int]
"""Subject, relation name, object."""

StatementKey = tuple[str, str]
"""The title under which a passage stands, else nothing; the text."""

SourceKey = tuple[str, int, str]
"""Address, offset, SHA-256 of the text."""

# Unicode's White_Space. `str.split` also takes the four separators U+001C to U+001F for white space.
_WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


class Telling(NamedTuple):
    """What a statement says of an association, from one transaction to another."""

    evidence: Evidence
    learned: int
    retired: int | None = None
    rules: int = 0

    def is_outdated(self, rules: int) -> bool:
        """Whether it stands, and rules before this version derived it."""
        return self.retired is None and 0 < self.rules < rules


@dataclass(slots=True)
class State:
    """The store's content: concepts and sources by number, in rising order; a number is never given again."""

    transaction: int = 0
    kept_from: int = 0
    """The first transaction as of which it can be asked in full."""
    next_source: int = 1
    next_concept: int = 1
    sources: dict[int, Source] = field(default_factory=dict[int, Source])
    texts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    markup: dict[int, tuple[tuple[int, int], ...]] = field(
        default_factory=dict[int, tuple[tuple[int, int], ...]]
    )
    redacted: dict[int, int] = field(default_factory=dict[int, int])
    """The last transaction that blanked something of a source."""
    concepts: dict[int, Concept] = field(default_factory=dict[int, Concept])
    statement_ids: dict[StatementKey, int] = field(default_factory=dict[StatementKey, int])
    entity_ids: dict[str, int] = field(default_factory=dict[str, int])
    supports: dict[int, tuple[Support, ...]] = field(default_factory=dict[int, tuple[Support, ...]])
    """Where a statement stands, in retired sources too, by source and start."""
    relations: dict[str, AssociationKind] = field(default_factory=dict[str, AssociationKind])
    tellings: dict[tuple[AssociationKey, int], tuple[Telling, ...]] = field(
        default_factory=dict[tuple[AssociationKey, int], tuple[Telling, ...]]
    )
    """How often a statement has told of an association, first to last; the last alone may not be retired."""
    vectors: dict[int, Floats] = field(default_factory=dict[int, Floats])

    def copy(self) -> State:
        """A state that can be changed without changing this one."""
        return State(
            transaction=self.transaction,
            kept_from=self.kept_from,
            next_source=self.next_source,
            next_concept=self.next_concept,
            sources=dict(self.sources),
            texts=dict(self.texts),
            markup=dict(self.markup),
            redacted=dict(self.redacted),
            concepts=dict(self.concepts),
            statement_ids=dict(self.statement_ids),
            entity_ids=dict(self.entity_ids),
            supports=dict(self.supports),
            relations=dict(self.relations),
            tellings=dict(self.tellings),
            vectors=dict(self.vectors),
        )

    def find_source(self, key: SourceKey) -> int:
        """The living source of this key, 0 where there is none."""
        for source in self.sources.values():
            if source.retired is None and (source.address, source.offset, source.sha256) == key:
                return source.id
        return 0

    def living_places(self, statement: int) -> tuple[Support, ...]:
        """Where a statement stands in living sources."""
        places = self.supports[statement]
        return tuple(place for place in places if self.sources[place.source].retired is None)

    def last_places(self, statement: int) -> tuple[Support, ...]:
        """Of its places in retired sources those that were retired last."""
        until = {place: self.sources[place.source].retired or 0 for place in self.supports[statement]}
        last = max(until.values())
        return tuple(place for place, retired in until.items() if retired == last)

    def stand_at(self, statement: int, first: Support) -> None:
        """Makes this the first place of a statement."""
        self.concepts[statement] = self.concepts[statement]._replace(
            source=first.source, start=first.start, end=first.end
        )


def source_key(address: str, offset: int, text: str) -> SourceKey:
    """What makes a source itself."""
    return address, offset, hashlib.sha256(text.encode()).hexdigest()


def name_key(name: str) -> str:
    """The form in which names are compared: NFKC, lower case, single blanks between words."""
    lowered = unicodedata.normalize("NFKC", name).lower()
    return _WHITE_SPACE.sub(" ", lowered).strip(" ")


def stripped(text: str) -> str:
    """A text without white space at its ends."""
    start = _WHITE_SPACE.match(text)
    ends = [found.start() for found in _WHITE_SPACE.finditer(text) if found.end() == len(text)]
    return text[start.end() if start else 0 : ends[0] if ends else None]


def is_blank(text: str) -> bool:
    """Whether a text is empty or white space alone."""
    return _WHITE_SPACE.sub("", text) == ""
