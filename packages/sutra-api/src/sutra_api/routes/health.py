"""`/healthz`, `/readyz`: whether the process lives, and whether it can answer. They need no key."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sutra_api.access import service_of
from sutra_api.schemas.base import Result

__all__ = ["router"]

router = APIRouter(tags=["operate"])


class Health(Result):
    """How the service is."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """200 as long as the process lives."""
    return Health(status="alive")


@router.get("/readyz", responses={503: {"model": Health}})
async def readyz(request: Request, response: Response) -> Health:
    """200 once the store and the models are open, 503 before."""
    if service_of(request).is_ready:
        return Health(status="ready")
    response.status_code = 503
    response.headers["Retry-After"] = "1"
    return Health(status="starting")
