"""`GET changes`: the change feed as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.namespaces import UnknownNamespaceError
from sutra_api.schemas.changes import Change
from sutra_core import ReasoningEngine

__all__ = ["router"]

router = APIRouter(tags=["changes"], dependencies=[Depends(Needs("read"))])
_POLL_SECONDS = 0.5
_AT_ONCE = 16
"""Changes that are read at once."""
_WAIT_SECONDS_MAX = 24 * 3600
_Namespace = Annotated[str, Depends(namespace_of)]
_Since = Annotated[
    int, Query(ge=0, le=2**53 - 1, description="Only transactions after this one; 0 for all.", examples=[0])
]
_LastEventId = Annotated[
    str,
    Header(pattern="^[0-9]{0,16}$", description="The last transaction that came; it counts before `since`."),
]
_Wait = Annotated[
    int,
    Query(ge=0, le=_WAIT_SECONDS_MAX, description="For how many seconds without anything new it stays open."),
]
_Told = list[tuple[int, str]]
"""Transactions, each with its change as JSON."""


async def begun(
    request: Request, namespace: _Namespace, since: _Since = 0, last_event_id: _LastEventId = ""
) -> AsyncGenerator[tuple[int, _Told]]:
    """From where to tell, and the first changes: what is wrong is told before the stream begins."""
    service = service_of(request)
    start = int(last_event_id) if last_event_id else since
    service.streams.enter()
    try:
        yield start, await service.work(LOOKING, namespace, lambda engine: _after(engine, start))
    finally:
        service.streams.leave()


@router.get("/changes", response_class=EventSourceResponse)
async def list_changes(
    request: Request,
    namespace: _Namespace,
    first: Annotated[tuple[int, _Told], Depends(begun)],
    wait: _Wait = _WAIT_SECONDS_MAX,
) -> AsyncGenerator[ServerSentEvent]:
    """What each transaction learned and forgot, for another store to apply: events `change`, as they happen.

    The id of an event is its transaction: `Last-Event-ID` goes on after it. Ends when the service stops.
    """
    service = service_of(request)
    last, told = first
    waited = 0.0
    while True:
        for number, change in told:
            yield ServerSentEvent(id=str(number), event="change", raw_data=change)
            last, waited = number, 0.0
        if not told:
            if waited >= wait or not await service.streams.pause(_POLL_SECONDS):
                return
            waited += _POLL_SECONDS

        def looked(after: int = last) -> _Told:
            with service.namespaces.engine(namespace) as engine:
                return _after(engine, after)

        try:
            told = await service.gate.run_at_once(LOOKING, looked)
        except UnknownNamespaceError:
            return


def _after(engine: ReasoningEngine, transaction: int) -> _Told:
    changes = engine.changes(transaction, limit=_AT_ONCE)
    return [(each.transaction, Change.of(each).model_dump_json()) for each in changes]
