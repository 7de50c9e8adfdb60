"""The dashboard: what it shows, and that it only looks."""

from __future__ import annotations

import io
from pathlib import Path

from monitored import Monitored
from monitoring import FakeClock, monitor_of
from rich.console import Console

from sutra_monitor.live import run_live, sparkline


def shown(service: Monitored, folder: Path, clock: FakeClock) -> str:
    out = io.StringIO()
    with monitor_of(service, folder, clock) as monitor:
        run_live(monitor, clock, Console(file=out, width=160, height=60, force_terminal=False))
    return out.getvalue()


def test_it_shows_figures_levels_history_and_alerts(service: Monitored, folder: Path) -> None:
    clock = FakeClock()
    with monitor_of(service, folder, clock) as monitor:
        for value in (1.0, 20.0, 9.0):
            service.figures["disk_space_free_gb"] = value
            monitor.run()
            clock.time += 60
        service.figures["disk_space_free_gb"] = 4.0
        monitor.run()
    before = (folder / "monitor.db").read_bytes(), list(folder.glob("*.log"))
    service.requests.clear()
    service.figures["memory_usage_percent"] = 91.0
    del service.figures["query_latency_p95"]
    clock.sleeps_max = 2
    out = shown(service, folder, clock)
    for part in ("CRITICAL", "disk_space_free_gb", "critical < 5", "critical > 90", service.url):
        assert part in out
    assert "critical: disk_space_free_gb: disk_space_free_gb is 4 (< 5)" in out
    assert "memory_usage_percent is" not in out  # nobody was told of it
    assert "nothing of the kind was asked in the last 15 minutes" in out
    assert sparkline([1, 20, 9, 4, 4]) in out
    assert {request[:2] for request in service.requests} == {("GET", "/v1/monitoring")}
    assert len(service.requests) == 3
    assert ((folder / "monitor.db").read_bytes(), list(folder.glob("*.log"))) == before


def test_it_shows_why_nothing_can_be_measured(service: Monitored, folder: Path, clock: FakeClock) -> None:
    service.refusal = 403, "forbidden"
    assert "forbidden: told: forbidden" in shown(service, folder, clock)


def test_a_line_of_bars() -> None:
    assert sparkline([]) == ""
    assert sparkline([5, 5]) == "▁▁"
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert len(sparkline(range(100))) == 32
