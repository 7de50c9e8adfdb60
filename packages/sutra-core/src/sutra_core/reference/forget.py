"""The rules of forgetting: what only the forgotten said goes with it, and what others say too stays.

What others have said, in sources that were retired since, is retired with that.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from sutra_core.reference.part import living
from sutra_core.reference.retire import end_evidence
from sutra_core.reference.state import State, Telling
from sutra_core.types import Concept, Source, Support

__all__ = ["Lost", "forget_concept", "forget_retired", "forget_sources", "occurrences"]

_WITHOUT_BLANKS = "\u0e00"
"""The first character of scripts in which a name may stand within a word."""

_Bytes = tuple[int, int]
"""A source, and the position of a byte in its text."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What forgetting did besides making the store smaller: sources of which parts were blanked, statements
    that have lost a place and stand elsewhere, and the name that no answer may have any more."""

    redacted: int = 0
    staying: int = 0
    name: str = ""


def forget_sources(state: State, sources: Collection[int]) -> Lost | None:
    """Takes sources out of a state that nobody else holds; None where it has none of them."""
    known = [source for source in sources if source in state.sources]
    if not known:
        return None
    lived = living(state).supports
    for source in known:
        del state.sources[source], state.texts[source]
        state.markup.pop(source, None)
    staying = _drop(state, lambda place: place.source not in state.sources, lived, set(), set())
    return Lost(staying=staying)


def forget_retired(state: State, last: int) -> Lost | None:
    """Takes out what was retired up to a transaction; None where there is none of it."""

    def stays(told: Source | Telling) -> bool:
        return told.retired is None or told.retired > last

    sources = [source.id for source in state.sources.values() if not stays(source)]
    tellings = {pair: tuple(filter(stays, told)) for pair, told in state.tellings.items()}
    if not sources and tellings == state.tellings:
        return None
    lived = living(state).supports
    state.tellings = {pair: told for pair, told in tellings.items() if told}
    state.kept_from = last
    for source in sources:
        del state.sources[source], state.texts[source]
        state.markup.pop(source, None)
    return Lost(staying=_drop(state, lambda place: place.source not in state.sources, lived, set(), set()))


def forget_concept(state: State, number: int, *, link_only: bool) -> Lost | None:
    """Takes a statement out of a state, or an entity with all that names it; None where there is none."""
    concept = state.concepts.get(number)
    if concept is None or (link_only and concept.kind != "entity"):
        return None
    if link_only:
        _drop(state, lambda _: False, set(), set(), {number})
        return Lost()
    if concept.kind == "statement":
        seeds = [byte for place in state.supports[number] for byte in _bytes(place)]
        redacted, staying = _blank(state, seeds, {}, set())
        return Lost(redacted, staying)
    name = concept.text
    titles = {source.id: occurrences(source.title, name) for source in state.sources.values()}
    alike = {
        other.id
        for other in state.concepts.values()
        if other.kind == "entity" and occurrences(other.text, name)
    }
    redacted, staying = _blank(
        state,
        list(_naming(state, concept)),
        {source: found for source, found in titles.items() if found},
        alike | {number},
    )
    return Lost(redacted, staying, name)


def occurrences(text: str, name: str) -> list[range]:
    """The bytes of a text at which a name stands, whatever the form and spacing of its letters."""
    wanted = "".join(_folded(name.strip()))
    if not any(letter.isalnum() for letter in wanted):
        return []
    pieces = list(_folded(text))
    starts: list[int] = []
    length = 0
    for piece in pieces:
        starts.append(length)
        length += len(piece)
    folded = "".join(pieces)
    ends = [0]
    for letter in text:
        ends.append(ends[-1] + len(letter.encode()))
    found: list[range] = []
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        before, after = folded[at - 1 : at] if at else "", folded[end : end + 1]
        joined = (_joins(wanted[0]) and before.isalnum()) or (_joins(wanted[-1]) and after.isalnum())
        if not joined and not (after and unicodedata.combining(after)):
            first = max(n for n, start in enumerate(starts) if start <= at and pieces[n])
            last = max(n for n, start in enumerate(starts) if start <= end - 1 and pieces[n])
            found.append(range(ends[first], ends[last + 1]))
        at = folded.find(wanted, at + 1)
    return found


def _joins(letter: str) -> bool:
    return letter.isalnum() and letter < _WITHOUT_BLANKS


def _folded(text: str) -> Iterator[str]:
    """Each letter as names are compared; of several blanks only the first."""
    blank = False
    for letter in text:
        if letter.isspace() and letter not in "\x1c\x1d\x1e\x1f":
            yield "" if blank else " "
            blank = True
            continue
        blank = False
        lower = unicodedata.normalize("NFKD", letter).lower()
        yield unicodedata.normalize("NFKD", lower)


def _bytes(place: Support) -> list[_Bytes]:
    return [(place.source, at) for at in range(place.start, place.end)]


def _naming(state: State, entity: Concept) -> Iterator[_Bytes]:
    """All bytes of sentences that name an entity, or say something of it; and of its name elsewhere."""
    sentences = {number for number in state.supports if "sentence" in state.concepts[number].roles}
    for source, text in state.texts.items():
        for found in occurrences(text.decode(), entity.text):
            named = {(source, at) for at in found}
            yield from named
            for number in sentences:
                for place in state.supports[number]:
                    if not named.isdisjoint(_bytes(place)):
                        yield from _bytes(place)
    for (subject, _, object_), statement in state.tellings:
        if entity.id in (subject, object_) and statement in sentences:
            for place in state.supports[statement]:
                yield from _bytes(place)


def _blank(
    state: State, seeds: Iterable[_Bytes], titles: dict[int, list[range]], unlinked: set[int]
) -> tuple[int, int]:
    """Blanks bytes wherever they are said, parts of titles, and what these leave nothing of.

    Gives the number of sources that lost something, and of statements that stand elsewhere.
    """
    blanked: set[_Bytes] = set()
    work = set(seeds)
    while work:
        blanked |= work
        work = {
            (other.source, other.start + at - place.start)
            for places in state.supports.values()
            for place in places
            for at in range(place.start, place.end)
            if (place.source, at) in work
            for other in places
        } - blanked
    for source, at in blanked:
        text = state.texts[source]
        state.texts[source] = text[:at] + b" " + text[at + 1 :]
    for source, found in titles.items():
        title = bytearray(state.sources[source].title.encode())
        for part in found:
            title[part.start : part.stop] = b" " * len(part)
        state.sources[source] = state.sources[source]._replace(title=title.decode() if title.strip() else "")
    hit = {source for source, _ in blanked} | titles.keys()
    for source in hit:
        sha256 = hashlib.sha256(state.texts[source]).hexdigest()
        state.sources[source] = state.sources[source]._replace(sha256=sha256, redacted=True)
        state.redacted[source] = state.transaction

    def left(place: Support) -> str:
        return state.texts[place.source][place.start : place.end].decode()

    def loses(place: Support) -> bool:
        return not blanked.isdisjoint(_bytes(place))

    redacted = {
        number
        for number, places in state.supports.items()
        if any(
            loses(place) or (place.source in titles and "sentence" not in state.concepts[number].roles)
            for place in places
        )
    }
    staying = _drop(
        state,
        lambda place: loses(place) and not any(letter.isalnum() for letter in left(place)),
        living(state).supports,
        redacted,
        unlinked,
    )
    return len(hit), staying


def _drop(
    state: State,
    loses: Callable[[Support], bool],
    lived: Collection[int],
    redacted: set[int],
    unlinked: Collection[int],
) -> int:
    """Takes their places from statements, and what nothing holds then; counts those that stand elsewhere.

    Of those that `lived` and stand in retired sources alone now the evidence ends.
    """
    gone: set[int] = set(unlinked)
    moved: set[int] = set()
    for statement, places in list(state.supports.items()):
        left = tuple(place for place in places if not loses(place))
        if not left:
            gone.add(statement)
            del state.supports[statement]
            continue
        if left != places:
            state.supports[statement] = left
            moved.add(statement)
        if left == places and statement not in redacted:
            continue
        first = (*state.living_places(statement), *state.last_places(statement))[0]
        state.stand_at(statement, first)
        if statement in redacted:
            text = state.texts[first.source][first.start : first.end].decode()
            state.concepts[statement] = state.concepts[statement]._replace(text=text, has_vector=False)
            state.vectors.pop(statement, None)
    end_evidence(state, {statement for statement in moved if statement in lived})
    _weaken(state, gone, redacted)
    ends = {end for (subject, _, object_), _ in state.tellings for end in (subject, object_)}
    gone |= {entity for entity in state.entity_ids.values() if entity not in ends}
    for number in gone:
        del state.concepts[number]
        state.vectors.pop(number, None)
    state.statement_ids = {
        key: number for key, number in state.statement_ids.items() if number not in gone | redacted
    }
    state.entity_ids = {key: number for key, number in state.entity_ids.items() if number not in gone}
    return sum(statement in lived for statement in moved - redacted)


def _weaken(state: State, gone: set[int], redacted: Collection[int]) -> None:
    """Drops the evidence that statements gave which are gone, and that of associations they were ends of; of
    those that lost words what these do not name any more.
    """
    for key, statement in list(state.tellings):
        subject, _, object_ = key
        goes = not gone.isdisjoint((statement, subject, object_))
        if goes or (statement in redacted and not _names_both(state, statement, (subject, object_))):
            del state.tellings[key, statement]


def _names_both(state: State, statement: int, ends: tuple[int, int]) -> bool:
    """Whether what is left of a statement, and its title, have the names of the ends that are entities."""
    concept = state.concepts[statement]
    said = f"{state.sources[concept.source].title}\n{concept.text}"
    names = [state.concepts[end].text for end in ends if state.concepts[end].kind == "entity"]
    return all(occurrences(said, name) for name in names)
