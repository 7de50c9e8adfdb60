"""`sutra monitor --live`: figures, their levels, how they went lately and what is raised, on a terminal.

Only looks: it remembers nothing, tells nobody, and does not test persistence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sutra_monitor.alerts import Alert
from sutra_monitor.clock import Clock
from sutra_monitor.figures import GROUPS
from sutra_monitor.monitor import Monitor, Report
from sutra_monitor.rules import Level

__all__ = ["dashboard", "run_live", "sparkline"]

_REFRESH_SECONDS = {"service": 3.0, "store": 30.0}
"""A store is opened for each look, and nobody can open it to learn meanwhile."""
_HISTORY_SECONDS = 24 * 3600.0
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 32
_STYLES: dict[Level, str] = {
    "ok": "green",
    "warning": "yellow",
    "critical": "bold red",
    "unknown": "magenta",
}


def run_live(monitor: Monitor, clock: Clock, console: Console | None = None) -> None:
    """Shows the dashboard until the clock is stopped."""
    series: dict[str, deque[float]] = {}
    for _, figures in monitor.series(_HISTORY_SECONDS):
        _append(series, figures)
    with Live(console=console or Console(), screen=False, auto_refresh=False) as live:
        while True:
            report = monitor.look()
            _append(series, {each.figure: each.value for each in report.findings})
            live.update(dashboard(report, series, monitor.raised()), refresh=True)
            origin = report.measurement.origin if report.measurement else "store"
            if not clock.sleep(_REFRESH_SECONDS[origin]):
                return


def dashboard(report: Report, series: dict[str, deque[float]], raised: Sequence[Alert]) -> RenderableType:
    """One picture of how things are."""
    at = datetime.fromtimestamp(report.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    head = Text.assemble(
        ("Sutra ", "bold"), (report.level.upper(), _STYLES[report.level]), f"  {report.target}  {at}"
    )
    if report.measurement is None:
        return Group(head, Text(f"{report.code}: {report.message}"), *_alerts(raised))
    table = Table("figure", "value", "level", "lately", box=None)
    found = {each.figure: each for each in report.findings}
    for group, names in GROUPS.items():
        table.add_row(Text(group, "bold"), "", "", "")
        for name in names:
            line = Text(sparkline(series.get(name, ())))
            if finding := found.get(name):
                bound = f" {finding.rule}" if finding.rule else ""
                level = Text(f"{finding.level}{bound}", _STYLES[finding.level])
                table.add_row(Text(f"  {name}"), Text(f"{finding.value:.4g}"), level, line)
            else:
                table.add_row(
                    Text(f"  {name}"), "–", Text(report.measurement.missing.get(name, ""), "dim"), line
                )
    missed = [Text(report.measurement.unreachable, "bold red")] if report.measurement.unreachable else []
    return Group(head, table, *missed, *_alerts(raised))


def sparkline(values: Iterable[float]) -> str:
    """The last values as bars, from the least of them to the greatest."""
    last = list(values)[-_WIDTH:]
    if not last:
        return ""
    least, most = min(last), max(last)
    span = (most - least) or 1.0
    return "".join(_BARS[round((value - least) / span * (len(_BARS) - 1))] for value in last)


def _append(series: dict[str, deque[float]], figures: dict[str, float]) -> None:
    for name, value in figures.items():
        series.setdefault(name, deque(maxlen=_WIDTH)).append(value)


def _alerts(raised: Sequence[Alert]) -> list[Text]:
    if not raised:
        return [Text("no alert is raised", "dim")]
    return [Text(f"{each.level}: {each.name}: {each.message}", _STYLES[each.level]) for each in raised]
