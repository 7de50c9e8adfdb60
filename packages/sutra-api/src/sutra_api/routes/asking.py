"""`POST reason`, `POST search`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import ASKING, LOOKING
from sutra_api.schemas.asking import Answer, Hit, Hits, Query, Question

__all__ = ["router"]

router = APIRouter(tags=["ask"])
# What is found by these needs no model.
_PLAIN = frozenset({"words", "graph"})


@router.post("/reason", dependencies=[Depends(Needs("read", counted="reason"))])
async def reason(
    request: Request, body: Question, namespace: Annotated[str, Depends(namespace_of)]
) -> Answer:
    """Answers a question, or says that it does not know, with its confidence, paths and sources."""
    answer = await service_of(request).work(
        ASKING,
        namespace,
        lambda engine: engine.ask(
            body.question, max_steps=body.max_steps, num_paths=body.num_paths, threshold=body.threshold
        ),
    )
    return Answer.model_validate(answer)


@router.post("/search", dependencies=[Depends(Needs("read", counted="search"))])
async def search(request: Request, body: Query, namespace: Annotated[str, Depends(namespace_of)]) -> Hits:
    """Finds passages by meaning, by words, by graph, or by all three."""
    kind = LOOKING if body.mode in _PLAIN else ASKING
    hits = await service_of(request).work(
        kind, namespace, lambda engine: engine.search(body.query, mode=body.mode, k=body.k)
    )
    return Hits(hits=[Hit.model_validate(each) for each in hits])
