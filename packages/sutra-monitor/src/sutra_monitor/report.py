"""A run of the monitor, told: for people and for Nagios (its plug-in's output and exit codes), or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sutra_monitor.alerts import Alert
from sutra_monitor.figures import NAMES
from sutra_monitor.monitor import SERVICE_UNREACHABLE, Report
from sutra_monitor.rules import Finding, Level, Rule

__all__ = ["EXIT_CODES", "as_json", "as_text", "json_text", "unknown_text"]

EXIT_CODES: dict[Level, int] = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
"""As the plug-ins of Nagios have them."""


def as_text(report: Report, rules: Iterable[Rule]) -> str:
    """The first line for a program that watches, then one for each figure and for each that is missing."""
    if report.measurement is None:
        return "\n".join([unknown_text(report.code, report.message), *_told(report)])
    rules = list(rules)
    found = {finding.figure: finding for finding in report.findings}
    lines = [f"SUTRA {report.level.upper()} - {_summary(report)} | {_perfdata(report.findings, rules)}"]
    for name in NAMES:
        note = report.measurement.notes.get(name, "")
        after = f": {note}" if note else ""
        if finding := found.get(name):
            bound = f" ({finding.rule})" if finding.rule else ""
            lines.append(f"{name} = {finding.value:.6g} {finding.level.upper()}{bound}{after}")
        else:
            lines.append(f"{name}: not measured: {report.measurement.missing.get(name, 'it is not known')}")
    concepts = ", ".join(f"{name} {count.concepts}" for name, count in report.measurement.counts.items())
    lines.append(f"concepts: {concepts or 'not measured'}")
    if report.measurement.unreachable:
        lines.append(f"{SERVICE_UNREACHABLE} = CRITICAL: {report.measurement.unreachable}")
    return "\n".join(_visible(line) for line in [*lines, *_told(report)])


def unknown_text(code: str, message: str) -> str:
    """The line of a run that measured nothing."""
    return _visible(f"SUTRA UNKNOWN - {code}: {_plain(message)}")


def as_json(report: Report) -> dict[str, object]:
    """The same for programs; the names are those of the monitoring contract."""
    told: dict[str, object] = {
        "time": _time(report.at),
        "target": report.target,
        "level": report.level,
        "exit_code": EXIT_CODES[report.level],
        "alerts": [_alert_as_json(alert) for alert in report.alerts],
        "undelivered": [
            {"channel": failure.channel, "reason": failure.reason} for failure in report.failures
        ],
    }
    if report.state:
        told["state"] = report.state
    if report.measurement is None:
        return told | {"error": {"code": report.code, "message": report.message}}
    return told | {
        "origin": report.measurement.origin,
        "figures": {finding.figure: finding.value for finding in report.findings},
        "levels": {finding.figure: finding.level for finding in report.findings},
        "missing": report.measurement.missing,
        "notes": report.measurement.notes,
        "concepts": {name: count.concepts for name, count in report.measurement.counts.items()},
        SERVICE_UNREACHABLE: report.measurement.unreachable or None,
    }


def json_text(value: object, *, indent: int | None = 2) -> str:
    """JSON in which nothing commands a terminal."""
    return json.dumps(value, indent=indent)


def _summary(report: Report) -> str:
    """What is wrong, the gravest first; or that nothing is."""
    measurement = report.measurement
    wrong: list[str] = []
    if measurement and measurement.unreachable:
        wrong.append(f"{SERVICE_UNREACHABLE}: {_plain(measurement.unreachable)}")
    for level in ("critical", "warning"):
        wrong += (
            f"{each.figure} {each.value:.4g} ({each.rule})" for each in report.findings if each.level == level
        )
    if report.state:
        wrong.append(_plain(report.state))
    return ", ".join(wrong) or f"figures within their bounds: {len(report.findings)}"


def _perfdata(findings: Iterable[Finding], rules: list[Rule]) -> str:
    return " ".join(
        f"{each.figure}={each.value:.6g};{_range(rules, each.figure, 'warning')};"
        f"{_range(rules, each.figure, 'critical')}"
        for each in findings
    )


def _range(rules: list[Rule], figure: str, level: Level) -> str:
    """What is within a bound, as Nagios writes ranges."""
    for rule in rules:
        if (rule.figure, rule.level) == (figure, level):
            return f"{rule.bound:g}:" if rule.operator.startswith("<") else f"{rule.bound:g}"
    return ""


def _told(report: Report) -> list[str]:
    lines = [f"alert {each.status}: {each.name} ({each.level}): {each.message}" for each in report.alerts]
    lines += (f"alert not delivered: {each.channel}: {each.reason}" for each in report.failures)
    if report.state:
        lines.append(f"state: {report.state}")
    return lines


def _alert_as_json(alert: Alert) -> dict[str, object]:
    return {
        "name": alert.name,
        "status": alert.status,
        "level": alert.level,
        "message": alert.message,
        "raised": _time(alert.raised),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(text: str) -> str:
    """One line without the bar that begins the figures of a plug-in."""
    return " ".join(text.split()).replace("|", "/")


def _visible(text: str) -> str:
    """The line with what commands a terminal written as an escape."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
