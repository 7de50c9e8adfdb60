"""`POST reindex`: a job that derives again, by the present rules, what older ones derived."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from serving import Serve, Served

from sutra_core.learn import concepts, rereading
from sutra_core.types import Batch

TEXTS = [{"text": f"Mill {number} is at Alham. It grinds.", "source": f"{number}"} for number in range(5)]
CONTAINED = 10
"""A passage of each text contains two sentences."""


def begun(served: Served, namespace: str = "default") -> str:
    answer = served.client.post(f"/v1/namespaces/{namespace}/reindex", json={})
    assert answer.status_code == 202, answer.text
    assert answer.json()["kind"] == "reindex"
    return answer.json()["id"]


def counted(served: Served, namespace: str = "default") -> Any:
    answer = served.client.post(f"/v1/namespaces/{namespace}/reindex", json={"dry_run": True})
    assert answer.status_code == 200, answer.text
    return answer.json()


def associated(served: Served, relation: str) -> int:
    with served.service.namespaces.engine("default") as engine:
        view = engine.view()
        numbers = range(1, view.stats().concepts + 1)
        return sum(len(view.neighbors([each], direction="out", relations=[relation])[0]) for each in numbers)


def later_rules(patch: pytest.MonkeyPatch) -> None:
    """Rules of the next version, by which a passage has its sentences, and contains them no more."""
    patch.setattr(concepts, "RULES", concepts.RULES + 1)
    patch.setattr(concepts, "_CONTAINS", ("has", "compositional", 0.9))
    patch.setattr(rereading, "_BATCH_BYTES", 60)


class Held:
    """Keeps what is read again waiting before its second transaction until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reached, self.free = threading.Event(), threading.Event()
        told_again: Callable[..., Batch] = rereading._told_again
        calls = 0

        def slowly(*arguments: Any) -> Batch:
            nonlocal calls
            calls += 1
            if calls == 2:
                self.reached.set()
                assert self.free.wait(30)
            return told_again(*arguments)

        patch.setattr(rereading, "_told_again", slowly)


@pytest.fixture
def taught(serve: Serve) -> Served:
    served = serve()
    served.learn(*TEXTS)
    return served


def test_what_older_rules_derived_is_derived_again(taught: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(taught)["outdated"] == 0
    later_rules(monkeypatch)
    would = counted(taught)
    assert would["outdated"] > CONTAINED and (would["sources"], would["retired"]) == (0, 0)
    assert associated(taught, "contains") == CONTAINED
    assert taught.client.get("/v1/jobs").json()["items"] == []
    job = taught.waited(begun(taught))
    assert (job["state"], job["code"], job["sources"], job["sources_total"]) == ("done", None, 5, 5)
    assert (job["bytes_done"], job["bytes_total"], job["sentences"], job["retired"]) == (0, 0, 0, 0)
    done = job["reindex"]
    assert (done["rules"], done["outdated"]) == (concepts.RULES, would["outdated"])
    assert (done["sources"], done["retired"]) == (5, CONTAINED)
    assert done["transaction"] == taught.client.get("/v1/stats").json()["store"]["transaction"]
    assert (associated(taught, "contains"), associated(taught, "has")) == (0, CONTAINED)
    again = taught.waited(begun(taught))["reindex"]
    assert (again["outdated"], again["sources"], again["transaction"]) == (0, 0, done["transaction"])


def test_each_namespace_is_done_by_itself(taught: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    taught.client.post("/v1/namespaces", json={"name": "other"})
    taught.learn(TEXTS[0], namespace="other")
    later_rules(monkeypatch)
    assert taught.waited(begun(taught, "other"), namespace="other")["reindex"]["sources"] == 1
    assert counted(taught, "other")["outdated"] == 0 < counted(taught)["outdated"]
    answer = taught.client.post("/v1/namespaces/nowhere/reindex", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_namespace")


def test_the_same_request_with_a_key_is_one_job(taught: Served) -> None:
    key = {"Idempotency-Key": "upgrade"}
    first, again = (taught.client.post("/v1/reindex", json={}, headers=key) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert len(taught.client.get("/v1/jobs").json()["items"]) == 1
    other = taught.client.post("/v1/reindex", json={"dry_run": True}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_mismatch")


def test_an_unknown_field_is_refused(taught: Served) -> None:
    answer = taught.client.post("/v1/reindex", json={"dryrun": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert taught.client.get("/v1/jobs").json()["items"] == []


@pytest.mark.parametrize(("how", "state"), [("delete", "cancelled"), ("pause", "paused")])
def test_a_job_that_is_stopped_keeps_what_it_did_and_goes_on_with_the_rest(
    taught: Served, monkeypatch: pytest.MonkeyPatch, how: str, state: str
) -> None:
    later_rules(monkeypatch)
    before = counted(taught)["outdated"]
    with monkeypatch.context() as patch:
        held = Held(patch)
        job = begun(taught)
        assert held.reached.wait(30)
        shown = taught.waited(job, "running")
        assert 0 < shown["sources"] < shown["sources_total"] == 5
        assert shown["reindex"] is None and shown["seconds_left"] is not None
        upload = taught.client.post("/v1/learn/files", files=[("files", ("a.md", b"Oaks are old.\n"))])
        assert taught.waited(upload.json()["id"])["sources"] == 1, "learning waits for no reindexing"
        path = f"/v1/jobs/{job}"
        answer = taught.client.delete(path) if how == "delete" else taught.client.post(f"{path}/pause")
        assert answer.status_code == 200
        held.free.set()
        stopped = taught.waited(job, state)
    assert stopped["reindex"] is None and 0 < stopped["sources"] < 5
    left = counted(taught)["outdated"]
    assert 0 < left < before
    assert associated(taught, "contains") >= CONTAINED, "nothing is missing meanwhile"
    resumed = taught.client.post(f"{path}/resume").status_code
    again = taught.waited(job if how == "pause" else begun(taught), "done")
    assert (resumed, again["reindex"]["outdated"]) == (200 if how == "pause" else 409, left)
    assert (again["sources"], again["sources_total"]) == (6, 6)
    assert (counted(taught)["outdated"], associated(taught, "contains")) == (0, 0)


def test_a_job_that_was_cut_off_begins_again(
    taught: Served, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_rules(monkeypatch)
    before = counted(taught)["outdated"]
    with monkeypatch.context() as patch:
        held = Held(patch)
        job = begun(taught)
        assert held.reached.wait(30)
        threading.Timer(0.2, held.free.set).start()
        taught.raw.__exit__(None, None, None)
    again = serve()
    done = again.waited(job)
    assert (done["sources"], done["sources_total"], done["reindex"]["sources"]) == (5, 5, 5)
    assert 0 < done["reindex"]["outdated"] < before
    assert (counted(again)["outdated"], associated(again, "contains")) == (0, 0)
    with again.service.namespaces.engine("default") as engine:
        assert engine.verify().clean
    again.raw.__exit__(None, None, None)
    assert serve().waited(job) == done, "and is not done once more"


def test_a_job_that_fails_says_why_and_can_begin_again(
    taught: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    later_rules(monkeypatch)

    def away(*_: Any) -> Batch:
        raise OSError("a fault of this test")

    with monkeypatch.context() as patch:
        patch.setattr(rereading, "_told_again", away)
        failed = taught.waited(begun(taught))
    assert (failed["state"], failed["code"], failed["reindex"]) == ("failed", "internal_error", None)
    assert taught.client.post(f"/v1/jobs/{failed['id']}/resume").status_code == 200
    assert taught.waited(failed["id"], "done")["reindex"]["sources"] == 5


def test_a_writer_sees_a_job_and_does_not_stop_it(taught: Served) -> None:
    job = taught.waited(begun(taught))
    writer = taught.as_role("writer")
    assert writer.get(f"/v1/jobs/{job['id']}").json() == job
    for answer in (
        writer.delete(f"/v1/jobs/{job['id']}"),
        writer.post(f"/v1/jobs/{job['id']}/pause"),
        writer.post(f"/v1/jobs/{job['id']}/resume"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert "kind reindex" in answer.json()["detail"]
    assert taught.client.delete(f"/v1/jobs/{job['id']}").status_code == 204
