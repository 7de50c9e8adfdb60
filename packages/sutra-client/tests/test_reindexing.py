"""reindex: the service derives again what older rules derived, and the client waits for it."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from both import TEXTS
from serving_process import ServiceProcess

from sutra_client import AsyncClient, Client, ServiceError
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.learn import ReindexReport, concepts

MANY = [f"The mill {number} stands at Alham." for number in range(300)]
"""Texts that are more than are read again for one transaction."""


@pytest.fixture
def folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of which a part was derived by rules that found other things than those of a later version."""
    config = ReasoningEngineConfig.model_validate({"storage_path": folder / "knowledge", "reader": "off"})
    with monkeypatch.context() as patch:
        patch.setattr(concepts, "_NEXT", ("before", "temporal", 0.5))
        patch.setattr(concepts, "_CONTAINS", ("has", "compositional", 0.9))
        with ReasoningEngine(config) as engine:
            engine.learn_batch(TEXTS)
    shutil.copytree(config.storage_path, folder / "copy")
    return folder


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceProcess]:
    """A service of the version after that over the store."""
    monkeypatch.setenv("STAND_IN_RULES", str(concepts.RULES + 1))
    monkeypatch.setenv("STAND_IN_HOLD", str(folder / "hold"))
    running = ServiceProcess(folder / "knowledge").ready()
    try:
        yield running
    finally:
        running.end()


def as_the_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ReindexReport, ReindexReport]:
    """What the engine of that version counts and does with the same store."""
    config = ReasoningEngineConfig.model_validate({"storage_path": folder / "copy", "reader": "off"})
    with monkeypatch.context() as patch:
        patch.setattr(concepts, "RULES", concepts.RULES + 1)
        with ReasoningEngine(config) as engine:
            return timeless(engine.reindex(dry_run=True)), timeless(engine.reindex())


def timeless(report: ReindexReport) -> ReindexReport:
    return dataclasses.replace(report, seconds=0.0)


def test_the_service_does_what_the_engine_does(
    folder: Path, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, done = as_the_engine(folder, monkeypatch)
    assert done.retired > 0 and done.sources == len(TEXTS)
    with Client(service.url, api_key=service.key) as client:
        assert timeless(client.reindex(dry_run=True)) == counted
        assert client.jobs() == []
        assert timeless(client.reindex()) == done
        (job,) = client.jobs()
        assert (job.kind, job.state, job.reindex and timeless(job.reindex)) == ("reindex", "done", done)
        assert (job.sources, job.sources_total) == (len(TEXTS), len(TEXTS))

        async def again() -> ReindexReport:
            async with AsyncClient(service.url, api_key=service.key) as asynchronous:
                return await asynchronous.reindex()

        assert timeless(asyncio.run(again())) == dataclasses.replace(done, outdated=0, sources=0, retired=0)


def test_progress_is_told_and_ctrl_c_cancels(folder: Path, service: ServiceProcess) -> None:
    with Client(service.url, api_key=service.key) as client:
        client.learn_batch(MANY)
        before, total = client.reindex(dry_run=True).outdated, len(MANY) + len(TEXTS)
        calls: list[tuple[int, int]] = []

        def interrupt(done: int, total: int) -> None:
            calls.append((done, total))
            raise KeyboardInterrupt

        (folder / "hold").touch()
        with pytest.raises(KeyboardInterrupt):
            client.reindex(on_progress=interrupt)
        (folder / "hold").unlink()
        *_, job = client.watch_job(client.jobs()[0].id)
        assert (job.state, job.reindex, job.sources_total) == ("cancelled", None, total)
        assert 0 < calls[0][0] <= job.sources and calls == [(calls[0][0], total)]
        left = client.reindex(dry_run=True).outdated
        assert left < before
        calls.clear()
        report = client.reindex(on_progress=lambda *progress: calls.append(progress))
        assert (report.outdated, calls[-1]) == (left, (report.sources, report.sources))
        assert calls == sorted(set(calls))
        assert client.reindex(dry_run=True).outdated == 0


def test_what_somebody_else_cancels_is_an_error(folder: Path, service: ServiceProcess) -> None:
    with (
        Client(service.url, api_key=service.key) as client,
        Client(service.url, api_key=service.key) as other,
    ):
        client.learn_batch(MANY)
        (folder / "hold").touch()

        def cancel(*_: int) -> None:
            if (folder / "hold").exists():
                other.cancel_job(other.jobs()[0].id)
                (folder / "hold").unlink()

        with pytest.raises(ServiceError, match="do it again for the rest") as caught:
            client.reindex(on_progress=cancel)
        assert caught.value.code == "job_cancelled"
