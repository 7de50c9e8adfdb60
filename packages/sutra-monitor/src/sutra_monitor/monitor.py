"""One run of the monitor: measure, remember, judge, tell. What fails is reported, and ends nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sutra_core.errors import StoreIOError, SutraError
from sutra_monitor.alerts import Alert, Alerts, Condition
from sutra_monitor.channels import channels_of
from sutra_monitor.clock import Clock
from sutra_monitor.database import Database
from sutra_monitor.figures import Measurement
from sutra_monitor.history import History
from sutra_monitor.log import MonitorLog
from sutra_monitor.outbox import Failure, Outbox
from sutra_monitor.rules import Finding, Level, findings, worst
from sutra_monitor.settings import Settings
from sutra_monitor.stability import variance
from sutra_monitor.target import Target

__all__ = ["MEASUREMENT_FAILED", "SERVICE_UNREACHABLE", "Monitor", "Report"]

SERVICE_UNREACHABLE = "service_unreachable"
MEASUREMENT_FAILED = "measurement_failed"


@dataclass(slots=True)
class Report:
    """What a run found. `measurement` is None where nothing could be measured: `code` and `message` say why.

    `state` says what is wrong with the monitor's own files, and is empty where nothing is.
    """

    target: str
    at: float
    measurement: Measurement | None = None
    findings: list[Finding] = field(default_factory=list[Finding])
    alerts: list[Alert] = field(default_factory=list[Alert])
    failures: list[Failure] = field(default_factory=list[Failure])
    code: str = ""
    message: str = ""
    state: str = ""

    @property
    def level(self) -> Level:
        """The gravest level of all."""
        if self.measurement is None:
            return "unknown"
        levels: list[Level] = [finding.level for finding in self.findings]
        if self.measurement.unreachable:
            levels.append("critical")
        if self.state:
            levels.append("unknown")
        return worst(levels)


class Monitor:
    """Measures one target, again and again; keeps what it remembers in `database`."""

    def __init__(
        self, target: Target, settings: Settings, database: Database, log: MonitorLog, clock: Clock
    ) -> None:
        self._target = target
        self._settings = settings
        self._log = log
        self._clock = clock
        self._history = History(database, target.name)
        self._alerts = Alerts(database, target.name, settings.repeat_hours)
        self._outbox = Outbox(database, channels_of(settings), clock)
        self._unremembered: set[tuple[str, Level]] = set()

    def run(self) -> Report:
        """Measures once, and tells whom the settings name."""
        report = self._measured(self._remember, thorough=True)
        self._tell(report)
        self._write(report)
        return report

    def look(self) -> Report:
        """Measures what is quick to measure; remembers and tells nothing."""
        return self._measured(self._judge_counts, thorough=False)

    def series(self, seconds: float) -> list[tuple[float, dict[str, float]]]:
        """The figures of so many seconds past."""
        return self._history.figures(self._clock.now() - seconds)

    def raised(self) -> list[Alert]:
        """The alerts that are not over."""
        return self._alerts.current()

    def _measured(self, complete: Callable[[Measurement], None], *, thorough: bool) -> Report:
        """A report of a measurement, with what the monitor's own history adds to it."""
        report = Report(self._target.name, self._clock.now())
        try:
            measurement = self._target.measure(self._history, report.at, thorough=thorough)
        except SutraError as error:
            report.code, report.message = error.code, str(error)
            return report
        except OSError as error:
            what = f"{error.filename}: " if error.filename else ""
            report.code, report.message = StoreIOError.code, f"{what}{error.strerror or error}"
            return report
        try:
            complete(measurement)
        except StoreIOError as error:
            report.state = str(error)
        report.measurement = measurement
        report.findings = findings(self._settings.rules, measurement.figures)
        return report

    def _remember(self, measurement: Measurement) -> None:
        """Adds what the history says of the counts, and the measurement to the history."""
        try:
            self._judge_counts(measurement)
        finally:
            if measurement.figures:
                self._history.add(measurement)

    def _judge_counts(self, measurement: Measurement) -> None:
        hours = self._settings.window_hours
        samples = self._history.counts(measurement.at - hours * 3600)
        for namespace, count in measurement.counts.items():
            samples.setdefault(namespace, []).append(count)
        variances = {
            namespace: found
            for namespace, counts in samples.items()
            if (found := variance(counts)) is not None
        }
        names = ("concept_count_variance", "concept_count_stability")
        if not measurement.counts:
            reason = "no count of concepts was told"
            measurement.missing |= dict.fromkeys(names, reason)
            return
        if not variances:
            reason = f"there is one measurement of the last {hours:g} hours, and it takes two"
            measurement.missing |= dict.fromkeys(names, reason)
            return
        worst_of_all = max(variances, key=lambda name: variances[name])
        measurement.figures["concept_count_variance"] = variances[worst_of_all]
        measurement.figures["concept_count_stability"] = min(1.0, max(0.0, 1 - variances[worst_of_all]))
        if variances[worst_of_all]:
            measurement.notes["concept_count_variance"] = f"in {worst_of_all}"

    def _tell(self, report: Report) -> None:
        conditions = self._conditions(report)
        over = report.measurement.quiet if report.measurement else ()
        try:
            report.alerts = self._alerts.update(conditions, over, report.at, self._outbox.put)
            report.failures = self._outbox.send()
        except StoreIOError as error:
            # The disk may be full, which has to be told all the same: once by this process.
            report.state = str(error)
            wrong = [each for each in conditions if each.level != "ok"]
            report.alerts = [
                Alert(report.target, each.name, "raised", each.level, each.message, report.at, report.at)
                for each in wrong
                if (each.name, each.level) not in self._unremembered
            ]
            self._unremembered = {(each.name, each.level) for each in wrong}
            report.failures = self._outbox.send_unremembered(report.alerts)
        else:
            self._unremembered = set()

    def _conditions(self, report: Report) -> list[Condition]:
        """How everything is that an alert can be about."""
        measurement = report.measurement
        conditions: list[Condition] = []
        if measurement is None:
            conditions.append(Condition(MEASUREMENT_FAILED, "unknown", f"{report.code}: {report.message}"))
        else:
            unreachable = measurement.unreachable
            conditions.append(Condition(MEASUREMENT_FAILED, "ok", "it can be measured again"))
            conditions.append(
                Condition(
                    SERVICE_UNREACHABLE,
                    "critical" if unreachable else "ok",
                    unreachable or "no service is missed",
                )
            )
            conditions += (
                Condition(each.figure, each.level, _in_words(each, measurement.notes.get(each.figure, "")))
                for each in report.findings
            )
        return conditions

    def _write(self, report: Report) -> None:
        if report.measurement is None:
            self._log.failed(report.target, report.code, report.message)
        else:
            self._log.measured(report.measurement, report.level)
        if report.state:
            self._log.failed(report.target, StoreIOError.code, report.state)
        for alert in report.alerts:
            self._log.alert(alert)
        for failure in report.failures:
            self._log.undelivered(failure)


def _in_words(finding: Finding, note: str) -> str:
    value = f"{finding.figure} is {finding.value:.4g}"
    bound = f" ({finding.rule})" if finding.rule else ""
    return f"{value}{bound}" + (f": {note}" if note else "")
