"""`/metrics`: what Prometheus reads is what was done, and no more series than there are routes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import Serve, Served

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(served: Served) -> Samples:
    answer = served.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


def routes(found: Samples) -> Iterator[str]:
    return (dict(labels)["route"] for name, labels in found if name == "sutra_http_requests_total")


def test_learning_and_asking_are_counted(served: Served) -> None:
    served.learn({"text": "…"}, {"text": "Priya Raman leads the Falcon project.", "source": "again"})
    served.learn({"text": "Priya Raman leads the Falcon project.", "source": "again"})
    for question in ("Where was Marie Curie born?", "Where was Marie Curie born?", "Who painted the moon?"):
        served.client.post("/v1/reason", json={"question": question})
    found = samples(served)
    assert value(found, "sutra_texts_learned_total") == 4
    assert value(found, "sutra_texts_known_total") == 1
    assert value(found, "sutra_texts_refused_total", code="empty_text") == 1
    assert value(found, "sutra_texts_failed_total") == 0
    concepts = served.client.get("/v1/stats").json()["store"]["concepts"]
    assert value(found, "sutra_concepts", namespace="default") == concepts
    assert value(found, "sutra_vectors_pending", namespace="default") == 0
    assert value(found, "sutra_vectors_failed", namespace="default") == 0
    assert value(found, "sutra_vectors_watermark", namespace="default") > 0
    assert value(found, "sutra_concepts_learned_total", namespace="default") == concepts
    assert value(found, "sutra_learning_duration_seconds_count") == 5
    assert value(found, "sutra_learning_stage_duration_seconds_count", stage="commit") >= 1
    assert value(found, "sutra_questions_total", outcome="answered") == 2
    assert value(found, "sutra_questions_total", outcome="unknown") == 1
    assert value(found, "sutra_query_duration_seconds_count") == 3
    # What is known already takes no steps.
    assert value(found, "sutra_query_stage_duration_seconds_count", stage="retrieve") == 2
    assert value(found, "sutra_query_confidence_ratio_count") == 2
    assert 0 < value(found, "sutra_query_confidence_ratio_sum") <= 2


def test_requests_are_counted_by_route_and_refusals_apart(serve: Serve) -> None:
    served = serve(rate_limit_reason=1)
    asked = {"question": "Who?"}
    assert served.client.post("/v1/reason", json=asked).status_code == 200
    assert served.client.post("/v1/reason", json=asked).status_code == 429
    served.raw.get("/v1/stats")
    served.client.get("/v1/concepts/999")
    served.client.get("/v1/concepts/998")
    found = samples(served)
    route = {"method": "POST", "route": "/v1/reason"}
    assert value(found, "sutra_http_requests_total", **route, status="200") == 1
    assert value(found, "sutra_http_requests_total", **route, status="429") == 1
    assert value(found, "sutra_http_request_duration_seconds_count", **route) == 2
    lost = {"method": "GET", "route": "/v1/concepts/{concept_id}", "status": "404"}
    assert value(found, "sutra_http_requests_total", **lost) == 2
    for code, count in (("rate_limited", 1), ("unauthenticated", 1), ("unknown_concept", 2)):
        assert value(found, "sutra_requests_refused_total", code=code) == count
    assert value(found, "sutra_http_requests_in_progress") == 1  # this one


def test_addresses_that_nobody_knows_make_no_series(served: Served) -> None:
    for number in range(20):
        served.client.get(f"/nowhere/{number}")
        served.client.request(f"VERB{number}", "/v1/stats")
    found = samples(served)
    assert set(routes(found)) <= {"/v1/namespaces/{namespace}/learn/batch", "unknown", "/v1/stats"}
    methods = {dict(labels)["method"] for name, labels in found if name == "sutra_http_requests_total"}
    assert methods == {"POST", "GET", "other"}


def test_the_machine_and_the_stores_are_told(served: Served) -> None:
    served.service.checks.verify_what_is_due()
    served.client.post("/v1/monitoring/persistence")
    found = samples(served)
    assert 0 < value(found, "sutra_memory_usage_ratio") <= 1
    assert value(found, "sutra_disk_free_bytes") > 0
    assert value(found, "sutra_storage_bytes") > 0
    assert value(found, "sutra_checksum_valid", namespace="default") == 1
    assert value(found, "sutra_checksum_timestamp_seconds", namespace="default") > 1e9
    assert value(found, "sutra_persistence_test_confidence_ratio") > 0.5
    assert value(found, "sutra_requests_waiting") == 0
    assert value(found, "sutra_requests_waiting_max") == 256
    assert value(found, "sutra_log_lines_dropped_total") == 0
    assert value(found, "process_resident_memory_bytes") > 0


def test_a_namespace_that_is_deleted_is_counted_no_longer(served: Served) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    labels = {"namespace": "other"}
    assert value(samples(served), "sutra_concepts_learned_total", **labels) > 0
    served.client.delete("/v1/namespaces/other")
    assert not [key for key in samples(served) if ("namespace", "other") in key[1]]
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Oaks are old."}, namespace="other")
    found = samples(served)
    assert value(found, "sutra_concepts_learned_total", **labels) == value(found, "sutra_concepts", **labels)


def test_without_metrics_nothing_is_counted(serve: Serve) -> None:
    served = serve(metrics=False)
    served.learn({"text": "Oaks are old."})
    found = samples(served)
    assert not list(routes(found))
    assert value(found, "sutra_texts_learned_total") == 0
    assert value(found, "sutra_concepts", namespace="default") > 0


@pytest.mark.parametrize("rust", [True, False])
def test_a_store_in_memory_has_no_disk(serve: Serve, rust: bool) -> None:
    served = serve(use_rust_storage=rust)
    served.learn({"text": "Oaks are old."})
    assert (("sutra_storage_bytes", ()) in samples(served)) == rust
