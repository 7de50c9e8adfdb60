"""What a service measures of itself, as the clients read it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from monitored import FIGURES, KEY, Monitored, counted, monitored

from sutra_client import AsyncClient, Client, ServiceError
from sutra_client.monitoring import Monitoring, NamespaceFigures, PersistenceTest


@pytest.fixture
def service() -> Iterator[Monitored]:
    with monitored() as service:
        yield service


def test_the_figures_of_a_service(service: Monitored) -> None:
    service.namespaces["own"] = counted(
        3, 5, 2, checksum_validation_status=1.0, checksum_validation_age_seconds=3.5
    )
    started = datetime(2026, 1, 1, tzinfo=UTC)
    with Client(service.url, api_key=KEY) as client:
        found = client.monitoring()
    assert found == Monitoring(
        at=datetime(2026, 1, 1, 12, tzinfo=UTC),
        started=started,
        window_seconds=900.0,
        figures=FIGURES,
        namespaces={
            "default": NamespaceFigures(7, 7, 0, started),
            "own": NamespaceFigures(3, 5, 2, started, 1.0, 3.5),
        },
    )

    async def asked() -> Monitoring:
        async with AsyncClient(service.url, api_key=KEY) as client:
            return await client.monitoring()

    assert asyncio.run(asked()) == found


def test_the_test_of_persistence(service: Monitored) -> None:
    with Client(service.url, api_key=KEY) as client:
        assert client.test_persistence() == PersistenceTest(0.98, 0.4, "")
        service.persistence = {"confidence": 0.0, "seconds": 0.5, "fault": "another answer"}

        async def asked() -> PersistenceTest:
            async with AsyncClient(service.url, api_key=KEY) as client:
                return await client.test_persistence()

        assert asyncio.run(asked()) == PersistenceTest(0.0, 0.5, "another answer")
    assert [request[:2] for request in service.requests] == [("POST", "/v1/monitoring/persistence")] * 2


def test_a_refusal_and_what_is_no_figure_are_errors(service: Monitored) -> None:
    with Client(service.url, api_key="sutra_other") as client, pytest.raises(ServiceError) as caught:
        client.monitoring()
    assert caught.value.code == "unauthenticated"
    service.namespaces = {"default": {"concepts": "many"}}
    with Client(service.url, api_key=KEY) as client, pytest.raises(ServiceError) as caught:
        client.monitoring()
    assert caught.value.code == "unexpected_answer"
