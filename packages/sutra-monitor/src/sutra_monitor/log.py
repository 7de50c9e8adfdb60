"""The monitor's log: `production_YYYYMMDD.log`, JSON lines with the names of the monitoring contract.

`learning_rate` and `query_latency` stand beside the names of the contract, and a rate of errors stands in a
line only where there are errors: so a search for "error" or "warning" finds errors and warnings alone, and
every level that is worse than a warning is written as ERROR. No line holds a secret.
"""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from sutra_core.daily_log import DailyFileHandler, JsonFormatter, fields
from sutra_monitor.alerts import Alert
from sutra_monitor.clock import Clock
from sutra_monitor.rules import Level

if TYPE_CHECKING:
    from sutra_monitor.figures import Measurement
    from sutra_monitor.outbox import Failure

__all__ = ["MonitorLog"]

_DAYS = 30
_BYTES_MAX = 8 << 20
_FILES_MAX = 60
_LEVELS: dict[Level, int] = {
    "ok": logging.INFO,
    "warning": logging.WARNING,
    "critical": logging.ERROR,
    "unknown": logging.ERROR,
}
_BESIDE = {"learning_rate": "concepts_learned_per_second", "query_latency": "query_latency_p95"}
_RATES = frozenset({"learning_error_rate", "query_error_rate"})


class MonitorLog:
    """The log in a folder; a context manager."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._handler = DailyFileHandler(
            folder,
            "production",
            days=_DAYS,
            bytes_max=_BYTES_MAX,
            files_max=_FILES_MAX,
            clock=clock.now,
        )
        self._handler.setFormatter(JsonFormatter())

    def measured(self, measurement: Measurement, level: Level) -> None:
        """One measurement, and the gravest level in it."""
        figures = {
            name: round(value, 6)
            for name, value in measurement.figures.items()
            if value or name not in _RATES
        }
        beside = {name: figures[other] for name, other in _BESIDE.items() if other in figures}
        self._write(
            _LEVELS[level],
            "measured",
            target=measurement.target,
            origin=measurement.origin,
            concepts=sum(count.concepts for count in measurement.counts.values()),
            **beside,
            **figures,
        )

    def alert(self, alert: Alert) -> None:
        """One alert; of one that is over the level is of no interest any more."""
        over = alert.status == "cleared"
        self._write(
            logging.INFO if over else _LEVELS[alert.level],
            f"alert {alert.status}",
            target=alert.target,
            alert=alert.name,
            **({} if over else {"alert_level": alert.level}),
            message=alert.message,
        )

    def undelivered(self, failure: Failure) -> None:
        """A channel that could not be told."""
        self._write(logging.ERROR, "alert not delivered", channel=failure.channel, reason=failure.reason)

    def failed(self, target: str, code: str, message: str) -> None:
        """A run in which nothing could be measured."""
        self._write(logging.ERROR, "nothing measured", target=target, code=code, message=message)

    def close(self) -> None:
        """Ends the log."""
        self._handler.close()

    def __enter__(self) -> MonitorLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, level: int, event: str, **values: object) -> None:
        values_made = {
            "name": "sutra_monitor",
            "levelno": level,
            "levelname": logging.getLevelName(level),
            "msg": event,
            "created": self._clock.now(),
            **fields(**values),
        }
        self._handler.handle(logging.makeLogRecord(values_made))
