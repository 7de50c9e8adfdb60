"""Clients written for OpenAI's API are answered in its forms."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from serving import Served

QUESTION = {"role": "user", "content": "Where was Marie Curie born?"}


def complete(served: Served, *messages: Any, **more: Any) -> Any:
    body = {"model": "sutra", "messages": list(messages), **more}
    return served.client.post("/v1/chat/completions", json=body)


def test_the_users_last_message_is_answered_with_its_sources(served: Served) -> None:
    answer = complete(
        served,
        {"role": "system", "content": "You are helpful."},
        {"role": "user", "content": "Hello!"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": [{"type": "text", "text": QUESTION["content"]}]},
        temperature=0.3,
        tools=[],
    )
    assert answer.status_code == 200
    told = answer.json()
    (choice,) = told["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Warsaw", "refusal": None}
    assert choice["finish_reason"] == "stop" and told["object"] == "chat.completion"
    assert told["sutra"]["citations"][0]["address"] == "curie.txt" and 0 < told["sutra"]["confidence"] <= 1
    assert served.client.get(f"/v1/answers/{told['sutra']['answer']}").json()["text"] == "Warsaw"
    assert told["usage"]["total_tokens"] == 6


def test_what_is_not_known_is_refused_in_plain_words(served: Served) -> None:
    told = complete(served, {"role": "user", "content": "Who painted the Zentralfriedhof?"}).json()
    said = told["choices"][0]["message"]["content"]
    assert said.startswith("I don't know: ") and told["sutra"]["kind"] == "unknown"


def test_an_answer_is_streamed_in_chunks(served: Served) -> None:
    with served.client.stream(
        "POST",
        "/v1/chat/completions",
        json={"messages": [QUESTION], "stream": True, "stream_options": {"include_usage": True}},
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in stream.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    said = "".join(each["delta"].get("content", "") for chunk in chunks for each in chunk["choices"])
    assert said == "Warsaw"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop" and chunks[-2]["sutra"]["citations"]
    assert chunks[-1]["choices"] == [] and chunks[-1]["usage"]["total_tokens"] > 0


def test_a_namespace_is_a_base_address(served: Served) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    served.learn({"text": "Marie Curie was born in Lyon."}, namespace="other")
    path = "/v1/namespaces/other/chat/completions"
    told = served.client.post(path, json={"messages": [QUESTION]}).json()
    assert told["choices"][0]["message"]["content"] == "Lyon"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"messages": []}, 422, "invalid_request"),
        ({"messages": [{"role": "king", "content": "Who?"}]}, 422, "invalid_request"),
        ({"messages": [{"role": "system", "content": "Who?"}]}, 422, "invalid_value"),
        ({"messages": [{"role": "user", "content": "w" * 2001}]}, 422, "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 422, "invalid_value"),
        ({"messages": [QUESTION], "model": "gpt"}, 404, "unknown_model"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(served: Served, body: Any, status: int, code: str) -> None:
    answer = served.client.post("/v1/chat/completions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_texts_are_embedded(served: Served) -> None:
    texts = ["The Aln rises at Alham.", "Oaks are old."]
    told = served.client.post("/v1/embeddings", json={"input": texts}).json()
    assert [each["index"] for each in told["data"]] == [0, 1] and told["model"] == "all-MiniLM-L6-v2"
    vectors = np.array([each["embedding"] for each in told["data"]], np.float32)
    assert vectors.shape == (2, 384) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    one = served.client.post("/v1/embeddings", json={"input": texts[0], "encoding_format": "base64"}).json()
    assert np.array_equal(np.frombuffer(base64.b64decode(one["data"][0]["embedding"]), "<f4"), vectors[0])
    assert told["usage"]["prompt_tokens"] == 8


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"input": ""}, 422),
        ({"input": []}, 422),
        ({"input": [""]}, 422),
        ({"input": [[1, 2]]}, 422),
        ({"input": "a", "dimensions": 7}, 422),
        ({"input": "a", "model": "other"}, 404),
        ({"input": " "}, 422),
    ],
)
def test_what_cannot_be_embedded_is_refused(served: Served, body: Any, status: int) -> None:
    assert served.client.post("/v1/embeddings", json=body).status_code == status


def test_models_are_listed(served: Served) -> None:
    names = [each["id"] for each in served.client.get("/v1/models").json()["data"]]
    assert names == ["sutra", "all-MiniLM-L6-v2"]
    assert served.client.get("/v1/models/sutra").json()["id"] == "sutra"
    assert served.client.get("/v1/models/other/one").json()["code"] == "unknown_model"
