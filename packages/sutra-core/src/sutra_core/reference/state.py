"""Everything the reference store knows at one transaction, and what makes two things the same.

A state that a view holds is never changed: a commit changes a copy. All values in the containers are
immutable themselves (vectors are read-only arrays), so copying the containers is enough.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from sutra_core.types import Association, AssociationKind, Concept, Evidence, Floats, Source, Support

AssociationKey = tuple[int, str, int]
"""Subject, relation name, object."""

StatementKey = tuple[str, str]
"""The title under which a passage stands, else nothing; the text."""

SourceKey = tuple[str, int, str]
"""Address, offset, SHA-256 of the text."""

# Unicode's White_Space. `str.split` also takes the four separators U+001C to U+001F for white space.
_WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


@dataclass(slots=True)
class State:
    """The store's content: concepts and sources by number, in rising order; a number is never given again."""

    transaction: int = 0
    next_source: int = 1
    next_concept: int = 1
    sources: dict[int, Source] = field(default_factory=dict[int, Source])
    texts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    redacted: dict[int, int] = field(default_factory=dict[int, int])
    """The last transaction that blanked something of a source."""
    source_ids: dict[SourceKey, int] = field(default_factory=dict[SourceKey, int])
    concepts: dict[int, Concept] = field(default_factory=dict[int, Concept])
    statement_ids: dict[StatementKey, int] = field(default_factory=dict[StatementKey, int])
    entity_ids: dict[str, int] = field(default_factory=dict[str, int])
    supports: dict[int, tuple[Support, ...]] = field(default_factory=dict[int, tuple[Support, ...]])
    relations: dict[str, AssociationKind] = field(default_factory=dict[str, AssociationKind])
    associations: dict[AssociationKey, Association] = field(default_factory=dict[AssociationKey, Association])
    evidence: dict[AssociationKey, tuple[Evidence, ...]] = field(
        default_factory=dict[AssociationKey, tuple[Evidence, ...]]
    )
    given: dict[tuple[AssociationKey, int], int] = field(
        default_factory=dict[tuple[AssociationKey, int], int]
    )
    """The transaction that learned a statement's evidence of an association."""
    vectors: dict[int, Floats] = field(default_factory=dict[int, Floats])

    def copy(self) -> State:
        """A state that can be changed without changing this one."""
        return State(
            transaction=self.transaction,
            next_source=self.next_source,
            next_concept=self.next_concept,
            sources=dict(self.sources),
            texts=dict(self.texts),
            redacted=dict(self.redacted),
            source_ids=dict(self.source_ids),
            concepts=dict(self.concepts),
            statement_ids=dict(self.statement_ids),
            entity_ids=dict(self.entity_ids),
            supports=dict(self.supports),
            relations=dict(self.relations),
            associations=dict(self.associations),
            evidence=dict(self.evidence),
            given=dict(self.given),
            vectors=dict(self.vectors),
        )


def source_key(address: str, offset: int, text: str) -> SourceKey:
    """What makes a source itself."""
    return address, offset, hashlib.sha256(text.encode()).hexdigest()


def name_key(name: str) -> str:
    """The form in which names are compared: NFKC, lower case, single blanks between words."""
    lowered = unicodedata.normalize("NFKC", name).lower()
    return _WHITE_SPACE.sub(" ", lowered).strip(" ")


def is_blank(text: str) -> bool:
    """Whether a text is empty or white space alone."""
    return _WHITE_SPACE.sub("", text) == ""
