"""`GET answers/{id}` and its explanation: an earlier answer as it was recorded."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.schemas.asking import Answer
from sutra_core.ask import as_markdown, as_mermaid

__all__ = ["router"]

router = APIRouter(tags=["answers"], dependencies=[Depends(Needs("read", "audit"))])
_Id = Annotated[str, Path(max_length=100, examples=["b1aaaf463d2dced69454f06af9bab136"])]
_TYPES = {
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "mermaid": "text/vnd.mermaid; charset=utf-8",
    "json": "application/json",
}


@router.get("/answers/{answer_id}")
async def get_answer(
    request: Request, answer_id: _Id, namespace: Annotated[str, Depends(namespace_of)]
) -> Answer:
    """An earlier answer, whole."""
    service = service_of(request)
    answer = await service.work(LOOKING, namespace, lambda engine: engine.explain(answer_id))
    return Answer.model_validate(answer)


@router.get(
    "/answers/{answer_id}/explain",
    response_class=Response,
    responses={200: {"content": {kind.split(";")[0]: {} for kind in _TYPES.values()}}},
)
async def explain_answer(
    request: Request,
    answer_id: _Id,
    namespace: Annotated[str, Depends(namespace_of)],
    form: Annotated[Literal["text", "markdown", "mermaid", "json"], Query(alias="format")] = "text",
) -> Response:
    """An earlier answer for people: what was said, how surely, by which steps, from which sources."""
    service = service_of(request)
    answer = await service.work(LOOKING, namespace, lambda engine: engine.explain(answer_id))
    written = {
        "text": answer.to_text,
        "markdown": lambda: as_markdown(answer),
        "mermaid": lambda: as_mermaid(answer),
        "json": answer.to_json,
    }
    return Response(written[form](), media_type=_TYPES[form])
