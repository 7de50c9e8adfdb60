"""Forgetting over HTTP: what goes, what stays, who may, and what is told of it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from serving import Serve, Served

from sutra_core.types import Forgotten

SHARED = "Mara Holt keeps the lighthouse."
TEXTS = (
    {"text": f"{SHARED} She was born in Alham.", "source": "notes", "title": "Mara"},
    {"text": f"{SHARED} It stands on Venn.", "source": "letter", "title": "Venn"},
)


@pytest.fixture
def taught(serve: Serve) -> Served:
    running = serve()
    running.learn(*TEXTS)
    return running


def sources(served: Served) -> list[str]:
    return [each["address"] for each in served.client.get("/v1/sources").json()["items"]]


def counts(served: Served) -> dict[str, int]:
    return served.client.get("/v1/stats").json()["store"]


def found(served: Served, query: str) -> list[Any]:
    return served.client.post("/v1/search", json={"query": query, "mode": "words"}).json()["hits"]


def entity(served: Served, name: str) -> int:
    (item,) = served.client.get("/v1/concepts", params={"name": name}).json()["items"]
    return item["id"]


def test_a_source_goes_with_what_it_alone_said(taught: Served) -> None:
    before = counts(taught)
    would = taught.client.delete("/v1/sources/1?dry_run=true")
    assert would.status_code == 200 and counts(taught) == before
    went = taught.client.delete("/v1/sources/1")
    assert went.json() == would.json()
    told = went.json()
    assert set(told) == {*Forgotten._fields, "purged"} and told["purged"] is None
    after = counts(taught)
    for what in ("sources", "statements", "entities", "associations", "evidence", "vectors"):
        assert before[what] - after[what] == told[what] > 0
    assert (told["staying"], told["transaction"]) == (1, after["transaction"])
    assert sources(taught) == ["letter"] and found(taught, "Alham") == [] and found(taught, "lighthouse")
    again = taught.client.delete("/v1/sources/1")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_source")


def test_a_recorded_answer_goes_with_what_it_rested_on(taught: Served) -> None:
    asked = {"question": "Where was Mara Holt born?", "threshold": 0.0}
    answer = taught.client.post("/v1/reason", json=asked).json()
    assert answer["citations"]
    assert taught.client.delete("/v1/sources/1").json()["answers"] == 1
    gone = taught.client.get(f"/v1/answers/{answer['id']}")
    assert (gone.status_code, gone.json()["code"]) == (410, "answer_erased")
    assert "Alham" not in taught.client.post("/v1/reason", json=asked).text


def test_an_entity_goes_with_the_words_that_name_it_or_alone(taught: Served) -> None:
    number = entity(taught, "Mara Holt")
    alone = taught.client.delete(f"/v1/concepts/{number}", params={"link_only": True, "dry_run": True}).json()
    assert (alone["entities"], alone["statements"], alone["redacted"]) == (1, 0, 0)
    whole = taught.client.delete(f"/v1/concepts/{number}").json()
    assert whole["statements"] > 0 and whole["redacted"] == 2
    assert all("Mara" not in taught.client.get(f"/v1/sources/{each}/text").text for each in (1, 2))
    assert all(taught.client.get(f"/v1/sources/{each}").json()["redacted"] for each in (1, 2))
    held = counts(taught)
    # What is left of their passages has new vectors.
    assert held["vectors_pending"] == held["statements"] - held["vectors"] == 0
    again = taught.client.delete(f"/v1/concepts/{number}")
    assert (again.status_code, again.json()["code"]) == (404, "unknown_concept")


def test_by_address_by_name_and_by_time(taught: Served) -> None:
    would = taught.client.post("/v1/forget", json={"concept": "mara  HOLT", "dry_run": True}).json()
    assert would["redacted"] == 2 and found(taught, "Mara")
    alone = taught.client.post("/v1/forget", json={"concept": "Mara Holt", "link_only": True}).json()
    assert (alone["entities"], alone["statements"]) == (1, 0)
    assert taught.client.post("/v1/forget", json={"source": "notes"}).json()["sources"] == 1
    assert sources(taught) == ["letter"]
    time.sleep(0.001)
    now = datetime.now(UTC)
    time.sleep(0.001)
    taught.learn({"text": "The ferry leaves at nine.", "source": "ferry"})
    assert taught.client.post("/v1/forget", json={"before": now.isoformat()}).json()["sources"] == 1
    assert sources(taught) == ["ferry"]
    none = taught.client.post("/v1/forget", json={"before": "2000-01-01T00:00:00Z"}).json()
    assert (none["sources"], none["transaction"]) == (0, counts(taught)["transaction"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_value"),
        ({"source": "notes", "concept": "Mara Holt"}, 422, "invalid_value"),
        ({"source": "notes", "link_only": True}, 422, "invalid_value"),
        ({"before": "2026-01-01T00:00:00"}, 422, "invalid_request"),
        ({"before": 1_700_000_000}, 422, "invalid_request"),
        ({"source": 1}, 422, "invalid_request"),
        ({"source": "notes", "dryrun": True}, 422, "invalid_request"),
        ({"source": "nowhere"}, 404, "unknown_source"),
        ({"source": ""}, 404, "unknown_source"),
        ({"concept": "Nobody"}, 404, "unknown_concept"),
    ],
)
def test_what_says_not_what_is_to_go_changes_nothing(
    taught: Served, body: Any, status: int, code: str
) -> None:
    before = counts(taught)
    answer = taught.client.post("/v1/forget", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert counts(taught) == before


@pytest.mark.parametrize("query", ["dryrun=true", "dry_run=maybe", "link_only=true"])
def test_a_slip_in_the_query_forgets_nothing(taught: Served, query: str) -> None:
    answer = taught.client.delete(f"/v1/sources/1?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert sources(taught) == ["notes", "letter"]


def test_a_request_with_a_key_is_done_once(taught: Served) -> None:
    def delete(key: str, query: str = "") -> Any:
        return taught.client.delete(f"/v1/sources/1{query}", headers={"Idempotency-Key": key})

    would = delete("k1", "?dry_run=true")
    clash = delete("k1")
    assert (clash.status_code, clash.json()["code"]) == (422, "idempotency_key_mismatch")
    first, second = delete("k2"), delete("k2")
    assert first.content == second.content == would.content
    assert second.headers["idempotency-replayed"] == "true"
    body = {"source": "letter"}
    first, second = (
        taught.client.post("/v1/forget", json=body, headers={"Idempotency-Key": "k3"}) for _ in range(2)
    )
    assert first.status_code == 200 and first.content == second.content


def test_forgetting_is_of_one_namespace(taught: Served) -> None:
    taught.client.post("/v1/namespaces", json={"name": "other"})
    taught.learn(*TEXTS, namespace="other")
    of_other = taught.as_role("admin", "other")
    assert of_other.delete("/v1/sources/1").status_code == 403
    assert of_other.delete("/v1/namespaces/other/sources/1").status_code == 200
    assert sources(taught) == ["notes", "letter"]


def test_what_was_forgotten_is_counted_and_logged_without_its_words(
    taught: Served, caplog: pytest.LogCaptureFixture
) -> None:
    before = counts(taught)
    with caplog.at_level("INFO", "sutra_api"):
        taught.client.post("/v1/forget", json={"source": "notes", "dry_run": True})
        taught.client.post("/v1/forget", json={"source": "notes"})
    lost = before["concepts"] - counts(taught)["concepts"]
    figures = taught.client.get("/v1/monitoring").json()["namespaces"]["default"]
    assert figures["forgotten"] == lost > 0
    assert figures["learned"] - figures["forgotten"] == figures["concepts"]
    line = f'sutra_concepts_forgotten_total{{namespace="default"}} {float(lost)}'
    assert line in taught.client.get("/metrics").text
    (record,) = [each for each in caplog.records if each.message == "forgot"]
    told = record.__dict__["fields"]
    assert (told["namespace"], told["sources"], told["concepts"]) == ("default", 1, lost)
    assert "notes" not in json.dumps(told)
