"""A real service behind a real nginx, by TLS: learning, asking, streams, limits, and a restart under way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any, Self

import pytest
from deployed import free_ports
from proxy import Proxy
from serving_process import ServiceProcess

from sutra_client import Client

ALLOWED = 3
LINES = 20_000
BEFORE, AFTER = 20, 20
"""Texts that are acknowledged before the service is stopped, and after it has started again."""
DEADLINE_SECONDS = 120.0
TEXT = "Priya Raman leads the Falcon project."
QUESTION = {"question": "Who leads the Falcon project?"}


class Installation:
    """A service behind the proxy; `variables` are the service's settings."""

    def __init__(self, folder: Path, **variables: str | None) -> None:
        (service_port,) = free_ports(1)
        (folder / "nginx").mkdir()
        self._knowledge = folder / "knowledge"
        self._variables = {"API_PORT": str(service_port), "API_TRUSTED_PROXIES": "127.0.0.1"} | variables
        self.proxy = Proxy(folder / "nginx", service_port)
        self.start()

    def __enter__(self) -> Self:
        self.proxy.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.__exit__()
        self.service.end()

    def start(self) -> None:
        self.service = ServiceProcess(self._knowledge, **self._variables).ready()

    def client(self, retries: int = 0) -> Client:
        return Client(self.proxy.url, api_key=self.service.key, verify=self.proxy.trust, retries=retries)

    def call(
        self, connection: HTTPSConnection, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers by small letters, and JSON of an answer."""
        sent = {"Content-Type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection.request("POST" if content else "GET", path, content, sent)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return response.status, told, json.loads(response.read())


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path) as installation:
        yield installation


def authorised(installed: Installation) -> dict[str, str]:
    return {"Authorization": f"Bearer {installed.service.key}"}


def test_it_learns_and_answers(installed: Installation) -> None:
    with installed.client(retries=5) as sutra:
        sutra.learn(TEXT, source="falcon.txt")
        answer = sutra.ask(QUESTION["question"])
        assert "Priya Raman" in answer.text
        assert answer.citations[0].address == "falcon.txt"


def test_an_answer_comes_in_steps(installed: Installation) -> None:
    connection, key = installed.proxy.connection(), authorised(installed)
    installed.call(connection, "/v1/learn", {"text": TEXT}, **key)
    for path, body in (
        ("/v1/reason/stream", QUESTION),
        ("/v1/chat/completions", chat(stream=True)),
    ):
        connection.request("POST", path, json.dumps(body), key | {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        said = response.read().decode()
        assert said.count("data:") > 2
        assert "Priya" in said


def chat(*, stream: bool) -> dict[str, Any]:
    return {
        "model": "sutra",
        "messages": [{"role": "user", "content": QUESTION["question"]}],
        "stream": stream,
    }


def test_the_events_of_a_job_come_while_it_lasts(installed: Installation) -> None:
    connection, key = installed.proxy.connection(), authorised(installed)
    status, _, job = installed.call(
        connection,
        "/v1/learn/files",
        uploaded(),
        **key | {"Content-Type": "multipart/form-data; boundary=part"},
    )
    assert status == 202, job
    watching = installed.proxy.connection()
    watching.request("GET", f"/v1/jobs/{job['id']}/events", headers=key)
    events = watching.getresponse()
    begun = [events.readline(), events.readline()]
    assert b"event: progress\n" in begun
    # Had it been held back until the job's end, there would be nothing left to cancel.
    connection.request("DELETE", f"/v1/jobs/{job['id']}", headers=key)
    assert connection.getresponse().read()
    rest = events.read()
    assert b"event: end" in rest
    assert b'"cancelled"' in rest


def uploaded() -> bytes:
    """A form with a file that takes long to learn."""
    lines = (b'{"id": "%d", "text": "Station %d lies on Line %d."}\n' % (n, n, n % 9) for n in range(LINES))
    head = b'--part\r\nContent-Disposition: form-data; name="files"; filename="stations.jsonl"\r\n\r\n'
    return head + b"".join(lines) + b"\r\n--part--\r\n"


def test_a_request_keeps_its_id(installed: Installation) -> None:
    connection = installed.proxy.connection()
    status, headers, told = installed.call(connection, "/v1/stats", X_Request_ID="a-client.7_request")
    assert status == 401
    assert headers["x-request-id"] == told["request_id"] == "a-client.7_request"


def test_a_limit_counts_the_address_of_the_client(tmp_path: Path) -> None:
    limited = Installation(tmp_path, API_AUTHENTICATION="off", RATE_LIMIT_REASON=str(ALLOWED))
    with limited:
        first, second = limited.proxy.connection("127.0.0.7"), limited.proxy.connection("127.0.0.8")
        for _ in range(ALLOWED):
            assert limited.call(first, "/v1/reason", QUESTION)[0] == 200
        status, headers, told = limited.call(first, "/v1/reason", QUESTION)
        assert (status, told["code"]) == (429, "rate_limited")
        assert int(headers["retry-after"]) > 0 and "ratelimit-policy" in headers
        for forged in ("127.0.0.8", "203.0.113.9", "203.0.113.9, 127.0.0.1"):
            assert limited.call(first, "/v1/reason", QUESTION, X_Forwarded_For=forged)[0] == 429
        assert limited.call(second, "/v1/reason", QUESTION)[0] == 200


def test_a_body_that_is_too_large_is_refused(installed: Installation) -> None:
    key = authorised(installed)
    connection = installed.proxy.connection()
    for path, size in (("/v1/learn", (8 << 20) + 1), ("/v1/learn/files", (1040 << 20) + 1)):
        # The size is told, and none of it is sent.
        connection.putrequest("POST", path)
        for name, value in (key | {"Content-Length": str(size)}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        assert response.status == 413
        assert response.headers["Content-Type"] == "application/problem+json"
        assert json.loads(response.read())["code"] == "body_too_large"
        connection.close()


def test_a_body_that_is_as_large_as_it_may_be_is_learned(installed: Installation) -> None:
    text = json.dumps({"text": TEXT}).encode()
    body = text + b" " * ((8 << 20) - len(text))
    assert installed.call(installed.proxy.connection(), "/v1/learn", body, **authorised(installed))[0] == 201


def test_nothing_acknowledged_is_lost_by_a_restart(installed: Installation) -> None:
    acknowledged: list[str] = []
    enough, again = threading.Event(), threading.Event()

    def learn() -> None:
        """Learns one text after another, until enough are acknowledged after the restart."""
        after = 0
        try:
            with installed.client(retries=8) as sutra:
                while after < AFTER:
                    number = len(acknowledged)
                    sutra.learn(f"Station {number} lies on Line {number % 9}.", source=f"{number}.txt")
                    acknowledged.append(f"{number}.txt")
                    after += again.is_set()
                    if number + 1 == BEFORE:
                        enough.set()
        finally:
            enough.set()

    with ThreadPoolExecutor(1) as pool:
        learning = pool.submit(learn)
        try:
            assert enough.wait(DEADLINE_SECONDS)
            installed.service.end()
            installed.start()
        finally:
            again.set()
        learning.result(DEADLINE_SECONDS)
    assert len(acknowledged) >= BEFORE + AFTER
    kept, last = set[str](), 0
    with installed.client(retries=5) as sutra:
        while page := sutra.sources(after=last, limit=1000):
            kept.update(source.address for source in page)
            last = page[-1].id
    assert kept >= set(acknowledged)
