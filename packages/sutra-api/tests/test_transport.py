"""Every request has an id and bounds; every problem is one document, whatever was sent."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import anyio
import pytest
from serving import Serve, Served

from sutra_api import transport
from sutra_core import ReasoningEngine


def test_every_response_has_an_id_and_is_not_kept_by_anybody(served: Served) -> None:
    for path in ("/healthz", "/v1/stats", "/nowhere"):
        headers = served.client.get(path).headers
        assert len(headers["x-request-id"]) == 32
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
    assert (
        served.client.get("/healthz", headers={"X-Request-ID": "mine-12345"}).headers["x-request-id"]
        == "mine-12345"
    )
    for bad in ("short", "a" * 65, "with space"):
        assert served.client.get("/healthz", headers={"X-Request-ID": bad}).headers["x-request-id"] != bad


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "unknown_route"),
        ("GET", "/v1/learn", 405, "method_not_allowed"),
        ("GET", "/v1/concepts/seven", 422, "invalid_request"),
        ("GET", "/v1/concepts/-1", 422, "invalid_request"),
        ("GET", f"/v1/concepts/{2**64}", 422, "invalid_request"),
        ("GET", "/v1/sources?limit=0", 422, "invalid_request"),
    ],
)
def test_a_problem_says_what_is_wrong(served: Served, method: str, path: str, status: int, code: str) -> None:
    answer = served.client.request(method, path)
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["request_id"] == answer.headers["x-request-id"] and told["detail"]
    assert told["type"] == f"urn:sutra:problem:{code}"


def test_a_fault_is_told_without_its_details(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: ReasoningEngine) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ReasoningEngine, "stats", fail)
    answer = served.client.get("/v1/stats")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text and answer.json()["request_id"]


def test_a_body_that_is_too_large_is_refused(serve: Serve) -> None:
    served = serve(api_body_bytes_max=2000)
    body = {"text": "word " * 1000}
    told = served.client.post("/v1/learn", json=body)
    assert (told.status_code, told.json()["code"]) == (413, "body_too_large")

    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(1000):
            yield b"word "
        yield b'"}'

    headers = {"Content-Type": "application/json"}
    streamed = served.client.post("/v1/learn", content=pieces(), headers=headers)
    assert (streamed.status_code, streamed.json()["code"]) == (413, "body_too_large")
    assert served.client.get("/v1/stats").json()["store"]["sources"] == 0
    huge = {**headers, "Content-Length": "9" * 30}
    assert served.client.post("/v1/learn", content=b"{}", headers=huge).status_code == 413


def test_a_body_that_does_not_come_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_IDLE_SECONDS", 0.05)
    sent: list[MutableMapping[str, Any]] = []

    async def run() -> None:
        body: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"text": ', "more_body": True}]

        async def receive() -> dict[str, Any]:
            if body:
                return body.pop()
            await anyio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        token = served.client.headers["Authorization"].encode()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "path": "/v1/learn",
            "raw_path": b"/v1/learn",
            "query_string": b"",
            "headers": [(b"authorization", token), (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "scheme": "http",
            "root_path": "",
        }
        await served.raw.app(scope, receive, send)

    assert served.raw.portal is not None
    served.raw.portal.call(run)
    assert sent[0]["status"] == 408


def test_pages_of_other_origins_may_not_call_unless_they_are_named(serve: Serve, served: Served) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in served.client.options("/v1/reason", headers=asked).headers


def test_a_named_origin_may_call(serve: Serve) -> None:
    served = serve(api_cors_origins=("https://a.example",))
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = served.client.options("/v1/reason", headers=asked)
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    asked["Origin"] = "https://b.example"
    assert "access-control-allow-origin" not in served.client.options("/v1/reason", headers=asked).headers


def test_the_documentation_reaches_no_other_host(served: Served) -> None:
    page = served.raw.get("/docs").text
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page
    for path in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/static-offline-docs/{path}" in page
        assert served.raw.get(f"/static-offline-docs/{path}").status_code == 200
