"""`POST backups`: under the configured place, a folder for each namespace."""

from __future__ import annotations

from pathlib import Path

from serving import Serve

from sutra_core.backup import check, restore


def test_each_namespace_is_backed_up_to_a_place_of_its_own(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn({"text": "The Mur flows through Graz.", "source": "mur.txt"})
    served.client.post("/v1/namespaces", json={"name": "other"})
    first = served.client.post("/v1/backups", json={})
    assert first.status_code == 200, first.text
    told = first.json()
    assert told["added"] == told["transaction"] > 0 and told["bytes_written"] == told["bytes"]
    again = served.client.post("/v1/namespaces/default/backups", json={"prune": True}).json()
    assert again == {**told, "added": 0, "bytes_written": 0}
    empty = served.client.post("/v1/namespaces/other/backups", json={}).json()
    assert empty["transaction"] == 0
    assert check(tmp_path / "kept" / "default").transaction == told["transaction"]
    assert restore(tmp_path / "kept" / "default", tmp_path / "again").sources == 1


def test_without_a_place_there_are_no_backups(serve: Serve) -> None:
    answer = serve().client.post("/v1/backups", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "backups_off")


def test_a_place_of_another_store_is_refused(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    told = list[tuple[int, str | None]]()
    for _ in range(2):
        served.client.post("/v1/namespaces", json={"name": "passing"})
        text = {"text": "The Mur flows through Graz."}
        assert served.client.post("/v1/namespaces/passing/learn", json=text).status_code == 201
        answer = served.client.post("/v1/namespaces/passing/backups", json={})
        told.append((answer.status_code, answer.json().get("code")))
        served.client.delete("/v1/namespaces/passing")
    assert told == [(200, None), (409, "history_mismatch")]
