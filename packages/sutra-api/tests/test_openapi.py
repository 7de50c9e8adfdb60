"""The OpenAPI document: complete, with examples, and kept by the service, whatever is sent.

Schemathesis sends what the document allows and what it does not; `make soak` sends much more of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import stand_in
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

import sutra_core.shared
from sutra_api.app import create_app
from sutra_api.service import Service
from sutra_core import ReasoningEngineConfig

EXAMPLES = 15
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


class Running:
    """A service that listens on a port of this machine, with its administrator's key."""

    def __init__(self, folder: Path) -> None:
        config = ReasoningEngineConfig.model_validate(
            {"storage_path": folder, "reader": "off", "rate_limit_learn": 0, "rate_limit_reason": 0}
        )
        service = Service(config)
        service.limits.set({})
        self._server = uvicorn.Server(
            uvicorn.Config(create_app(service), "127.0.0.1", 0, log_config=None, lifespan="on")
        )
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.headers = {"Authorization": f"Bearer {(folder / 'admin.key').read_text().strip()}"}

    def stop(self) -> None:
        """Stops it, and waits until it has stopped."""
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    patch = pytest.MonkeyPatch()
    patch.setattr(sutra_core.shared, "open_embedder", stand_in.open_stand_in)
    service = Running(tmp_path_factory.mktemp("openapi"))
    try:
        yield service
    finally:
        service.stop()
        patch.undo()


@pytest.fixture(scope="module")
def document(running: Running) -> Any:
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json", wait_for_schema=5)


@pytest.mark.parametrize(
    "examples", [EXAMPLES, pytest.param(20 * EXAMPLES, marks=pytest.mark.soak)], ids=["short", "long"]
)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_service_keeps_its_document(
    running: Running, document: Any, mode: GenerationMode, examples: int
) -> None:
    refused: list[str] = []
    for result in document.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=examples, derandomize=examples == EXAMPLES, suppress_health_check=SLOW, deadline=None
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps(case: Case) -> None:
            if case.path.endswith("/changes") and str(case.query.get("wait", 9)).isdigit():
                case.query["wait"] = 0  # it would stay open
            response = case.call(headers=running.headers)
            excluded = [positive_data_acceptance]
            if response.status_code == 413:  # which refuses it, too
                excluded.append(negative_data_rejection)
            case.validate_response(response, headers=running.headers, excluded_checks=excluded)
            if mode is GenerationMode.POSITIVE and response.status_code == 422:
                assert response.json()["code"] != "invalid_request", response.text

        try:
            keeps()
        except Unsatisfiable:
            continue  # nothing can be wrong where nothing is sent
        except FailureGroup as failures:
            refused.append(f"{operation.label}: {failures}")
    assert not refused, "\n\n".join(refused)
