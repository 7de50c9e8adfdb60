"""A running service for tests: its clients, each with a key of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from sutra_api.keys import Role
from sutra_api.service import Service

TEXTS = (
    {"text": "Priya Raman leads the Falcon project. She works in Graz.", "source": "falcon.txt"},
    {
        "text": "The Aln rises at Alham. The Aln flows into the sea.",
        "source": "rivers.txt",
        "title": "Rivers",
    },
    {"text": "Marie Curie was born in Warsaw. Warsaw is a city in Poland.", "source": "curie.txt"},
)

Serve = Callable[..., "Served"]


class Served:
    """A running service: `client` has the administrator's key, `as_role` one with another role."""

    def __init__(self, service: Service, raw: TestClient) -> None:
        self.service = service
        self.raw = raw
        path = service.config.storage_path / "admin.key"
        token = path.read_text().strip() if path.exists() else ""
        self.client = self.with_token(token)

    def with_token(self, token: str) -> TestClient:
        """A client that sends this key."""
        client = TestClient(self.raw.app, raise_server_exceptions=False)
        client.portal = self.raw.portal  # one event loop for all, as a server has
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def as_role(self, role: Role, *namespaces: str, **more: Any) -> TestClient:
        """A client whose key has this role, for all namespaces or these."""
        _, token = self.service.keys.make(f"a {role}", role, namespaces or ("*",), **more)
        return self.with_token(token)

    def learn(self, *texts: dict[str, Any], namespace: str = "default") -> None:
        """Teaches texts."""
        path = f"/v1/namespaces/{namespace}/learn/batch"
        assert self.client.post(path, json={"texts": list(texts)}).status_code == 201

    def waited(self, job_id: str, *states: str, namespace: str = "default") -> Any:
        """A job once it is in one of these states, or has ended."""
        end = time.monotonic() + 30
        while True:
            job = self.client.get(f"/v1/namespaces/{namespace}/jobs/{job_id}").json()
            if job["state"] in (states or ("done", "failed", "cancelled")):
                return job
            assert time.monotonic() < end, job
            time.sleep(0.02)
