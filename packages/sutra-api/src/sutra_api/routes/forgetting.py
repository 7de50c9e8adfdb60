"""`DELETE sources/{id}`, `DELETE concepts/{id}`, `POST forget`: gone from every search and answer at once.

Forgetting needs an administrator of the namespace: it cannot be taken back. Where it takes long, its caller
waits; it is not given up halfway.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.once import IdempotencyKey
from sutra_api.schemas import forgetting as schemas
from sutra_core import ReasoningEngine
from sutra_core.errors import StoreIOError
from sutra_core.types import Forgotten

__all__ = ["router"]

router = APIRouter(tags=["forget"])
_Id = Annotated[int, Path(ge=0, le=2**53 - 1, examples=[12])]
_Namespace = Annotated[str, Depends(namespace_of)]
_Admin = Annotated[Caller, Depends(Needs("admin"))]


@router.delete("/sources/{source_id}", response_model=schemas.Outcome)
async def forget_source(
    request: Request,
    source_id: _Id,
    how: Annotated[schemas.SourceForgetting, Query()],
    namespace: _Namespace,
    caller: _Admin,
    key: IdempotencyKey = None,
) -> Response:
    """Forgets a source with all that it alone said; what others say too stays."""

    def forget(engine: ReasoningEngine) -> Forgotten:
        return engine.forget(source=source_id, dry_run=how.dry_run)

    return await _forgotten(request, namespace, caller, key, how, forget)


@router.delete("/concepts/{concept_id}", response_model=schemas.Outcome)
async def forget_concept(
    request: Request,
    concept_id: _Id,
    how: Annotated[schemas.ConceptForgetting, Query()],
    namespace: _Namespace,
    caller: _Admin,
    key: IdempotencyKey = None,
) -> Response:
    """Forgets a statement, wherever it is said, or an entity with every statement and title that names it."""

    def forget(engine: ReasoningEngine) -> Forgotten:
        return engine.forget(concept=concept_id, link_only=how.link_only, dry_run=how.dry_run)

    return await _forgotten(request, namespace, caller, key, how, forget)


@router.post("/forget", response_model=schemas.Outcome)
async def forget(
    request: Request,
    body: schemas.Forgetting,
    namespace: _Namespace,
    caller: _Admin,
    key: IdempotencyKey = None,
) -> Response:
    """Forgets the sources of an address, the entity of a name, or all that was learned before a time."""

    def forget(engine: ReasoningEngine) -> Forgotten:
        return engine.forget(
            source=body.source,
            concept=body.concept,
            before=body.before,
            link_only=body.link_only,
            dry_run=body.dry_run,
        )

    return await _forgotten(request, namespace, caller, key, body, forget)


async def _forgotten(
    request: Request,
    namespace: str,
    caller: Caller,
    key: str | None,
    wanted: schemas.SourceForgetting | schemas.Forgetting,
    forget: Callable[[ReasoningEngine], Forgotten],
) -> Response:
    """Forgets once for a key, and tells what went."""
    service = service_of(request)

    def done(engine: ReasoningEngine) -> schemas.Outcome:
        found = schemas.Outcome.model_validate(forget(engine))
        if wanted.now and not wanted.dry_run:
            found.purged = _purged(engine)
        return found

    async def work() -> Response:
        found = await service.change(namespace, done)
        return Response(found.model_dump_json(), media_type="application/json")

    # Not the body's bytes: how a source or concept is forgotten stands in the query.
    return await service.once.answer(request, caller.client, key, work, wanted.model_dump_json().encode())


def _purged(engine: ReasoningEngine) -> datetime:
    """Purges after a forgetting. Where that fails the caller is told that the forgetting did not."""
    try:
        return engine.purge()
    except StoreIOError as error:
        raise type(error)(f"it is forgotten, and still in the files; purge later: {error}") from error
