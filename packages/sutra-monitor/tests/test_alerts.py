"""Alerts are told once, again when they last, and arrive even where a channel fails for a while."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from monitored import Monitored
from monitoring import NOON, FakeClock, monitor_of

from sutra_monitor.alerts import Alert, Alerts, Condition
from sutra_monitor.channels import ChannelError
from sutra_monitor.database import FILE, Database
from sutra_monitor.outbox import Outbox
from sutra_monitor.rules import Level
from sutra_monitor.settings import load_settings

HOUR = 3600.0


class Recorder:
    """A channel that keeps what it gets, or fails."""

    def __init__(self, name: str = "one") -> None:
        self.key = self.label = name
        self.works = True
        self.got: list[Alert] = []
        self.tried = 0

    def send(self, alert: Alert) -> None:
        self.tried += 1
        if not self.works:
            raise ChannelError("it is away")
        self.got.append(alert)


def condition(level: Level, name: str = "a") -> Condition:
    return Condition(name, level, f"{name} is {level}")


def told(database: Database, level: Level, at: float, repeat_hours: float = 24) -> list[tuple[str, Level]]:
    """What a monitor tells that is begun anew."""
    alerts = Alerts(database, "here", repeat_hours).update([condition(level)], (), at)
    return [(alert.status, alert.level) for alert in alerts]


def test_what_lasts_is_told_again_after_some_hours(folder: Path) -> None:
    with Database(folder) as database:
        assert told(database, "critical", 0) == [("raised", "critical")]
        assert told(database, "critical", 23.9 * HOUR) == []
        assert told(database, "critical", 24 * HOUR) == [("repeated", "critical")]
        assert told(database, "critical", 47.9 * HOUR) == []
        assert told(database, "warning", 47.9 * HOUR) == [("changed", "warning")]
        assert told(database, "warning", 50 * HOUR, repeat_hours=1) == [("repeated", "warning")]
        (current,) = Alerts(database, "here", 24).current()
        assert (current.name, current.level, current.raised, current.at) == ("a", "warning", 0, 50 * HOUR)
        assert told(database, "ok", 51 * HOUR) == [("cleared", "warning")]
        assert told(database, "ok", 52 * HOUR) == []
        assert Alerts(database, "here", 24).current() == []


def test_targets_have_alerts_of_their_own_and_what_is_not_known_stays(folder: Path) -> None:
    with Database(folder) as database:
        here, there = Alerts(database, "here", 24), Alerts(database, "there", 24)
        here.update([condition("critical"), condition("warning", "b")], (), 0)
        assert [alert.name for alert in there.update([condition("critical")], (), 0)] == ["a"]
        assert here.update([], (), 1) == []
        assert [(each.name, each.status) for each in here.update([], {"b", "c"}, 2)] == [("b", "cleared")]
        assert [each.name for each in here.current()] == ["a"]


def test_a_channel_that_fails_gets_everything_later_and_hinders_no_other(
    folder: Path, clock: FakeClock
) -> None:
    one, two = Recorder("one"), Recorder("two")
    one.works = False
    with Database(folder) as database:
        alerts = Alerts(database, "here", 24)
        outbox = Outbox(database, [one, two], clock)
        first = alerts.update([condition("critical"), condition("warning", "b")], (), NOON, outbox.put)
        failures = outbox.send()
        assert [(each.channel, each.reason) for each in failures] == [("one", "it is away")]
        assert two.got == first
        assert (one.got, one.tried) == ([], 1)  # it is not asked twice in a run
        one.works = True
    with Database(folder) as database:
        outbox = Outbox(database, [one, two], clock)
        assert outbox.send() == []
        assert one.got == two.got == first
        assert outbox.send() == []
        assert one.got == first  # nothing twice


def test_two_monitors_do_not_send_the_same_at_once(folder: Path, clock: FakeClock) -> None:
    other = Recorder()

    class Slow(Recorder):
        def send(self, alert: Alert) -> None:
            with Database(folder) as database:
                Outbox(database, [other], clock).send()
            super().send(alert)

    slow = Slow()
    with Database(folder) as database:
        outbox = Outbox(database, [slow], clock)
        Alerts(database, "here", 24).update([condition("critical")], (), 0, outbox.put)
        outbox.send()
    assert (len(slow.got), other.got) == (1, [])


def test_what_a_monitor_was_killed_over_is_sent_again(folder: Path, clock: FakeClock) -> None:
    class Killed(Recorder):
        def send(self, alert: Alert) -> None:
            raise KeyboardInterrupt

    again = Recorder()
    with Database(folder) as database:
        outbox = Outbox(database, [Killed()], clock)
        Alerts(database, "here", 24).update([condition("critical")], (), clock.now(), outbox.put)
        with pytest.raises(KeyboardInterrupt):
            outbox.send()
        clock.time += 900
        Outbox(database, [again], clock).send()
        assert len(again.got) == 1


def test_what_was_not_delivered_in_a_week_is_no_news(folder: Path, clock: FakeClock) -> None:
    away = Recorder()
    away.works = False
    with Database(folder) as database:
        outbox = Outbox(database, [away], clock)
        Alerts(database, "here", 24).update([condition("critical")], (), clock.now(), outbox.put)
        for _ in range(2):
            clock.time += 4 * 24 * HOUR
            outbox.send()
        away.works = True
        outbox.send()
    assert away.got == []


def test_a_service_that_cannot_be_reached_is_an_alert_and_so_is_one_that_refuses(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    seen: list[tuple[str, str, Level]] = []
    gone = Monitored()
    gone.close()
    with monitor_of(gone, folder, clock) as monitor:
        report = monitor.run()
        assert report.level == "critical"
        assert "cannot be reached" in report.alerts[0].message
        assert monitor.run().alerts == []
        seen.extend((each.name, each.status, each.level) for each in report.alerts)
    assert seen == [("service_unreachable", "raised", "critical")]
    with monitor_of(service, folder, clock) as monitor:
        service.refusal = 403, "forbidden"
        report = monitor.run()
        assert (report.level, report.code) == ("unknown", "forbidden")
        assert [(each.name, each.status) for each in report.alerts] == [("measurement_failed", "raised")]
        service.refusal = None
        report = monitor.run()
    assert [(each.name, each.status) for each in report.alerts] == [("measurement_failed", "cleared")]
    assert report.level == "ok"


def test_what_cannot_be_remembered_is_told_all_the_same(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    settings = folder / "thresholds.toml"
    settings.write_text('[[command]]\nargv = ["sh", "-c", "cat >> told.jsonl"]')
    service.figures["disk_space_free_gb"] = 1
    with monitor_of(service, folder, clock, load_settings(settings)) as monitor:
        with sqlite3.connect(folder / FILE) as other:
            other.execute("CREATE TRIGGER full BEFORE INSERT ON alerts BEGIN SELECT RAISE(FAIL, 'full'); END")
        reports = [monitor.run(), monitor.run()]
        assert [report.level for report in reports] == ["critical", "critical"]
        assert all("full" in report.state for report in reports)
        assert (folder / "told.jsonl").read_text().count('"status": "raised"') == 1
        other.execute("DROP TRIGGER full")
        other.close()
        assert [alert.status for alert in monitor.run().alerts] == ["raised"]


def test_channels_of_the_settings_are_told(service: Monitored, folder: Path, clock: FakeClock) -> None:
    settings = folder / "thresholds.toml"
    settings.write_text(
        '[[command]]\nargv = ["sh", "-c", "cat >> told.jsonl"]\n[[command]]\nargv = ["false"]'
    )
    service.figures["disk_space_free_gb"] = 1
    with monitor_of(service, folder, clock, load_settings(settings)) as monitor:
        failures = monitor.run().failures
        failures += monitor.run().failures
    assert (folder / "told.jsonl").read_text().count('"status": "raised"') == 1
    assert [each.channel for each in failures] == ["command false"] * 2
