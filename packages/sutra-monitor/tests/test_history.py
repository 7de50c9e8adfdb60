"""What is remembered: for how long, of which target, and across a restart of the monitor."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from monitored import Monitored, counted
from monitoring import NOON, FakeClock, monitor_of

from sutra_core.errors import StoreIOError
from sutra_monitor.database import FILE, Database
from sutra_monitor.figures import Count, Measurement
from sutra_monitor.history import KEPT_SECONDS, History


def measurement(at: float, **counts: Count) -> Measurement:
    return Measurement("here", at, "service", figures={"cpu_usage_percent": at}, counts=counts)


def test_measurements_are_kept_for_30_days_each_target_by_itself(folder: Path) -> None:
    with Database(folder) as database:
        history, other = History(database, "here"), History(database, "there")
        other.add(measurement(5))
        for at in (0.0, 10.0, KEPT_SECONDS + 5):
            history.add(measurement(at, default=Count(int(at), 1, 2, "s")))
        assert [at for at, _ in history.figures(0)] == [10.0, KEPT_SECONDS + 5]
        assert history.figures(11) == [(KEPT_SECONDS + 5, {"cpu_usage_percent": KEPT_SECONDS + 5})]
        last = Count(int(KEPT_SECONDS) + 5, 1, 2, "s")
        assert history.counts(0) == {"default": [Count(10, 1, 2, "s"), last]}
        assert len(other.figures(0)) == 1
    with sqlite3.connect(folder / FILE) as connection:
        rows = connection.execute("SELECT COUNT(*) FROM counts").fetchone()
    connection.close()
    assert rows == (2,)  # what belongs to a measurement goes with it


def test_verifications_are_remembered(folder: Path) -> None:
    with Database(folder) as database:
        assert History(database, "here").verified("default") is None
        History(database, "here").add_verification("default", 1.0, ["a fault"])
        History(database, "here").add_verification("own", 2.0, [])
    with Database(folder) as database:
        assert History(database, "here").verified("default") == (1.0, ["a fault"])
        assert History(database, "here").verified("own") == (2.0, [])
        assert History(database, "there").verified("own") is None


def test_a_file_of_the_first_version_is_taken_over(folder: Path) -> None:
    with Database(folder) as database:
        History(database, "here").add(measurement(10.0, default=Count(10, 1, 2, "s")))
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("ALTER TABLE counts DROP COLUMN started")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    for _ in range(2):
        with Database(folder) as database:
            assert History(database, "here").counts(0) == {"default": [Count(10, 1, 2, "s")]}


def figure(service: Monitored, folder: Path, clock: FakeClock) -> float | None:
    """The variance that a monitor finds that is begun for it alone."""
    with monitor_of(service, folder, clock) as monitor:
        found = {each.figure: each.value for each in monitor.run().findings}
    clock.time += 900
    return found.get("concept_count_variance")


def test_the_variance_is_of_the_worst_namespace_and_between_runs_of_a_timer(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    service.namespaces = {"default": counted(100, 100), "own": counted(10, 10)}
    assert figure(service, folder, clock) is None
    service.namespaces = {"default": counted(200, 200), "own": counted(9, 10)}
    assert figure(service, folder, clock) == pytest.approx(0.1)
    service.namespaces = {"default": counted(200, 200)}  # the other one is closed, and not forgotten
    assert figure(service, folder, clock) == pytest.approx(0.1)
    service.namespaces = {"default": counted(250, 50, since="2026-01-01T12:20:00Z")}  # started again
    assert figure(service, folder, clock) == pytest.approx(0.1)
    clock.time = NOON + 25 * 3600
    assert figure(service, folder, clock) is None


def test_a_file_that_is_no_database_is_told(folder: Path) -> None:
    (folder / FILE).write_text("no database" * 1000)
    with pytest.raises(StoreIOError, match="put it aside"):
        Database(folder)
    (folder / FILE).unlink()
    with Database(folder):
        pass
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreIOError, match="newer version"):
        Database(folder)


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(StoreIOError, match="--state"):
        Database(folder / "file" / "state")


def test_nothing_of_a_transaction_that_fails_is_kept(folder: Path) -> None:
    with Database(folder) as database:
        history = History(database, "here")
        with pytest.raises(RuntimeError), database.transaction() as connection:
            connection.execute("INSERT INTO verifications VALUES ('here', 'default', 1, '[]')")
            raise RuntimeError
        assert history.verified("default") is None


def test_a_namespace_that_was_deleted_and_made_again_is_no_loss(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    service.namespaces = {"own": counted(90, 90)}
    assert figure(service, folder, clock) is None
    assert figure(service, folder, clock) == 0
    service.namespaces = {"own": counted(9, 9, since="2026-01-01T11:00:00Z")}
    assert figure(service, folder, clock) is None
    assert figure(service, folder, clock) == 0
    service.namespaces["own"]["concepts"] = 6
    assert figure(service, folder, clock) == pytest.approx(1 / 3)


def test_what_a_service_does_not_count_is_explained_unless_it_is_lost(
    service: Monitored, folder: Path, clock: FakeClock
) -> None:
    for concepts, expected in ((10, None), (90, 0), (81, pytest.approx(0.1))):
        service.namespaces = {"default": {**counted(concepts, 0), "since": None}}
        assert figure(service, folder, clock) == expected


def test_a_disk_that_is_full_is_said_to_be_and_is_used_again(folder: Path) -> None:
    with Database(folder) as database:
        connection = database._connection
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        history = History(database, "here")
        with pytest.raises(StoreIOError, match="disk is full"):
            history.add_verification("own", 1.0, ["a fault" * 10_000])
        connection.execute("PRAGMA max_page_count = 100000")
        history.add_verification("own", 1.0, ["a fault" * 10_000])
        assert history.verified("own")


def test_a_file_that_somebody_reads_for_long_is_used_again(folder: Path) -> None:
    with Database(folder) as database, closing(sqlite3.connect(folder / FILE)) as reader:
        database._connection.execute("PRAGMA busy_timeout = 1")
        History(database, "here").add_verification("own", 1.0, [])
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM verifications").fetchall()
        with pytest.raises(StoreIOError, match="locked"):
            History(database, "here").add_verification("own", 2.0, [])
        reader.rollback()
        History(database, "here").add_verification("own", 3.0, [])
        assert History(database, "here").verified("own") == (3.0, [])
