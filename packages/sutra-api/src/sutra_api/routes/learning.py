"""`POST learn`, `POST learn/batch`: texts, found by the next question once they are acknowledged."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from sutra_api import learning as learned
from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.problems import problem
from sutra_api.schemas.learning import Batch, BatchLearned, Refused, SourceRef, Text, TextLearned

__all__ = ["router"]

router = APIRouter(tags=["learn"])
_writer = Depends(Needs("write", counted="learn"))


@router.post(
    "/learn",
    status_code=201,
    dependencies=[_writer],
    response_model=TextLearned,
    responses={200: {"model": TextLearned, "description": "It was known already."}},
)
async def learn(
    request: Request,
    response: Response,
    body: Text,
    namespace: Annotated[str, Depends(namespace_of)],
) -> TextLearned | JSONResponse:
    """Learns one text. 201 when it is durable and found, 200 when it was known already, to the byte."""
    (found,) = await service_of(request).learning.learn(namespace, [_draft(body)])
    if refusal := found.refusal:
        return problem(request, 422, refusal.code, f"the text was not learned: {refusal.reason}")
    if all(each.known for each in found.sources):
        response.status_code = 200
    return _told(found)


@router.post("/learn/batch", status_code=201, dependencies=[_writer])
async def learn_batch(
    request: Request, body: Batch, namespace: Annotated[str, Depends(namespace_of)]
) -> BatchLearned:
    """Learns up to 1,000 texts. What cannot be learned is told in its place; the others are learned."""
    found = await service_of(request).learning.learn(namespace, [_draft(text) for text in body.texts])
    refused = sum(each.refusal is not None for each in found)
    known = sum(each.refusal is None and all(one.known for one in each.sources) for each in found)
    return BatchLearned(
        learned=len(found) - refused - known,
        known=known,
        refused=refused,
        texts=[_told(each) for each in found],
    )


def _draft(text: Text) -> learned.SourceDraft:
    digest = hashlib.sha256(text.text.encode(errors="surrogatepass")).hexdigest()
    return text.draft(f"text:{digest[:16]}")


def _told(found: learned.TextLearned) -> TextLearned:
    refusal = found.refusal
    return TextLearned(
        sources=[SourceRef.model_validate(each) for each in found.sources],
        refused=Refused(code=refusal.code, reason=refusal.reason) if refusal else None,
    )
