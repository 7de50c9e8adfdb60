"""`GET stats`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.schemas.knowledge import Stats

__all__ = ["router"]

router = APIRouter(tags=["operate"], dependencies=[Depends(Needs("read", "audit"))])


@router.get("/stats")
async def get_stats(request: Request, namespace: Annotated[str, Depends(namespace_of)]) -> Stats:
    """What the namespace holds, and what the service measured of it."""
    service = service_of(request)
    found = await service.work(LOOKING, namespace, lambda engine: engine.stats())
    checked = await service.gate.run(LOOKING, lambda: service.checks.of(namespace))
    stats = Stats.model_validate(found)
    return stats.model_copy(update={"health": stats.health | checked})
