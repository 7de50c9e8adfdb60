"""`/v1/monitoring` and the test of persistence: the contract's names, from what was really done."""

from __future__ import annotations

import errno
import shutil
import threading
from typing import Any

import pytest
from serving import Serve, Served

from sutra_api.gate import LOOKING
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


def test_a_namespace_that_cannot_be_looked_at_hides_no_other(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    view = ReasoningEngine.view

    def broken(self: ReasoningEngine) -> Any:
        if self.config.storage_path.name == "other":
            raise StoreIOError("the drive was pulled out")
        return view(self)

    def unreadable(self: ReasoningEngine, *, sample: int | None = None) -> VerifyReport:
        broken(self)
        return VerifyReport({}, [])

    monkeypatch.setattr(ReasoningEngine, "view", broken)
    monkeypatch.setattr(ReasoningEngine, "verify", unreadable)
    found = monitoring(served)
    assert set(found["namespaces"]) == {"default"}
    assert found["figures"]["checksum_validation_status"] == 0
    text = served.client.get("/metrics").text
    assert 'sutra_concepts{namespace="default"}' in text and 'sutra_concepts{namespace="other"}' not in text
    assert 'sutra_checksum_valid{namespace="other"} 0.0' in text
    assert "the namespace other cannot be looked at: the drive was pulled out" in caplog.text


def test_figures_are_told_without_the_state_and_without_the_disk(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise StoreIOError("disk I/O error")

    def gone(*_: Any, **__: Any) -> None:
        raise FileNotFoundError("there is no such folder")

    served.client.get("/metrics")
    monkeypatch.setattr(served.service.state, "read", broken)
    monkeypatch.setattr("sutra_core.machine.shutil.disk_usage", gone)
    assert monitoring(served)["namespaces"]["default"]["concepts"] > 0
    text = served.client.get("/metrics").text
    assert "sutra_concepts{" in text and "sutra_storage_bytes" in text
    assert "sutra_jobs" not in text and "sutra_disk_free_bytes" not in text


def test_figures_wait_for_no_other_work(served: Served) -> None:
    held = threading.Event()
    pool = served.service.gate._pools[LOOKING]
    waiting = [pool.submit(held.wait, 60) for _ in range(20)]
    answers: list[int] = []
    asking = threading.Thread(
        target=lambda: answers.extend(
            served.client.get(path).status_code for path in ("/metrics", "/v1/monitoring")
        )
    )
    asking.start()
    asking.join(20)
    held.set()
    asking.join()
    assert answers == [200, 200]
    assert all(each.result() for each in waiting[:4])


def test_a_namespace_that_is_not_whole_is_told_when_it_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(namespace_idle_seconds=1)
    served.client.post("/v1/namespaces", json={"name": "other"})
    verify = ReasoningEngine.verify

    def faulty(self: ReasoningEngine, *, sample: int | None = None) -> VerifyReport:
        if self.config.storage_path.name == "other" and not sample:
            return VerifyReport({}, ["source 1 is another one"])
        return verify(self, sample=sample)

    monkeypatch.setattr(ReasoningEngine, "verify", faulty)
    checks, namespaces = served.service.checks, served.service.namespaces
    checks.verify_what_is_due()
    namespaces._open["other"].used -= 10
    assert namespaces.close_idle() == ["other"]
    assert monitoring(served)["figures"]["checksum_validation_status"] == 0
    monkeypatch.undo()
    checks.verify_what_is_due()  # it is not a day later, and it was repaired
    assert monitoring(served)["figures"]["checksum_validation_status"] == 1
    served.client.delete("/v1/namespaces/other")


def test_what_was_found_of_a_namespace_goes_with_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    monkeypatch.setattr(ReasoningEngine, "verify", lambda _, **__: VerifyReport({}, ["a fault"]))
    served.service.checks.verify_what_is_due()
    monitoring(served)
    monkeypatch.undo()
    assert served.client.delete("/v1/namespaces/other").status_code == 204
    served.client.post("/v1/namespaces", json={"name": "other"})
    assert served.service.checks.status("other") is None


def test_without_metrics_nobody_says_what_was_learned(serve: Serve) -> None:
    served = serve(metrics=False)
    served.learn({"text": "Oaks are old."})
    (default,) = monitoring(served)["namespaces"].values()
    assert default["concepts"] > 0
    assert (default["learned"], default["since"]) == (0, None)


def test_a_disk_that_is_full_fails_the_test(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert served.client.post("/v1/monitoring/persistence").json()["confidence"] > 0.5

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sutra_api.persistence.Path.mkdir", full)
    found = served.client.post("/v1/monitoring/persistence").json()
    assert (found["confidence"], found["fault"]) == (0, "io_error: No space left on device")
    assert "sutra_persistence_test_confidence_ratio 0.0" in served.client.get("/metrics").text


def test_what_is_in_memory_cannot_persist(serve: Serve) -> None:
    answer = serve(use_rust_storage=False).client.post("/v1/monitoring/persistence")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


def test_counts_are_of_one_moment_while_texts_are_learned(served: Served) -> None:
    """What is durable is counted a little later; nobody sees the one without the other."""
    ended = threading.Event()

    def learn() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            served.learn(*({"text": f"The hill {number} of {each} is high."} for each in range(20)))

    learning = threading.Thread(target=learn)
    learning.start()
    try:
        for _ in range(20):
            (default,) = monitoring(served)["namespaces"].values()
            assert default["concepts"] == default["learned"]
    finally:
        ended.set()
        learning.join()
