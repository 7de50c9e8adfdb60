"""`GET sources`, `GET sources/{id}`: what was learned, and its text."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import PlainTextResponse

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.paging import Cursor, Limit, page, position
from sutra_api.schemas.base import Page
from sutra_api.schemas.learning import Source, moment
from sutra_core import types

__all__ = ["router"]

router = APIRouter(tags=["sources"])
_Id = Annotated[int, Path(ge=0, le=2**53 - 1, examples=[12])]


@router.get("/sources", dependencies=[Depends(Needs("read", "audit"))])
async def list_sources(
    request: Request,
    namespace: Annotated[str, Depends(namespace_of)],
    cursor: Cursor = None,
    limit: Limit = 100,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Only those with a greater id.")] = 0,
    address: Annotated[str, Query(max_length=1_000, description="Only those of this address.")] = "",
    history: Annotated[bool, Query(description="Whether earlier versions are among them.")] = False,
) -> Page[Source]:
    """The sources, the oldest first; with `history` those too whose place another text has taken."""
    start = max(after, position("sources", cursor))
    service = service_of(request)
    found = await service.work(
        LOOKING,
        namespace,
        lambda engine: engine.sources(address=address or None, after=start, limit=limit + 1, history=history),
    )
    return page("sources", [_told(each) for each in found], limit, lambda source: source.id)


@router.get("/sources/{source_id}", dependencies=[Depends(Needs("read", "audit"))])
async def get_source(
    request: Request, source_id: _Id, namespace: Annotated[str, Depends(namespace_of)]
) -> Source:
    """A source without its text."""
    service = service_of(request)
    return _told(await service.work(LOOKING, namespace, lambda engine: engine.get_source(source_id)))


@router.get(
    "/sources/{source_id}/text", dependencies=[Depends(Needs("read"))], response_class=PlainTextResponse
)
async def get_source_text(
    request: Request, source_id: _Id, namespace: Annotated[str, Depends(namespace_of)]
) -> PlainTextResponse:
    """The whole text of a source, to the byte."""
    service = service_of(request)
    text = await service.work(LOOKING, namespace, lambda engine: engine.source_text(source_id))
    return PlainTextResponse(text.encode())


def _told(source: types.Source) -> Source:
    return Source(
        id=source.id,
        address=source.address,
        title=source.title,
        offset=source.offset,
        length=source.length,
        sha256=source.sha256,
        time=moment(source.time),
        attributes=dict(source.attributes),
        learned=source.learned,
        redacted=source.redacted,
        retired=source.retired,
    )
