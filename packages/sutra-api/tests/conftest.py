"""A service in this process, on a folder of the test's own, with word vectors in the place of the model's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import stand_in
from serving import TEXTS, Serve, Served
from starlette.testclient import TestClient

import sutra_core.shared
from sutra_api.app import create_app
from sutra_api.service import Service
from sutra_core import ReasoningEngineConfig


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without settings from the environment."""
    for variable in list(os.environ):
        if variable.startswith("SUTRA_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sutra_core.shared, "open_embedder", stand_in.open_stand_in)
    return tmp_path


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """`serve()` starts a service; `settings` change its configuration."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Served:
            values = {"storage_path": folder / "knowledge", "reader": "off", "rate_limit_learn": 0}
            values |= {"rate_limit_reason": 0, **settings}
            service = Service(ReasoningEngineConfig.model_validate(values))
            raw = TestClient(create_app(service), raise_server_exceptions=False)
            stack.enter_context(raw)
            return Served(service, raw)

        yield start


@pytest.fixture
def served(serve: Serve) -> Served:
    """A service that has learned `TEXTS`."""
    running = serve()
    running.learn(*TEXTS)
    return running
