"""Sources, concepts, neighbours and paths over HTTP, in pages."""

from __future__ import annotations

from typing import Any

import pytest
from serving import Served


def concept(served: Served, name: str) -> int:
    """The number of an entity, found by walking from a passage that mentions it."""
    hits = served.client.post("/v1/search", json={"query": name, "mode": "words", "k": 1}).json()["hits"]
    pages = served.client.get(f"/v1/concepts/{hits[0]['concept']}/neighbors").json()["items"]
    found = [each["concept"] for each in pages]
    sentences = [each["id"] for each in found if each["kind"] == "statement"]
    for sentence in sentences:
        more = served.client.get(f"/v1/concepts/{sentence}/neighbors").json()["items"]
        found += [each["concept"] for each in more]
    return next(each["id"] for each in found if each["text"] == name)


def test_a_concept_has_its_places_and_its_neighbours(served: Served) -> None:
    number = concept(served, "Warsaw")
    told = served.client.get(f"/v1/concepts/{number}").json()
    assert (told["kind"], told["text"], told["supports"]) == ("entity", "Warsaw", [])
    items = served.client.get(
        f"/v1/concepts/{number}/neighbors", params={"relation": "born_in", "direction": "in"}
    ).json()["items"]
    assert [each["concept"]["text"] for each in items] == ["Marie Curie"]
    assert items[0]["association"]["relation"] == "born_in"


def test_an_entity_is_found_by_its_name(served: Served) -> None:
    found = served.client.get("/v1/concepts", params={"name": "marie  CURIE"}).json()["items"]
    assert [(each["text"], each["kind"], each["has_vector"]) for each in found] == [
        ("Marie Curie", "entity", False)
    ]
    assert found[0]["id"] == concept(served, "Marie Curie")
    assert served.client.get("/v1/concepts", params={"name": "Nobody"}).json()["items"] == []
    assert served.client.get("/v1/concepts").status_code == 422


def test_a_statement_says_where_it_stands(served: Served) -> None:
    hit = served.client.post("/v1/search", json={"query": "Aln", "mode": "words"}).json()["hits"][0]
    told = served.client.get(f"/v1/concepts/{hit['concept']}").json()
    assert [(each["address"], each["start"]) for each in told["supports"]] == [("rivers.txt", 0)]


def test_neighbours_come_in_pages(served: Served) -> None:
    number = concept(served, "Warsaw")
    whole = served.client.get(f"/v1/concepts/{number}/neighbors").json()
    assert whole["cursor"] is None and len(whole["items"]) > 2
    pages: list[Any] = []
    cursor = None
    while True:
        wanted = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = served.client.get(f"/v1/concepts/{number}/neighbors", params=wanted).json()
        pages += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert pages == whole["items"]


def test_a_path_leads_from_one_concept_to_another(served: Served) -> None:
    start, end = concept(served, "Marie Curie"), concept(served, "Warsaw")
    found = served.client.post("/v1/graph/path", json={"start": [start], "end": [end]}).json()
    best = found["paths"][0]
    assert [node["text"] for node in best["nodes"]] == ["Marie Curie", "Warsaw"]
    assert [step["association"]["relation"] for step in best["steps"]] == ["born_in"]
    assert found["cut_off"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"start": [], "end": [1]},
        {"start": [1], "end": [-1]},
        {"start": [2**64], "end": [1]},
        {"start": ["a"]},
    ],
)
def test_a_path_between_what_cannot_be_is_refused(served: Served, body: Any) -> None:
    assert served.client.post("/v1/graph/path", json=body).status_code == 422


def test_a_path_from_an_unknown_concept_is_a_problem(served: Served) -> None:
    answer = served.client.post("/v1/graph/path", json={"start": [10**9], "end": [1]})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_concept")


def test_sources_come_in_pages_the_oldest_first(served: Served) -> None:
    first = served.client.get("/v1/sources", params={"limit": 2}).json()
    second = served.client.get("/v1/sources", params={"limit": 2, "cursor": first["cursor"]}).json()
    addresses = [each["address"] for each in (*first["items"], *second["items"])]
    assert addresses == ["falcon.txt", "rivers.txt", "curie.txt"] and second["cursor"] is None


def test_earlier_versions_are_told_where_they_are_asked_for(served: Served) -> None:
    for text in ("An oak stands in Alham.", "An elm stands in Alham."):
        body = {"text": text, "source": "trees.txt"}
        assert served.client.post("/v1/learn", json=body).status_code == 201

    def told(**params: bool) -> list[tuple[int, int | None]]:
        items = served.client.get("/v1/sources", params={"address": "trees.txt", **params}).json()["items"]
        return [(each["id"], each["retired"]) for each in items]

    (now,) = told()
    before, after = told(history=True)
    assert after == now
    assert before[1] == served.client.get(f"/v1/sources/{now[0]}").json()["learned"]
    assert served.client.get(f"/v1/sources/{before[0]}/text").text == "An oak stands in Alham."
    assert served.client.get("/v1/sources", params={"address": "nowhere"}).json()["items"] == []
    assert served.client.get("/v1/sources", params={"history": "perhaps"}).status_code == 422


def test_sources_after_one_are_told(served: Served) -> None:
    wanted: dict[str, Any] = {"after": 1, "limit": 1}
    first = served.client.get("/v1/sources", params=wanted).json()
    second = served.client.get("/v1/sources", params=wanted | {"cursor": first["cursor"]}).json()
    assert [each["id"] for each in (*first["items"], *second["items"])] == [2, 3]


def test_a_source_is_told_with_its_text_apart(served: Served) -> None:
    told = served.client.get("/v1/sources/2").json()
    text = served.client.get("/v1/sources/2/text")
    assert (told["address"], told["title"]) == ("rivers.txt", "Rivers")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(text.content) == told["length"]


@pytest.mark.parametrize("number", [0, 4, 2**53 - 1])
def test_what_is_not_there_is_not_found(served: Served, number: int) -> None:
    for path in (f"/v1/sources/{number}", f"/v1/sources/{number}/text"):
        answer = served.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_source")
    number = number if number != 4 else 10**9
    for path in (f"/v1/concepts/{number}", f"/v1/concepts/{number}/neighbors"):
        answer = served.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_concept")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bmVpZ2hib3JzOjE=", "c291cmNlczotMQ==", "é", "=" * 100])
def test_a_cursor_from_elsewhere_is_refused(served: Served, cursor: str) -> None:
    answer = served.client.get("/v1/sources", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


def test_stats_tell_what_is_held(served: Served) -> None:
    told = served.client.get("/v1/stats").json()
    assert told["store"]["sources"] == 3 and told["embedder"] == "all-MiniLM-L6-v2"
    assert told["health"]["disk_space_free_gb"] > 0
