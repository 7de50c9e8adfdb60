"""A service that is killed while many learn keeps all that it acknowledged, and goes on with its jobs."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from serving_process import ServiceProcess

CLIENTS = 6
JOB_LINES = 4000
KILLED_SECONDS = (0.1, 1.5)
"""How long after the first acknowledgement the service is killed."""
DEADLINE_SECONDS = 60.0


class Killed:
    """A service in a process of its own, on one folder, started as often as it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: ServiceProcess | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self.running = ServiceProcess(self.folder).ready()
        self.place = urlsplit(self.running.url).netloc
        self.token = self.running.key

    def end(self, number: int) -> None:
        """Ends it by a signal."""
        if self.running is not None:
            self.running.end(number)
            self.running = None

    def connection(self) -> HTTPConnection:
        """A connection, not opened before its first request."""
        return HTTPConnection(self.place, timeout=20)

    def call(
        self, connection: HTTPConnection, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection.request("POST" if content else "GET", path, content, sent)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@pytest.fixture
def killed(folder: Path) -> Iterator[Killed]:
    service = Killed(folder / "knowledge")
    yield service
    service.end(signal.SIGKILL)


def learn(service: Killed, client: int, acknowledged: set[str], first: threading.Event) -> None:
    """Learns texts one by one, some in batches, until the service is gone."""
    connection = service.connection()
    number = 0
    try:
        while True:
            texts = [
                {"text": f"Fact {each} of {client} is fact {each}.", "source": f"{client}/{each}.txt"}
                for each in range(number, number + 1 + number % 3)
            ]
            number += len(texts)
            path, body = ("/v1/learn", texts[0]) if len(texts) == 1 else ("/v1/learn/batch", {"texts": texts})
            status, _ = service.call(connection, path, body)
            if status == 201:
                acknowledged.update(text["source"] for text in texts)
                first.set()
    except (OSError, HTTPException):
        return
    finally:
        connection.close()


def upload(service: Killed) -> str:
    """Uploads a file as a job; its id."""
    lines = b"".join(
        b'{"id": "%d", "text": "Station %d lies on Line %d."}\n' % (n, n, n % 9) for n in range(JOB_LINES)
    )
    body = (
        b'--part\r\nContent-Disposition: form-data; name="files"; filename="stations.jsonl"\r\n\r\n'
        + lines
        + b"\r\n--part--\r\n"
    )
    connection = service.connection()
    status, job = service.call(
        connection, "/v1/learn/files", body, **{"Content-Type": "multipart/form-data; boundary=part"}
    )
    connection.close()
    assert status == 202, job
    return job["id"]


def sources(service: Killed) -> set[str]:
    """The addresses of all that is stored."""
    connection, found, cursor = service.connection(), set[str](), ""
    while True:
        status, page = service.call(connection, f"/v1/sources?limit=1000{cursor}")
        assert status == 200, page
        found.update(each["address"] for each in page["items"])
        if page["cursor"] is None:
            connection.close()
            return found
        cursor = f"&cursor={page['cursor']}"


def finished(service: Killed, job: str) -> dict[str, Any]:
    """The job, once it is at its end."""
    end = time.monotonic() + DEADLINE_SECONDS
    connection = service.connection()
    while True:
        status, told = service.call(connection, f"/v1/jobs/{job}")
        assert status == 200, told
        if told["state"] not in ("waiting", "running"):
            connection.close()
            return told
        assert time.monotonic() < end, told
        time.sleep(0.05)


def check_kill(service: Killed, seconds: float) -> None:
    """Learns, uploads, kills after so many seconds, and looks for everything that was acknowledged."""
    service.start()
    stations = {f"upload/stations.jsonl#{n}" for n in range(JOB_LINES)}
    acknowledged, first = set[str](), threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        learning = [pool.submit(learn, service, client, acknowledged, first) for client in range(CLIENTS)]
        job = upload(service)
        assert first.wait(DEADLINE_SECONDS)
        time.sleep(seconds)
        service.end(signal.SIGKILL)
        for each in learning:
            each.result()
    service.start()
    found = sources(service)
    assert acknowledged <= found
    assert not found >= stations, "the job was done before the kill"
    told = finished(service, job)
    assert (told["state"], told["refused"]) == ("done", 0), told
    assert sources(service) >= acknowledged | stations
    service.end(signal.SIGTERM)


@pytest.mark.parametrize("seed", range(2))
def test_a_kill_under_load_loses_nothing(killed: Killed, seed: int) -> None:
    check_kill(killed, random.Random(seed).uniform(*KILLED_SECONDS))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_kills_under_load_lose_nothing(killed: Killed, seed: int) -> None:
    check_kill(killed, random.Random(seed).uniform(*KILLED_SECONDS))
