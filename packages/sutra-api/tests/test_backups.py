"""`POST backups`: a job that writes under the configured place, in a folder for each namespace."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from serving import Serve, Served

from sutra_core import ReasoningEngine
from sutra_core.backup import check, restore
from sutra_core.backup.place import Objects
from sutra_core.errors import StoreIOError

TEXT = {"text": "The Mur flows through Graz.", "source": "mur.txt"}


def begun(served: Served, namespace: str = "default", **body: Any) -> str:
    answer = served.client.post(f"/v1/namespaces/{namespace}/backups", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


class Held:
    """Keeps each writing into a place waiting until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.free = threading.Event(), threading.Event()
        create = Objects.create

        def slowly(objects: Objects, path: str, data: bytes) -> bool:
            self.reached.set()
            assert self.free.wait(30)
            return create(objects, path, data)

        monkeypatch.setattr(Objects, "create", slowly)


def test_each_namespace_is_backed_up_to_a_place_of_its_own(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn(TEXT)
    served.client.post("/v1/namespaces", json={"name": "other"})
    job = served.waited(begun(served))
    assert (job["kind"], job["state"], job["code"]) == ("backup", "done", None) and job["finished"]
    told = job["backup"]
    assert told["added"] == told["transaction"] > 0 and told["bytes_written"] == told["bytes"]
    assert job["bytes_done"] == job["bytes_total"] == told["bytes"]
    again = served.waited(begun(served, prune=True))["backup"]
    assert again == {**told, "added": 0, "bytes_written": 0}
    empty = served.waited(begun(served, "other"), namespace="other")["backup"]
    assert empty["transaction"] == 0
    assert check(tmp_path / "kept" / "default").transaction == told["transaction"]
    assert restore(tmp_path / "kept" / "default", tmp_path / "again").sources == 1


def test_without_a_place_there_are_no_backups(serve: Serve) -> None:
    served = serve()
    answer = served.client.post("/v1/backups", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "backups_off")
    assert served.client.get("/v1/jobs").json()["items"] == []


def test_a_namespace_that_is_not_there_is_not_backed_up(serve: Serve, tmp_path: Path) -> None:
    answer = serve(backup_url=tmp_path / "kept").client.post("/v1/namespaces/nowhere/backups", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_namespace")


def test_a_place_of_another_store_is_refused(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    told = list[tuple[str, str | None]]()
    for _ in range(2):
        served.client.post("/v1/namespaces", json={"name": "passing"})
        text = {"text": "The Mur flows through Graz."}
        assert served.client.post("/v1/namespaces/passing/learn", json=text).status_code == 201
        job = served.waited(begun(served, "passing"), namespace="passing")
        told.append((job["state"], job["code"]))
        served.client.delete("/v1/namespaces/passing")
    assert told == [("done", None), ("failed", "history_mismatch")]


def test_a_backup_may_take_longer_than_a_request(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(backup_url=tmp_path / "kept", api_seconds_max=2)
    served.learn(TEXT)
    held = Held(monkeypatch)
    job = begun(served)
    assert held.reached.wait(30)
    time.sleep(2.1)
    assert served.waited(job, "running")["backup"] is None
    upload = served.client.post("/v1/learn/files", files=[("files", ("a.md", b"Oaks are old.\n"))])
    assert served.waited(upload.json()["id"])["sources"] == 1, "learning waits for no backup"
    held.free.set()
    assert served.waited(job)["backup"]["added"] == 1


def test_backups_are_written_one_after_the_other(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn(TEXT)
    held = Held(monkeypatch)
    first, second = begun(served), begun(served)
    assert held.reached.wait(30)
    served.learn({"text": "Oaks are old.", "source": "oaks.txt"})
    assert served.waited(second, "waiting")["backup"] is None
    held.free.set()
    assert [served.waited(job)["backup"]["added"] for job in (first, second)] == [1, 1]


def test_the_same_request_with_a_key_is_one_backup(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    key = {"Idempotency-Key": "tonight"}
    first, again = (served.client.post("/v1/backups", json={}, headers=key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert len(served.client.get("/v1/jobs").json()["items"]) == 1


@pytest.mark.parametrize(("how", "state"), [("delete", "cancelled"), ("pause", "paused")])
def test_a_backup_that_is_stopped_is_as_it_was(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, state: str
) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn(TEXT)
    before = served.waited(begun(served))["backup"]
    served.learn({"text": "Oaks are old.", "source": "oaks.txt"})
    held = Held(monkeypatch)
    job = begun(served)
    assert held.reached.wait(30)
    path = f"/v1/jobs/{job}"
    answer = served.client.delete(path) if how == "delete" else served.client.post(f"{path}/pause")
    assert answer.status_code == 200
    held.free.set()
    assert served.waited(job, state)["backup"] is None
    assert check(tmp_path / "kept" / "default").transaction == before["transaction"]
    resumed = served.client.post(f"{path}/resume").status_code
    again = job if how == "pause" else begun(served)
    assert (resumed, served.waited(again, "done")["backup"]["added"]) == (200 if how == "pause" else 409, 1)
    assert check(tmp_path / "kept" / "default").clean


def test_a_backup_that_was_cut_off_begins_again(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    served = serve(backup_url=kept)
    served.learn(TEXT)
    with monkeypatch.context() as patch:
        held = Held(patch)
        job = begun(served, prune=True)
        assert held.reached.wait(30)
        threading.Timer(0.2, held.free.set).start()
        served.raw.__exit__(None, None, None)
    assert not (kept / "default" / "manifests").exists()
    again = serve(backup_url=kept)
    assert again.waited(job)["backup"]["added"] == 1
    assert check(kept / "default").clean
    assert again.waited(job) == serve_again(again, serve, kept).waited(job), "and is not made once more"


def serve_again(served: Served, serve: Serve, kept: Path) -> Served:
    served.raw.__exit__(None, None, None)
    return serve(backup_url=kept)


def test_a_backup_that_fails_says_why_and_can_begin_again(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn(TEXT)

    def away(*_: Any, **__: Any) -> None:
        raise StoreIOError("the place cannot be reached")

    with monkeypatch.context() as patch:
        patch.setattr(ReasoningEngine, "backup", away)
        failed = served.waited(begun(served))
    assert (failed["state"], failed["code"], failed["backup"]) == ("failed", "io_error", None)
    assert "reached" in failed["reason"]
    assert served.client.post(f"/v1/jobs/{failed['id']}/resume").status_code == 200
    assert served.waited(failed["id"], "done")["backup"]["added"] == 1


def test_a_writer_sees_a_backup_and_does_not_stop_it(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    job = served.waited(begun(served))
    writer = served.as_role("writer")
    assert writer.get(f"/v1/jobs/{job['id']}").json() == job
    for answer in (
        writer.delete(f"/v1/jobs/{job['id']}"),
        writer.post(f"/v1/jobs/{job['id']}/pause"),
        writer.post(f"/v1/jobs/{job['id']}/resume"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert served.client.delete(f"/v1/jobs/{job['id']}").status_code == 204
