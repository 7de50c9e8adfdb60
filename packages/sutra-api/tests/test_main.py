"""The program: where it listens and where it refuses to, how it stops, what a crash leaves."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import ssl
import stat
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from certificates import make_certificate
from serving_process import ServiceProcess

Start = Callable[..., "Program"]


class Program(ServiceProcess):
    """A service in a process of its own, and calls with the administrator's key."""

    def call(self, path: str, body: bytes | None = None, **headers: str) -> Any:
        """A request with the administrator's key."""
        token = self.key if (self.folder / "admin.key").exists() else ""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self.url + path, body, sent)
        context = ssl._create_unverified_context() if self.url.startswith("https") else None
        return urllib.request.urlopen(request, timeout=20, context=context)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def begin(**variables: str | None) -> Program:
            program = Program(folder / "knowledge", **variables)
            stack.callback(lambda: program.end(signal.SIGKILL))
            return program

        yield begin


def text(number: int) -> bytes:
    return b'{"text": "Fact %d is fact %d.", "source": "%d.txt"}' % (number, number, number)


def test_it_starts_says_where_and_stops_when_it_is_told(start: Start) -> None:
    program = start().ready()
    assert stat.S_IMODE((program.folder / "admin.key").stat().st_mode) == 0o600
    assert program.call("/v1/learn", text(1)).status == 201
    began = time.monotonic()
    assert program.end() == 0
    assert time.monotonic() - began < 10


def test_it_says_where_it_is_while_it_runs(start: Start) -> None:
    program = start(API_HOST="0.0.0.0")
    program.ready()
    path = program.folder / "service.json"
    told = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (told["pid"], told["certificate"]) == (program.process.pid, None)
    assert urllib.request.urlopen(told["url"] + "/healthz", timeout=20).status == 200
    assert program.end() == 0
    assert not path.exists()


def test_what_was_accepted_is_finished_before_it_stops(start: Start) -> None:
    program = start(RATE_LIMIT_LEARN="0").ready()
    words = " ".join(f"Station {number} lies on Line {number % 7}." for number in range(8_000))
    body = json.dumps({"text": words, "source": "long.txt"}).encode()
    with ThreadPoolExecutor(1) as caller:
        answer = caller.submit(program.call, "/v1/learn", body)
        time.sleep(0.1)
        assert not answer.done()
        began = time.monotonic()
        assert program.end() == 0
        assert time.monotonic() - began < 10
        assert answer.result().status == 201
    again = start().ready()
    assert json.loads(again.call("/v1/stats").read())["store"]["statements"] > 8_000


def test_what_it_acknowledged_is_there_after_a_kill(start: Start) -> None:
    program = start(RATE_LIMIT_LEARN="0").ready()
    for number in range(20):
        assert program.call("/v1/learn", text(number)).status == 201
    program.end(signal.SIGKILL)
    again = start().ready()
    assert b'"sources":20,' in again.call("/v1/stats").read()
    assert again.end() == 0


def test_a_folder_that_another_has_open_is_refused(start: Start) -> None:
    start().ready()
    second = start()
    code, output = second.refused()
    assert code != 0 and "store_locked" in output


def test_a_port_in_use_is_said(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        program = start(API_PORT=str(taken.getsockname()[1]))
        code, output = program.refused()
    assert code == 1
    assert "error[invalid_config]" in output and "SUTRA_API_PORT" in output


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_without_keys_it_listens_to_this_machine_alone(start: Start, host: str) -> None:
    program = start(API_HOST=host, API_AUTHENTICATION="off")
    code, output = program.refused()
    assert code == 1
    assert "error[invalid_config]" in output and "SUTRA_API_AUTHENTICATION" in output


def test_on_loopback_it_may_do_without_keys(start: Start) -> None:
    program = start(API_AUTHENTICATION="off").ready()
    assert program.call("/v1/learn", text(1), Authorization="").status == 201


def test_limits_are_read_anew_on_a_hangup(start: Start, folder: Path) -> None:
    settings = folder / "sutra.toml"
    settings.write_text("rate_limit_learn = 1\n")
    program = start(CONFIG_FILE=str(settings), RATE_LIMIT_LEARN=None).ready()
    assert program.call("/v1/learn", text(1)).status == 201
    with pytest.raises(HTTPError, match="429"):
        program.call("/v1/learn", text(2))
    settings.write_text("rate_limit_learn = 0\n")
    program.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while True:
        try:
            program.call("/v1/learn", text(2))
            break
        except HTTPError as error:
            assert error.code == 429 and time.monotonic() < end
            time.sleep(0.05)


def test_a_proxy_is_believed_where_it_is_named(start: Start) -> None:
    def statuses(program: Program) -> list[int]:
        found: list[int] = []
        for client in ("203.0.113.1", "203.0.113.1", "203.0.113.2"):
            try:
                found.append(program.call("/v1/learn", text(1), **{"X-Forwarded-For": client}).status)
            except HTTPError as error:
                found.append(error.code)
        return found

    limited = {"API_AUTHENTICATION": "off", "RATE_LIMIT_LEARN": "1"}
    program = start(**limited).ready()
    assert statuses(program) == [201, 429, 429]
    program.end()
    assert statuses(start(**limited, API_TRUSTED_PROXIES="127.0.0.1").ready()) == [200, 429, 200]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_it_speaks_tls(start: Start, folder: Path) -> None:
    certificate, key = make_certificate(folder, "localhost")
    half = start(API_TLS_CERTIFICATE=str(certificate))
    code, output = half.refused()
    assert code == 1 and "belong together" in output
    program = start(API_TLS_CERTIFICATE=str(certificate), API_TLS_PRIVATE_KEY=str(key)).ready()
    assert program.url.startswith("https://")
    told = json.loads((program.folder / "service.json").read_text())
    assert told["url"].startswith("https://") and told["certificate"] == str(certificate)
    assert program.call("/v1/learn", text(1)).status == 201
