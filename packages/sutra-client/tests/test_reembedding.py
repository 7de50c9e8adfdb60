"""reembed: the service embeds what is known again, and the client waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from both import TEXTS
from serving_process import ServiceProcess

from sutra_client import AsyncClient, Client
from sutra_core.errors import InvalidValueError
from sutra_core.learn import ReembedReport

MANY = [f"The mill {number} stands at Alham." for number in range(100)]


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceProcess]:
    monkeypatch.setenv("SUTRA_READER", "off")
    running = ServiceProcess(folder / "knowledge").ready()
    try:
        yield running
    finally:
        running.end()


def test_the_service_changes_its_embedder(service: ServiceProcess) -> None:
    with Client(service.url, api_key=service.key) as client:
        client.learn_batch([*TEXTS, *MANY])
        told: list[tuple[int, int]] = []

        def interrupt(done: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            client.reembed("instant", on_progress=interrupt)
        *_, job = client.watch_job(client.jobs()[0].id)
        if job.state == "cancelled":  # else it was done before it could be
            assert client.stats().store.dimension == 384
        report = client.reembed("instant", on_progress=lambda *each: told.append(each))
        stats = client.stats().store
        assert (report.statements, report.waiting) == (stats.vectors, 0)
        assert stats.dimension == 256 and told == sorted(set(told))
        assert client.search(MANY[7], mode="meaning", k=1)[0].text == MANY[7]
        job = client.jobs()[-1]
        assert (job.kind, job.state, job.embedder, job.reembed) == ("reembed", "done", "instant", report)
        with pytest.raises(InvalidValueError):
            client.reembed(7)  # type: ignore[arg-type]

        async def back() -> ReembedReport:
            async with AsyncClient(service.url, api_key=service.key) as asynchronous:
                return await asynchronous.reembed("default")

        assert asyncio.run(back()).embedded == stats.statements
        assert client.stats().store.dimension == 384
