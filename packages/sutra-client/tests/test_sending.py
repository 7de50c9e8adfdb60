"""What is tried again, how often and after how long: a server that fails on purpose, a clock of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sutra_client import Client, ServiceError, ServiceUnavailableError
from sutra_client import client as client_module
from sutra_client.sending import WAIT_SECONDS_MAX, pause_before
from sutra_core.errors import DiskFullError, ModelUnavailableError
from sutra_core.types import Forgotten

Failure = tuple[int, str, dict[str, str]] | str
LEARNED = {"texts": [{"sources": [], "refused": None}]}
HIT = {"hits": []}


class Failing:
    """A server that answers with failures, one after the other, and then well."""

    def __init__(self, failures: list[Failure], answer: Any) -> None:
        self.failures = list(failures)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        failing = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                failing.requests.append((self.command, self.path, dict(self.headers), body))
                failure = failing.failures.pop(0) if failing.failures else None
                if isinstance(failure, str):
                    self.close_connection = True
                    return  # gone without an answer
                status, code, headers = failure or (200, "", {})
                problem = {"code": code, "detail": f"told: {code}", "request_id": "1" * 32}
                content = json.dumps(problem if failure else answer).encode()
                self.send_response(status)
                kind = "application/problem+json" if failure else "application/json"
                for name, value in {"Content-Type": kind, **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_DELETE = do_POST  # noqa: N815

            def log_message(self, *args: Any, **more: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def failing(*failures: Failure, answer: Any = HIT) -> Iterator[Failing]:
    server = Failing(list(failures), answer)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that clients wanted to wait; none of them is waited."""
    found: list[float] = []

    class Clock:
        sleep = staticmethod(found.append)

    monkeypatch.setattr(client_module, "time", Clock)
    return found


BUSY: Failure = (503, "too_busy", {})
LIMITED: Failure = (429, "rate_limited", {"Retry-After": "7"})
LATE: Failure = (504, "timeout", {})
IN_USE: Failure = (409, "idempotency_key_in_use", {})


@pytest.mark.parametrize("failure", [BUSY, LIMITED, LATE, IN_USE, "gone"], ids=lambda each: str(each[1]))
def test_what_passes_is_tried_again(failure: Failure, waits: list[float]) -> None:
    with failing(failure, failure) as server, Client(server.url, api_key="k") as client:
        assert client.search("x", mode="words") == []
    assert (len(server.requests), len(waits)) == (3, 2)


@pytest.mark.parametrize("failure", [BUSY, IN_USE, "gone"], ids=lambda each: str(each[1]))
def test_a_forgetting_that_is_sent_again_is_the_same_request(failure: Failure, waits: list[float]) -> None:
    told = dict.fromkeys(Forgotten._fields, 1)
    for wanted in ({"source": 7}, {"concept": "Mara Holt"}):
        options: Any = wanted
        with failing(failure, answer=told) as server, Client(server.url, api_key="k") as client:
            assert client.forget(**options) == Forgotten(**told)
        first, second = server.requests
        assert first == second and first[2]["Idempotency-Key"]
    assert len(waits) == 2


def test_what_the_service_says_is_waited_for(waits: list[float]) -> None:
    with failing(LIMITED) as server, Client(server.url, api_key="k") as client:
        client.search("x", mode="words")
    assert waits == [7.0]


def test_a_service_that_asks_for_too_long_is_not_asked_again(waits: list[float]) -> None:
    failure = (429, "rate_limited", {"Retry-After": "3600"})
    with failing(failure) as server, Client(server.url, api_key="k") as client:
        with pytest.raises(ServiceError) as raised:
            client.search("x", mode="words")
        assert raised.value.code == "rate_limited"
    assert waits == []


def test_tries_are_bounded(waits: list[float]) -> None:
    with failing(*[BUSY] * 9) as server, Client(server.url, api_key="k", retries=2) as client:
        with pytest.raises(ServiceError) as raised:
            client.search("x", mode="words")
        assert (raised.value.code, raised.value.status, raised.value.request_id) == (
            "too_busy",
            503,
            "1" * 32,
        )
    assert (len(server.requests), len(waits)) == (3, 2)


def test_a_connection_that_ends_again_and_again_is_told(waits: list[float]) -> None:
    with (
        failing(*["gone"] * 9) as server,
        Client(server.url, api_key="k", retries=3) as client,
        pytest.raises(ServiceUnavailableError, match=client.url),
    ):
        client.search("x", mode="words")
    assert (len(server.requests), len(waits)) == (4, 3)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (503, "model_unavailable", ModelUnavailableError),
        (507, "disk_full", DiskFullError),
        (500, "internal_error", Exception),
        (404, "unknown_job", ServiceError),
    ],
)
def test_what_lasts_is_not_tried_again(
    status: int, code: str, error: type[Exception], waits: list[float]
) -> None:
    with (
        failing((status, code, {})) as server,
        Client(server.url, api_key="k") as client,
        pytest.raises(error, match=f"told: {code}"),
    ):
        client.search("x", mode="words")
    assert (len(server.requests), waits) == (1, [])


def test_what_is_written_is_sent_again_with_the_same_key_and_anew_with_another(waits: list[float]) -> None:
    with failing("gone", BUSY, answer=LEARNED) as server, Client(server.url, api_key="k") as client:
        client.learn("Oaks are old.")
        client.learn("Oaks are old.")
    keys = [headers["Idempotency-Key"] for _, _, headers, _ in server.requests]
    assert len(keys) == 4 and keys[0] == keys[1] == keys[2] != keys[3]
    assert len({body for _, _, _, body in server.requests}) == 1
    assert all(headers["Authorization"] == "Bearer k" for _, _, headers, _ in server.requests)


def test_what_may_have_been_done_already_is_not_sent_again(waits: list[float]) -> None:
    with failing("gone", "gone") as server, Client(server.url, api_key="k") as client:
        with pytest.raises(ServiceUnavailableError):
            client.create_namespace("new")
        with pytest.raises(ServiceUnavailableError):
            client.create_namespace("newer")
    assert (len(server.requests), waits) == (2, [])


@pytest.mark.parametrize("answer", [[], "text", {"hits": [{"concept": "x"}]}, {}])
def test_what_is_no_answer_of_the_service_is_told(answer: Any) -> None:
    with failing(answer=answer) as server, Client(server.url, api_key="k") as client:
        with pytest.raises(ServiceError) as raised:
            client.search("x", mode="words")
        assert raised.value.code == "unexpected_answer"


def test_a_failure_that_is_no_problem_of_the_service_is_told_with_its_status() -> None:
    with failing() as server, Client(server.url, api_key="k") as client:
        server.failures.append((502, "", {"Content-Type": "text/html"}))
        with pytest.raises(ServiceError) as raised:
            client.search("x", mode="words")
        assert (raised.value.code, raised.value.status) == ("http_error", 502)


def test_waits_grow_and_stay_within_their_bounds() -> None:
    for tried in range(40):
        longest = min(WAIT_SECONDS_MAX, 0.25 * 2**tried)
        found = [pause_before(tried, None) for _ in range(20)]
        assert all(each is not None and longest / 2 <= each <= longest for each in found)
        assert len(set(found)) > 1
    assert pause_before(0, WAIT_SECONDS_MAX) == WAIT_SECONDS_MAX
    assert pause_before(0, WAIT_SECONDS_MAX + 1) is None
