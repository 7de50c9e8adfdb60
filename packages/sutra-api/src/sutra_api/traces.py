"""Traces: each request as a span of OpenTelemetry, with what the engine did for it and every step below.

Off unless `SUTRA_TRACES` is on, and only then are OpenTelemetry's packages loaded (`sutra-api[otel]`). Where
spans go is OpenTelemetry's to say, by its own variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and others). A span
holds names and numbers, and nothing that anybody sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sutra_api.about import JOINED
from sutra_api.meter import method_name
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import ConfigError
from sutra_core.observing import ForgettingObserved, LearningObserved, Observer, QuestionObserved, Step

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Link
    from opentelemetry.util.types import AttributeValue

    Attributes = Mapping[str, AttributeValue]

__all__ = ["Traced", "Traces", "open_traces"]

_FLUSH_SECONDS = 3.0
_NAMELESS = "unknown_service"


def open_traces(config: ReasoningEngineConfig) -> Traces | None:
    """What traces, or None where it is off. Raises `ConfigError` without OpenTelemetry's packages."""
    if config.traces == "off":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigError(
            f"SUTRA_TRACES is on, and {error.name} is not installed: install sutra-api[otel] "
            "(make otel, in a checkout), or set it to off"
        ) from None
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith(_NAMELESS):
        resource = resource.merge(Resource({SERVICE_NAME: "sutra"}))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traces(provider)


class Traces:
    """Makes the spans. Safe to use from many threads."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self.tracer = provider.get_tracer("sutra")

    def observer(self, namespace: str) -> Observer:
        """Who makes the spans of what is done in a namespace."""
        return _Spans(self, namespace)

    def record(
        self,
        name: str,
        seconds: float,
        steps: Sequence[Step],
        attributes: Attributes,
        links: Sequence[Link] = (),
    ) -> None:
        """A span of what has just been done, one below it for each step, all below the request it was for."""
        from opentelemetry.trace import set_span_in_context

        ended = max([time.time_ns(), *(step.ended for step in steps)])
        began = min([ended - int(seconds * 1e9), *(step.began for step in steps)])
        whole = self.tracer.start_span(name, start_time=began, attributes=dict(attributes), links=links)
        below = set_span_in_context(whole)
        for step in steps:
            self.tracer.start_span(step.name, below, start_time=step.began).end(step.ended)
        whole.end(ended)

    def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(_FLUSH_SECONDS)


class _Spans:
    """An engine's observer that makes spans."""

    def __init__(self, traces: Traces, namespace: str) -> None:
        self._traces = traces
        self._namespace = namespace

    def learned(self, observed: LearningObserved) -> None:
        """Texts were settled; the other requests that they came with are linked."""
        from opentelemetry.trace import Link, get_current_span

        spans = [each.run(get_current_span).get_span_context() for each in JOINED.get()]
        self._traces.record(
            "learn",
            observed.seconds,
            observed.steps,
            {
                "sutra.namespace": self._namespace,
                "sutra.learned": observed.learned,
                "sutra.known": observed.known,
                "sutra.refused": sum(observed.refused.values()),
                "sutra.failed": observed.failed,
                "sutra.concepts": observed.concepts,
            },
            [Link(span) for span in spans if span.is_valid],
        )

    def asked(self, observed: QuestionObserved) -> None:
        """A question was asked."""
        attributes: dict[str, AttributeValue] = {
            "sutra.namespace": self._namespace,
            "sutra.outcome": observed.outcome,
        }
        if observed.confidence is not None:
            attributes["sutra.confidence"] = observed.confidence
        self._traces.record("ask", observed.seconds, observed.steps, attributes)

    def forgot(self, observed: ForgettingObserved) -> None:
        """Something was forgotten, durably."""
        attributes: dict[str, AttributeValue] = {
            "sutra.namespace": self._namespace,
            "sutra.sources": observed.sources,
            "sutra.concepts": observed.concepts,
            "sutra.answers": observed.answers,
        }
        self._traces.record("forget", observed.seconds, (), attributes)


class Traced:
    """Makes a span of each request, below the caller's own where it sends `traceparent`. Plain ASGI."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode, use_span
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        method = method_name(scope["method"])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        span = self._traces.tracer.start_span(
            method,
            TraceContextTextMapPropagator().extract(headers),
            SpanKind.SERVER,
            {"http.request.method": method, "sutra.request_id": scope["request_id"]},
        )
        status = 500

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with use_span(span, record_exception=False, set_status_on_exception=False):
                await self._app(scope, receive, heard)
        finally:
            route = scope.get("route_name", "unknown")
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))
            span.end()
