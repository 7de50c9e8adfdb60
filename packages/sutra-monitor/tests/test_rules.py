"""Every threshold of the contract: crossed, it alarms once; back within its bound, it is cleared once."""

from __future__ import annotations

from pathlib import Path

import pytest
from monitored import Monitored, counted
from monitoring import FakeClock, monitor_of

from sutra_monitor.rules import Finding, Level, Rule, findings, parsed, worst
from sutra_monitor.settings import load_settings

CONTRACT = {
    ("critical", "learning_error_rate", "> 0.05"),
    ("critical", "query_latency_p95", "> 1000"),
    ("critical", "query_error_rate", "> 0.05"),
    ("critical", "disk_space_free_gb", "< 5"),
    ("critical", "memory_usage_percent", "> 90"),
    ("critical", "checksum_validation_status", "< 1"),
    ("critical", "persistence_test_confidence", "< 0.5"),
    ("warning", "learning_latency_p95", "> 200"),
    ("warning", "query_confidence_avg", "< 0.7"),
    ("warning", "concept_count_variance", "> 0.1"),
    ("warning", "storage_file_size_mb", "> 1024"),
    ("warning", "persistence_test_confidence", "< 0.9"),
}
# Figure, the last value within the bound, one beyond it, the level there.
CROSSINGS: list[tuple[str, float, float, Level]] = [
    ("learning_error_rate", 0.05, 0.051, "critical"),
    ("query_latency_p95", 1000, 1001, "critical"),
    ("query_error_rate", 0.05, 0.06, "critical"),
    ("disk_space_free_gb", 5, 4.9, "critical"),
    ("memory_usage_percent", 90, 90.1, "critical"),
    ("checksum_validation_status", 1, 0, "critical"),
    ("persistence_test_confidence", 0.9, 0.4, "critical"),
    ("learning_latency_p95", 200, 201, "warning"),
    ("query_confidence_avg", 0.7, 0.69, "warning"),
    ("storage_file_size_mb", 1024, 1025, "warning"),
    ("persistence_test_confidence", 0.9, 0.89, "warning"),
]


def set_figure(service: Monitored, name: str, value: float) -> None:
    if name == "persistence_test_confidence":
        service.persistence = {"confidence": value, "seconds": 0.1, "fault": ""}
    else:
        service.figures[name] = value


def test_the_rules_are_those_of_the_contract() -> None:
    assert {(rule.level, rule.figure, str(rule)) for rule in load_settings().rules} == CONTRACT


@pytest.mark.parametrize(("name", "within", "beyond", "level"), CROSSINGS)
def test_a_crossing_alarms_once_and_is_cleared_once(
    service: Monitored, folder: Path, clock: FakeClock, name: str, within: float, beyond: float, level: Level
) -> None:
    seen: list[list[tuple[str, str, Level]]] = []
    levels: list[Level] = []
    with monitor_of(service, folder, clock) as monitor:
        for value in (within, beyond, beyond, within, within):
            set_figure(service, name, value)
            report = monitor.run()
            levels.append(report.level)
            seen.append([(alert.name, alert.status, alert.level) for alert in report.alerts])
            clock.time += 900
    assert seen == [[], [(name, "raised", level)], [], [(name, "cleared", level)], []]
    assert levels == ["ok", level, level, "ok", "ok"]


def test_a_loss_of_concepts_alarms_until_it_is_out_of_the_window(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    seen: list[list[tuple[str, str]]] = []
    with monitor_of(service, folder, clock) as monitor:
        for concepts, learned, hours in (
            (100, 100, 1),
            (105, 105, 1),
            (90, 105, 1),
            (90, 105, 24),
            (90, 105, 1),
        ):
            service.namespaces = {"default": counted(concepts, learned)}
            seen.append([(alert.name, alert.status) for alert in monitor.run().alerts])
            clock.time += hours * 3600
        report = monitor.run()
    raised = [("concept_count_variance", "raised")]
    assert seen == [[], [], raised, [], [("concept_count_variance", "cleared")]]
    assert {each.figure: each.value for each in report.findings}["concept_count_stability"] == 1


def test_a_level_that_changes_is_told(service: Monitored, folder: Path, clock: FakeClock) -> None:
    told: list[tuple[str, Level]] = []
    with monitor_of(service, folder, clock) as monitor:
        for value in (0.8, 0.4, 0.8, 1.0):
            set_figure(service, "persistence_test_confidence", value)
            told.extend((alert.status, alert.level) for alert in monitor.run().alerts)
    assert told == [
        ("raised", "warning"),
        ("changed", "critical"),
        ("changed", "warning"),
        ("cleared", "warning"),
    ]


def test_what_was_not_seen_lately_is_over_and_what_could_not_be_measured_is_not(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    with monitor_of(service, folder, clock) as monitor:
        service.figures |= {"query_latency_p95": 5000.0}
        service.persistence = {"confidence": 0.0, "seconds": 1.0, "fault": "another answer"}
        first = {alert.name: alert.message for alert in monitor.run().alerts}
        assert first.keys() == {"query_latency_p95", "persistence_test_confidence"}
        assert first["persistence_test_confidence"].endswith(": another answer")
        del service.figures["query_latency_p95"]
        service.persistence = 403, "forbidden"
        report = monitor.run()
    assert [(alert.name, alert.status) for alert in report.alerts] == [("query_latency_p95", "cleared")]
    assert report.measurement is not None
    assert report.measurement.missing["persistence_test_confidence"].startswith("forbidden")
    assert "asked in the last 15 minutes" in report.measurement.missing["query_latency_p95"]


@pytest.mark.parametrize(
    ("text", "operator", "bound"),
    [("> 5", ">", 5), (">=5", ">=", 5), (" < 0.5 ", "<", 0.5), ("<= -1e3", "<=", -1000), ("> .5", ">", 0.5)],
)
def test_rules_are_read(text: str, operator: str, bound: float) -> None:
    assert parsed("cpu_usage_percent", "warning", text) == Rule(
        "cpu_usage_percent", "warning", operator, bound
    )


@pytest.mark.parametrize(
    "text", ["", "5", "> five", "=> 5", "== 5", "> nan", "> inf", "> 5 %", "> 5 > 4", "><5"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: one of > >= < <= and a number"):
        parsed("cpu_usage_percent", "warning", text)


def test_the_gravest_rule_counts() -> None:
    rules = [Rule("a", "warning", ">", 1), Rule("a", "critical", ">", 2)]
    found = findings(rules, {"a": 3.0, "b": 9.0})
    assert found == [Finding("a", 3.0, "critical", rules[1]), Finding("b", 9.0, "ok", None)]
    assert findings(rules, {"a": 1.5})[0].level == "warning"
    assert worst(["ok", "warning", "unknown"]) == "unknown"
    assert worst([]) == "ok"
