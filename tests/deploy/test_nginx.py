"""What nginx passes on to a service, which is in the test's own hands here, and what it refuses."""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from proxy import Proxy, Upstream

from sutra_api import main as service
from sutra_core import ReasoningEngineConfig

MEBIBYTE = 1 << 20
STREAMS = [
    "/v1/reason/stream",
    "/v1/namespaces/support/reason/stream",
    "/v1/chat/completions",
    "/v1/namespaces/support/chat/completions",
    "/v1/jobs/12/events",
    "/v1/namespaces/support/jobs/12/events",
]
BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as one:
        yield one


@pytest.fixture
def proxy(tmp_path: Path, upstream: Upstream) -> Iterator[Proxy]:
    with Proxy(tmp_path, upstream.port) as one:
        yield one


def chunk(text: str) -> bytes:
    return b"%x\r\n%b\r\n" % (len(text), text.encode())


def test_nginx_takes_the_file(tmp_path: Path) -> None:
    done = subprocess.run([*Proxy(tmp_path, 8000).command, "-t"], capture_output=True, text=True, timeout=60)
    said = done.stderr + (tmp_path / "error.log").read_text()
    assert done.returncode == 0, said
    assert "[warn]" not in said


def test_the_limits_fit_the_service(tmp_path: Path) -> None:
    Proxy(tmp_path, 8000)
    text = (tmp_path / "sutra.conf").read_text()
    config = ReasoningEngineConfig()
    assert f"client_max_body_size {config.api_body_bytes_max // MEBIBYTE}m;" in text
    assert config.api_upload_bytes_max < 1040 * MEBIBYTE and "client_max_body_size 1040m;" in text
    assert config.api_seconds_max < 75 and "proxy_read_timeout 75s;" in text
    assert service._KEEP_ALIVE_SECONDS > 60  # pyright: ignore[reportPrivateUsage]
    assert "keepalive_timeout 60s;" in text


@pytest.mark.parametrize("path", STREAMS)
def test_events_go_on_one_by_one(proxy: Proxy, upstream: Upstream, path: str) -> None:
    connection = proxy.connection()
    connection.request("GET" if path.endswith("events") else "POST", path)
    upstream.take()
    upstream.send(BEGINNING)
    response = connection.getresponse()
    for number in range(3):
        # The next is sent when this one has been read: a proxy that gathers would never bring it.
        upstream.send(chunk(f"data: {number}\n"))
        assert response.readline() == f"data: {number}\n".encode()
    upstream.send(b"0\r\n\r\n")
    assert response.read() == b""


@pytest.mark.parametrize("path", ["/v1/learn/files", "/v1/namespaces/support/learn/files"])
def test_files_go_on_as_they_come(proxy: Proxy, upstream: Upstream, path: str) -> None:
    connection = proxy.connection()
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(9 * MEBIBYTE))
    connection.endheaders()
    for number in range(9):
        connection.send(bytes(MEBIBYTE))
        if number == 0:
            upstream.take()
        upstream.read(MEBIBYTE)
    upstream.answer()
    assert connection.getresponse().status == 200


def test_what_a_client_claims_about_itself_is_replaced(proxy: Proxy, upstream: Upstream) -> None:
    connection = proxy.connection("127.0.0.7")
    claimed = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example.org",
        "Forwarded": "for=203.0.113.9",
        "Authorization": "Bearer a-key",
    }
    connection.request("GET", "/v1/stats", headers=claimed)
    seen = upstream.take()
    upstream.answer()
    assert connection.getresponse().status == 200
    assert seen["x-forwarded-for"] == "127.0.0.7"
    assert seen["x-forwarded-proto"] == "https"
    assert not seen.keys() & {"x-forwarded-host", "forwarded"}
    assert seen["authorization"] == "Bearer a-key"


@pytest.mark.parametrize(
    ("given", "kept"), [("a-client.7_request", True), ("short", False), ("a b c d e", False)]
)
def test_a_request_has_an_id(proxy: Proxy, upstream: Upstream, given: str, kept: bool) -> None:
    connection = proxy.connection()
    connection.request("GET", "/v1/stats", headers={"X-Request-ID": given})
    seen = upstream.take()["x-request-id"]
    upstream.answer()
    connection.getresponse().read()
    assert (seen == given) is kept
    assert 8 <= len(seen) <= 64


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "//metrics",
        "/%6detrics",
        "/v1/../metrics",
        "/v1/monitoring",
        "/v1//monitoring",
        "/v1/monitoring/persistence",
    ],
)
def test_monitoring_is_not_for_the_outside(proxy: Proxy, path: str) -> None:
    connection = proxy.connection()
    connection.request("GET", path, headers={"Authorization": "Bearer a-key"})
    assert connection.getresponse().status == 404


def test_plain_http_is_sent_to_tls(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=20)
    connection.request("POST", "/v1/reason?x=1", headers={"Host": "evil.example.org"})
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == 308
    assert response.headers["Location"] == "https://sutra.example.org/v1/reason?x=1"


def test_a_flood_from_one_address_is_stopped(tmp_path: Path, upstream: Upstream) -> None:
    slow = {"rate=100r/s": "rate=1r/m", "burst=400": "burst=1"}
    with Proxy(tmp_path, upstream.port, changes=slow) as proxy:
        for source, allowed in (("127.0.0.7", 2), ("127.0.0.8", 2)):
            for _ in range(allowed):
                connection = proxy.connection(source)
                connection.request("GET", "/v1/stats")
                upstream.take()
                upstream.answer()
                assert connection.getresponse().status == 200
            connection = proxy.connection(source)
            connection.request("GET", "/v1/stats", headers={"X-Forwarded-For": "203.0.113.9"})
            response = connection.getresponse()
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
            assert response.headers["Content-Type"] == "application/problem+json"
            assert json.loads(response.read())["code"] == "rate_limited"


def test_a_service_that_is_away_is_told(proxy: Proxy, upstream: Upstream) -> None:
    upstream.close()
    connection = proxy.connection()
    connection.request("POST", "/v1/learn", headers={"X-Request-ID": "a-client.7_request"})
    response = connection.getresponse()
    assert (response.status, response.headers["Retry-After"]) == (503, "1")
    assert response.headers["Content-Type"] == "application/problem+json"
    told = json.loads(response.read())
    assert (told["status"], told["code"], told["request_id"]) == (503, "unavailable", "a-client.7_request")


def test_a_client_stays_with_one_service(tmp_path: Path) -> None:
    with Upstream() as first, Upstream() as second, Proxy(tmp_path, first.port, second.port) as proxy:
        chosen: dict[int, set[int]] = {}
        for _ in range(2):
            for key in range(16):
                connection = proxy.connection(f"127.0.0.{key + 2}" if key % 2 else "127.0.0.1")
                connection.request("GET", "/v1/stats", headers={"Authorization": f"Bearer key {key}"})
                taken = first if first.is_asked(second) else second
                taken.take()
                taken.answer()
                assert connection.getresponse().status == 200
                chosen.setdefault(key, set()).add(taken.port)
    assert all(len(ports) == 1 for ports in chosen.values())
    assert set[int]().union(*chosen.values()) == {first.port, second.port}
