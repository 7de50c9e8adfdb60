"""Asking and searching over HTTP, and answers that are explained again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from serving import Served

from sutra_core import ReasoningEngine
from sutra_core.errors import StoreIOError

QUESTION = "Where was Marie Curie born?"


def ask(served: Served, question: str = QUESTION, **more: Any) -> Any:
    return served.client.post("/v1/reason", json={"question": question, **more})


def test_an_answer_has_its_confidence_and_its_sources(served: Served) -> None:
    answer = ask(served)
    assert answer.status_code == 200
    told = answer.json()
    assert told["text"] == "Warsaw" and 0 < told["confidence"] <= 1
    assert told["citations"][0]["address"] == "curie.txt"
    assert told["paths"][0]["steps"][0]["relation"] == "born_in"


def test_an_answer_can_be_had_again_by_its_id(served: Served) -> None:
    told = ask(served).json()
    assert served.client.get(f"/v1/answers/{told['id']}").json() == told


@pytest.mark.parametrize(
    ("form", "kind", "has"),
    [
        ("text", "text/plain", "confidence 0."),
        ("markdown", "text/markdown", "### Evidence"),
        ("mermaid", "text/vnd.mermaid", "flowchart TD"),
        ("json", "application/json", '"version"'),
    ],
)
def test_an_answer_is_explained_in_four_forms(served: Served, form: str, kind: str, has: str) -> None:
    number = ask(served).json()["id"]
    explained = served.client.get(f"/v1/answers/{number}/explain", params={"format": form})
    assert explained.status_code == 200 and explained.headers["content-type"].startswith(kind)
    assert has in explained.text and "Warsaw" in explained.text


def test_what_is_not_known_is_said(served: Served) -> None:
    told = ask(served, "Who painted the ceiling of the Zentralfriedhof?").json()
    assert (told["text"], told["kind"]) == ("I don't know", "unknown")


def test_the_threshold_is_the_callers(served: Served) -> None:
    assert ask(served, threshold=1).json()["kind"] == "unknown"
    assert ask(served, threshold=0.0).json()["text"] == "Warsaw"


@pytest.mark.parametrize(
    "more",
    [
        {"question": ""},
        {"question": " "},
        {"question": "w" * 2001},
        {"question": 7},
        {"max_steps": 0},
        {"max_steps": 17},
        {"max_steps": "6"},
        {"max_steps": True},
        {"num_paths": -1},
        {"threshold": 1.1},
        {"threshold": "high"},
        {"unknown": 1},
    ],
)
def test_a_question_out_of_bounds_is_refused(served: Served, more: dict[str, Any]) -> None:
    answer = served.client.post("/v1/reason", json={"question": QUESTION, **more})
    assert answer.status_code == 422
    assert answer.json()["code"] in {"invalid_request", "invalid_value"}


@pytest.mark.parametrize("mode", ["meaning", "words", "graph", "all"])
def test_passages_are_found_in_every_way(served: Served, mode: str) -> None:
    found = served.client.post("/v1/search", json={"query": "the Aln", "mode": mode, "k": 2})
    assert found.status_code == 200
    assert found.json()["hits"][0]["address"] == "rivers.txt"


@pytest.mark.parametrize("path", ["/v1/answers/none", "/v1/answers/none/explain", "/v1/answers/%ED%A0%80"])
def test_an_answer_that_is_not_kept_is_not_found(served: Served, path: str) -> None:
    answer = served.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_answer")


def events(served: Served, path: str, body: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    with served.client.stream("POST", path, json=body) as stream:
        assert stream.status_code == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = "message"
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
                found.append((name, data if data == "[DONE]" else json.loads(data)))
    return found


def test_the_steps_are_told_as_they_are_taken_and_then_the_answer(served: Served) -> None:
    told = events(served, "/v1/reason/stream", {"question": QUESTION})
    steps = [data["step"] for name, data in told if name == "step"]
    assert steps[0] == "analyse" and steps[-1] == "explain"
    assert told[-1] == ("answer", ask(served).json())
    known = events(served, "/v1/reason/stream", {"question": QUESTION})
    assert known == [told[-1]]  # nothing is worked out twice


def test_a_problem_on_the_way_is_an_event(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise StoreIOError("the disk is gone")

    monkeypatch.setattr(ReasoningEngine, "ask", fail)
    ((name, data),) = events(served, "/v1/reason/stream", {"question": QUESTION})
    assert (name, data["code"], data["status"]) == ("problem", "io_error", 503)


def test_a_question_that_is_refused_is_no_stream(served: Served) -> None:
    answer = served.client.post("/v1/reason/stream", json={"question": ""})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
