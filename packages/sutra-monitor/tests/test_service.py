"""The monitor and a real service: found by its folder, measured, and missed when it was killed."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from serving_process import ServiceProcess
from typer.testing import CliRunner

from sutra_cli.main import app
from sutra_client import Client
from sutra_core import ReasoningEngine, ReasoningEngineConfig

LEARNING_AND_ASKING = {
    "concepts_learned_per_second",
    "learning_latency_p95",
    "learning_error_rate",
    "query_latency_p95",
    "query_confidence_avg",
    "query_error_rate",
}


def told(folder: Path) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["monitor", "--storage", str(folder), "--json"])
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == found["exit_code"]
    return found


def test_a_real_service_is_measured_and_missed(folder: Path) -> None:
    service = ServiceProcess(folder / "knowledge").ready()
    try:
        with Client(service.url, api_key=service.key) as client:
            client.learn("Marie Curie was born in Warsaw.")
            assert client.ask("Where was Marie Curie born?").text == "Warsaw"
            client.create_namespace("own")
            first = told(service.folder)
            client.learn("She lived in Paris.")
            second = told(service.folder)
            assert client.namespaces() == ["default", "own"]  # nothing is left of the test of persistence
            stats = client.stats().store
        assert first["origin"] == second["origin"] == "service"
        assert first["figures"].keys() >= LEARNING_AND_ASKING | {"storage_file_size_mb"}
        assert first["figures"]["persistence_test_confidence"] >= 0.9
        assert second["figures"]["concept_count_stability"] == 1
        assert second["concepts"]["default"] == stats.concepts > first["concepts"]["default"]
    finally:
        service.end(signal.SIGKILL)
    killed = told(service.folder)
    assert (killed["level"], killed["origin"]) == ("critical", "store")
    assert "none answers" in killed["service_unreachable"]
    assert killed["figures"]["checksum_validation_status"] == 1
    assert ("service_unreachable", "raised") in _told(killed)
    again = ServiceProcess(folder / "knowledge").ready()
    try:
        back = told(service.folder)
        assert ("service_unreachable", "cleared") in _told(back)
        assert back["figures"]["concept_count_stability"] == 1
    finally:
        again.end()
    config = ReasoningEngineConfig.builder().with_storage(service.folder).build()
    with ReasoningEngine(config, read_only=True) as engine:
        assert engine.view().stats().sources == 2


def _told(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["name"], each["status"]) for each in found["alerts"]]
