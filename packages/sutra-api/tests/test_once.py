"""A request with an Idempotency-Key is done once, and answered the same again."""

from __future__ import annotations

import time
from typing import Any

import pytest
from serving import Serve, Served

from sutra_api import once

TEXT = {"text": "Oaks are old."}


def send(served: Served, key: str, body: Any = TEXT, path: str = "/v1/learn") -> Any:
    return served.client.post(path, json=body, headers={"Idempotency-Key": key})


def test_the_same_request_is_answered_the_same(served: Served) -> None:
    first, second = send(served, "k1"), send(served, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true" and "idempotency-replayed" not in first.headers
    assert send(served, "k2").status_code == 200  # another request: known already


def test_another_request_with_the_same_key_is_refused(served: Served) -> None:
    send(served, "k1")
    for body, path in (({"text": "Elms."}, "/v1/learn"), ({"texts": [TEXT]}, "/v1/learn/batch")):
        answer = send(served, "k1", body, path)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_mismatch")


def test_a_key_is_its_clients_own(served: Served) -> None:
    send(served, "k1")
    other = served.as_role("writer")
    answer = other.post("/v1/learn", json=TEXT, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 200 and "idempotency-replayed" not in answer.headers
    reader = served.as_role("reader").post("/v1/learn", json=TEXT, headers={"Idempotency-Key": "k1"})
    assert reader.status_code == 403


def test_a_problem_is_answered_again_too(served: Served) -> None:
    first, second = (send(served, "k1", {"text": "?!"}) for _ in range(2))
    assert first.status_code == second.status_code == 422
    assert first.json()["code"] == second.json()["code"] == "empty_text"


def test_what_was_answered_outlives_the_process(serve: Serve) -> None:
    served = serve()
    first = send(served, "k1")
    served.raw.__exit__(None, None, None)
    again = send(serve(), "k1")
    assert again.content == first.content and again.headers["idempotency-replayed"] == "true"


def test_after_a_day_a_key_is_new(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    send(served, "k1")
    served.service.once.forget_old()
    assert "idempotency-replayed" in send(served, "k1").headers
    monkeypatch.setattr(once, "KEPT_SECONDS", 0.01)
    time.sleep(0.02)
    served.service.once.forget_old()
    assert served.service.state.read("SELECT * FROM requests") == []
    assert send(served, "k1", {"text": "Elms."}).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "k" * 201])
def test_a_key_that_cannot_be_one_is_refused(served: Served, key: str) -> None:
    assert send(served, key).status_code == 422


def test_files_are_taken_once(served: Served) -> None:
    def upload(content: bytes) -> Any:
        files = [("files", ("a.md", content))]
        return served.client.post("/v1/learn/files", files=files, headers={"Idempotency-Key": "k1"})

    first, second = upload(b"Oaks are old."), upload(b"Oaks are old.")
    assert first.json()["id"] == second.json()["id"]
    assert upload(b"Elms are tall.").json()["code"] == "idempotency_key_mismatch"
    assert len(served.client.get("/v1/jobs").json()["items"]) == 1


def test_a_namespace_is_made_once(served: Served) -> None:
    first, second = (send(served, "k1", {"name": "other"}, "/v1/namespaces") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201) and first.json() == second.json()
    assert send(served, "k2", {"name": "other"}, "/v1/namespaces").json()["code"] == "namespace_exists"
