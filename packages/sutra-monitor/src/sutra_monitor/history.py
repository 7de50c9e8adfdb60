"""What was measured before: every measurement of the last 30 days, and when a store was verified deeply.

Judges nothing.
"""

from __future__ import annotations

import json
from typing import Any

from sutra_monitor.database import Database
from sutra_monitor.figures import Count, Measurement

__all__ = ["KEPT_SECONDS", "History"]

KEPT_SECONDS = 30 * 24 * 3600.0
"""For how long a measurement is kept."""


class History:
    """The measurements of one target: the folder of a store, or the URL of a service."""

    def __init__(self, database: Database, target: str) -> None:
        self._database = database
        self._target = target

    def add(self, measurement: Measurement) -> None:
        """Keeps a measurement, and lets go of those that are too old, whatever their target."""
        with self._database.transaction() as connection:
            number = connection.execute(
                "INSERT INTO measurements (target, at, origin, figures) VALUES (?, ?, ?, ?)",
                (self._target, measurement.at, measurement.origin, json.dumps(measurement.figures)),
            ).lastrowid
            connection.executemany(
                "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        number,
                        name,
                        count.concepts,
                        count.learned,
                        count.forgotten,
                        count.since,
                        count.started,
                    )
                    for name, count in measurement.counts.items()
                ),
            )
            connection.execute("DELETE FROM measurements WHERE at < ?", (measurement.at - KEPT_SECONDS,))

    def counts(self, after: float) -> dict[str, list[Count]]:
        """The counts of each namespace since some time, the oldest first."""
        found: dict[str, list[Count]] = {}
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT namespace, concepts, learned, forgotten, since, started FROM counts "
                "JOIN measurements ON id = measurement WHERE target = ? AND at >= ? ORDER BY at, id",
                (self._target, after),
            )
            for namespace, *values in rows:
                found.setdefault(namespace, []).append(Count(*values))
        return found

    def figures(self, after: float) -> list[tuple[float, dict[str, float]]]:
        """The figures of each measurement since some time, with that time, the oldest first."""
        with self._database.transaction() as connection:
            rows: list[tuple[float, str]] = connection.execute(
                "SELECT at, figures FROM measurements WHERE target = ? AND at >= ? ORDER BY at, id",
                (self._target, after),
            ).fetchall()
        return [(at, json.loads(figures)) for at, figures in rows]

    def verified(self, namespace: str) -> tuple[float, list[str]] | None:
        """When a store was verified deeply, and the faults that were found; None where it never was."""
        with self._database.transaction() as connection:
            row: tuple[float, Any] | None = connection.execute(
                "SELECT at, faults FROM verifications WHERE target = ? AND namespace = ?",
                (self._target, namespace),
            ).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def add_verification(self, namespace: str, at: float, faults: list[str]) -> None:
        """Remembers a deep verification."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO verifications VALUES (?, ?, ?, ?)",
                (self._target, namespace, at, json.dumps(faults)),
            )
