"""`POST reembed`: a job that embeds everything again, with another embedder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from serving import TEXTS, Serve, Served

from sutra_core import shared
from sutra_core.embed import open_embedder
from sutra_core.learn import reembedding

MANY = [{"text": f"Mill {number} is at Alham.", "source": f"{number}"} for number in range(40)]
QUESTION = {"query": "Where was Marie Curie born?", "mode": "meaning", "k": 1}


@pytest.fixture
def taught(serve: Serve) -> Served:
    served = serve()
    served.learn(*TEXTS, *MANY)
    return served


def begun(served: Served, embedder: str = "instant", namespace: str = "default") -> str:
    answer = served.client.post(f"/v1/namespaces/{namespace}/reembed", json={"embedder": embedder})
    assert answer.status_code == 202, answer.text
    assert (answer.json()["kind"], answer.json()["embedder"]) == ("reembed", embedder)
    return answer.json()["id"]


def dimension(served: Served) -> int:
    with served.service.namespaces.engine("default") as engine:
        return engine.stats().store.dimension


def best(served: Served) -> str:
    answer = served.client.post("/v1/search", json=QUESTION)
    assert answer.status_code == 200, answer.text
    return answer.json()["hits"][0]["address"]


class Held:
    """Keeps what is embedded again waiting before its second page until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reached, self.free = threading.Event(), threading.Event()
        embed: Callable[..., int] = reembedding._embed
        calls = 0

        def slowly(*arguments: Any) -> int:
            nonlocal calls
            calls += 1
            if calls == 2:
                self.reached.set()
                assert self.free.wait(30)
            return embed(*arguments)

        patch.setattr(reembedding, "_embed", slowly)


def test_a_namespace_changes_its_embedder_while_it_is_asked(
    taught: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dimension(taught) == 384
    held = Held(monkeypatch)
    job = begun(taught)
    assert held.reached.wait(30)
    assert best(taught) == "curie.txt"
    taught.learn({"text": "The weir holds.", "source": "weir"})
    shown = taught.client.get(f"/v1/jobs/{job}").json()
    assert shown["state"] == "running" and 0 < shown["statements"] < shown["statements_total"]
    assert shown["reembed"] is None
    held.free.set()
    done = taught.waited(job)
    report = done["reembed"]
    assert done["state"] == "done" and report["embedded"] == report["statements"] == done["statements"] > 43
    assert dimension(taught) == 256 and best(taught) == "curie.txt"
    # Done again it changes nothing.
    assert taught.waited(begun(taught))["reembed"]["embedded"] == 0


@pytest.mark.parametrize("how", ["pause", "cancel"])
def test_it_can_be_stopped_and_goes_on(taught: Served, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    with monkeypatch.context() as patch:
        held = Held(patch)
        job = begun(taught)
        assert held.reached.wait(30)
        if how == "pause":
            taught.client.post(f"/v1/jobs/{job}/pause")
        else:
            taught.client.delete(f"/v1/jobs/{job}")
        held.free.set()
        stopped = taught.waited(job, "paused", "cancelled")
    assert stopped["reembed"] is None and dimension(taught) == 384
    if how == "pause":
        assert taught.client.post(f"/v1/jobs/{job}/resume").status_code == 200
    else:
        job = begun(taught)
    report = taught.waited(job)["reembed"]
    assert 0 < report["embedded"] < report["statements"] and dimension(taught) == 256


def test_what_cannot_be_done_says_why(
    taught: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for body in ({"embedder": "best"}, {}, {"embedder": "instant", "dry_run": True}):
        assert taught.client.post("/v1/reembed", json=body).status_code == 422
    answer = taught.client.post("/v1/namespaces/nowhere/reembed", json={"embedder": "instant"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_namespace")
    # As on a machine where nobody has fetched it.
    monkeypatch.setattr(shared, "open_embedder", partial(open_embedder, cache=tmp_path / "empty"))
    failed = taught.waited(begun(taught, "accurate"))
    assert (failed["state"], failed["code"]) == ("failed", "model_unavailable")
    assert dimension(taught) == 384
