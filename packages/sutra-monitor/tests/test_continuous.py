"""The monitor that goes on: a day of it, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import threading
import tracemalloc
from pathlib import Path

from monitored import Monitored, counted
from monitoring import NOON, FakeClock, monitor_of

from sutra_monitor.clock import SystemClock
from sutra_monitor.continuous import run_continuously, stopping
from sutra_monitor.database import Database
from sutra_monitor.history import History
from sutra_monitor.monitor import Report

DAY_OF_RUNS = 96


def test_a_day_is_stable_and_leaves_the_right_history_and_logs(service: Monitored, folder: Path) -> None:
    """96 runs, with growth, a restart, and half an hour in which nobody can be reached or measured."""
    clock = FakeClock(DAY_OF_RUNS - 1)
    reports: list[tuple[str, list[tuple[str, str]]]] = []
    memory: list[int] = []

    def show(report: Report) -> None:
        reports.append((report.level, [(each.name, each.status) for each in report.alerts]))
        number = len(reports)
        learned = number * 10
        service.namespaces = {"default": counted(7 + learned, 7 + learned)}
        if number >= 50:  # it was started again after 49 runs
            service.started = "2026-01-01T23:00:00Z"
            service.namespaces = {"default": counted(7 + learned, learned - 490, since=service.started)}
        service.refusal = (503, "store_locked") if number in {20, 21} else None
        if number in {16, 95}:
            memory.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        with monitor_of(service, folder, clock) as monitor:
            run_continuously(monitor, clock, 15, show)
    finally:
        tracemalloc.stop()
    assert clock.slept == [900.0] * (DAY_OF_RUNS - 1)
    told = {number: alerts for number, (_, alerts) in enumerate(reports, 1) if alerts}
    assert told == {21: [("measurement_failed", "raised")], 23: [("measurement_failed", "cleared")]}
    assert [level for level, _ in reports] == ["ok"] * 20 + ["unknown"] * 2 + ["ok"] * 74
    with Database(folder) as database:
        history = History(database, service.url)
        figures = history.figures(0)
        assert [at for at, _ in figures] == [
            NOON + number * 900 for number in range(DAY_OF_RUNS) if number not in {20, 21}
        ]
        assert all(each["concept_count_stability"] == 1 for _, each in figures[1:])
        assert len(history.counts(0)["default"]) == DAY_OF_RUNS - 2
    days = {path.name: path.read_text().splitlines() for path in sorted(folder.glob("production_*.log"))}
    assert list(days) == ["production_20260101.log", "production_20260102.log"]
    measured = [sum('"measured"' in line for line in lines) for lines in days.values()]
    assert measured == [46, 48]
    assert all(json.loads(line)["time"].startswith("2026-01-0") for lines in days.values() for line in lines)
    assert memory[1] - memory[0] < 256 << 10


def test_old_logs_go(service: Monitored, folder: Path) -> None:
    clock = FakeClock()
    with monitor_of(service, folder, clock) as monitor:
        monitor.run()
        clock.time += 31 * 24 * 3600
        monitor.run()
    assert [path.name for path in folder.glob("*.log")] == ["production_20260201.log"]


def test_runs_that_are_missed_are_not_made_up_for(service: Monitored, folder: Path) -> None:
    clock = FakeClock(3)
    took = iter([0, 2500, 30, 0])
    began: list[float] = []

    def show(report: Report) -> None:
        began.append(report.at - NOON)
        clock.time += next(took)

    with monitor_of(service, folder, clock) as monitor:
        run_continuously(monitor, clock, 15, show)
    assert began == [0, 900, 3400, 4300]


def test_a_clock_that_is_set_back_makes_no_long_wait(service: Monitored, folder: Path) -> None:
    clock = FakeClock(2)

    def show(_: Report) -> None:
        clock.time -= 100_000

    with monitor_of(service, folder, clock) as monitor:
        run_continuously(monitor, clock, 15, show)
    assert clock.slept == [900.0, 900.0]


def test_a_signal_ends_the_wait() -> None:
    clock = SystemClock()
    before = signal.getsignal(signal.SIGTERM)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    with stopping(clock):
        timer.start()
        assert not clock.sleep(60)
    timer.join()
    assert not clock.sleep(60)
    assert SystemClock().sleep(0)
    assert signal.getsignal(signal.SIGTERM) is before
