"""`POST reason`, as one answer and as a stream of steps; `POST search`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import ASKING, LOOKING
from sutra_api.problems import problem_of
from sutra_api.schemas.asking import Answer, Hit, Hits, Query, Question
from sutra_api.schemas.narrowing import narrows
from sutra_api.service import Service
from sutra_core.ask import Answer as Given
from sutra_core.errors import SutraError

__all__ = ["router"]

router = APIRouter(tags=["ask"])
# What is found by these needs no model.
_PLAIN = frozenset({"words", "graph"})


@router.post("/reason", dependencies=[Depends(Needs("read", counted="reason"))])
async def reason(
    request: Request, body: Question, namespace: Annotated[str, Depends(namespace_of)]
) -> Answer:
    """Answers a question, or says that it does not know, with its confidence, paths and sources."""
    return Answer.model_validate(await _ask(service_of(request), namespace, body))


@router.post(
    "/reason/stream",
    dependencies=[Depends(Needs("read", counted="reason"))],
    response_class=EventSourceResponse,
)
async def reason_in_steps(
    request: Request, body: Question, namespace: Annotated[str, Depends(namespace_of)]
) -> AsyncGenerator[ServerSentEvent]:
    """Answers a question and tells its steps as they are taken: events `step`, then `answer` or `problem`."""
    loop = asyncio.get_running_loop()
    steps: asyncio.Queue[str | None] = asyncio.Queue()

    def taken(step: str) -> None:
        loop.call_soon_threadsafe(steps.put_nowait, step)

    work = asyncio.create_task(_ask(service_of(request), namespace, body, taken))
    work.add_done_callback(lambda _: steps.put_nowait(None))
    try:
        while (step := await steps.get()) is not None:
            yield ServerSentEvent(event="step", data={"step": step})
        answer = Answer.model_validate(await work)
        yield ServerSentEvent(event="answer", raw_data=answer.model_dump_json())
    except SutraError as error:
        told = problem_of(request, error)
        yield ServerSentEvent(event="problem", raw_data=bytes(told.body).decode())
    finally:
        work.cancel()


@router.post("/search", dependencies=[Depends(Needs("read", counted="search"))])
async def search(request: Request, body: Query, namespace: Annotated[str, Depends(namespace_of)]) -> Hits:
    """Finds passages by meaning, by words, by graph, or by all three."""
    narrowing = body.narrowing()
    kind = LOOKING if body.mode in _PLAIN and not narrows(narrowing) else ASKING
    hits = await service_of(request).work(
        kind, namespace, lambda engine: engine.search(body.query, mode=body.mode, k=body.k, **narrowing)
    )
    return Hits(hits=[Hit.model_validate(each) for each in hits])


async def _ask(
    service: Service, namespace: str, asked: Question, on_step: Callable[[str], None] | None = None
) -> Given:
    narrowing = asked.narrowing()
    return await service.work(
        ASKING,
        namespace,
        lambda engine: engine.ask(
            asked.question,
            max_steps=asked.max_steps,
            num_paths=asked.num_paths,
            threshold=asked.threshold,
            **narrowing,
            on_step=on_step,
        ),
    )
