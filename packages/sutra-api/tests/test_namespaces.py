"""Namespaces share nothing: not a text, not an answer, not a number; and end with all that they held."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from serving import Serve, Served

from sutra_api.namespaces import (
    NamespaceBusyError,
    NamespaceExistsError,
    Namespaces,
    UnknownNamespaceError,
)
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import InvalidValueError, NoSpaceError
from sutra_core.shared import Shared


def test_a_namespace_is_made_used_and_deleted(served: Served) -> None:
    client = served.client
    made = client.post("/v1/namespaces", json={"name": "other"})
    assert (made.status_code, made.json()) == (201, {"name": "other"})
    assert client.post("/v1/namespaces", json={"name": "other"}).json()["code"] == "namespace_exists"
    names = [each["name"] for each in client.get("/v1/namespaces").json()["items"]]
    assert names == ["default", "other"]
    served.learn({"text": "The moon is made of rock.", "source": "moon.txt"}, namespace="other")
    folder = served.service.config.storage_path / "namespaces" / "other"
    assert (folder / "storage.dat").exists()
    assert client.delete("/v1/namespaces/other").status_code == 204
    assert not folder.exists()
    gone = client.get("/v1/namespaces/other/stats")
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_namespace")
    assert client.delete("/v1/namespaces/other").status_code == 404


def test_nothing_of_one_is_found_in_another(served: Served) -> None:
    client = served.client
    client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Marie Curie was born in Lyon.", "source": "wrong.txt"}, namespace="other")
    question = {"question": "Where was Marie Curie born?"}
    here = client.post("/v1/reason", json=question).json()
    there = client.post("/v1/namespaces/other/reason", json=question).json()
    assert (here["text"], there["text"]) == ("Warsaw", "Lyon")
    assert client.get(f"/v1/namespaces/other/answers/{here['id']}").status_code == 404
    assert client.get(f"/v1/answers/{there['id']}").status_code == 404
    hits = client.post("/v1/namespaces/other/search", json={"query": "Aln", "mode": "words"}).json()
    assert hits == {"hits": []}
    assert client.get("/v1/namespaces/other/sources/2").status_code == 404


def test_the_default_namespace_has_a_short_path(served: Served) -> None:
    assert (
        served.client.get("/v1/namespaces/default/sources").json() == served.client.get("/v1/sources").json()
    )
    assert served.client.delete("/v1/namespaces/default").status_code == 422


@pytest.mark.parametrize("name", ["", "A", "a b", "..", "a/b", "-a", "a" * 64, "é", ".hidden", "a\n"])
def test_a_name_that_cannot_be_one_is_refused(served: Served, name: str) -> None:
    assert served.client.post("/v1/namespaces", json={"name": name}).status_code == 422


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "%2e%2e", "A", "a%00b"])
def test_no_path_leads_out_of_the_folder(served: Served, name: str) -> None:
    answer = served.client.get(f"/v1/namespaces/{name}/stats")
    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"unknown_route", "invalid_request", "unknown_namespace"}


def test_what_was_learned_is_there_after_closing_and_opening(serve: Serve) -> None:
    served = serve(namespace_idle_seconds=1)
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "The moon is made of rock."}, namespace="other")
    namespaces = served.service.namespaces
    assert namespaces.close_idle() == []
    time.sleep(1.1)
    assert namespaces.close_idle() == ["other"]
    assert served.client.get("/v1/namespaces/other/stats").json()["store"]["sources"] == 1


def test_a_store_in_memory_is_served_and_never_closed_when_idle(serve: Serve) -> None:
    served = serve(use_rust_storage=False, namespace_idle_seconds=1)
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "The moon is made of rock."}, namespace="other")
    time.sleep(1.1)
    assert served.service.namespaces.close_idle() == []
    assert served.client.get("/v1/namespaces/other/stats").json()["store"]["sources"] == 1


@pytest.fixture
def namespaces(folder: Path) -> Namespaces:
    config = ReasoningEngineConfig(storage_path=folder / "k", reader="off", namespace_idle_seconds=1)
    return Namespaces(config, Shared(config))


def test_who_uses_a_namespace_keeps_it(namespaces: Namespaces) -> None:
    namespaces.create("a")
    with namespaces.engine("a") as engine:
        engine.learn("The moon is made of rock.")
        with pytest.raises(NamespaceBusyError):
            namespaces.delete("a", wait_seconds=0.01)
        assert engine.stats().store.sources == 1
    namespaces.delete("a")
    with pytest.raises(UnknownNamespaceError), namespaces.engine("a"):
        pass
    namespaces.create("a")
    with namespaces.engine("a") as engine:
        assert engine.stats().store.sources == 0
    namespaces.close()


def test_what_was_forgotten_is_purged_before_an_idle_namespace_is_closed(
    namespaces: Namespaces, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def on_disk() -> bool:
        files = [path for path in namespaces.folder("a").rglob("*") if path.is_file()]
        return any(b"Zanthorpe" in path.read_bytes() for path in files)

    def full(self: ReasoningEngine) -> datetime:
        raise NoSpaceError("there is no room for another store")

    def close_later() -> list[str]:
        namespaces._open["a"].used -= 2
        return namespaces.close_idle()

    namespaces.create("a")
    with namespaces.engine("a") as engine:
        engine.learn("Mara Holt was born in Zanthorpe.", source="notes")
        transaction = engine.forget(source="notes").transaction
    with monkeypatch.context() as patched:
        patched.setattr(ReasoningEngine, "purge", full)
        assert (close_later(), namespaces.open_names(), on_disk()) == ([], ["a"], True)
        assert "the namespace a stays open, for it cannot be purged: there is no room" in caplog.text
    with namespaces.engine("a") as same:
        assert same is engine
    assert (close_later(), namespaces.open_names(), on_disk()) == (["a"], [], False)
    with namespaces.engine("a") as again:
        receipt = again.receipt(transaction)
        assert receipt is not None
        done = receipt.purged
        assert done is not None
    # There is nothing to be purged now.
    with monkeypatch.context() as patched:
        patched.setattr(ReasoningEngine, "purge", full)
        assert close_later() == ["a"]
    namespaces.close()


def test_nobody_gets_into_what_is_being_deleted(namespaces: Namespaces) -> None:
    namespaces.create("a")
    deleted = threading.Event()
    with namespaces.engine("a"):
        thread = threading.Thread(target=lambda: (namespaces.delete("a"), deleted.set()))
        thread.start()
        while "a" not in namespaces._deleting:
            time.sleep(0.001)
        with pytest.raises(UnknownNamespaceError), namespaces.engine("a"):
            pass
        with pytest.raises(NamespaceExistsError):
            namespaces.create("a")
        assert not deleted.is_set()
    thread.join()
    assert deleted.is_set() and not namespaces.exists("a")


def test_a_deletion_that_was_cut_off_is_ended_at_the_next_start(namespaces: Namespaces) -> None:
    namespaces.create("a")
    folder = namespaces.folder("a")
    folder.rename(folder.with_name(".a"))
    assert namespaces.names() == ["default"]
    Namespaces(namespaces._config, namespaces._shared)
    assert not folder.with_name(".a").exists()


def test_only_good_names_are_namespaces(namespaces: Namespaces) -> None:
    (namespaces._config.storage_path / "namespaces" / "Not One").mkdir(parents=True)
    assert namespaces.names() == ["default"]
    with pytest.raises(InvalidValueError):
        namespaces.folder("../x")
