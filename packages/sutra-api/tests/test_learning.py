"""Learning over HTTP: what is acknowledged is found, what is refused is said, many clients share batches."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stand_in
from serving import Serve, Served

from sutra_core import ReasoningEngine


def test_a_text_is_found_by_the_next_question(served: Served) -> None:
    text = {"text": "Ola Nordmann keeps the lighthouse.", "source": "light.txt", "title": "Light"}
    answer = served.client.post("/v1/learn", json=text)
    assert answer.status_code == 201
    (source,) = answer.json()["sources"]
    counts = {"sentences": 1, "passages": 1, "transaction": 2, "retired": 0}
    assert source == {"source": 4, "known": False, **counts}
    hits = served.client.post("/v1/search", json={"query": "lighthouse", "mode": "words"}).json()["hits"]
    assert [(hit["address"], hit["title"]) for hit in hits] == [("light.txt", "Light")]
    again = served.client.post("/v1/learn", json=text)
    assert again.status_code == 200
    assert again.json()["sources"] == [{**source, "known": True, "sentences": 0, "passages": 0}]


@pytest.mark.parametrize("path", ["/v1/learn", "/v1/learn/batch"])
def test_a_text_that_does_not_wait_for_its_vector_is_found_and_gets_it(served: Served, path: str) -> None:
    text = {"text": "Ola Nordmann keeps the lighthouse.", "source": "light.txt"}
    body = text if path.endswith("learn") else {"texts": [text]}
    assert served.client.post(path, params={"wait": "durable"}, json=body).status_code == 201
    hits = served.client.post("/v1/search", json={"query": "lighthouse", "mode": "words"}).json()["hits"]
    assert hits[0]["address"] == "light.txt"
    # What is known is waited for, too.
    assert served.client.post(path, params={"wait": "indexed"}, json=body).status_code in (200, 201)
    stats = served.client.get("/v1/stats").json()
    assert stats["store"]["vectors_pending"] == 0
    assert stats["backlog"] == {"failed": 0, "watermark": stats["store"]["transaction"], "reason": ""}
    refused = served.client.post(path, params={"wait": "soon"}, json=body)
    assert refused.status_code == 422 and "wait" in refused.text


def test_a_text_without_a_source_is_its_own(served: Served) -> None:
    text = {"text": "Bread is baked at night."}
    first, second = (served.client.post("/v1/learn", json=text) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["sources"][0]["source"] == second.json()["sources"][0]["source"]


def test_time_and_attributes_are_kept(served: Served) -> None:
    text = {
        "text": "The Falcon project moved to Linz.",
        "source": "moved.txt",
        "time": "2024-05-01T12:00:00+02:00",
        "attributes": {"language": "en"},
    }
    number = served.client.post("/v1/learn", json=text).json()["sources"][0]["source"]
    source = served.client.get(f"/v1/sources/{number}").json()
    assert source["time"] == "2024-05-01T10:00:00Z" and source["attributes"] == {"language": "en"}


def test_a_long_text_has_several_sources_and_is_whole(served: Served) -> None:
    text = " ".join(f"Station {number} lies on Line {number % 7}." for number in range(20_000))
    found = served.client.post("/v1/learn", json={"text": text, "source": "long.txt"}).json()["sources"]
    assert len(found) > 1
    parts = [served.client.get(f"/v1/sources/{each['source']}/text").text for each in found]
    assert "".join(parts) == text


@pytest.mark.parametrize(("text", "code"), [("... !!!", "empty_text"), ("\u200b", "empty_text")])
def test_a_text_that_cannot_be_learned_is_a_problem(served: Served, text: str, code: str) -> None:
    answer = served.client.post("/v1/learn", json={"text": text})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_in_a_batch_the_others_are_learned(served: Served) -> None:
    texts = [{"text": "Oaks are old."}, {"text": "?!"}, {"text": "Oaks are old."}, {"text": "Elms are tall."}]
    answer = served.client.post("/v1/learn/batch", json={"texts": texts})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["learned"], told["known"], told["refused"]) == (2, 1, 1)
    assert [bool(each["sources"]) for each in told["texts"]] == [True, False, True, True]
    assert told["texts"][1]["refused"]["code"] == "empty_text"


def test_a_text_says_how_many_sources_had_their_place_taken(served: Served) -> None:
    long = " ".join(f"Station {number} lies on Line {number % 7}." for number in range(5_000))
    parts = served.client.post("/v1/learn", json={"text": long, "source": "line.txt"}).json()["sources"]
    assert len(parts) > 1 and not any(part["retired"] for part in parts)
    short = {"text": "The line is closed.", "source": "line.txt"}
    (source,) = served.client.post("/v1/learn", json=short).json()["sources"]
    assert (source["known"], source["retired"]) == (False, len(parts))
    (again,) = served.client.post("/v1/learn", json=short).json()["sources"]
    assert (again["known"], again["retired"]) == (True, 0)
    texts = [{"text": text, "source": "line.txt"} for text in ("It is open.", "It is new.")]
    told = served.client.post("/v1/learn/batch", json={"texts": [*texts, {"text": "Oaks are old."}]}).json()
    assert [each["sources"][0]["retired"] for each in told["texts"]] == [0, 2, 0]
    assert (told["learned"], told["retired"]) == (3, 2)
    history = served.client.get("/v1/sources", params={"address": "line.txt", "history": True}).json()[
        "items"
    ]
    assert sum(each["retired"] is not None for each in history) == len(parts) + 2


def test_many_clients_at_once_lose_nothing_and_share_commits(served: Served) -> None:
    before = served.client.get("/v1/stats").json()["store"]["transaction"]

    def teach(number: int) -> Any:
        return served.client.post("/v1/learn", json={"text": f"Fact {number} is fact {number}."})

    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(teach, range(120)))
    assert {answer.status_code for answer in answers} == {201}
    sources = {answer.json()["sources"][0]["source"] for answer in answers}
    assert len(sources) == 120
    commits = served.client.get("/v1/stats").json()["store"]["transaction"] - before
    assert commits < 120


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": 7},
        {"text": "a", "more": 1},
        {"text": "a", "time": "yesterday"},
        {"text": "a", "time": "2024-05-01T12:00:00"},
        {"text": "a", "time": 1714557600},
        {"text": "a", "time": "1714557600"},
        {"text": "a", "source": ""},
        {"text": "a", "attributes": {"a": 1}},
        {"text": "a", "attributes": {str(n): "" for n in range(101)}},
        {"text": "a", "title": "t" * 1001},
        [],
        "text",
        None,
    ],
)
def test_what_is_not_as_the_schema_has_it_is_refused(served: Served, body: Any) -> None:
    answer = served.client.post("/v1/learn", json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_request" and answer.json()["errors"]


@pytest.mark.parametrize("content", [b"{", b"", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}'])
def test_what_cannot_be_read_is_refused(served: Served, content: bytes) -> None:
    answer = served.client.post("/v1/learn", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_waits_too_long_is_told_and_the_text_is_learned_all_the_same(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve()
    monkeypatch.setattr(served.service.gate, "_seconds_max", 0.05)
    hold = threading.Event()
    learn = ReasoningEngine.learn_items

    def held(self: ReasoningEngine, *items: Any, **more: Any) -> Any:
        hold.wait(10)
        return learn(self, *items, **more)

    monkeypatch.setattr(ReasoningEngine, "learn_items", held)
    answer = served.client.post("/v1/learn", json={"text": "Oaks are old."})
    assert (answer.status_code, answer.json()["code"]) == (504, "timeout")
    assert served.service.gate.waiting == 0
    hold.set()
    monkeypatch.undo()
    monkeypatch.setattr("sutra_core.shared.open_embedder", stand_in.open_stand_in)
    while served.client.get("/v1/stats").json()["store"]["sources"] == 0:
        time.sleep(0.01)
    assert served.client.post("/v1/learn", json={"text": "Oaks are old."}).status_code == 200
