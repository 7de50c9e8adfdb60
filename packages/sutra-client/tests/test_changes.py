"""`changes`: what a service does is read, live too, and followed by an engine of this process."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from serving_process import ServiceProcess

from sutra_client import AsyncClient, Client, ServiceUnavailableError
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.changes import Change
from sutra_core.errors import InvalidValueError


def test_an_engine_follows_a_service(own: Client, service: ServiceProcess, folder: Path) -> None:
    own.learn_batch(["The Aln rises at Alham.", "Graz lies on the Mur."])
    config = ReasoningEngineConfig.model_validate({"storage_path": folder / "follower", "reader": "off"})
    with ReasoningEngine(config) as engine:
        last = engine.follow(own.changes())
        assert last == own.stats().store.transaction == engine.view().transaction
        assert engine.sources() == own.sources()
        assert engine.search("Graz", mode="words") == own.search("Graz", mode="words")
        assert engine.search("the Aln rises") == own.search("the Aln rises")
        # It is there already when the stream asks for what is new.
        live = own.changes(last, wait=60)
        own.learn("Elms are tall.", source="elms")
        assert engine.follow(next(live)) == last + 1
        assert [source.address for source in engine.sources()][-1] == "elms"
        assert list(engine.changes()) == list(own.changes())
    assert list(own.changes(limit=0)) == [] and len(list(own.changes(limit=1))) == 1
    with pytest.raises(InvalidValueError, match="since is"):
        list(own.changes(last + 5))


def test_the_asynchronous_client_reads_the_same(own: Client, service: ServiceProcess) -> None:
    own.learn_batch(["The Aln rises at Alham."])
    own.learn("Graz lies on the Mur.")

    async def read(limit: int | None) -> list[Change]:
        async with AsyncClient(own.url, api_key=service.key, namespace=own.namespace) as client:
            return [each async for each in client.changes(limit=limit)]

    for limit in (None, 0, 1):
        assert asyncio.run(read(limit)) == list(own.changes(limit=limit))


def test_a_stream_that_waits_ends_with_the_service(tmp_path: Path) -> None:
    running = ServiceProcess(tmp_path / "knowledge").ready()
    try:
        with Client(running.url, api_key=running.key) as client:
            client.learn("The Aln rises at Alham.")
            live = client.changes(wait=86_400)
            assert next(live).transaction == 1
            running.process.terminate()
            assert list(live) == []
    finally:
        running.end()
    with (
        Client(running.url, api_key=running.key, retries=0) as client,
        pytest.raises(ServiceUnavailableError),
    ):
        list(client.changes())
