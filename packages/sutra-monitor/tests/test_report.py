"""What a run prints: a line that a plug-in's reader understands, the rest for people, the same as JSON."""

from __future__ import annotations

import json

from sutra_monitor.alerts import Alert
from sutra_monitor.figures import NAMES, Count, Measurement
from sutra_monitor.monitor import Report
from sutra_monitor.outbox import Failure
from sutra_monitor.report import as_json, as_text, json_text, unknown_text
from sutra_monitor.rules import findings
from sutra_monitor.settings import load_settings

RULES = load_settings().rules


def report(**figures: float) -> Report:
    measurement = Measurement("here", 0.0, "service", figures, counts={"default": Count(7)})
    measurement.missing = {name: "not now" for name in NAMES if name not in figures}
    return Report("here", 0.0, measurement, findings(RULES, figures))


def test_the_first_line_is_a_plug_ins() -> None:
    first, *rest = as_text(report(disk_space_free_gb=3.1, query_confidence_avg=0.65), RULES).splitlines()
    assert first == (
        "SUTRA CRITICAL - disk_space_free_gb 3.1 (< 5), query_confidence_avg 0.65 (< 0.7) | "
        "disk_space_free_gb=3.1;;5: query_confidence_avg=0.65;0.7:;"
    )
    assert len(rest) == len(NAMES) + 1
    assert "disk_space_free_gb = 3.1 CRITICAL (< 5)" in rest
    assert "query_latency_p95: not measured: not now" in rest
    assert rest[-1] == "concepts: default 7"
    fine = as_text(report(persistence_test_confidence=0.98), RULES).splitlines()[0]
    assert fine == "SUTRA OK - figures within their bounds: 1 | persistence_test_confidence=0.98;0.9:;0.5:"


def test_what_is_unreachable_told_and_undelivered() -> None:
    found = report(cpu_usage_percent=1.0)
    assert found.measurement is not None
    found.measurement.unreachable = "nobody | answers"
    found.alerts = [
        Alert("here", "service_unreachable", "raised", "critical", "nobody\nanswers\x1b", 0.0, 0.0)
    ]
    found.failures = [Failure("email there", "it is away")]
    first, *rest = as_text(found, RULES).splitlines()
    assert first.startswith("SUTRA CRITICAL - service_unreachable: nobody / answers | cpu_usage_percent=1;;")
    assert rest[-2:] == [
        "alert raised: service_unreachable (critical): nobody\\u000aanswers\\u001b",
        "alert not delivered: email there: it is away",
    ]
    found.state = "the disk is full"
    assert as_text(found, RULES).splitlines()[-1] == "state: the disk is full"


def test_nothing_measured() -> None:
    found = Report("here", 0.0, code="store_locked", message="somebody has it | open")
    assert as_text(found, RULES) == "SUTRA UNKNOWN - store_locked: somebody has it / open"
    assert unknown_text("a", "b\nc\x07") == "SUTRA UNKNOWN - a: b c\\u0007"
    told = as_json(found)
    assert told["error"] == {"code": "store_locked", "message": "somebody has it | open"}
    assert (told["level"], told["exit_code"]) == ("unknown", 3)


def test_json_has_the_names_of_the_contract() -> None:
    told = json.loads(json_text(as_json(report(disk_space_free_gb=3.1, cpu_usage_percent=1.5))))
    assert told["figures"] == {"disk_space_free_gb": 3.1, "cpu_usage_percent": 1.5}
    assert told["levels"] == {"disk_space_free_gb": "critical", "cpu_usage_percent": "ok"}
    assert told["missing"].keys() == set(NAMES) - told["figures"].keys()
    assert (told["time"], told["target"], told["origin"]) == ("1970-01-01T00:00:00.000Z", "here", "service")
    assert (told["level"], told["exit_code"], told["concepts"]) == ("critical", 2, {"default": 7})


def test_state_that_cannot_be_written_is_no_ok() -> None:
    found = report(cpu_usage_percent=1.0)
    assert found.level == "ok"
    found.state = "the disk is full"
    assert found.level == "unknown"
    assert as_text(found, RULES).startswith("SUTRA UNKNOWN - the disk is full | ")
