"""Alerts: raised once, told again when the level changes or after some hours, and cleared once.

What is raised is remembered in `monitor.db`, so that a monitor that is run by a timer says nothing twice.
Sends nothing; see outbox.py.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sutra_monitor.database import Database
from sutra_monitor.rules import Level

__all__ = ["Alert", "Alerts", "Condition", "Status"]

Status = Literal["raised", "changed", "repeated", "cleared"]


@dataclass(frozen=True, slots=True)
class Condition:
    """How something is at this moment: a figure, or whether the service can be reached."""

    name: str
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told. `level` is the one before, where it is cleared; `raised` is when it began."""

    target: str
    name: str
    status: Status
    level: Level
    message: str
    raised: float
    at: float


class Alerts:
    """The alerts of one target."""

    def __init__(self, database: Database, target: str, repeat_hours: float) -> None:
        self._database = database
        self._target = target
        self._repeat_seconds = repeat_hours * 3600

    def update(
        self,
        conditions: Iterable[Condition],
        over: Collection[str],
        at: float,
        put: Callable[[sqlite3.Connection, list[Alert]], None] | None = None,
    ) -> list[Alert]:
        """What is to be told now. Those in `over` are cleared; one without a condition stays as it is.

        `put` lays it out to be sent, in the same transaction: what is remembered as told will be sent.
        """
        told: list[Alert] = []
        now = {name: Condition(name, "ok", "nothing of the kind was seen lately") for name in over}
        now |= {condition.name: condition for condition in conditions}
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT name, level, raised, told FROM alerts WHERE target = ?", (self._target,)
            )
            before: dict[str, tuple[Level, float, float]] = {
                name: (level, raised, told_at) for name, level, raised, told_at in rows
            }
            for condition in now.values():
                status, level, raised = self._status(condition, before.get(condition.name), at)
                if status is None:
                    continue
                told.append(Alert(self._target, condition.name, status, level, condition.message, raised, at))
                if status == "cleared":
                    connection.execute(
                        "DELETE FROM alerts WHERE target = ? AND name = ?", (self._target, condition.name)
                    )
                else:
                    connection.execute(
                        "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?, ?)",
                        (self._target, condition.name, level, condition.message, raised, at),
                    )
            if put and told:
                put(connection, told)
        return told

    def current(self) -> list[Alert]:
        """What is raised, and when it was told last."""
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT name, level, message, raised, told FROM alerts WHERE target = ? "
                "ORDER BY raised, name",
                (self._target,),
            ).fetchall()
        return [
            Alert(self._target, name, "raised", level, message, raised, told)
            for name, level, message, raised, told in rows
        ]

    def _status(
        self, condition: Condition, before: tuple[Level, float, float] | None, at: float
    ) -> tuple[Status | None, Level, float]:
        if before is None:
            return (None if condition.level == "ok" else "raised"), condition.level, at
        level, raised, told = before
        if condition.level == "ok":
            return "cleared", level, raised
        if condition.level != level:
            return "changed", condition.level, raised
        return ("repeated" if at - told >= self._repeat_seconds else None), level, raised
