"""What is sent to do harm gets a problem, costs little, and leaves everything as it was."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from serving import Serve, Served

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"text": ' * 100_000,
        b'{"text": ' + b"9" * 100_000 + b"}",
        b'{"question": "a", "threshold": 1e999999}',
        b'{"question": "a", "max_steps": 1e400}',
        b'{"question": "a", "threshold": NaN}',
        b"\x00" * 1000,
        gzip.compress(b"0" * 1_000_000),
    ],
    ids=["deep", "deep objects", "digits", "infinite", "whole infinite", "nan", "nul", "gzip"],
)
def test_a_body_that_is_a_bomb_is_a_problem(served: Served, content: bytes) -> None:
    for path in ("/v1/learn", "/v1/reason", "/v1/chat/completions", "/v1/graph/path"):
        answer = served.client.post(path, content=content, headers=JSON)
        assert answer.status_code in {400, 422}, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json" and len(answer.content) < 20_000


def test_a_form_of_very_many_parts_is_a_problem(served: Served) -> None:
    files = [("files", (f"{number}.md", b"a")) for number in range(1500)]
    answer = served.client.post("/v1/learn/files", files=files)
    assert answer.status_code in {400, 413, 422}
    assert not (served.service.config.storage_path / "uploads").exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary="},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
)
def test_a_form_without_an_end_is_a_problem(served: Served, headers: dict[str, str]) -> None:
    answer = served.client.post("/v1/learn/files", content=b"--x\r\nfiles", headers=headers)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "path", ["/v1/stats\x00", "/v1/namespaces/default%2Fstats", "//v1/stats", "/v1/../v1/stats"]
)
def test_an_odd_path_leads_nowhere(served: Served, path: str) -> None:
    status = served.client.get(path.replace("\x00", "%00")).status_code
    assert status in {200, 404, 422}
    assert served.raw.get(path.replace("\x00", "%00")).status_code in {401, 404, 422}


def test_what_is_shown_of_a_question_is_no_markup(served: Served) -> None:
    script = "Who is <script>alert(1)</script> [x](javascript:alert(1)) | ` *bold*?"
    number = served.client.post("/v1/reason", json={"question": script}).json()["id"]
    path = f"/v1/answers/{number}/explain"
    markdown = served.client.get(path, params={"format": "markdown"}).text
    assert "<script>" not in markdown and "](javascript" not in markdown and " *bold*" not in markdown
    mermaid = served.client.get(path, params={"format": "mermaid"}).text
    assert "<script>" not in mermaid and '"Who is #60;script#62;' in mermaid
    for form in ("text", "markdown", "mermaid", "json"):
        headers = served.client.get(path, params={"format": form}).headers
        assert "html" not in headers["content-type"] and headers["x-content-type-options"] == "nosniff"


def test_a_form_of_another_page_cannot_write(served: Served) -> None:
    """A browser sends such a request without asking; it has to be none of ours."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        body = json.dumps({"text": "Oaks are old."}).encode()
        headers = {"Content-Type": kind} if kind else {}
        answer = served.client.post("/v1/learn", content=body, headers=headers)
        assert answer.status_code == 422, kind


def test_nothing_is_learned_beside_the_line(serve: Serve) -> None:
    served = serve(api_waiting_max=1)
    served.service.gate.waiting = 1
    for path, body in (
        ("/v1/learn", {"text": "Oaks are old."}),
        ("/v1/reason", {"question": "What is old?"}),
        ("/v1/search", {"query": "oaks"}),
    ):
        answer = served.client.post(path, json=body)
        told: Any = answer.json()
        assert (answer.status_code, told["code"], answer.headers["retry-after"]) == (503, "too_busy", "1")
    served.service.gate.waiting = 0
    assert served.client.get("/v1/stats").json()["store"]["sources"] == 0
