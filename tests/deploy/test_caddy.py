"""The file for Caddy, read by Caddy itself, and what it does before a service in the test's own hands."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from certificates import make_certificate
from deployed import checked, deployed, free_ports, tool
from proxy import ANSWER_SECONDS, START_SECONDS, Upstream

FORM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CERTIFICATE = {"/etc/sutra/tls/fullchain.pem": "localhost.pem", "/etc/sutra/tls/privkey.pem": "localhost.key"}


def test_caddy_takes_the_file(tmp_path: Path) -> None:
    caddy = tool("caddy", "caddy")
    make_certificate(tmp_path, "localhost")
    (tmp_path / "Caddyfile").write_text(deployed("caddy/Caddyfile", CERTIFICATE))
    said = checked(caddy, "validate", "--adapter", "caddyfile", "--config", "Caddyfile", folder=tmp_path)
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert told
    # Nobody staples anything to a certificate that was made here.
    assert not [line for line in told if line["level"] != "info" and line.get("logger") != "tls"]
    checked(caddy, "fmt", "--overwrite", "Caddyfile", folder=tmp_path)
    assert (tmp_path / "Caddyfile").read_text() == deployed("caddy/Caddyfile", CERTIFICATE)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as one:
        yield one


@pytest.fixture
def connection(tmp_path: Path, upstream: Upstream) -> Iterator[HTTPSConnection]:
    """A connection to a Caddy before the upstream, from an address of its own."""
    caddy = tool("caddy", "caddy")
    certificate, _ = make_certificate(tmp_path, "localhost")
    port, plain_port = free_ports(2)
    changes = {
        **CERTIFICATE,
        "{\n\tservers {": f"{{\n\tadmin off\n\thttp_port {plain_port}\n\tservers {{",
        "sutra.example.org {": f"localhost:{port} {{\n\tbind 127.0.0.1",
        "127.0.0.1:8000": f"127.0.0.1:{upstream.port}",
    }
    (tmp_path / "Caddyfile").write_text(deployed("caddy/Caddyfile", changes))
    with (tmp_path / "caddy.log").open("wb") as log:
        process = subprocess.Popen(
            [caddy, "run", "--adapter", "caddyfile", "--config", "Caddyfile"],
            cwd=tmp_path,
            env={"HOME": str(tmp_path), "PATH": os.environ.get("PATH", os.defpath)},
            stdout=log,
            stderr=log,
        )
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    one = HTTPSConnection(
        "localhost", port, timeout=ANSWER_SECONDS, context=context, source_address=("127.0.0.7", 0)
    )
    try:
        end = time.monotonic() + START_SECONDS
        while not is_there(port):
            assert process.poll() is None and time.monotonic() < end, (tmp_path / "caddy.log").read_text()
            time.sleep(0.05)
        yield one
    finally:
        one.close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def is_there(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_what_a_client_claims_about_itself_is_replaced(
    connection: HTTPSConnection, upstream: Upstream
) -> None:
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "Forwarded": "for=203.0.113.9"}
    connection.request("GET", "/v1/stats", headers=claimed | {"X-Request-ID": "a-client.7_request"})
    seen = upstream.take()
    upstream.answer()
    assert connection.getresponse().read() == b"{}"
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.7", "https")
    assert "forwarded" not in seen
    assert seen["x-request-id"] == "a-client.7_request"


def test_a_request_without_an_id_is_given_one(connection: HTTPSConnection, upstream: Upstream) -> None:
    connection.request("GET", "/v1/stats")
    seen = upstream.take()
    upstream.answer()
    assert connection.getresponse().read() == b"{}"
    assert 8 <= len(seen["x-request-id"]) <= 64


def test_events_go_on_one_by_one(connection: HTTPSConnection, upstream: Upstream) -> None:
    connection.request("POST", "/v1/reason/stream")
    upstream.take()
    upstream.send(FORM)
    response = connection.getresponse()
    for number in range(3):
        # The next is sent when this one has been read: a proxy that gathers would never bring it.
        upstream.send(b"8\r\ndata: %d\n\r\n" % number)
        assert response.readline() == b"data: %d\n" % number
    upstream.send(b"0\r\n\r\n")
    assert response.read() == b""


@pytest.mark.parametrize("path", ["/metrics", "/%6detrics", "/v1/monitoring", "/v1/monitoring/persistence"])
def test_monitoring_is_not_for_the_outside(connection: HTTPSConnection, path: str) -> None:
    connection.request("GET", path, headers={"Authorization": "Bearer a-key"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (404, b"")
