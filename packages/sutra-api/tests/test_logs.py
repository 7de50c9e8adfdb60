"""The log: each line has its request, down to the engine's steps, and none has what anybody sent."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from serving import Serve, Served

from sutra_api import logs as logs_module
from sutra_api.logs import LOG_FOLDER, Logs
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.daily_log import DailyFileHandler

CANARY = "Zanzibar"
ID = {"X-Request-ID": "request-of-a-test"}


@pytest.fixture
def logged(serve: Serve, folder: Path) -> Iterator[tuple[Served, Logs]]:
    """A service whose log is written, in all detail."""
    served = serve(log_level="DEBUG")
    logs = Logs(served.service.config)
    logs.start()
    yield served, logs
    logs.close()


def lines(folder: Path) -> list[dict[str, Any]]:
    """The log's lines, of all its files."""
    found: list[dict[str, Any]] = []
    for path in sorted((folder / "knowledge" / LOG_FOLDER).iterdir()):
        found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return found


def test_a_request_is_followed_to_the_steps_of_the_engine(logged: tuple[Served, Logs], folder: Path) -> None:
    served, logs = logged
    served.client.post("/v1/learn", json={"text": "Oaks are old."}, headers={"X-Request-ID": "the-learning"})
    served.client.post("/v1/reason", json={"question": "How old are oaks?"}, headers=ID)
    logs.close()
    found = lines(folder)
    asked, ended = [line for line in found if line.get("request") == "request-of-a-test"]
    assert (asked["event"], ended["event"]) == ("asked", "request")
    assert {"analyse", "embed", "retrieve", "explain"} <= set(asked["stages"])
    assert (asked["namespace"], asked["outcome"]) in {("default", "answered"), ("default", "unknown")}
    assert (ended["method"], ended["route"], ended["status"]) == ("POST", "/v1/reason", 200)
    assert ended["client"].startswith("key ") and ended["seconds"] >= asked["seconds"] > 0
    (learned,) = [line for line in found if line["event"] == "learned"]
    assert learned["requests"] == ["the-learning"]
    assert {"reading", "vectors", "commit"} <= set(learned["stages"])
    assert learned["learned"] == 1


def test_a_job_is_named_by_what_it_does(logged: tuple[Served, Logs], folder: Path) -> None:
    served, logs = logged
    job = served.client.post("/v1/learn/files", files={"files": ("a.txt", b"Oaks are old.")}).json()
    while served.client.get(f"/v1/jobs/{job['id']}").json()["state"] != "done":
        pass
    logs.close()
    assert [line["job"] for line in lines(folder) if line["event"] == "learned"] == [job["id"]]


def test_nothing_that_anybody_sent_is_in_it(
    logged: tuple[Served, Logs],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    served, logs = logged
    client = served.client
    _, token = served.service.keys.make("a key", "admin")
    client.headers["Authorization"] = f"Bearer {token}"
    text = {
        "text": f"{CANARY} is an island.",
        "source": CANARY,
        "title": CANARY,
        "attributes": {CANARY: CANARY},
    }
    client.post("/v1/learn", json=text, headers={"Idempotency-Key": CANARY})
    client.post("/v1/learn/batch", json={"texts": [text, {"text": "…", "source": CANARY}]})
    client.post(
        "/v1/learn/files", files={"files": (f"{CANARY}.txt", CANARY.encode())}, data={"prefix": CANARY}
    )
    client.post("/v1/learn", json={"text": CANARY, CANARY: 1})
    client.request(CANARY, "/v1/stats")
    client.post("/v1/learn", content=f'{{"{CANARY}')
    for path, body in (
        ("reason", {"question": f"Where is {CANARY}?"}),
        ("reason/stream", {"question": f"What is {CANARY}?"}),
        ("search", {"query": CANARY}),
        ("chat/completions", {"messages": [{"role": "user", "content": f"Who knows {CANARY}?"}]}),
        ("embeddings", {"input": CANARY}),
        ("embeddings", {"input": "a", "model": CANARY}),
        ("namespaces", {"name": CANARY}),
        ("receipts/1/went", {"text": CANARY, "title": CANARY}),
    ):
        client.post(f"/v1/{path}", json=body)
    for path in (
        f"concepts?name={CANARY}",
        f"answers/{CANARY}",
        f"jobs/{CANARY}",
        f"models/{CANARY}",
        CANARY,
    ):
        client.get(f"/v1/{path}")
    client.get(
        "/v1/stats", headers={"Authorization": f"Bearer {CANARY}", "X-Request-ID": f"{CANARY} and more"}
    )

    def broken(*_: Any) -> None:
        raise RuntimeError(f"{CANARY} is too much")

    monkeypatch.setattr(ReasoningEngine, "_answer", broken)
    assert client.post("/v1/reason", json={"question": f"Why {CANARY}?"}, headers=ID).status_code == 500
    gone = client.post("/v1/forget", json={"source": CANARY}).json()["transaction"]
    assert client.post(f"/v1/receipts/{gone}/went", json={"text": f"{CANARY} is an island."}).json()["found"]
    logs.close()
    found = lines(folder)
    written = json.dumps(found) + capfd.readouterr().err
    assert CANARY not in written
    assert token not in written and token.rsplit("_", 1)[1] not in written
    failed = next(line for line in found if "error" in line)
    assert failed["error"]["type"] == "RuntimeError" and "broken" in failed["error"]["at"][-1]
    assert failed["request"] == "request-of-a-test"
    assert len([line for line in found if line["event"] == "request"]) >= 19


def test_others_are_not_heard_in_detail(folder: Path) -> None:
    logs = Logs(ReasoningEngineConfig(storage_path=folder / "knowledge", log_level="DEBUG"))
    logs.start()
    logging.getLogger("somebody").debug("what was sent")
    logging.getLogger("sutra_api.of_a_test").debug("what was done")
    logs.close()
    assert [line["event"] for line in lines(folder)] == ["what was done"]


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
def test_the_level_is_the_configured_one(folder: Path, level: Any) -> None:
    logs = Logs(ReasoningEngineConfig(storage_path=folder / "knowledge", log_level=level))
    logs.start()
    for name in ("INFO", "WARNING", "ERROR"):
        logging.getLogger("sutra_api.of_a_test").log(getattr(logging, name), "%s", name)
    logs.close()
    told = [line["level"] for line in lines(folder)]
    assert told == (["WARNING", "ERROR"] if level == "WARNING" else ["ERROR"])


def test_without_files_all_goes_to_standard_error(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logs = Logs(ReasoningEngineConfig(storage_path=folder / "knowledge", log_days=0))
    logs.start()
    logging.getLogger("sutra_api.of_a_test").info("done")
    logs.close()
    assert json.loads(capfd.readouterr().err)["event"] == "done"
    assert not (folder / "knowledge" / LOG_FOLDER).exists()


def test_grave_lines_go_to_standard_error_too(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logs = Logs(ReasoningEngineConfig(storage_path=folder / "knowledge"))
    logs.start()
    logging.getLogger("sutra_api.of_a_test").info("done")
    logging.getLogger("sutra_api.of_a_test").warning("undone")
    logs.close()
    assert json.loads(capfd.readouterr().err)["event"] == "undone"
    assert [line["event"] for line in lines(folder)] == ["done", "undone"]


def test_lines_that_nobody_can_write_in_time_are_counted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sutra_api.logs._WAITING_MAX", 3)
    logs = Logs(ReasoningEngineConfig(storage_path=folder / "knowledge"))
    logger = logging.Logger("sutra_api.of_a_test")
    logger.addHandler(logs._waiting)
    for _ in range(5):
        logger.warning("fast")
    assert logs.dropped == 2
    logs.start()
    logs.close()
    assert len(lines(folder)) == 3


def test_a_disk_that_is_full_ends_no_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = ReasoningEngineConfig.model_validate({"storage_path": folder / "knowledge"})
    place = folder / "knowledge" / LOG_FOLDER
    place.parent.mkdir()
    place.write_text("no folder")
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        logs = Logs(config)
        logs.start()
        logging.getLogger("sutra_api").info("lost")
        while not logs.dropped and logs._writer.is_alive():
            pass
        monkeypatch.undo()
        with suppress(OSError):
            full.close()
    assert logs.dropped == 1
    place.unlink()
    logging.getLogger("sutra_api").info("written")
    logs.close()
    assert [line["event"] for line in lines(folder)] == ["written"]


def test_a_log_that_is_behind_is_written_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_module, "_WAITING_MAX", 2)
    slow, begun, emit = threading.Event(), threading.Event(), DailyFileHandler.emit

    def emit_slowly(self: DailyFileHandler, record: logging.LogRecord) -> None:
        begun.set()
        slow.wait(60)
        emit(self, record)

    monkeypatch.setattr(DailyFileHandler, "emit", emit_slowly)
    logs = Logs(ReasoningEngineConfig.model_validate({"storage_path": folder / "knowledge"}))
    logs.start()
    logging.getLogger("sutra_api").info("a line")
    assert begun.wait(60)
    while not logs.dropped:  # one is written, two wait
        logging.getLogger("sutra_api").info("a line")
    closing = threading.Thread(target=logs.close)
    closing.start()
    closing.join(0.1)
    slow.set()
    closing.join(60)
    assert len(lines(folder)) == 3
    assert not logs._writer.is_alive()
