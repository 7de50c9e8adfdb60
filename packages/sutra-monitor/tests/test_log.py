"""The monitor's log: one search finds the figures, another finds what went wrong, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from monitored import FIGURES, Monitored
from monitoring import FakeClock, monitor_of

FIGURES_SOUGHT = re.compile(r"learning_rate|query_latency")
WRONG_SOUGHT = re.compile(r"error|warning", re.IGNORECASE)


def lines(folder: Path, day: str = "20260101") -> list[str]:
    return (folder / f"production_{day}.log").read_text().splitlines()


def events(folder: Path) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = [json.loads(line) for line in lines(folder)]
    return [(each["level"], each["event"]) for each in found]


def test_a_search_finds_what_it_says(service: Monitored, folder: Path, clock: FakeClock) -> None:
    with monitor_of(service, folder, clock) as monitor:
        monitor.run()
        assert not any(WRONG_SOUGHT.search(line) for line in lines(folder))
        service.figures |= {"learning_latency_p95": 500.0}
        monitor.run()
        service.figures |= {"disk_space_free_gb": 1.0, "learning_latency_p95": 1.0}
        monitor.run()
        service.figures = dict(FIGURES)
        monitor.run()
    assert events(folder) == [
        ("INFO", "measured"),
        ("WARNING", "measured"),
        ("WARNING", "alert raised"),
        ("ERROR", "measured"),
        ("INFO", "alert cleared"),
        ("ERROR", "alert raised"),
        ("INFO", "measured"),
        ("INFO", "alert cleared"),
    ]
    measured = [line for line in lines(folder) if '"event": "measured"' in line]
    assert [line for line in lines(folder) if FIGURES_SOUGHT.search(line)] == measured
    wrong = [json.loads(line)["level"] for line in lines(folder) if WRONG_SOUGHT.search(line)]
    assert wrong == ["WARNING", "WARNING", "ERROR", "ERROR"]


def test_a_line_has_the_names_of_the_contract(service: Monitored, folder: Path, clock: FakeClock) -> None:
    service.figures |= {"learning_error_rate": 0.01}
    with monitor_of(service, folder, clock) as monitor:
        monitor.run()
        monitor.run()
    line = json.loads(lines(folder)[-1])
    expected = {name: value for name, value in service.figures.items() if name != "query_error_rate"}
    assert {name: line[name] for name in expected} == expected
    assert line["learning_rate"] == expected["concepts_learned_per_second"]
    assert line["query_latency"] == expected["query_latency_p95"]
    assert (line["persistence_test_confidence"], line["concept_count_stability"]) == (0.98, 1)
    assert line["time"] == "2026-01-01T12:00:00.000Z"
    assert WRONG_SOUGHT.search(lines(folder)[-1])


def test_what_cannot_be_measured_and_what_does_not_arrive_is_an_error(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    service.refusal = 403, "forbidden"
    with monitor_of(service, folder, clock) as monitor:
        monitor.run()
    assert events(folder) == [("ERROR", "nothing measured"), ("ERROR", "alert raised")]
