"""`/v1/monitoring` and the test of persistence: the contract's names, from what was really done."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from serving import Serve, Served

from sutra_core import ReasoningEngine
from sutra_core.errors import ModelUnavailableError, StoreIOError
from sutra_core.types import VerifyReport

MACHINE = {"memory_usage_percent", "disk_space_free_gb", "storage_file_size_mb"}
LEARNING = {"concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"}
QUERY = {"query_latency_p95", "query_confidence_avg", "query_error_rate"}


def monitoring(served: Served) -> dict[str, Any]:
    answer = served.client.get("/v1/monitoring")
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask(served: Served, question: str, namespace: str = "default") -> Any:
    return served.client.post(f"/v1/namespaces/{namespace}/reason", json={"question": question})


def test_nothing_observed_is_nothing_told(serve: Serve) -> None:
    found = monitoring(serve())
    assert set(found["figures"]) - {"cpu_usage_percent"} == MACHINE | {"checksum_validation_status"}
    assert found["window_seconds"] == 900
    (default,) = found["namespaces"].values()
    assert (default["concepts"], default["learned"], default["forgotten"]) == (0, 0, 0)


def test_the_figures_are_of_all_namespaces(served: Served) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    sure = ask(served, "Where was Marie Curie born?").json()
    assert sure["kind"] != "unknown"
    assert ask(served, "Who painted the moon?", "other").json()["kind"] == "unknown"
    served.service.checks.verify_what_is_due()
    found = monitoring(served)
    figures = found["figures"]
    assert set(figures) - {"cpu_usage_percent"} == MACHINE | LEARNING | QUERY | {"checksum_validation_status"}
    assert figures["query_confidence_avg"] == pytest.approx(sure["confidence"])
    assert (figures["learning_error_rate"], figures["query_error_rate"]) == (0, 0)
    assert figures["checksum_validation_status"] == 1
    for name, each in found["namespaces"].items():
        stats = served.client.get(f"/v1/namespaces/{name}/stats").json()["store"]
        assert each["concepts"] == each["learned"] == stats["concepts"] > 0
        assert each["checksum_validation_status"] == 1.0
        assert each["since"] >= found["started"]


def test_what_was_refused_is_no_failure_and_what_failed_is(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert served.client.post("/v1/learn", json={"text": "…"}).status_code == 422
    assert monitoring(served)["figures"]["learning_error_rate"] == 0

    def broken(self: ReasoningEngine, *_: Any) -> None:
        raise StoreIOError("the drive was pulled out")

    monkeypatch.setattr(ReasoningEngine, "_answer", broken)
    assert ask(served, "Where was Marie Curie born?").status_code == 503
    assert monitoring(served)["figures"]["query_error_rate"] == 1


def test_a_namespace_that_is_closed_is_not_opened_for_it(serve: Serve) -> None:
    served = serve(namespace_idle_seconds=1)
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    assert set(monitoring(served)["namespaces"]) == {"default", "other"}
    held = served.service.namespaces._open["other"]
    held.used -= 10
    monitoring(served)
    assert served.service.namespaces.close_idle() == ["other"]
    assert set(monitoring(served)["namespaces"]) == {"default"}


def test_a_sample_with_a_fault_is_told_and_logged(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served.service.checks.verify_what_is_due()
    whole = ReasoningEngine.verify

    def verify(self: ReasoningEngine, *, sample: int | None = None) -> VerifyReport:
        return VerifyReport({}, ["source 1 is another one"]) if sample else whole(self)

    monkeypatch.setattr(ReasoningEngine, "verify", verify)
    found = monitoring(served)
    assert found["figures"]["checksum_validation_status"] == 0
    assert "the namespace default is not whole: source 1 is another one" in caplog.text
    monkeypatch.undo()
    assert monitoring(served)["figures"]["checksum_validation_status"] == 1


def test_persistence_is_tested_in_a_store_of_its_own(served: Served) -> None:
    before = monitoring(served)
    found = served.client.post("/v1/monitoring/persistence").json()
    assert found["fault"] == "" and found["confidence"] > 0.5 and found["seconds"] > 0
    after = monitoring(served)
    assert after["namespaces"] == before["namespaces"]
    assert "query_latency_p95" not in after["figures"]
    assert list((served.service.config.storage_path / "namespaces").iterdir()) == []
    assert [each["name"] for each in served.client.get("/v1/namespaces").json()["items"]] == ["default"]


def test_a_store_that_forgets_fails_the_test(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    close = ReasoningEngine.close

    def forgetful(self: ReasoningEngine) -> None:
        close(self)
        if self.config.storage_path.name.startswith(".test-"):
            shutil.rmtree(self.config.storage_path)
            self.config.storage_path.mkdir()

    monkeypatch.setattr(ReasoningEngine, "close", forgetful)
    found = served.client.post("/v1/monitoring/persistence").json()
    assert found["confidence"] == 0 and "another one" in found["fault"]


def test_a_service_without_its_model_fails_the_test(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: ReasoningEngine, *_: Any, **__: Any) -> None:
        raise ModelUnavailableError("there is no model")

    monkeypatch.setattr(ReasoningEngine, "learn", missing)
    found = served.client.post("/v1/monitoring/persistence").json()
    assert (found["confidence"], found["fault"]) == (0, "model_unavailable: there is no model")
