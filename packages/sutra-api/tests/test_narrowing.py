"""`as_of`, `holds_at` and `filter` over HTTP: of questions, searches and neighbours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from serving import Serve, Served

QUESTION = "Where was Marie Curie born?"


@pytest.fixture
def served(serve: Serve) -> Served:
    """A service that was told the same of one person by two sources, one after the other."""
    running = serve()
    learned = [
        {"text": "Marie Curie was born in Warsaw.", "source": "a.txt", "time": "1990-01-01T00:00:00Z"},
        {"text": "Marie Curie was born in Krakow.", "source": "b.txt", "attributes": {"by": "K"}},
        {"text": "Mara Holt worked for Venn Works from 2001 to 2009.", "source": "c.txt"},
        {"text": "Mara Holt worked for Aln Press from 2010 until 2014.", "source": "d.txt"},
    ]
    for body in learned:
        assert running.client.post("/v1/learn", json=body).status_code == 201
    return running


def ask(served: Served, **more: Any) -> Any:
    body = {"question": QUESTION, "threshold": 0.0, **more}
    return served.client.post("/v1/reason", json=body)


def neighbors(served: Served, name: str, **params: Any) -> list[str]:
    (found,) = served.client.get("/v1/concepts", params={"name": name}).json()["items"]
    path = f"/v1/concepts/{found['id']}/neighbors"
    items = served.client.get(path, params={"direction": "out", **params}).json()["items"]
    return sorted(each["concept"]["text"] for each in items if each["concept"]["kind"] == "entity")


@pytest.mark.parametrize(
    ("narrowed", "text"),
    [
        ({"as_of": 1}, "Warsaw"),
        ({"as_of": 1.0}, "Warsaw"),
        ({"as_of": 0}, "I don't know"),
        ({"as_of": "2001-01-01T00:00:00Z"}, "I don't know"),
        ({"filter": {"sources": ["b.txt"]}}, "Krakow"),
        ({"filter": {"sources": [1, "d.txt"]}}, "Warsaw"),
        ({"filter": {"sources": []}}, "I don't know"),
        ({"filter": {"attributes": {"by": "K"}}}, "Krakow"),
        ({"filter": {"since": "1990-01-01T00:00:00Z", "until": "1991-01-01T00:00:00+09:00"}}, "Warsaw"),
        ({"filter": {"attributes": {"by": "K"}}, "as_of": 1}, "I don't know"),
    ],
)
def test_a_question_is_asked_of_a_part(served: Served, narrowed: dict[str, Any], text: str) -> None:
    told = ask(served, **narrowed).json()
    assert told["text"] == text
    assert served.client.get(f"/v1/answers/{told['id']}").json() == told
    with served.client.stream(
        "POST", "/v1/reason/stream", json={"question": QUESTION, "threshold": 0.0, **narrowed}
    ) as stream:
        data = [line for line in stream.iter_lines() if line.startswith("data: ")]
    assert json.loads(data[-1].removeprefix("data: ")) == told


def test_an_answer_says_what_it_was_asked_of(served: Served) -> None:
    wanted = {"sources": ["a.txt", 2], "attributes": {"by": "K"}, "until": "2030-01-01T02:00:00+02:00"}
    told = ask(served, as_of=2, holds_at="2012-06-01T00:00:00Z", filter=wanted).json()
    assert (told["as_of"], told["forgettings_after"], told["transaction"]) == (2, 0, 4)
    assert told["holds_at"] == "2012-06-01T00:00:00Z"
    assert told["filter"] == {
        "sources": ["a.txt", 2],
        "attributes": {"by": "K"},
        "since": None,
        "until": "2030-01-01T00:00:00Z",
        "kinds": None,
    }
    whole = ask(served).json()
    assert [whole[name] for name in ("as_of", "holds_at", "filter")] == [None] * 3
    assert served.client.delete("/v1/sources/1").status_code == 200
    after = ask(served, as_of=2).json()
    assert after["forgettings_after"] == 1 and "Warsaw" not in json.dumps(after)
    explained = served.client.get(f"/v1/answers/{after['id']}/explain").text
    assert "without what was forgotten after it (once)" in explained


@pytest.mark.parametrize("mode", ["meaning", "words", "all"])
def test_a_search_finds_in_a_part(served: Served, mode: str) -> None:
    body = {"query": "Marie Curie", "mode": mode, "k": 9}

    def found(**narrowed: Any) -> set[str]:
        hits = served.client.post("/v1/search", json={**body, **narrowed}).json()["hits"]
        return {hit["address"] for hit in hits}

    assert {"a.txt", "b.txt"} <= found()
    assert found(as_of=1) == {"a.txt"}
    assert found(filter={"attributes": {"by": "K"}}) == {"b.txt"}
    assert found(as_of=0) == set()


def test_neighbours_are_those_of_a_part(served: Served) -> None:
    mara = {"name": "Mara Holt", "relation": "works_for"}
    assert neighbors(served, **mara) == ["Aln Press", "Venn Works"]
    assert neighbors(served, **mara, holds_at="2005-06-01T00:00:00Z") == ["Venn Works"]
    assert neighbors(served, **mara, as_of=3) == ["Venn Works"]
    assert neighbors(served, **mara, as_of="2001-01-01T00:00:00Z") == []
    assert neighbors(served, **mara, source=4) == ["Aln Press"]
    assert neighbors(served, **mara, source=[3, 4]) == ["Aln Press", "Venn Works"]
    assert neighbors(served, **mara, address=["c.txt", "a.txt"]) == ["Venn Works"]
    assert neighbors(served, **mara, kind="semantic") == ["Aln Press", "Venn Works"]
    assert neighbors(served, **mara, kind=["causal", "temporal"]) == []
    curie = {"name": "Marie Curie", "relation": "born_in"}
    assert neighbors(served, **curie, attribute="by=K") == ["Krakow"]
    assert neighbors(served, **curie, since="1990-01-01T00:00:00Z", until="2000-01-01T00:00:00Z") == [
        "Warsaw"
    ]


@pytest.mark.parametrize(
    ("narrowed", "status", "code"),
    [
        ({"as_of": 5}, 422, "invalid_value"),
        ({"filter": {"kinds": ["casual"]}}, 422, "invalid_request"),
        ({"as_of": -1}, 422, "invalid_request"),
        ({"as_of": True}, 422, "invalid_request"),
        ({"as_of": "2024-05-01T00:00:00"}, 422, "invalid_request"),
        ({"as_of": "yesterday"}, 422, "invalid_request"),
        ({"holds_at": 1_700_000_000}, 422, "invalid_request"),
        ({"holds_at": "0001-01-01T00:00:00+09:00"}, 422, "invalid_value"),
        ({"filter": {"sources": ["nowhere"]}}, 404, "unknown_source"),
        ({"filter": {"sources": [99]}}, 404, "unknown_source"),
        ({"filter": {"sources": "a.txt"}}, 422, "invalid_request"),
        ({"filter": {"sources": [1.5]}}, 422, "invalid_request"),
        ({"filter": {"attributes": {"by": 1}}}, 422, "invalid_request"),
        ({"filter": {"author": "K"}}, 422, "invalid_request"),
        ({"filter": {"since": "1990-01-01"}}, 422, "invalid_request"),
    ],
)
def test_what_none_can_be_is_a_problem(
    served: Served, narrowed: dict[str, Any], status: int, code: str
) -> None:
    search = served.client.post("/v1/search", json={"query": "x", "mode": "words", **narrowed})
    for answer in (ask(served, **narrowed), search):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"as_of": 5}, 422, "invalid_value"),
        ({"kind": "casual"}, 422, "invalid_request"),
        ({"as_of": "soon"}, 422, "invalid_request"),
        ({"source": "a.txt"}, 422, "invalid_request"),
        ({"source": 99}, 404, "unknown_source"),
        ({"address": "nowhere"}, 404, "unknown_source"),
        ({"attribute": "by"}, 422, "invalid_value"),
        ({"attribute": ["by=K", "by=L"]}, 422, "invalid_value"),
        ({"since": "1990"}, 422, "invalid_request"),
    ],
)
def test_a_query_that_none_can_be_is_a_problem(
    served: Served, params: dict[str, Any], status: int, code: str
) -> None:
    answer = served.client.get("/v1/concepts/1/neighbors", params=params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
