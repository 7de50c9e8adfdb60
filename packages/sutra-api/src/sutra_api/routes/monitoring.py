"""`GET /metrics`, `GET /v1/monitoring`, `POST /v1/monitoring/persistence`: the service's own figures.

They are about every namespace, so they need a key that is for every namespace.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from sutra_api.access import Caller, Needs, service_of
from sutra_api.gate import ASKING, WATCHING
from sutra_api.meter import Counted
from sutra_api.problems import ForbiddenError
from sutra_api.schemas.monitoring import Monitoring, NamespaceFigures, PersistenceTest
from sutra_api.service import Service
from sutra_core.metrics import WINDOW_SECONDS
from sutra_core.types import StoreStats

__all__ = ["router"]

_LOOKS = 25
_MOMENT_SECONDS = 0.02

router = APIRouter(tags=["operate"])


async def _everywhere(caller: Annotated[Caller, Depends(Needs("audit"))]) -> None:
    _check(caller)


async def _everywhere_as_admin(caller: Annotated[Caller, Depends(Needs("admin"))]) -> None:
    _check(caller)


def _check(caller: Caller) -> None:
    if caller.key is not None and not caller.key.opens_all:
        raise ForbiddenError("the figures are about every namespace, and this key is for some of them alone")


@router.get(
    "/metrics",
    dependencies=[Depends(_everywhere)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def get_metrics(request: Request) -> Response:
    """Everything that is counted and timed, for Prometheus."""
    service = service_of(request)
    text = await service.gate.run_at_once(WATCHING, service.meter.text)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/v1/monitoring", dependencies=[Depends(_everywhere)])
async def get_monitoring(request: Request) -> Monitoring:
    """The figures that the monitor watches; a sample of each open namespace is read for it."""
    service = service_of(request)
    return await service.gate.run_at_once(WATCHING, lambda: _measured(service))


@router.post("/v1/monitoring/persistence", dependencies=[Depends(_everywhere_as_admin)])
async def test_persistence(request: Request) -> PersistenceTest:
    """Learns a sentence in a store of its own, asks, opens the store again, asks again, removes it."""
    service = service_of(request)
    return PersistenceTest.model_validate(await service.gate.run(ASKING, service.persistence.make))


def _counted(service: Service) -> dict[str, tuple[StoreStats, tuple[Counted, float | None]]]:
    """What each open namespace holds, and what came and went in it up to the same transaction.

    What is durable is counted a moment later, so a store whose last transaction is not counted yet is looked
    at again.
    """
    found: dict[str, tuple[StoreStats, tuple[Counted, float | None]]] = {}
    settled: set[str] = set()
    for look in range(_LOOKS):
        if look:
            time.sleep(_MOMENT_SECONDS)
        for name, stats in service.gauges.stores().items():
            if name in settled:
                continue
            counted, since = service.meter.counted(name)
            by_then = service.meter.counted_by(name, stats.transaction)
            found[name] = stats, (counted if by_then is None else by_then, since)
            if by_then is not None:
                settled.add(name)
        if found.keys() <= settled:
            break
    return found


def _measured(service: Service) -> Monitoring:
    service.checks.look_at_samples()
    namespaces: dict[str, NamespaceFigures] = {}
    now = datetime.now(UTC)
    checked = service.checks.statuses()
    for name, (stats, (counted, since)) in _counted(service).items():
        status = checked.get(name)
        namespaces[name] = NamespaceFigures(
            concepts=stats.concepts,
            learned=counted.learned,
            forgotten=counted.forgotten,
            since=None if since is None else datetime.fromtimestamp(since, UTC),
            checksum_validation_status=float(status.valid) if status else None,
            checksum_validation_age_seconds=status.age() if status else None,
        )
    figures = {**service.meter.window.read(), **service.gauges.figures()}
    if checked:
        figures["checksum_validation_status"] = float(all(status.valid for status in checked.values()))
    return Monitoring(
        at=now,
        started=datetime.fromtimestamp(service.meter.started, UTC),
        window_seconds=WINDOW_SECONDS,
        figures=figures,
        namespaces=namespaces,
    )
