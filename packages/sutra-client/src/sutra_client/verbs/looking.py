"""get_concept, find_entity, neighbors, paths, sources, get_source, source_text, stats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import JsonObject, json_of, known_fields, microseconds, read
from sutra_client.sending import answered
from sutra_client.verbs.narrowing import Narrowing
from sutra_client.verbs.pages import all_items
from sutra_core.engine import ConceptDetail, ConceptPath, ConceptPaths, EngineStats
from sutra_core.errors import InvalidValueError, UnknownConceptError, UnknownSourceError
from sutra_core.results import Backlog
from sutra_core.types import Association, Concept, Direction, PathStep, Source, StoreStats, Support

__all__ = [
    "find_entity",
    "get_concept",
    "get_source",
    "neighbors",
    "paths",
    "source_text",
    "sources",
    "stats",
]

_NUMBERS = range(2**53)
"""What a number can be in JSON; no store reaches its end."""


def get_concept(place: Place, concept_id: int) -> Steps[ConceptDetail]:
    """A concept, every place where it stands, and its other names."""
    path = place.path("concepts", _concept(concept_id))
    told = json_of((yield from answered(place, Call("GET", path))))
    known: dict[int, Source] = {}
    supports: list[tuple[Support, Source]] = []
    for each in read(list[dict[str, object]], told.get("supports")):
        number = read(int, each.get("source"))
        if number not in known:
            known[number] = yield from get_source(place, number)
        source = known[number]
        start, end = read(int, each.get("start")), read(int, each.get("end"))
        supports.append((Support(number, start - source.offset, end - source.offset), source))
    aliases = read(tuple[str, ...], told.get("aliases"))
    return ConceptDetail(_read_concept(told), tuple(supports), aliases)


def find_entity(place: Place, name: str) -> Steps[Concept | None]:
    """The entity of a name, compared by name key; None where there is none."""
    call = Call("GET", place.path("concepts"), params={"name": name.encode(errors="replace").decode()})
    items = read(list[dict[str, object]], json_of((yield from answered(place, call))).get("items"))
    return _read_concept(items[0]) if items else None


def neighbors(
    place: Place,
    concept_id: int,
    narrowing: Narrowing,
    *,
    direction: Direction,
    relations: Sequence[str] | None,
    limit: int,
) -> Steps[list[tuple[Association, Concept]]]:
    """A concept's associations, strongest first, each with the concept at its other end."""
    _check_limit(limit)
    number = _concept(concept_id)
    params: dict[str, Any] = {"direction": direction, **narrowing.params()}
    if relations is not None and not relations:
        return []  # of no relation there is none
    if narrowing.filter and narrowing.filter.sources is not None and not narrowing.filter.sources:
        return []  # no source says anything, and a query has no empty list
    if relations:
        params["relation"] = list(relations)
    items = yield from all_items(place, place.path("concepts", number, "neighbors"), params, limit)
    return [
        (read(Association, known_fields(Association, each["association"])), _read_concept(each["concept"]))
        for each in items
    ]


def paths(
    place: Place, start: Sequence[int], end: Sequence[int], *, k: int, max_steps: int
) -> Steps[ConceptPaths]:
    """The best paths without loops from any concept of `start` to any of `end`."""
    body = {
        "start": [_concept(each) for each in start],
        "end": [_concept(each) for each in end],
        "k": k,
        "max_steps": max_steps,
    }
    if not start or not end:
        return ConceptPaths((), exhausted=False)
    told = json_of((yield from answered(place, Call("POST", place.path("graph", "path"), body=body))))
    found = tuple(
        ConceptPath(
            tuple(_read_concept(node) for node in each["nodes"]),
            tuple(_step(step) for step in each["steps"]),
            read(float, each["score"]),
        )
        for each in read(list[dict[str, Any]], told.get("paths"))
    )
    return ConceptPaths(found, read(bool, told.get("cut_off")))


def sources(
    place: Place, *, address: str | None, after: int, limit: int, history: bool
) -> Steps[list[Source]]:
    """The first `limit` sources with a number greater than `after`, by rising number."""
    _check_limit(limit)
    params: dict[str, str | int] = {"after": after}
    if address is not None:
        params["address"] = address
    if history:
        params["history"] = "true"
    items = yield from all_items(place, place.path("sources"), params, limit)
    return [_read_source(each) for each in items]


def get_source(place: Place, source_id: int) -> Steps[Source]:
    """A source without its text."""
    path = place.path("sources", _source(source_id))
    return _read_source(json_of((yield from answered(place, Call("GET", path)))))


def source_text(place: Place, source_id: int) -> Steps[str]:
    """The whole text of a source, verbatim."""
    path = place.path("sources", _source(source_id), "text")
    return (yield from answered(place, Call("GET", path))).content.decode()


def stats(place: Place, folder: Path) -> Steps[EngineStats]:
    """Counts, figures and health; `folder` is where the store is, as far as is known here."""
    told = json_of((yield from answered(place, Call("GET", place.path("stats")))))
    return EngineStats(
        read(StoreStats, known_fields(StoreStats, told["store"])),
        folder,
        read(str, told.get("embedder")),
        read(dict[str, float], told.get("metrics")),
        read(dict[str, float], told.get("health")),
        read(Backlog, told["backlog"]) if told.get("backlog") else None,
    )


def _read_concept(told: JsonObject) -> Concept:
    return read(Concept, known_fields(Concept, told))


def _read_source(told: JsonObject) -> Source:
    return read(Source, known_fields(Source, {**told, "time": microseconds(told.get("time"))}))


def _step(told: JsonObject) -> PathStep:
    association = read(Association, known_fields(Association, told["association"]))
    return PathStep(association, read(bool, told["inverse"]))


def _concept(number: int) -> int:
    if number not in _NUMBERS:
        raise UnknownConceptError(f"there is no concept {number}; take a number from a search or an answer")
    return number


def _source(number: int) -> int:
    if number not in _NUMBERS:
        raise UnknownSourceError(
            f"there is no source {number}; take a number from a list of sources or a citation"
        )
    return number


def _check_limit(limit: int) -> None:
    if limit < 0:
        raise InvalidValueError(f"limit is {limit}; allowed: 0 and more")
