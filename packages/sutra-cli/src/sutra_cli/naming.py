"""What a command line calls a thing: its number, or its name. Looks it up, and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_cli.output import Knowledge
from sutra_core.arguments import is_unicode
from sutra_core.errors import UnknownConceptError

if TYPE_CHECKING:
    from sutra_core.engine import ConceptDetail

__all__ = ["find_concept", "is_number"]

_ID_DIGITS = 19


def find_concept(engine: Knowledge, concept: str) -> ConceptDetail:
    """The concept with this number, else the entity with this name, which may be a number too.

    Raises `UnknownConceptError`.
    """
    unknown: UnknownConceptError | None = None
    if is_number(concept):
        try:
            return engine.get_concept(int(concept))
        except UnknownConceptError as error:
            unknown = error
    found = _entity(engine, concept) if is_unicode(concept) else 0  # bytes of a command line may be no UTF-8
    if not found:
        raise unknown or UnknownConceptError(f"no entity is called {concept!a}; try `sutra search`")
    return engine.get_concept(found)


def is_number(written: str) -> bool:
    """Whether it is written as the number of a concept or a source."""
    return written.isdecimal() and len(written) <= _ID_DIGITS


def _entity(engine: Knowledge, name: str) -> int:
    """The number of the entity with this name, 0 where there is none."""
    from sutra_core import ReasoningEngine

    if isinstance(engine, ReasoningEngine):
        return engine.view().find_entities([name])[0]
    found = engine.find_entity(name) if name else None
    return found.id if found else 0
