"""What is measured of a folder: by its service, by its files, or by what is missed."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from monitored import FIGURES, KEY, Monitored
from monitoring import NOON
from stand_in import StandIn

from sutra_client import Client, ServiceUnavailableError
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import (
    ConfigError,
    StoreCorruptError,
    StoreIOError,
    StoreLockedError,
    StoreMissingError,
)
from sutra_core.types import VerifyReport
from sutra_monitor import target as target_module
from sutra_monitor.database import Database
from sutra_monitor.figures import NAMES, Count
from sutra_monitor.history import History
from sutra_monitor.store import DEEP_SECONDS
from sutra_monitor.target import FolderTarget, ServiceTarget, read_key

OF_A_STORE = {
    "memory_usage_percent",
    "disk_space_free_gb",
    "cpu_usage_percent",
    "storage_file_size_mb",
    "checksum_validation_status",
}


def config_of(folder: Path) -> ReasoningEngineConfig:
    return ReasoningEngineConfig.builder().with_storage(folder).with_reader(enabled=False).build()


def engine_on(folder: Path) -> ReasoningEngine:
    return ReasoningEngine(config_of(folder), embedder=StandIn())


@pytest.fixture
def store(folder: Path) -> Path:
    """The folder of a store that was taught two sentences."""
    path = folder / "knowledge"
    with engine_on(path) as engine:
        engine.learn_batch(["The Aln rises at Alham.", "The Aln flows into the sea."])
    return path


@pytest.fixture
def history(folder: Path) -> Iterator[History]:
    with Database(folder / "state") as database:
        yield History(database, "here")


def presence(store: Path, service: Monitored, pid: int | None = None) -> None:
    told = {"url": service.url, "pid": os.getpid() if pid is None else pid, "certificate": None}
    (store / "service.json").write_text(json.dumps(told))
    (store / "admin.key").write_text(KEY)


def test_a_folder_is_measured_by_its_service(store: Path, service: Monitored, history: History) -> None:
    presence(store, service)
    with engine_on(store):  # which has the store locked
        found = FolderTarget(config_of(store)).measure(history, NOON)
    assert found.origin == "service"
    assert found.figures == {**FIGURES, "persistence_test_confidence": 0.98}
    started = "2026-01-01T00:00:00+00:00"
    assert found.counts == {"default": Count(7, 7, 0, started, started)}
    assert service.requests[-1][:2] == ("POST", "/v1/monitoring/persistence")
    quick = FolderTarget(config_of(store)).measure(history, NOON, thorough=False)
    assert service.requests[-1][:2] == ("GET", "/v1/monitoring")
    assert "persistence_test_confidence" in quick.missing


def test_a_folder_without_a_service_is_measured_by_its_files(store: Path, history: History) -> None:
    with engine_on(store / "namespaces" / "own") as engine:
        engine.learn("Elms are tall.")
        own = engine.view().stats()
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    found = FolderTarget(config_of(store)).measure(history, NOON)
    assert (found.origin, found.unreachable, found.notes) == ("store", "", {})
    assert found.figures.keys() == OF_A_STORE
    assert found.figures["checksum_validation_status"] == 1
    assert found.figures["storage_file_size_mb"] > own.bytes_on_disk / 1e6
    assert found.counts["own"] == Count(own.concepts)
    assert found.counts["default"].concepts > 0
    rest = set(NAMES) - OF_A_STORE - {"concept_count_variance", "concept_count_stability"}
    assert found.missing == dict.fromkeys(rest, "it cannot be measured without a service")
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before


def test_a_store_is_verified_in_full_once_a_day_and_until_it_is_repaired(
    store: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    faults: list[str] = []

    def verify(self: ReasoningEngine, *, sample: int | None = None) -> VerifyReport:
        asked.append(sample)
        return VerifyReport({}, list(faults))

    monkeypatch.setattr(ReasoningEngine, "verify", verify)
    target = FolderTarget(config_of(store))
    for at in (0.0, 900.0, DEEP_SECONDS - 1, DEEP_SECONDS, DEEP_SECONDS + 900):
        assert target.measure(history, at).figures["checksum_validation_status"] == 1
    assert asked == [None, 200, 200, None, 200]
    faults.append("source 1 is not what it was")
    found = target.measure(history, 2 * DEEP_SECONDS)
    assert found.figures["checksum_validation_status"] == 0
    assert found.notes["checksum_validation_status"] == "default: source 1 is not what it was"
    faults.clear()
    assert target.measure(history, 2 * DEEP_SECONDS + 1).figures["checksum_validation_status"] == 1
    assert asked[5:] == [None, None]
    target.measure(history, 2 * DEEP_SECONDS + 2, thorough=False)
    assert len(asked) == 7


def test_a_store_that_is_damaged_is_measured_all_the_same(store: Path, history: History) -> None:
    path = store / "storage.dat"
    content = bytearray(path.read_bytes())
    content[64:] = b"\xff" * (len(content) - 64)
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError):
        ReasoningEngine(config_of(store), read_only=True)
    found = FolderTarget(config_of(store)).measure(history, NOON)
    assert found.figures["checksum_validation_status"] == 0
    assert found.notes["checksum_validation_status"].startswith("default: ")
    assert found.figures["disk_space_free_gb"] > 0


def test_a_service_that_went_away_without_closing_is_missed(
    store: Path, service: Monitored, history: History
) -> None:
    presence(store, service, pid=2**22 + 1)
    found = FolderTarget(config_of(store)).measure(history, NOON)
    assert "none answers" in found.unreachable
    assert found.figures.keys() == OF_A_STORE
    with engine_on(store):  # which hangs, and has the store locked
        found = FolderTarget(config_of(store)).measure(history, NOON)
    assert "does not answer" in found.unreachable
    assert found.figures == {}
    assert found.missing.keys() == set(NAMES)


def test_what_cannot_be_measured_at_all(store: Path, folder: Path, history: History) -> None:
    with engine_on(store), pytest.raises(StoreLockedError):
        FolderTarget(config_of(store)).measure(history, NOON)
    with pytest.raises(StoreMissingError, match="no service and no store"):
        FolderTarget(config_of(folder / "empty")).measure(history, NOON)
    shutil.rmtree(store)
    memory = ReasoningEngineConfig.builder().with_storage(store, use_rust=False).build()
    with pytest.raises(StoreMissingError, match="in memory"):
        FolderTarget(memory).measure(history, NOON)


def test_a_url_that_nobody_answers_at_is_missed(service: Monitored, history: History) -> None:
    service.close()
    found = ServiceTarget(service.url, KEY).measure(history, NOON)
    assert "cannot be reached" in found.unreachable
    assert found.missing == dict.fromkeys(NAMES, "the service cannot be reached")


@pytest.mark.parametrize(
    ("told", "figure", "said"),
    [
        ({"confidence": 0.0, "seconds": 1.0, "fault": "another answer"}, 0.0, "another answer"),
        ((507, "disk_full"), 0.0, "disk_full: told"),
        ((500, "internal_error"), 0.0, "internal_error: told"),
        ((500, "store_corrupt"), 0.0, "store_corrupt: told"),
        ((403, "forbidden"), None, "forbidden: told"),
        ((503, "model_unavailable"), None, "model_unavailable: told"),
    ],
)
def test_a_test_of_persistence_that_fails(
    service: Monitored, history: History, told: Any, figure: float | None, said: str
) -> None:
    service.persistence = told
    found = ServiceTarget(service.url, KEY).measure(history, NOON)
    name = "persistence_test_confidence"
    assert found.figures.get(name) == figure
    assert said in (found.missing if figure is None else found.notes)[name]
    assert found.figures.items() >= FIGURES.items()


def test_a_figure_that_is_no_number_is_missing(service: Monitored, history: History) -> None:
    service.figures |= {"query_latency_p95": float("nan"), "memory_usage_percent": float("inf")}
    service.namespaces["own"] = {**service.namespaces["default"], "checksum_validation_status": 0.0}
    found = ServiceTarget(service.url, KEY).measure(history, NOON)
    assert {"query_latency_p95", "memory_usage_percent"} <= found.missing.keys() - found.figures.keys()
    assert found.notes == {"checksum_validation_status": "faults in own"}


def test_the_name_of_a_service_holds_no_secret() -> None:
    target = ServiceTarget("https://me:secret@sutra.example.org:8443/base?key=secret#secret", None)
    assert target.name == "https://sutra.example.org:8443/base"


def test_a_key_is_read_from_its_file(folder: Path) -> None:
    assert read_key(None) is None
    path = folder / "key"
    path.write_text("sutra_a_b\n")
    assert read_key(path) == "sutra_a_b"
    path.write_text("\n")
    for wrong in (path, folder / "nowhere", folder):
        with pytest.raises(ConfigError, match="the key in"):
            read_key(wrong)


def test_a_service_that_hangs_is_missed_soon(
    service: Monitored, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = threading.Event()
    monkeypatch.setattr(target_module, "_ASK_SECONDS", 0.1)
    monkeypatch.setattr(service, "answer", lambda *_: hanging.wait(60) and {})
    found = ServiceTarget(service.url, KEY).measure(history, NOON)
    assert not hanging.is_set()
    hanging.set()
    assert "cannot be reached" in found.unreachable and found.figures == {}


def test_a_service_that_goes_away_in_its_test_is_missed(
    service: Monitored, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any) -> None:
        raise ServiceUnavailableError("the service cannot be reached: it went away")

    monkeypatch.setattr(Client, "test_persistence", gone)
    found = ServiceTarget(service.url, KEY).measure(history, NOON)
    assert found.unreachable == "the service cannot be reached: it went away"
    assert found.figures == FIGURES
    assert "persistence_test_confidence" in found.missing


def test_a_store_is_measured_where_nothing_can_be_remembered(
    store: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise StoreIOError("the disk is full")

    monkeypatch.setattr(History, "verified", full)
    monkeypatch.setattr(History, "add_verification", full)
    found = FolderTarget(config_of(store)).measure(history, NOON)
    assert found.figures.keys() == OF_A_STORE
