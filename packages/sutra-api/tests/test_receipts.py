"""Purging over HTTP: what was forgotten leaves the files, and receipts tell of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from serving import Serve, Served

from sutra_core import ReasoningEngine
from sutra_core.errors import NoSpaceError

SECRET = "Zanthorpe"
TEXTS = (
    {"text": f"Mara Holt was born in {SECRET}.", "source": "notes"},
    {"text": "The lighthouse stands on Venn.", "source": "letter"},
)


@pytest.fixture
def taught(serve: Serve) -> Served:
    running = serve()
    running.learn(*TEXTS)
    return running


def on_disk(served: Served) -> bool:
    """Whether the secret's bytes are in any file of the store."""
    folder: Path = served.service.config.storage_path
    found = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "monitoring_logs"]
    return any(SECRET.encode() in path.read_bytes() for path in found)


def receipts(served: Served) -> list[Any]:
    return served.client.get("/v1/receipts").json()["items"]


def test_what_was_forgotten_leaves_the_files_when_they_are_purged(taught: Served) -> None:
    assert receipts(taught) == [] and on_disk(taught)
    went = taught.client.delete("/v1/sources/1").json()
    assert went["purged"] is None
    (entry,) = receipts(taught)
    assert (entry["transaction"], entry["what"], entry["numbers"]) == (went["transaction"], "sources", [1])
    assert entry["purged"] is None
    purged = taught.client.post("/v1/purge")
    assert purged.status_code == 200 and not on_disk(taught)
    (entry,) = receipts(taught)
    assert entry["purged"] == purged.json()["purged"]
    assert datetime.fromisoformat(entry["time"]) < datetime.fromisoformat(entry["purged"])
    whole = taught.client.get(f"/v1/receipts/{went['transaction']}").json()
    assert {name: whole[name] for name in entry} == entry
    assert whole["forgotten"] == {name: went[name] for name in went if name != "purged"}
    # The source, its statements and its entities, each once.
    assert len(whole["hashes"]) >= went["sources"] + went["entities"]
    assert all(len(bytes.fromhex(each)) == 16 for each in whole["hashes"])
    assert taught.client.post("/v1/search", json={"query": "Venn", "mode": "words"}).json()["hits"]


@pytest.mark.parametrize("way", ["number", "address"])
def test_what_is_forgotten_now_is_purged_at_once(taught: Served, way: str) -> None:
    def forget(**how: bool) -> Any:
        if way == "number":
            return taught.client.delete("/v1/sources/1", params=how).json()
        return taught.client.post("/v1/forget", json={"source": "notes", **how}).json()

    assert forget(now=True, dry_run=True)["purged"] is None and on_disk(taught)
    went = forget(now=True)
    assert (went["sources"], on_disk(taught)) == (1, False)
    (entry,) = receipts(taught)
    assert entry["purged"] == went["purged"]


def test_without_room_it_is_forgotten_and_said_to_be_on_disk(
    taught: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ReasoningEngine) -> datetime:
        raise NoSpaceError("there is no room for another store")

    with monkeypatch.context() as patched:
        patched.setattr(ReasoningEngine, "purge", full)
        answer = taught.client.post("/v1/forget", json={"source": "notes", "now": True})
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert answer.json()["detail"].startswith("it is forgotten, and still in the files; purge later: ")
    (entry,) = receipts(taught)
    assert entry["purged"] is None
    assert taught.client.post("/v1/purge").status_code == 200 and not on_disk(taught)


def test_a_text_is_found_among_what_went(taught: Served) -> None:
    number = taught.client.delete("/v1/sources/1").json()["transaction"]
    place = f"/v1/receipts/{number}/went"

    def asked(text: str, **more: str) -> Any:
        answer = taught.client.post(place, json={"text": text, **more})
        assert answer.status_code == 200
        return answer.json()

    assert asked(TEXTS[0]["text"]) == {"found": ["statement", "source"], "key_fits": True}
    assert asked("mara  holt ") == {"found": ["entity"], "key_fits": True}
    assert asked(TEXTS[1]["text"], title="A letter") == {"found": [], "key_fits": True}
    auditor = taught.as_role("auditor")
    assert auditor.post(place, json={"text": SECRET}).json()["found"] == ["entity"]
    taught.client.post("/v1/purge")
    assert asked(SECRET)["found"] == ["entity"] and not on_disk(taught)


def test_a_text_that_cannot_be_asked_about_is_refused(taught: Served) -> None:
    number = taught.client.delete("/v1/sources/1").json()["transaction"]
    for blank in ("", " \n"):
        answer = taught.client.post(f"/v1/receipts/{number}/went", json={"text": blank})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
    for wrong in ({}, {"text": 1}, {"text": "Venn", "name": "Venn"}, {"text": "Venn", "title": None}):
        answer = taught.client.post(f"/v1/receipts/{number}/went", json=wrong)
        assert answer.json()["code"] == "invalid_request"
    for nothing in (0, number + 1, 2**53 - 1):
        answer = taught.client.post(f"/v1/receipts/{nothing}/went", json={"text": "Venn"})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_receipt")
    (taught.service.config.storage_path / "store.key").unlink()
    answer = taught.client.post(f"/v1/receipts/{number}/went", json={"text": "Venn"})
    assert (answer.status_code, answer.json()["code"]) == (503, "io_error")


def test_receipts_come_in_pages_and_those_of_nothing_are_unknown(taught: Served) -> None:
    numbers = [taught.client.delete(f"/v1/sources/{each}").json()["transaction"] for each in (1, 2)]
    first = taught.client.get("/v1/receipts", params={"limit": 1}).json()
    second = taught.client.get("/v1/receipts", params={"limit": 1, "cursor": first["cursor"]}).json()
    assert [page["items"][0]["transaction"] for page in (first, second)] == numbers
    assert second["cursor"] is None
    for number in (0, 1, numbers[-1] + 1, 2**53 - 1):
        answer = taught.client.get(f"/v1/receipts/{number}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_receipt")
    for place in ("-1", "one", str(2**53)):
        assert taught.client.get(f"/v1/receipts/{place}").json()["code"] == "invalid_request"


def test_what_was_learned_before_a_time_is_told_by_the_time(taught: Served) -> None:
    taught.client.post("/v1/forget", json={"before": "2100-01-01T00:00:00+02:00"})
    (entry,) = receipts(taught)
    assert (entry["what"], entry["numbers"], entry["before"]) == ("before", [], "2099-12-31T22:00:00Z")
