"""The service looks after its stores: each is verified once a day, and what is found is told."""

from __future__ import annotations

import logging
import shutil
from typing import Any, NamedTuple

import pytest
from serving import Served

from sutra_core import ReasoningEngine
from sutra_core.types import VerifyReport


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def health(served: Served, namespace: str = "default") -> Any:
    return served.client.get(f"/v1/namespaces/{namespace}/stats").json()["health"]


def test_every_namespace_is_verified_once_a_day(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.client.post("/v1/namespaces", json={"name": "other"})
    verified: list[int] = []
    verify = ReasoningEngine.verify

    def counted(self: ReasoningEngine) -> VerifyReport:
        verified.append(self.stats().store.sources)
        return verify(self)

    monkeypatch.setattr(ReasoningEngine, "verify", counted)
    assert "checksum_validation_status" not in health(served)
    served.service.checks.verify_what_is_due()
    served.service.checks.verify_what_is_due()
    assert verified == [3, 0]
    for namespace in ("default", "other"):
        told = health(served, namespace)
        assert told["checksum_validation_status"] == 1.0 and told["checksum_validation_age_seconds"] >= 0
    with served.service.state.transaction() as connection:
        connection.execute("UPDATE verifications SET made = made - 90000 WHERE namespace = 'other'")
    served.service.checks.verify_what_is_due()
    assert verified == [3, 0, 0]
    with served.service.state.transaction() as connection:  # by a clock that ran ahead
        connection.execute("UPDATE verifications SET made = made + 90000 WHERE namespace = 'other'")
    served.service.checks.verify_what_is_due()
    assert verified == [3, 0, 0, 0]
    served.client.delete("/v1/namespaces/other")
    assert len(served.service.state.read("SELECT * FROM verifications")) == 1


def test_faults_are_told_and_logged(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    report = VerifyReport({}, ["the text of source 1 is another one"])
    monkeypatch.setattr(ReasoningEngine, "verify", lambda _: report)
    served.service.checks.verify_what_is_due()
    assert health(served)["checksum_validation_status"] == 0.0
    assert "the namespace default is not whole: the text of source 1 is another one" in caplog.text


def test_a_full_disk_is_warned_of(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        served.service.checks.look_at_the_disk()
        before = caplog.text
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - 10**9, 10**9))
        served.service.checks.look_at_the_disk()
    assert "make room" not in before and "1.0 GB of disk are free" in caplog.text
