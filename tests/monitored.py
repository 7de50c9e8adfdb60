"""A stand-in for the monitoring routes of a service: what they tell is set by the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sutra_monitor_key"
STARTED = "2026-01-01T00:00:00Z"
FIGURES: dict[str, float] = {
    "concepts_learned_per_second": 12.5,
    "learning_latency_p95": 40.0,
    "learning_error_rate": 0.0,
    "query_latency_p95": 90.0,
    "query_confidence_avg": 0.9,
    "query_error_rate": 0.0,
    "memory_usage_percent": 40.0,
    "disk_space_free_gb": 50.0,
    "cpu_usage_percent": 20.0,
    "storage_file_size_mb": 3.0,
    "checksum_validation_status": 1.0,
}
"""What a service in good health tells."""

Refusal = tuple[int, str]


class Monitored:
    """A service that tells `figures`, `namespaces` and `persistence`; or refuses, as a `Refusal` says."""

    def __init__(self) -> None:
        self.started = STARTED
        self.figures: dict[str, float] = dict(FIGURES)
        self.namespaces: dict[str, dict[str, Any]] = {"default": counted(7, 7)}
        self.persistence: dict[str, Any] | Refusal = {"confidence": 0.98, "seconds": 0.4, "fault": ""}
        self.refusal: Refusal | None = None
        self.requests: list[tuple[str, str, str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self.rfile.read(length)
                key = self.headers.get("Authorization", "")
                service.requests.append((self.command, self.path, key))
                told = service.answer(self.command, self.path, key)
                status, content = 200, told
                if isinstance(told, tuple):
                    status = told[0]
                    content = {"code": told[1], "detail": f"told: {told[1]}", "request_id": "1" * 32}
                body = json.dumps(content).encode()
                self.send_response(status)
                kind = "application/problem+json" if status >= 400 else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: Any, **more: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, key: str) -> dict[str, Any] | Refusal:
        """What is told to a request."""
        if (method, path) == ("GET", "/healthz"):
            return {"status": "alive"}
        if key != f"Bearer {KEY}":
            return 401, "unauthenticated"
        if self.refusal:
            return self.refusal
        if (method, path) == ("POST", "/v1/monitoring/persistence"):
            return self.persistence
        if (method, path) != ("GET", "/v1/monitoring"):
            return 404, "unknown_route"
        return {
            "at": "2026-01-01T12:00:00Z",
            "started": self.started,
            "window_seconds": 900,
            "figures": self.figures,
            "namespaces": self.namespaces,
            "later": "a field that is not known yet",
        }

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def counted(
    concepts: int, learned: int, forgotten: int = 0, since: str = STARTED, **more: float
) -> dict[str, Any]:
    """The counts of one namespace."""
    return {"concepts": concepts, "learned": learned, "forgotten": forgotten, "since": since, **more}


@contextmanager
def monitored() -> Iterator[Monitored]:
    """A stand-in that listens while it is used."""
    service = Monitored()
    try:
        yield service
    finally:
        service.close()
