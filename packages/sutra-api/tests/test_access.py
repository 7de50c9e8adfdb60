"""Who may do what: every route × role × namespace × state of the key."""

from __future__ import annotations

import time
from typing import Any

import pytest
from serving import Serve, Served

from sutra_api.keys import ROLES, Role

READ, WRITE, AUDIT, ADMIN = "read", "write", "audit", "admin"
MAY: dict[Role, set[str]] = {
    "reader": {READ},
    "writer": {READ, WRITE},
    "auditor": {AUDIT},
    "admin": {READ, WRITE, AUDIT, ADMIN},
}
QUESTION = {"question": "Where was Marie Curie born?"}
WITHIN: dict[tuple[str, str], tuple[set[str], Any]] = {
    ("post", "/learn"): ({WRITE}, {"text": "Oaks are old."}),
    ("post", "/learn/batch"): ({WRITE}, {"texts": [{"text": "Oaks are old."}]}),
    ("post", "/learn/files"): ({WRITE}, None),
    ("get", "/jobs"): ({WRITE}, None),
    ("get", "/jobs/{job_id}"): ({WRITE}, None),
    ("delete", "/jobs/{job_id}"): ({WRITE}, None),
    ("post", "/jobs/{job_id}/pause"): ({WRITE}, None),
    ("post", "/jobs/{job_id}/resume"): ({WRITE}, None),
    ("get", "/jobs/{job_id}/refusals"): ({WRITE}, None),
    ("get", "/jobs/{job_id}/events"): ({WRITE}, None),
    ("post", "/reason"): ({READ}, QUESTION),
    ("post", "/reason/stream"): ({READ}, QUESTION),
    ("post", "/chat/completions"): ({READ}, {"messages": [{"role": "user", "content": "Where?"}]}),
    ("post", "/embeddings"): ({READ}, {"input": "a text"}),
    ("get", "/models"): ({READ}, None),
    ("get", "/models/{model}"): ({READ}, None),
    ("post", "/search"): ({READ}, {"query": "Aln", "mode": "words"}),
    ("get", "/answers/{answer_id}"): ({READ, AUDIT}, None),
    ("get", "/answers/{answer_id}/explain"): ({READ, AUDIT}, None),
    ("get", "/sources"): ({READ, AUDIT}, None),
    ("get", "/sources/{source_id}"): ({READ, AUDIT}, None),
    ("get", "/sources/{source_id}/text"): ({READ}, None),
    ("get", "/concepts"): ({READ}, None),
    ("get", "/concepts/{concept_id}"): ({READ}, None),
    ("get", "/concepts/{concept_id}/neighbors"): ({READ}, None),
    ("post", "/graph/path"): ({READ}, {"start": [1], "end": [2]}),
    ("delete", "/sources/{source_id}"): ({ADMIN}, None),
    ("delete", "/concepts/{concept_id}"): ({ADMIN}, None),
    ("post", "/forget"): ({ADMIN}, {"source": "nowhere.txt"}),
    ("post", "/purge"): ({ADMIN}, None),
    ("get", "/receipts"): ({AUDIT}, None),
    ("get", "/receipts/{transaction}"): ({AUDIT}, None),
    ("post", "/receipts/{transaction}/went"): ({AUDIT}, {"text": "The Aln is a river."}),
    ("get", "/changes"): ({READ}, None),
    ("post", "/backups"): ({ADMIN}, {"prune": False}),
    ("post", "/reindex"): ({ADMIN}, {"dry_run": True}),
    ("post", "/reembed"): ({ADMIN}, {"embedder": "default"}),
    ("get", "/stats"): ({READ, AUDIT}, None),
}
"""What a route of a namespace needs, one of these, and a body that it takes."""
OPEN = {("get", "/healthz"), ("get", "/readyz")}
OF_SERVICE = {
    ("get", "/v1/namespaces"): {READ, WRITE, AUDIT, ADMIN},
    ("post", "/v1/namespaces"): {ADMIN},
    ("delete", "/v1/namespaces/{namespace}"): {ADMIN},
    ("get", "/metrics"): {AUDIT},
    ("get", "/v1/monitoring"): {AUDIT},
    ("post", "/v1/monitoring/persistence"): {ADMIN},
}
FIGURES = [key for key in OF_SERVICE if "namespaces" not in key[1]]


def filled(path: str, namespace: str = "default") -> str:
    values = {
        "answer_id": "0" * 32,
        "source_id": 1,
        "concept_id": 1,
        "job_id": "0",
        "transaction": 1,
        "model": "sutra",
        "namespace": namespace,
    }
    return path.format(**values)


def send(client: Any, method: str, path: str, body: Any = None) -> Any:
    path += "?wait=0" if path.endswith("/changes") else ""  # it would stay open
    return client.request(method.upper(), path, json=body) if body else client.request(method.upper(), path)


def test_every_route_is_in_the_matrix(served: Served) -> None:
    paths = served.client.get("/openapi.json").json()["paths"]
    routes = {(method, path) for path, methods in paths.items() for method in methods}
    within = {(method, f"/v1{path}") for method, path in WITHIN}
    within |= {(method, f"/v1/namespaces/{{namespace}}{path}") for method, path in WITHIN}
    assert routes == within | OPEN | set(OF_SERVICE)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_it_may_and_nothing_else(served: Served, role: Role) -> None:
    client = served.as_role(role)
    for (method, path), (needed, body) in WITHIN.items():
        for prefix in ("/v1", "/v1/namespaces/default"):
            status = send(client, method, prefix + filled(path), body).status_code
            assert (status == 403) == needed.isdisjoint(MAY[role]), (method, path, status)
            assert status not in {401, 500}


@pytest.mark.parametrize("role", ROLES)
def test_a_key_opens_its_namespaces_alone(served: Served, role: Role) -> None:
    served.client.post("/v1/namespaces", json={"name": "here"})
    served.client.post("/v1/namespaces", json={"name": "there"})
    client = served.as_role(role, "here")
    for (method, path), (needed, body) in WITHIN.items():
        allowed = not needed.isdisjoint(MAY[role])
        at = {
            name: send(client, method, f"/v1/namespaces/{name}{filled(path)}", body).status_code
            for name in ("here", "there", "default", "nowhere")
        }
        assert (at["here"] != 403) == allowed, (method, path)
        # What a key is not for looks the same whether it is there or not.
        assert {at["there"], at["default"], at["nowhere"]} == {403}
        assert send(client, method, f"/v1{filled(path)}", body).status_code == 403
    names = [each["name"] for each in client.get("/v1/namespaces").json()["items"]]
    assert names == ["here"]
    assert client.delete("/v1/namespaces/there").status_code == 403
    assert client.post("/v1/namespaces", json={"name": "new"}).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_namespaces_are_made_and_deleted_by_administrators(served: Served, role: Role) -> None:
    client = served.as_role(role)
    allowed = role == "admin"
    assert client.get("/v1/namespaces").status_code == 200
    assert client.post("/v1/namespaces", json={"name": "new"}).status_code == (201 if allowed else 403)
    assert client.delete("/v1/namespaces/new").status_code == (204 if allowed else 403)


@pytest.mark.parametrize("role", ROLES)
def test_the_figures_of_the_service_are_for_keys_of_every_namespace(served: Served, role: Role) -> None:
    client, of_one = served.as_role(role), served.as_role(role, "default")
    for method, path in FIGURES:
        allowed = not OF_SERVICE[method, path].isdisjoint(MAY[role])
        assert send(client, method, path).status_code == (200 if allowed else 403), path
        assert send(of_one, method, path).status_code == 403
        assert send(served.raw, method, path).status_code == 401


def states_of_keys(served: Served) -> dict[str, bytes]:
    keys = served.service.keys
    revoked, token = keys.make("to be revoked", "admin")
    keys.revoke(revoked.id)
    _, ended = keys.make("to end", "admin", expires=time.time() + 0.01)
    _, good = keys.make("good", "admin")
    time.sleep(0.02)
    tokens = {
        "none": "",
        "revoked": token,
        "expired": ended,
        "wrong secret": good[:-1] + ("a" if good[-1] != "a" else "b"),
        "no secret": good.rsplit("_", 1)[0],
        "other id": good.replace(good.split("_")[1], "0" * 12),
        "other prefix": good.replace("sutra", "other"),
        "words": "let me in",
        "not ascii": "schlüssel",
    }
    return {state: token.encode("latin-1") for state, token in tokens.items()}


def test_no_key_but_a_valid_one_opens_anything(served: Served) -> None:
    tokens = states_of_keys(served)
    served.service.limits.set({})
    for state, token in tokens.items():
        headers = [(b"X-API-Key", token)] if token else []
        for (method, path), (_, body) in WITHIN.items():
            answer = served.raw.request(method.upper(), f"/v1{filled(path)}", json=body, headers=headers)
            assert answer.status_code == 401, (state, method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["code"] == "unauthenticated"
        for method, path in OF_SERVICE:
            assert served.raw.request(method.upper(), filled(path), headers=headers).status_code == 401


def test_a_key_may_come_in_either_header(served: Served) -> None:
    _, token = served.service.keys.make("one", "reader")
    for headers in ({"Authorization": f"Bearer {token}"}, {"X-API-Key": token}):
        assert served.raw.get("/v1/stats", headers=headers).status_code == 200
    assert served.raw.get("/v1/stats", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_guessing_is_slowed_down_and_valid_keys_are_not(served: Served) -> None:
    for _ in range(60):
        assert served.raw.get("/v1/stats", headers={"X-API-Key": "sutra_a_b"}).status_code == 401
    slowed = served.raw.get("/v1/stats", headers={"X-API-Key": "sutra_a_b"})
    assert slowed.status_code == 429 and int(slowed.headers["retry-after"]) > 0
    assert served.client.get("/v1/stats").status_code == 200


def test_health_and_documentation_need_no_key(served: Served) -> None:
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        assert served.raw.get(path).status_code == 200


def test_without_authentication_everybody_may_everything(serve: Serve) -> None:
    served = serve(api_authentication="off")
    assert not (served.service.config.storage_path / "admin.key").exists()
    assert served.raw.post("/v1/namespaces", json={"name": "open"}).status_code == 201
    assert served.raw.get("/v1/namespaces/open/stats").status_code == 200
