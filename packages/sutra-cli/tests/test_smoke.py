"""`sutra smoke`: passes a service that is well, finds each way in which one can be broken, leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from falsifying import Falsify, Told, falsified
from serving_process import ServiceProcess
from stand_in import PROGRAM

from sutra_cli.smoke import checks
from sutra_cli.smoke.checks import CHECKS
from sutra_client import Client, ServiceError

Sutra = Callable[..., Any]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("service") / "knowledge"
    # A wrong key may be tried 60 times a minute, by each address.
    running = ServiceProcess(folder, API_TRUSTED_PROXIES="127.0.0.1").ready()
    try:
        yield running
    finally:
        running.end()


@pytest.fixture
def smoke(sutra: Sutra, service: ServiceProcess) -> Sutra:
    """`smoke(url, …)` with the administrator's key."""
    key = str(service.folder / "admin.key")
    return lambda url, *more: sutra("smoke", url, "--api-key-file", key, *more)


@pytest.fixture
def namespaces(service: ServiceProcess) -> Iterator[Callable[[], list[str]]]:
    """The namespaces of the service, of which the test has to leave the default one alone."""
    with Client(service.url, api_key=service.key) as client:
        yield client.namespaces
        assert client.namespaces() == ["default"]


def failed(done: Any) -> list[str]:
    return [each["name"] for each in done.json["checks"] if each["status"] == "failed"]


def skipped(done: Any) -> list[str]:
    return [each["name"] for each in done.json["checks"] if each["status"] == "skipped"]


@pytest.mark.usefixtures("namespaces")
def test_a_service_that_is_well_passes_every_check(smoke: Sutra, service: ServiceProcess) -> None:
    done = smoke(service.url)
    assert done.code == 0
    *lines, last = done.out.splitlines()
    assert [line.split()[:2] for line in lines] == [[name, "ok"] for name in CHECKS]
    assert last == f"{len(CHECKS)} checks, 0 failed"
    told = smoke(service.url, "--json").json
    assert (told["ok"], told["load"]) == (True, None)
    assert [each["name"] for each in told["checks"]] == list(CHECKS)


def test_what_is_learned_is_only_in_the_namespace(
    smoke: Sutra, service: ServiceProcess, namespaces: Callable[[], list[str]]
) -> None:
    with Client(service.url, api_key=service.key) as client:
        before = client.stats().store
        seen: list[list[str]] = []

        def look(told: Told) -> None:
            if told.path.endswith("/search"):
                seen.append(namespaces())

        with falsified(service.url, look) as url:
            assert smoke(url, "--namespace", "trial").code == 0
        assert seen == [["default", "trial"]]
        assert client.stats().store == before


def answered(method: str, path: str, change: Callable[[Told], None]) -> Falsify:
    """Changes what is answered to requests whose path ends so, of those that have the right key."""

    def falsify(told: Told) -> None:
        if told.method == method and told.path.partition("?")[0].endswith(path) and told.status != 401:
            change(told)

    return falsify


def status(number: int, code: str) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        told.status, told.kind = number, "application/problem+json"
        told.body = json.dumps({"code": code, "detail": "broken", "request_id": "7" * 32}).encode()

    return change


def content(body: bytes) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        told.body = body

    return change


def replaced(old: bytes, new: bytes) -> Callable[[Told], None]:
    def change(told: Told) -> None:
        assert old in told.body, told.body
        told.body = told.body.replace(old, new)

    return change


def without_steps(told: Told) -> None:
    told.body = b"event: answer" + told.body.partition(b"event: answer")[2]


def letting_in(told: Told) -> None:
    if told.status == 401:
        told.status, told.kind, told.body = 200, "application/json", b'{"items": [], "cursor": null}'


def quiet(told: Told) -> None:
    """Hangs up."""
    told.status = 0


def page(told: Told) -> None:
    told.status, told.kind, told.body = 200, "text/html", b"<h1>Welcome</h1>"


BROKEN: dict[str, tuple[Falsify, list[str]]] = {
    "dead": (quiet, ["alive"]),
    "another service": (page, ["alive"]),
    "not alive": (answered("GET", "/healthz", content(b'{"status": "dying"}')), ["alive"]),
    "a metric page of another": (answered("GET", "/metrics", content(b"up 1\n")), ["metrics"]),
    "metrics fail": (answered("GET", "/metrics", status(500, "internal_error")), ["metrics"]),
    "no route to metrics": (answered("GET", "/metrics", status(404, "unknown_route")), ["metrics"]),
    "strangers are let in": (letting_in, ["keys"]),
    "no namespace is made": (answered("POST", "/v1/namespaces", status(507, "disk_full")), ["namespace"]),
    "no namespace is listed": (
        answered("GET", "/v1/namespaces", content(b'{"items": [], "cursor": null}')),
        ["namespace"],
    ),
    "nothing is learned": (answered("POST", "/learn/batch", status(507, "disk_full")), ["learn"]),
    "a text is refused": (
        answered(
            "POST",
            "/learn/batch",
            content(b'{"texts": [{"sources": [], "refused": {"code": "invalid_text", "reason": "no"}}]}'),
        ),
        ["learn"],
    ),
    "it was known before": (
        answered("POST", "/learn/batch", replaced(b'"known":false', b'"known":true')),
        ["learn"],
    ),
    "a batch that is none": (
        answered("POST", "/learn/batch", content(b'{"texts": [{"sources": [{}]}]}')),
        ["learn"],
    ),
    "asking fails": (answered("POST", "/reason", status(500, "internal_error")), ["ask"]),
    "nothing is known": (
        answered("POST", "/reason", replaced(b'"kind":"', b'"kind":"unknown","was":"')),
        ["ask"],
    ),
    "another answer": (
        answered("POST", "/reason", replaced(b"Priya Raman", b"Somebody")),
        ["ask", "explain"],
    ),
    "another source": (
        answered("POST", "/reason", replaced(b"smoke/falcon.txt", b"elsewhere.txt")),
        ["ask"],
    ),
    "no answer at all": (answered("POST", "/reason", content(b"[]")), ["ask"]),
    "a stream of another answer": (
        answered("POST", "/reason/stream", replaced(b"Priya Raman", b"Somebody")),
        ["stream"],
    ),
    "a stream that ends": (
        answered("POST", "/reason/stream", content(b'event: step\ndata: {"step": "read"}\n\n')),
        ["stream"],
    ),
    "a stream without steps": (answered("POST", "/reason/stream", without_steps), ["stream"]),
    "a stream of something else": (answered("POST", "/reason/stream", content(b"data: {]\n\n")), ["stream"]),
    "another explanation": (answered("GET", "/explain", replaced(b"Priya Raman", b"Somebody")), ["explain"]),
    "no explanation": (answered("GET", "/explain", status(404, "unknown_answer")), ["explain"]),
    "nothing is found": (answered("POST", "/search", content(b'{"hits": []}')), ["search"]),
    "searching fails": (answered("POST", "/search", status(504, "timeout")), ["search"]),
    "told again it is new": (
        answered("POST", "/learn", lambda told: setattr(told, "status", 201)),
        ["again"],
    ),
    "told again it fails": (answered("POST", "/learn", status(500, "internal_error")), ["again"]),
}


@pytest.mark.usefixtures("namespaces")
@pytest.mark.parametrize("how", BROKEN)
def test_what_is_broken_is_found(
    smoke: Sutra, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(checks, "_RETRIES", 0)
    falsify, found = BROKEN[how]
    with falsified(service.url, falsify) as url:
        done = smoke(url, "--json")
    assert (done.code, done.json["ok"]) == (1, False)
    wrong = failed(done)
    assert wrong and wrong[0] == found[0] and set(wrong) <= set(found), done.out
    for each in done.json["checks"]:
        assert bool(each["message"]) == (each["status"] != "ok")
        assert bool(each["action"]) == (each["status"] == "failed")


def test_a_line_says_why_and_what_to_do(smoke: Sutra, service: ServiceProcess) -> None:
    with falsified(service.url, answered("POST", "/learn/batch", status(507, "disk_full"))) as url:
        done = smoke(url)
    assert done.code == 1
    (line,) = (line for line in done.out.splitlines() if "FAILED" in line)
    assert line.startswith("learn     FAILED: disk_full: broken (request 77777")
    assert line.endswith(": make room on the disk of the storage folder")
    assert "ask       skipped: it needs what learn checks" in done.out


def test_a_namespace_that_stays_is_told(smoke: Sutra, service: ServiceProcess) -> None:
    with falsified(service.url, answered("DELETE", "/trial", status(409, "namespace_busy"))) as url:
        done = smoke(url, "--namespace", "trial", "--json")
        # The service has removed it all the same; only its answer was broken.
        assert failed(done) == ["remove"]
    (told,) = (each for each in done.json["checks"] if each["name"] == "remove")
    assert "namespace_busy" in told["message"] and "trial is still there" in told["message"]
    assert told["action"] == "remove it: DELETE /v1/namespaces/trial"


def test_a_namespace_that_is_there_is_left_alone(smoke: Sutra, service: ServiceProcess) -> None:
    with Client(service.url, api_key=service.key, namespace="mine") as client:
        client.create_namespace("mine")
        client.learn("Oaks are old.")
        done = smoke(service.url, "--namespace", "mine", "--json")
        assert (done.code, failed(done)) == (1, ["namespace"])
        assert "remove" in skipped(done)
        assert client.stats().store.sources == 1
        client.delete_namespace("mine")


@pytest.mark.usefixtures("namespaces")
def test_a_namespace_whose_making_was_not_acknowledged_is_removed(
    smoke: Sutra, service: ServiceProcess
) -> None:
    with falsified(service.url, answered("POST", "/v1/namespaces", quiet)) as url:
        done = smoke(url, "--json")
    assert failed(done) == ["namespace"]
    assert done.json["checks"][-1]["status"] == "ok"


def test_a_proxy_that_keeps_the_figures_inside_is_no_fault(smoke: Sutra, service: ServiceProcess) -> None:
    def hide(told: Told) -> None:
        told.status, told.kind = 404, "text/html"

    with falsified(service.url, answered("GET", "/metrics", hide)) as url:
        done = smoke(url, "--json")
    assert (done.code, failed(done), skipped(done)) == (0, [], ["metrics"])


@pytest.mark.parametrize(
    ("role", "wrong"), [("reader", ["metrics", "namespace"]), ("auditor", ["namespace"])]
)
def test_a_key_that_may_too_little_is_told(
    sutra: Sutra, service: ServiceProcess, folder: Path, role: str, wrong: list[str]
) -> None:
    storage = str(service.folder)
    (folder / "key").write_text(sutra("keys", "make", "x", "--role", role, "--storage", storage).out)
    with Client(service.url, api_key=(folder / "key").read_text().strip()) as client:
        _until(lambda: bool(client.namespaces()))
    done = sutra("smoke", service.url, "--api-key-file", str(folder / "key"), "--json")
    assert failed(done) == wrong
    assert all("forbidden" in each["message"] for each in done.json["checks"] if each["status"] == "failed")


def test_one_that_is_never_ready_is_given_up(
    smoke: Sutra, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_READY_SECONDS", 0.0)
    starting = status(503, "")

    def start(told: Told) -> None:
        starting(told)
        told.kind, told.body = "application/json", b'{"status": "starting"}'

    with falsified(service.url, answered("GET", "/readyz", start)) as url:
        done = smoke(url, "--json")
    assert failed(done) == ["ready"]


def test_one_that_starts_is_waited_for(
    smoke: Sutra, service: ServiceProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_READY_PAUSE", 0.0)
    left = [3]

    def start(told: Told) -> None:
        left[0] -= 1
        if left[0] >= 0:
            told.status, told.body = 503, b'{"status": "starting"}'

    with falsified(service.url, answered("GET", "/readyz", start)) as url:
        assert smoke(url).code == 0
    assert left[0] == -1


def test_many_wrong_keys_hide_what_is_looked_at(smoke: Sutra, service: ServiceProcess) -> None:
    def limit(told: Told) -> None:
        if told.status == 401:
            status(429, "rate_limited")(told)

    with falsified(service.url, limit) as url:
        done = smoke(url, "--json")
    assert (done.code, skipped(done)) == (0, ["keys"])


@pytest.mark.parametrize("url", ["knowledge", "ftp://localhost", "http://"])
def test_an_address_that_is_none_is_refused(sutra: Sutra, url: str) -> None:
    done = sutra("smoke", url)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith("error[invalid_value]: ")


def test_a_service_without_keys_is_told(sutra: Sutra, tmp_path: Path) -> None:
    open_to_all = ServiceProcess(tmp_path / "open", API_AUTHENTICATION="off").ready()
    try:
        done = sutra("smoke", open_to_all.url, "--json")
    finally:
        open_to_all.end()
    assert failed(done) == ["keys"]


@pytest.mark.usefixtures("namespaces")
def test_it_is_ended_and_removes_its_namespace_first(service: ServiceProcess) -> None:
    ending: list[subprocess.Popen[str]] = []

    def end(told: Told) -> None:
        ending[0].send_signal(signal.SIGTERM)
        time.sleep(0.2)  # it is interrupted while it waits for this answer

    with falsified(service.url, answered("POST", "/search", end)) as url:
        command = [sys.executable, PROGRAM, "smoke", url, "--api-key-file", str(service.folder / "admin.key")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy()) as process:
            ending.append(process)
            out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "explain   ok" in out and "again" not in out
    assert "remove    ok" in out


# --- the load ---


@pytest.mark.usefixtures("namespaces")
def test_many_clients_learn_and_ask(smoke: Sutra, service: ServiceProcess) -> None:
    done = smoke(service.url, "--load", "1", "--clients", "4", "--json")
    assert done.code == 0, done.out
    load = done.json["load"]
    assert load["clients"] == 4
    for kind in ("learning", "asking"):
        figures = load[kind]
        assert figures["answered"] > 0 and figures["errors"] == figures["refused"] == {}
        assert figures["per_second"] == pytest.approx(figures["answered"] / load["seconds"])
        assert 0 < figures["p50_seconds"] <= figures["p95_seconds"]


def test_the_load_is_told_to_people(smoke: Sutra, service: ServiceProcess) -> None:
    done = smoke(service.url, "--load", "0.5", "--clients", "2")
    assert done.code == 0, done.out
    lines = done.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("load: 2 clients, "))
    assert lines[at + 1].startswith("  learned ") and lines[at + 2].startswith("  asked ")
    assert all(line.endswith("errors 0, refused 0") and " p95 " in line for line in lines[at + 1 : at + 3])


def test_refusals_of_the_load_are_no_errors(sutra: Sutra, tmp_path: Path) -> None:
    limited = ServiceProcess(tmp_path / "limited", RATE_LIMIT_LEARN="5", RATE_LIMIT_REASON="0").ready()
    try:
        key = str(limited.folder / "admin.key")
        done = sutra("smoke", limited.url, "--api-key-file", key, "--load", "1.5", "--clients", "4", "--json")
    finally:
        limited.end()
    learning = done.json["load"]["learning"]
    assert done.code == 0, done.out
    assert (learning["answered"], learning["errors"]) == (3, {})
    assert set(learning["refused"]) == {"429"}


def test_what_fails_under_load_fails_the_test(smoke: Sutra, service: ServiceProcess) -> None:
    def break_load(told: Told) -> None:
        if b"Falcon 0-" in told.body or b"Falcon 1-" in told.body:
            status(500, "internal_error")(told)

    with falsified(service.url, answered("POST", "/reason", break_load)) as url:
        done = smoke(url, "--load", "0.5", "--clients", "2", "--json")
    assert (done.code, failed(done)) == (1, [])
    assert set(done.json["load"]["asking"]["errors"]) == {"internal_error"}


def _until(true: Callable[[], bool]) -> None:
    """Waits for what the service takes up within a second."""
    end = time.monotonic() + 20
    while True:
        try:
            if true():
                return
        except ServiceError as error:
            assert time.monotonic() < end, error
        time.sleep(0.05)
