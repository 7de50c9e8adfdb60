"""A service in a process of its own beside an engine in this one, both taught the same texts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import stand_in
from both import TEXTS, Both
from serving_process import ServiceProcess

import sutra_core.shared
from sutra_client import Client
from sutra_core import ReasoningEngine, ReasoningEngineConfig


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without settings from the environment."""
    for variable in list(os.environ):
        if variable.startswith("SUTRA_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sutra_core.shared, "open_embedder", stand_in.open_stand_in)
    return tmp_path


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A running service; what it learns in the default namespace is `TEXTS` alone."""
    running = ServiceProcess(tmp_path_factory.mktemp("service") / "knowledge").ready()
    try:
        yield running
    finally:
        running.end()


@pytest.fixture(scope="session")
def both(service: ServiceProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """What was taught `TEXTS`; tests only look at it."""
    config = ReasoningEngineConfig.model_validate(
        {"storage_path": tmp_path_factory.mktemp("engine"), "reader": "off"}
    )
    with ReasoningEngine(config) as engine, Client(service.url, api_key=service.key) as client:
        with pytest.MonkeyPatch.context() as patch:  # until the embedder is open, and for no other test
            patch.setattr(sutra_core.shared, "open_embedder", stand_in.open_stand_in)
            reports = engine.learn_batch(TEXTS), client.learn_batch(TEXTS)
        assert [report.sources for report in reports] == [len(TEXTS)] * 2
        yield Both(engine, client, service)


@pytest.fixture
def own(service: ServiceProcess, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client in a namespace of the test's own."""
    name = f"test-{abs(hash(request.node.nodeid)) % 10**9}"
    with Client(service.url, api_key=service.key) as client:
        client.create_namespace(name)
    with Client(service.url, api_key=service.key, namespace=name) as client:
        yield client
