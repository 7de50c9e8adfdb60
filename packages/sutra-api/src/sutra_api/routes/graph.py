"""`GET concepts`, `concepts/{id}`, its neighbours, and `POST graph/path`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import ASKING, LOOKING
from sutra_api.paging import Cursor, Limit, page, position
from sutra_api.schemas import knowledge
from sutra_api.schemas.base import Page
from sutra_api.schemas.narrowing import Narrowing, narrowing_of_query, narrows
from sutra_core import ReasoningEngine
from sutra_core.places import place_at
from sutra_core.types import Concept, Direction

__all__ = ["router"]

router = APIRouter(tags=["graph"], dependencies=[Depends(Needs("read"))])
_Id = Annotated[int, Path(ge=0, le=2**53 - 1, examples=[7])]
_NEIGHBORS_MAX = 1_000_000


@router.get("/concepts")
async def list_concepts(
    request: Request,
    namespace: Annotated[str, Depends(namespace_of)],
    name: Annotated[str, Query(min_length=1, max_length=1000, description="The name of an entity.")],
) -> Page[knowledge.Concept]:
    """The entity of this name, if there is one; capitals and the number of blanks make no difference."""

    def find(engine: ReasoningEngine) -> list[Concept]:
        view = engine.view()
        return view.concepts([number for number in view.find_entities([name]) if number])

    found = await service_of(request).work(LOOKING, namespace, find)
    return Page[knowledge.Concept](items=[knowledge.Concept.model_validate(each) for each in found])


@router.get("/concepts/{concept_id}")
async def get_concept(
    request: Request, concept_id: _Id, namespace: Annotated[str, Depends(namespace_of)]
) -> knowledge.ConceptDetail:
    """A concept, every place where it stands, and its other names."""
    service = service_of(request)
    found = await service.work(LOOKING, namespace, lambda engine: engine.get_concept(concept_id))
    places = [
        {
            "source": place.source,
            "address": source.address,
            "title": source.title,
            "start": source.offset + place.start,
            "end": source.offset + place.end,
            "place": place_at(source.attributes, place.start),
        }
        for place, source in found.supports
    ]
    concept = knowledge.Concept.model_validate(found.concept)
    return knowledge.ConceptDetail.model_validate(
        {**concept.model_dump(), "supports": places, "aliases": list(found.aliases)}
    )


@router.get("/concepts/{concept_id}/neighbors")
async def list_neighbors(
    request: Request,
    concept_id: _Id,
    namespace: Annotated[str, Depends(namespace_of)],
    narrowing: Annotated[Narrowing, Depends(narrowing_of_query)],
    direction: Direction = "both",
    relation: Annotated[list[str] | None, Query(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[knowledge.Neighbor]:
    """A concept's associations, the strongest first, each with the concept at its other end."""
    start = position("neighbors", cursor)
    most = min(start + limit + 1, _NEIGHBORS_MAX)
    found = await service_of(request).work(
        ASKING if narrows(narrowing) else LOOKING,
        namespace,
        lambda engine: engine.neighbors(
            concept_id, direction=direction, relations=relation, limit=most, **narrowing
        ),
    )
    items = [
        knowledge.Neighbor(
            association=knowledge.Association.model_validate(association),
            concept=knowledge.Concept.model_validate(concept),
        )
        for association, concept in found[start:]
    ]
    return page("neighbors", items, limit, lambda _: start + limit)


@router.post("/graph/path")
async def find_paths(
    request: Request, body: knowledge.PathsWanted, namespace: Annotated[str, Depends(namespace_of)]
) -> knowledge.Paths:
    """The best paths from any of some concepts to any of some others."""
    found = await service_of(request).work(
        LOOKING,
        namespace,
        lambda engine: engine.paths(body.start, body.end, k=body.k, max_steps=body.max_steps),
    )
    return knowledge.Paths.model_validate(
        {
            "paths": [
                {
                    "nodes": [knowledge.Concept.model_validate(node) for node in path.nodes],
                    "steps": [
                        {
                            "association": knowledge.Association.model_validate(step.association),
                            "inverse": step.inverse,
                        }
                        for step in path.steps
                    ],
                    "score": path.score,
                }
                for path in found.paths
            ],
            "cut_off": found.exhausted,
        }
    )
