"""Logs as files: what a line holds, when a new file begins, what is kept."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from sutra_core.daily_log import DailyFileHandler, JsonFormatter, fields
from sutra_core.errors import InvalidValueError

_NOON = 1_790_000_000.0
_DAY = 24 * 3600.0


class _Clock:
    def __init__(self) -> None:
        self.now = _NOON

    def __call__(self) -> float:
        return self.now


class _Log:
    """A log in a folder, with a clock that the test sets."""

    def __init__(self, folder: Path, **bounds: Any) -> None:
        self.folder = folder
        self.clock = _Clock()
        self.handler = DailyFileHandler(folder, "service", clock=self.clock, **bounds)
        self.handler.setFormatter(JsonFormatter())
        self.logger = logging.Logger("sutra_core.test")
        self.logger.addHandler(self.handler)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.handler.path().read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[_Log]:
    found = _Log(tmp_path / "logs")
    yield found
    found.handler.close()


def test_a_line_holds_its_event_and_its_fields(log: _Log) -> None:
    log.logger.warning("%s is slow", "spread", extra=fields(seconds=0.5, request="a1", name="Zürich\ud800"))
    (line,) = log.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "WARNING",
        "event": "spread is slow",
        "logger": "sutra_core.test",
        "seconds": 0.5,
        "request": "a1",
        "name": "Zürich?",
    }


def test_an_exception_is_told_without_its_words(log: _Log) -> None:
    try:
        try:
            int("a secret text")
        except ValueError as error:
            raise InvalidValueError("a secret text is no number") from error
    except InvalidValueError:
        log.logger.exception("it failed")
    (line,) = log.lines()
    assert "secret" not in json.dumps(line)
    assert (line["error"]["type"], line["error"]["code"]) == ("InvalidValueError", "invalid_value")
    assert line["error"]["cause"]["type"] == "ValueError"
    assert "test_an_exception_is_told_without_its_words" in line["error"]["at"][0]


def test_each_day_has_a_file_and_old_ones_go(tmp_path: Path) -> None:
    log = _Log(tmp_path, days=3)
    (tmp_path / "service_notes.log").write_text("not of the log")
    days = []
    for _ in range(5):
        log.logger.warning("noon")
        days.append(log.handler.path().name)
        log.clock.now += _DAY
    log.handler.close()
    assert log.names() == [*days[-3:], "service_notes.log"]


def test_a_full_file_is_put_aside_and_all_together_are_bounded(tmp_path: Path) -> None:
    log = _Log(tmp_path, bytes_max=1000, files_max=4)
    for number in range(100):
        log.logger.warning("line %d", number)
    log.handler.close()
    day = log.handler.path().stem
    aside = [name for name in log.names() if name != f"{day}.log"]
    numbers = sorted(int(name.split(".")[1]) for name in aside)
    assert len(numbers) == 3 and numbers == list(range(numbers[0], numbers[0] + 3))
    assert all((tmp_path / name).stat().st_size <= 1000 for name in log.names())
    kept = [tmp_path / f"{day}.{number}.log" for number in numbers] + [tmp_path / f"{day}.log"]
    told = [json.loads(line)["event"] for path in kept for line in path.read_text().splitlines()]
    assert told == [f"line {number}" for number in range(100 - len(told), 100)]


def test_a_file_is_carried_on_after_a_restart(tmp_path: Path) -> None:
    for number in range(2):
        first = _Log(tmp_path, bytes_max=10_000)
        first.logger.warning("start %d", number)
        first.handler.close()
    log = _Log(tmp_path, bytes_max=10_000)
    log.logger.warning("start 2")
    log.handler.close()
    assert [line["event"] for line in log.lines()] == ["start 0", "start 1", "start 2"]
    assert (log.handler.path().stat().st_mode & 0o777) == 0o600


def test_a_line_that_cannot_be_written_hinders_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("in the way")
    log = _Log(tmp_path / "logs")
    log.logger.warning("lost")
    assert "1 lines of the log are lost: " in capsys.readouterr().err
    (tmp_path / "logs").unlink()
    log.logger.warning("kept")
    log.handler.close()
    assert [line["event"] for line in log.lines()] == ["kept"]


def test_a_line_that_was_cut_off_spoils_no_other(log: _Log) -> None:
    log.folder.mkdir()
    log.handler.path().write_text('{"event": "half a li')
    log.logger.info("whole")
    cut_off, whole = log.handler.path().read_text(encoding="utf-8").splitlines()
    assert cut_off == '{"event": "half a li'
    assert json.loads(whole)["event"] == "whole"


def test_lines_that_are_lost_are_counted_and_standard_error_may_be_full_too(
    log: _Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.folder.write_text("no folder")
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr(sys, "stderr", full)
        log.logger.info("lost")
        log.logger.info("lost too")
        monkeypatch.undo()
        with suppress(OSError):
            full.close()
    assert log.handler.lost == 2
    log.folder.unlink()
    log.logger.info("written")
    assert [line["event"] for line in log.lines()] == ["written"]


def test_lines_that_wait_for_a_disk_that_is_full_are_counted(tmp_path: Path) -> None:
    log = _Log(tmp_path, flushes=False)
    log.logger.info("waits")
    log.handler.flush()
    with Path("/dev/full").open("w") as full:
        log.handler._file, written = full, log.handler._file
        for _ in range(3):
            log.logger.info("waits")
        log.handler.flush()
        assert log.handler.lost == 3
        if written:
            written.close()
    log.logger.info("written")
    log.handler.flush()
    assert [line["event"] for line in log.lines()] == ["waits", "written"]
    log.handler.close()
