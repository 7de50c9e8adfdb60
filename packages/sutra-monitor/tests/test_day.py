"""A day of a real service, watched: it learns and answers all the time, and is killed and started again.

Time is the monitor's own; the engine's is what it is.
"""

from __future__ import annotations

import json
import signal
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from monitoring import NOON, FakeClock
from serving_process import ServiceProcess

from sutra_client import Client
from sutra_client.errors import ServiceUnavailableError
from sutra_core import ReasoningEngineConfig
from sutra_monitor.continuous import run_continuously
from sutra_monitor.database import Database
from sutra_monitor.history import History
from sutra_monitor.log import MonitorLog
from sutra_monitor.monitor import Monitor, Report
from sutra_monitor.settings import load_settings
from sutra_monitor.stability import residuals
from sutra_monitor.target import FolderTarget

QUARTER = 900.0
CONCEPTS_OF_A_TEXT = 5


class Work:
    """Learns and asks, one after another, until it is ended; what was acknowledged is counted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.url = ""
        self.acknowledged = 0

    def _work(self) -> None:
        number = 0
        while not self._ended.wait(0.01):
            key = (self._folder / "admin.key").read_text().strip()
            with Client(self.url, api_key=key, retries=0) as client:
                number += 1
                try:
                    learned = client.learn(
                        f"The hill {number} is {number} yards high.", source=f"hill {number}"
                    )
                    self.acknowledged += learned.sources
                    client.ask(f"How high is the hill {number}?")
                except ServiceUnavailableError:
                    continue  # it is being started again

    def start(self, url: str) -> None:
        """Begins."""
        self.url = url
        self._thread.start()

    def end(self) -> None:
        """Ends it."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()


@contextmanager
def watching(folder: Path, clock: FakeClock) -> Iterator[Monitor]:
    state = folder / "monitoring_logs"
    config = ReasoningEngineConfig(storage_path=folder)
    with Database(state) as database, MonitorLog(state, clock) as log:
        yield Monitor(FolderTarget(config), load_settings(), database, log, clock)


@pytest.mark.parametrize("runs", [16, pytest.param(96, marks=pytest.mark.soak)])
def test_a_day(folder: Path, runs: int) -> None:
    storage = folder / "knowledge"
    service = ServiceProcess(storage).ready()
    work = Work(storage)
    work.start(service.url)
    clock = FakeClock(runs - 1)
    reports: list[Report] = []
    traced: list[int] = []
    resident: list[int] = []

    def show(report: Report) -> None:
        nonlocal service
        reports.append(report)
        number = len(reports)
        if number == runs // 4:
            service.end(signal.SIGKILL)
            service = ServiceProcess(storage).ready()
            work.url = service.url
        if number == runs - 1:
            work.end()
        if number in {runs // 2, runs}:
            traced.append(tracemalloc.get_traced_memory()[0])
            resident.append(psutil.Process(service.process.pid).memory_info().rss)

    tracemalloc.start()
    try:
        with watching(storage, clock) as monitor:
            run_continuously(monitor, clock, 15, show)
    finally:
        tracemalloc.stop()
        work.end()
        service.end()
    _check(storage, reports, runs)
    assert work.acknowledged > runs
    assert traced[1] - traced[0] < 1 << 20
    assert resident[1] < 1.1 * resident[0]


def _check(storage: Path, reports: list[Report], runs: int) -> None:
    """Everything was measured each time, and of the counts nothing is unexplained."""
    figures = []
    for report in reports:
        assert report.measurement is not None, report.message
        figures.append(report.measurement.figures)
    assert len(figures) == runs
    assert all(each["persistence_test_confidence"] > 0 for each in figures)
    assert all(each["checksum_validation_status"] == 1 for each in figures)
    # What is durable in one moment is counted in the next: a text may be on its way when it is looked.
    assert all(each["concept_count_stability"] > 0.9 for each in figures[1:])
    assert figures[-1]["learning_error_rate"] == figures[-1]["query_error_rate"] == 0
    with Database(storage / "monitoring_logs") as database:
        remembered = History(database, str(storage)).counts(0)["default"]
        ats = [at for at, _ in History(database, str(storage)).figures(0)]
    assert ats == [NOON + number * QUARTER for number in range(runs)]
    assert all(abs(each) <= CONCEPTS_OF_A_TEXT for each in residuals(remembered))
    counts = [each.concepts for each in remembered]
    assert counts == sorted(counts) and counts[-1] > counts[0]
    lines = [
        json.loads(line)
        for path in sorted((storage / "monitoring_logs").glob("production_*.log"))
        for line in path.read_text().splitlines()
    ]
    assert sum(line["event"] == "measured" for line in lines) == runs
    assert len(list((storage / "monitoring_logs").glob("production_*.log"))) == 1 + (runs > 48)
