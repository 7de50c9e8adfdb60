"""`GET changes`: each transaction as an event, from where the caller left off, as it happens."""

from __future__ import annotations

import base64
import json
import threading
import time
from datetime import datetime
from typing import Any

import pytest
from serving import Serve, Served
from starlette.testclient import TestClient

from sutra_api.gate import BusyError
from sutra_api.streams import Streams
from sutra_core.changes import Change


def events(client: TestClient, path: str = "/v1/changes?wait=0", **headers: str) -> list[dict[str, Any]]:
    """The events of a stream that ends."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    told: list[dict[str, Any]] = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            assert fields["event"] == "change"
            told.append({"id": int(fields["id"]), **json.loads(fields["data"])})
    return told


def test_each_transaction_is_an_event(served: Served) -> None:
    served.learn({"text": "The Mur flows through Graz.", "source": "mur.txt"})
    with served.service.namespaces.engine("default") as engine:
        engine.forget(source="curie.txt")
        changes = list(engine.changes())
    told = events(served.client)
    assert [each["id"] for each in told] == [each["transaction"] for each in told]
    assert len(told) == len(changes) >= 3
    for event, change in zip(told, changes, strict=True):
        data = base64.b64decode(event["data"])
        assert Change.decode(data) == change
        assert datetime.fromisoformat(event["time"]) == change.time
        for name in (
            "learned_sources",
            "learned_concepts",
            "forgotten_sources",
            "forgotten_concepts",
            "settled",
        ):
            assert event[name] == getattr(change, name)
    assert told[-1]["forgotten_sources"] == 1


def test_it_goes_on_after_the_last_event(served: Served) -> None:
    for number in range(20):
        served.learn({"text": f"Fact {number} is so.", "source": f"{number}.txt"})
    told = events(served.client)
    last = told[-1]["id"]
    assert [each["id"] for each in told] == list(range(1, last + 1))
    assert events(served.client, f"/v1/changes?since={last - 2}&wait=0") == told[-2:]
    # What came last counts, whatever the address of the stream says.
    assert (
        events(served.client, "/v1/changes?since=1&wait=0", **{"Last-Event-ID": str(last - 1)}) == told[-1:]
    )
    assert events(served.client, **{"Last-Event-ID": str(last)}) == []
    for wrong, code in ((str(last + 1), "invalid_value"), ("first", "invalid_request")):
        answer = served.client.get("/v1/changes?wait=0", headers={"Last-Event-ID": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert served.service.streams.open == 0


def test_an_open_stream_ends_with_the_service(serve: Serve) -> None:
    served = serve()
    reading = threading.Thread(target=lambda: served.client.get("/v1/changes"))
    reading.start()
    while not served.service.streams.open:
        time.sleep(0.01)
    assert served.raw.portal
    served.raw.portal.call(served.service.streams.stop)
    reading.join()
    assert served.service.streams.open == 0


def test_each_namespace_has_its_own_and_a_reader_may_follow(served: Served) -> None:
    assert served.client.post("/v1/namespaces", json={"name": "other"}).status_code == 201
    path = "/v1/namespaces/other/changes?wait=0"
    assert events(served.as_role("reader"), path) == []
    served.learn({"text": "The Mur flows through Graz."}, namespace="other")
    assert [each["learned_sources"] for each in events(served.as_role("reader"), path)] == [1]
    assert served.as_role("reader", "default").get(path).status_code == 403
    assert served.as_role("auditor").get(path).status_code == 403
    assert served.raw.get(path).status_code == 401
    assert served.client.get("/v1/namespaces/none/changes").json()["code"] == "unknown_namespace"


def test_streams_are_bounded(served: Served) -> None:
    served.service.streams = Streams(open_max=1)
    served.service.streams.enter()
    answer = served.client.get("/v1/changes?wait=0")
    assert (answer.status_code, answer.json()["code"]) == (503, "too_busy")
    with pytest.raises(BusyError, match="1 streams are open"):
        served.service.streams.enter()
    served.service.streams.leave()
    assert len(events(served.client)) > 0
