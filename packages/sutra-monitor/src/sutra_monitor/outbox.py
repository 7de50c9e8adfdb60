"""Alerts on their way: each is sent to each channel once, and tried again in the next run where that fails.

What fails is told to the caller and hinders no other channel. Two monitors never send the same at once.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sutra_monitor.alerts import Alert
from sutra_monitor.channels import Channel, ChannelError
from sutra_monitor.clock import Clock
from sutra_monitor.database import Database

__all__ = ["Failure", "Outbox"]

_CLAIM_SECONDS = 300.0
_KEPT_SECONDS = 7 * 24 * 3600.0
_AT_ONCE_MAX = 100
_SEND_SECONDS = 120.0
"""However slowly what listens there brings its bytes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A channel that could not be told, and why."""

    channel: str
    reason: str


class Outbox:
    """What is to be sent to the channels of the settings."""

    def __init__(self, database: Database, channels: Sequence[Channel], clock: Clock) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock

    def put(self, connection: sqlite3.Connection, alerts: Iterable[Alert]) -> None:
        """Lays alerts out for every channel, in the caller's transaction."""
        rows = [
            (channel.key, json.dumps(asdict(alert)), alert.at)
            for alert in alerts
            for channel in self._channels
        ]
        connection.executemany("INSERT INTO outbox (channel, alert, at) VALUES (?, ?, ?)", rows)

    def send(self) -> list[Failure]:
        """Sends what is laid out, the oldest first; the first failure of a channel ends its turn."""
        failures: list[Failure] = []
        for channel in self._channels:
            for _ in range(_AT_ONCE_MAX):
                claimed = self._claim(channel.key)
                if claimed is None:
                    break
                number, alert = claimed
                try:
                    _send(channel, alert)
                except ChannelError as error:
                    self._release(number)
                    failures.append(Failure(channel.label, str(error)))
                    break
                self._remove(number)
        self._forget()
        return failures

    def send_unremembered(self, alerts: Iterable[Alert]) -> list[Failure]:
        """Sends alerts that could not be laid out; what fails is not tried again."""
        failures: list[Failure] = []
        for alert in alerts:
            for channel in self._channels:
                try:
                    _send(channel, alert)
                except ChannelError as error:
                    failures.append(Failure(channel.label, str(error)))
        return failures

    def _claim(self, key: str) -> tuple[int, Alert] | None:
        now = self._clock.now()
        with self._database.transaction() as connection:
            row: tuple[int, str] | None = connection.execute(
                "SELECT id, alert FROM outbox WHERE channel = ? AND NOT (claimed BETWEEN ? AND ?) "
                "ORDER BY id LIMIT 1",
                (key, now - _CLAIM_SECONDS, now),
            ).fetchone()
            if row is None:
                return None
            connection.execute("UPDATE outbox SET claimed = ? WHERE id = ?", (now, row[0]))
        return row[0], Alert(**json.loads(row[1]))

    def _release(self, number: int) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE outbox SET claimed = 0 WHERE id = ?", (number,))

    def _remove(self, number: int) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (number,))

    def _forget(self) -> None:
        """What was never sent is no news after a week."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM outbox WHERE at < ?", (self._clock.now() - _KEPT_SECONDS,))


def _send(channel: Channel, alert: Alert) -> None:
    """Has the channel send an alert; raises what that raises, and `ChannelError` after too long."""
    failures: list[BaseException] = []

    def send() -> None:
        try:
            channel.send(alert)
        except BaseException as error:  # noqa: BLE001  (raised again by who waits)
            failures.append(error)

    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(_SEND_SECONDS)
    if sending.is_alive():
        raise ChannelError(f"it took longer than {_SEND_SECONDS:g} seconds")
    if failures:
        raise failures[0]
