"""Everything that a store holds, in a form that two stores can be compared by.

Concepts and sources stand for themselves by what they say, not by their numbers, and transaction numbers are
left out: two stores that were taught the same in different steps have equal contents.
"""

from __future__ import annotations

from typing import Any

from sutra_core.types import ReadView


def contents(view: ReadView, *, ids: bool = False) -> dict[str, Any]:
    """What a view holds; with `ids`, the numbers of concepts and sources as well."""
    stats = view.stats()
    concepts = view.concepts(list(range(1, stats.concepts + 1)))
    sources = view.sources(list(range(1, stats.sources + 1)))
    name = {concept.id: (concept.kind, concept.text) for concept in concepts}
    place = {source.id: (source.address, source.offset, source.sha256) for source in sources}
    found: dict[str, Any] = {
        "sources": {
            place[source.id]: (source.title, source.time, source.attributes, view.source_text(source.id))
            for source in sources
        },
        "concepts": {
            name[concept.id]: (
                concept.entity_type,
                set(concept.roles),
                (place.get(concept.source), concept.start, concept.end),
                sorted((place[s.source], s.start, s.end) for s in view.supports([concept.id])[0]),
                [round(float(x), 3) for x in view.vectors([concept.id])[0]],
            )
            for concept in concepts
        },
        "associations": {
            (name[edge.subject], edge.relation, name[edge.object]): (
                edge.kind,
                round(edge.confidence, 4),
                sorted(
                    (name[e.statement], round(e.confidence, 4), e.valid_from, e.valid_to)
                    for e in view.evidence([edge[:3]])[0]
                ),
            )
            for concept in concepts
            for edge in view.neighbors([concept.id], direction="out", limit=10_000)[0]
        },
    }
    if ids:
        found["numbers"] = (name, place)
    return found
