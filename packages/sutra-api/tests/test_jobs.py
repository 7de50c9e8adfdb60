"""Files are learned in the background, whatever happens to the process, with every refusal told."""

from __future__ import annotations

import json
import time
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from serving import Serve, Served

from sutra_api.job import Running
from sutra_api.uploads import InvalidFileNameError, checked_path
from sutra_core import ReasoningEngine
from sutra_core.errors import StoreIOError

NOTES = b"# Rivers\n\nThe Inn flows through Innsbruck. The Inn is a river.\n"
LINES = (
    b'{"id": "1", "text": "Oaks are old."}\n{"id": "2"}\nnot json\n{"id": "3", "text": "Elms are tall."}\n'
)


def files(*named: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", each) for each in named]


def upload(served: Served, *named: tuple[str, bytes], path: str = "/v1/learn/files", **more: Any) -> Any:
    return served.client.post(path, files=files(*named), **more)


def many(count: int, first: int = 0) -> bytes:
    return b"".join(
        b'{"id": "%d", "text": "Station %d lies on Line %d."}\n' % (n, n, n % 9)
        for n in range(first, first + count)
    )


def test_files_are_learned_in_the_background(served: Served) -> None:
    answer = upload(served, ("docs/notes.md", NOTES), ("trees.jsonl", LINES))
    assert answer.status_code == 202
    job = served.waited(answer.json()["id"])
    assert (job["state"], job["sources"], job["refused"]) == ("done", 3, 2)
    assert job["bytes_done"] == job["bytes_total"] == len(NOTES) + len(LINES)
    refused = served.client.get(f"/v1/jobs/{job['id']}/refusals").json()["items"]
    assert [(each["location"], each["code"]) for each in refused] == [
        ("trees.jsonl:2", "missing_text"),
        ("trees.jsonl:3", "invalid_json"),
    ]
    hits = served.client.post("/v1/search", json={"query": "Innsbruck", "mode": "words"}).json()["hits"]
    assert hits[0]["address"] == "upload/docs/notes.md"
    assert list((served.service.config.storage_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("wait", ["durable", "indexed"])
def test_a_job_tells_when_it_is_durable_and_when_it_has_its_vectors(served: Served, wait: str) -> None:
    begun = upload(served, ("a.jsonl", many(200)), params={"wait": wait}).json()
    assert (begun["wait"], begun["indexed"]) == (wait, False)
    job = served.waited(begun["id"])
    assert (job["state"], job["sources"]) == ("done", 200)
    if wait == "indexed":
        assert job["indexed"]
    deadline = time.monotonic() + 60
    while not served.client.get(f"/v1/jobs/{begun['id']}").json()["indexed"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert served.client.get("/v1/stats").json()["store"]["vectors_pending"] == 0
    assert served.client.get("/v1/jobs").json()["items"][0]["indexed"]


def test_the_same_files_change_nothing(served: Served) -> None:
    first, second = (served.waited(upload(served, ("a.jsonl", many(30))).json()["id"]) for _ in range(2))
    assert (first["sources"], first["known"]) == (30, 0)
    assert (second["sources"], second["known"]) == (0, 30)


def test_another_text_of_a_record_is_counted(served: Served) -> None:
    changed = b'{"id": "1", "text": "Oaks are young."}\n'
    first, second, third = (
        served.waited(upload(served, ("trees.jsonl", lines)).json()["id"])
        for lines in (LINES, changed, LINES)
    )
    assert [(job["sources"], job["known"], job["retired"]) for job in (first, second, third)] == [
        (2, 0, 0),
        (1, 0, 1),
        (1, 1, 1),
    ]


def test_progress_is_told_as_it_happens(served: Served) -> None:
    job = upload(served, ("a.jsonl", many(3000))).json()
    events: list[tuple[str, Any]] = []
    with served.client.stream("GET", f"/v1/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                events.append((name, json.loads(line.removeprefix("data: "))))
    assert events[-1][0] == "end" and events[-1][1]["state"] == "done"
    assert {name for name, _ in events[:-1]} <= {"progress"}
    counts = [told["sentences"] for _, told in events]
    assert counts == sorted(counts) and counts[-1] == 3000


def test_a_job_is_paused_resumed_and_cancelled(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    job = upload(served, ("a.jsonl", many(2000))).json()["id"]
    while not served.client.get(f"/v1/jobs/{job}").json()["sources"]:
        time.sleep(0.01)
    assert served.client.post(f"/v1/jobs/{job}/pause").status_code == 200
    paused = served.waited(job, "paused")
    assert 0 < paused["sources"] < 2000 and paused["seconds_left"] > 0
    time.sleep(0.1)
    assert served.client.get(f"/v1/jobs/{job}").json() == paused
    monkeypatch.undo()
    assert served.client.post(f"/v1/jobs/{job}/resume").status_code == 200
    done = served.waited(job)
    assert (done["state"], done["sources"], done["known"]) == ("done", 2000, 0)
    conflict = served.client.post(f"/v1/jobs/{job}/resume")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "job_conflict")
    assert served.client.delete(f"/v1/jobs/{job}").status_code == 204
    assert served.client.get(f"/v1/jobs/{job}").json()["code"] == "unknown_job"


def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes learning wait before each item of a job."""
    learn = ReasoningEngine.learn_items

    def slowly(self: ReasoningEngine, items: Any, **more: Any) -> Any:
        def waiting() -> Any:
            for item in items:
                time.sleep(0.002)
                yield item

        return learn(self, waiting(), **more)

    monkeypatch.setattr(ReasoningEngine, "learn_items", slowly)


def test_what_a_cancelled_job_has_learned_stays(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    slow(monkeypatch)
    job = upload(served, ("a.jsonl", many(2000))).json()["id"]
    while not served.client.get(f"/v1/jobs/{job}").json()["sources"]:
        time.sleep(0.01)
    waiting = upload(served, ("b.jsonl", many(5, 5000))).json()["id"]
    assert served.client.delete(f"/v1/jobs/{waiting}").json()["state"] == "cancelled"
    assert served.client.delete(f"/v1/jobs/{job}").status_code == 200
    cancelled = served.waited(job)
    assert cancelled["state"] == "cancelled" and cancelled["finished"]
    assert served.client.get("/v1/stats").json()["store"]["sources"] == 3 + cancelled["sources"]
    states = {each["id"]: each["state"] for each in served.client.get("/v1/jobs").json()["items"]}
    assert states == {job: "cancelled", waiting: "cancelled"}
    assert list((served.service.config.storage_path / "uploads").iterdir()) == []


def test_a_job_goes_on_when_the_service_starts_again(
    serve: Serve, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve()
    slow(monkeypatch)
    job = upload(served, ("a.jsonl", many(1000))).json()["id"]
    while not served.client.get(f"/v1/jobs/{job}").json()["sources"]:
        time.sleep(0.01)
    served.raw.__exit__(None, None, None)
    left = folder / "knowledge" / "uploads"
    assert [each.name for each in left.iterdir()] == [job]
    (left / "of nobody").mkdir()
    monkeypatch.undo()
    monkeypatch.setattr("sutra_core.shared.open_embedder", __import__("stand_in").open_stand_in)
    again = serve()
    done = again.waited(job)
    assert (done["state"], done["sources"], done["known"]) == ("done", 1000, 0)
    assert list(left.iterdir()) == []


def test_a_job_that_fails_says_why_and_can_go_on(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from sutra_core.errors import DiskFullError

    def full(*_: Any, **__: Any) -> None:
        raise DiskFullError("there is no room left on the disk")

    with monkeypatch.context() as patch:
        patch.setattr(ReasoningEngine, "learn_items", full)
        job = upload(served, ("a.jsonl", many(5))).json()["id"]
        failed = served.waited(job)
    assert (failed["state"], failed["code"]) == ("failed", "disk_full") and "room" in failed["reason"]
    served.client.post(f"/v1/jobs/{job}/resume")
    assert served.waited(job, "done")["sources"] == 5


def test_a_job_belongs_to_its_namespace(served: Served) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    job = upload(served, ("a.jsonl", many(3)), path="/v1/namespaces/other/learn/files").json()["id"]
    assert served.client.get(f"/v1/jobs/{job}").status_code == 404
    assert served.client.get("/v1/jobs").json()["items"] == []
    path = f"/v1/namespaces/other/jobs/{job}"
    while served.client.get(path).json()["state"] != "done":
        time.sleep(0.01)
    assert served.client.get("/v1/namespaces/other/stats").json()["store"]["sources"] == 3
    assert served.client.delete("/v1/namespaces/other").status_code == 204
    assert served.service.state.read("SELECT * FROM jobs") == []


def test_a_namespace_is_deleted_while_a_job_learns_into_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    slow(monkeypatch)
    path = "/v1/namespaces/other"
    job = upload(served, ("a.jsonl", many(3000)), path=f"{path}/learn/files").json()["id"]
    while not served.client.get(f"{path}/jobs/{job}").json()["sources"]:
        time.sleep(0.01)
    assert served.client.delete(path).status_code == 204
    after = served.waited(upload(served, ("b.jsonl", many(3))).json()["id"])
    assert after["state"] == "done"


def test_refusals_come_in_pages(served: Served) -> None:
    bad = b"".join(b"no json %d\n" % n for n in range(250))
    job = served.waited(upload(served, ("bad.jsonl", b'{"text": "Good."}\n' + bad)).json()["id"])
    assert (job["state"], job["refused"]) == ("done", 250)
    pages: list[Any] = []
    cursor = None
    while True:
        wanted = {"limit": 100, **({"cursor": cursor} if cursor else {})}
        page = served.client.get(f"/v1/jobs/{job['id']}/refusals", params=wanted).json()
        pages.append(page["items"])
        cursor = page["cursor"]
        if cursor is None:
            break
    assert [len(each) for each in pages] == [100, 100, 50]
    assert len({each["location"] for each in chain.from_iterable(pages)}) == 250


@pytest.mark.parametrize(
    "name",
    ["", "..", "../a.md", "a/../../b.md", "/etc/passwd", ".hidden", "a/.b", "a\nb.md", "C:\\a.md", "é" * 101],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(InvalidFileNameError):
        checked_path(name)


@pytest.mark.parametrize("name", ["..%2fa.md", "../a.md", ".hidden.md"])
def test_an_upload_with_such_a_name_leaves_nothing(served: Served, name: str) -> None:
    answer = upload(served, ("good.md", NOTES), (name, NOTES))
    if answer.status_code == 202:  # a name that only looks like a way out
        served.waited(answer.json()["id"])
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_file_name")
    root = served.service.config.storage_path
    assert list((root / "uploads").iterdir()) == []
    assert not (root / "a.md").exists() and not (root.parent / "a.md").exists()


def test_two_files_of_one_name_are_refused(served: Served) -> None:
    for names in (("a.md", "a.md"), ("a", "a/b.md"), ("a/b.md", "a")):
        answer = upload(served, *((name, NOTES) for name in names))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_file_name")
    assert list((served.service.config.storage_path / "uploads").iterdir()) == []


def test_an_upload_into_no_namespace_leaves_nothing(served: Served) -> None:
    answer = upload(served, ("a.md", NOTES), path="/v1/namespaces/nowhere/learn/files")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_namespace")
    assert list((served.service.config.storage_path / "uploads").iterdir()) == []


def test_an_upload_that_is_too_large_is_refused(serve: Serve) -> None:
    served = serve(api_upload_bytes_max=5000)
    answer = upload(served, ("a.jsonl", many(1000)))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert served.waited(upload(served, ("a.jsonl", many(5))).json()["id"])["state"] == "done"


def test_who_has_no_key_cannot_fill_the_disk(serve: Serve) -> None:
    served = serve(api_body_bytes_max=5000)
    large = files(("a.jsonl", many(1000)))
    refused = served.raw.post("/v1/learn/files", files=large, headers={"X-API-Key": "sutra_a_b"})
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    token = served.client.headers["Authorization"].removeprefix("Bearer ")
    for headers in ({"X-API-Key": token}, {"Authorization": f"bearer {token}"}):
        assert served.raw.post("/v1/learn/files", files=large, headers=headers).status_code == 202


def test_files_of_other_formats_are_refused_and_the_others_learned(served: Served) -> None:
    picture = ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    job = served.waited(upload(served, picture, ("notes.md", NOTES)).json()["id"])
    assert (job["state"], job["sources"], job["refused"]) == ("done", 1, 1)
    (refused,) = served.client.get(f"/v1/jobs/{job['id']}/refusals").json()["items"]
    assert (refused["location"], refused["code"]) == ("picture.png", "unknown_format")


def test_a_state_that_cannot_be_written_stops_its_job_and_no_other(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep = Running.keep

    def full(self: Running) -> None:
        raise StoreIOError("the disk is full")

    monkeypatch.setattr(Running, "keep", full)
    stopped = upload(served, ("notes.md", NOTES)).json()["id"]
    end = time.monotonic() + 30
    while f"the job {stopped} stopped: io_error" not in caplog.text:
        assert time.monotonic() < end
        time.sleep(0.02)
    monkeypatch.setattr(Running, "keep", keep)
    other = upload(served, ("trees.jsonl", LINES)).json()["id"]
    assert served.waited(other)["state"] == "done"
    assert served.client.post(f"/v1/jobs/{stopped}/resume").status_code == 200
    assert served.waited(stopped)["state"] == "done"


def test_how_the_files_are_read_goes_with_the_job(served: Served) -> None:
    how = {"format": "json-lines", "map": "title=who,key=nr", "template": "{who} lives in {town}."}
    named = ("people.data", b'{"who": "Ada", "town": "Alham", "nr": 7}\n')
    job = served.waited(upload(served, named, params=how).json()["id"])
    assert (job["state"], job["sources"], job["refused"]) == ("done", 1, 0)
    hits = served.client.post("/v1/search", json={"query": "Ada Alham", "mode": "words"}).json()["hits"]
    assert ("upload/people.data#7", "Ada lives in Alham.") in [(hit["address"], hit["text"]) for hit in hits]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"format": "klingon"}, 415, "unknown_format"),
        ({"format": "markdown", "map": "text=a"}, 422, "invalid_value"),
        ({"map": "body"}, 422, "invalid_value"),
        ({"template": "no field"}, 422, "invalid_value"),
    ],
)
def test_files_that_cannot_be_read_so_are_not_kept(
    served: Served, how: dict[str, str], status: int, code: str
) -> None:
    answer = upload(served, ("notes.md", NOTES), params=how)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not list((served.service.config.storage_path / "uploads").glob("*"))
    assert served.client.get("/v1/jobs").json()["items"] == []


def test_another_format_is_another_request(served: Served) -> None:
    key = {"Idempotency-Key": "once"}
    first = upload(served, ("notes.md", NOTES), headers=key)
    again = upload(served, ("notes.md", NOTES), headers=key)
    assert again.json()["id"] == first.json()["id"]
    other = upload(served, ("notes.md", NOTES), headers=key, params={"format": "plain-text"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_mismatch")
