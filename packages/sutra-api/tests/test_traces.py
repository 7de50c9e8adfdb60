"""Traces, as a collector of OpenTelemetry gets them from a service in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from serving import Serve
from serving_process import ServiceProcess

from sutra_api.traces import open_traces
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import ConfigError

pytest.importorskip("opentelemetry.sdk", reason="make otel installs what sends traces")

CANARY = "Zanzibar"
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass
class Collector:
    """Listens as a collector does, and keeps every span that comes."""

    url: str = ""
    spans: list[Any] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    raw: bytes = b""

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]

    def below(self, span: Any) -> list[Any]:
        return [each for each in self.spans if each.parent_span_id == span.span_id]


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.raw += body
            request = ExportTraceServiceRequest.FromString(body)
            for of_resource in request.resource_spans:
                for attribute in of_resource.resource.attributes:
                    if attribute.key == "service.name":
                        kept.names.add(attribute.value.string_value)
                for of_scope in of_resource.scope_spans:
                    kept.spans += of_scope.spans
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def traced(folder: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceProcess]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    service = ServiceProcess(folder / "knowledge", TRACES="on").ready()
    yield service
    service.end()


def test_a_request_is_traced_to_the_steps_of_the_engine(traced: ServiceProcess, collector: Collector) -> None:
    headers = {"Authorization": f"Bearer {traced.key}", "traceparent": f"00-{CALLER}-00f067aa0ba902b7-01"}
    with httpx2.Client(base_url=traced.url, headers=headers, trust_env=False) as client:
        taught = {"text": f"{CANARY} is an island.", "source": CANARY}
        assert client.post("/v1/learn", json=taught).status_code == 201
        asked = {"question": f"What is {CANARY}?"}
        answer = client.post("/v1/reason", json=asked, headers={"X-Request-ID": "request-of-a-test"})
        assert answer.status_code == 200
        assert client.get(f"/v1/answers/{CANARY}").status_code == 404
        assert client.post("/v1/forget", json={"source": CANARY}).status_code == 200
    assert traced.end() == 0
    assert collector.names == {"sutra"}
    for name, work, steps in (
        ("POST /v1/learn", "learn", {"adapters", "reading", "vectors", "commit"}),
        ("POST /v1/reason", "ask", {"analyse", "embed", "retrieve", "explain"}),
        ("POST /v1/forget", "forget", set[str]()),
    ):
        (request,) = collector.named(name)
        assert request.trace_id.hex() == CALLER
        (done,) = collector.below(request)
        assert done.name == work
        taken = collector.below(done)
        assert steps <= {step.name for step in taken}
        for step in taken:
            assert done.start_time_unix_nano <= step.start_time_unix_nano <= step.end_time_unix_nano
            assert step.end_time_unix_nano <= done.end_time_unix_nano
    (request,) = collector.named("POST /v1/reason")
    told = attributes(request)
    assert told["http.response.status_code"] == 200
    assert (told["http.route"], told["sutra.request_id"]) == ("/v1/reason", "request-of-a-test")
    (lost,) = collector.named("GET /v1/answers/{answer_id}")
    assert attributes(lost)["http.response.status_code"] == 404
    assert CANARY.encode() not in collector.raw and traced.key.encode() not in collector.raw


def test_texts_that_are_learned_together_are_linked(traced: ServiceProcess, collector: Collector) -> None:
    headers = {"Authorization": f"Bearer {traced.key}"}

    def learn(client: httpx2.Client, number: int) -> None:
        answer = client.post("/v1/learn", json={"text": f"The hill {number} is high."})
        assert answer.status_code == 201

    with httpx2.Client(base_url=traced.url, headers=headers, trust_env=False) as client:
        threads = [threading.Thread(target=learn, args=(client, number)) for number in range(40)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert traced.end() == 0
    requests = {span.span_id for span in collector.named("POST /v1/learn")}
    assert len(requests) == 40
    batches = collector.named("learn")
    assert sum(attributes(batch)["sutra.learned"] for batch in batches) == 40
    told = [
        each for batch in batches for each in (batch.parent_span_id, *(link.span_id for link in batch.links))
    ]
    assert set(told) == requests
    assert any(batch.links for batch in batches)


def test_a_collector_that_is_away_hinders_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    service = ServiceProcess(folder / "knowledge", TRACES="on").ready()
    with httpx2.Client(base_url=service.url, trust_env=False) as client:
        assert client.get("/v1/stats", headers={"Authorization": f"Bearer {service.key}"}).status_code == 200
    assert service.end() == 0


def test_it_is_off_by_default(serve: Serve) -> None:
    assert serve().service.traces is None


def test_without_its_packages_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(ConfigError, match=r"sutra-api\[otel\]"):
        open_traces(ReasoningEngineConfig(traces="on"))
