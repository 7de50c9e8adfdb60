"""`sutra watch`: a real folder, a real process, and what it learns as files come, change and go."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest
import stand_in
from serving_process import ServiceProcess

from sutra_cli import watching

Sutra = Callable[..., Any]
PATIENCE_SECONDS = 60.0


class Watching:
    """A running `sutra watch`, and the lines that it prints."""

    def __init__(self, *arguments: str) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        self._seen: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, stand_in.PROGRAM, "watch", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._threads = [
            threading.Thread(target=self._take, args=(stream,))
            for stream in (self.process.stdout, self.process.stderr)
        ]
        for thread in self._threads:
            thread.start()

    def line(self, beginning: str) -> str:
        """The next line that begins so; others are kept, for the two streams come in any order."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            for line in self._seen:
                if line.startswith(beginning):
                    self._seen.remove(line)
                    return line
            with suppress(queue.Empty):
                self._seen.append(self._lines.get(timeout=0.2))
        raise AssertionError(f"no line began with {beginning!r}: {self._seen}")

    def end(self, sent: signal.Signals) -> int:
        """Ends it by a signal; its exit code."""
        self.process.send_signal(sent)
        code = self.process.wait(PATIENCE_SECONDS)
        for thread in self._threads:
            thread.join()
        return code

    def close(self) -> None:
        """Ends it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def _take(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))


@pytest.fixture
def watched(texts: Path) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*arguments: str) -> Watching:
        started.append(Watching(str(texts), *arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_what_appears_changes_and_goes(
    watched: Callable[..., Watching], sutra: Sutra, texts: Path, sent: signal.Signals
) -> None:
    (texts / "old").mkdir()
    running = watched()
    assert running.line("learned").startswith("learned 3 sources ")
    running.line(f"watching {texts}")
    (texts / "tyne.txt").write_text("The Tyne is wide.")
    assert running.line("learned").startswith("learned 1 sources (0 known already")
    (texts / "tyne.txt").write_text("The Tyne is wide and old.")
    assert running.line("learned").startswith("learned 1 sources (0 known already, 1 replaced, ")
    (texts / ".hidden.txt").write_text("Nobody reads this.")
    (texts / "picture.png").write_bytes(b"\x89PNG\0")
    running.line(f"refused[unknown_format]: {texts / 'picture.png'} holds binary data")
    (texts / "old" / "ems.txt").write_text("The Ems is slow.")
    assert running.line("learned").startswith("learned 1 sources (0 known already")
    (texts / "tyne.txt").unlink()
    running.line(f"gone: {texts / 'tyne.txt'} stays learned until it is forgotten")
    assert running.end(sent) == 0
    running.line(f"ended: {texts} is watched no more")
    assert sutra("stats", "--json").json["sources"] == 5
    again = sutra("learn", str(texts))
    assert again.out.startswith("learned 0 sources (4 known already")


def test_it_goes_through_a_running_service(
    watched: Callable[..., Watching], sutra: Sutra, learned: Sutra, texts: Path, folder: Path
) -> None:
    service = ServiceProcess(folder / "knowledge").ready()
    try:
        running = watched()
        assert running.line("learned").startswith("learned 0 sources (3 known already")
        running.line("watching")
        (texts / "tyne.txt").write_text("The Tyne is wide.")
        assert running.line("learned").startswith("learned 1 sources (0 known already")
        (hit,) = sutra("search", "Tyne", "--mode", "words", "--json").json
        assert hit["address"] == str((texts / "tyne.txt").resolve())
        assert running.end(signal.SIGTERM) == 0
    finally:
        service.end()


def test_a_file_that_is_still_written_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(watching.time, "monotonic", lambda: now)
    path = folder / "a.txt"
    path.write_text("The Tyne")
    resting = watching._Resting()
    resting.add(path)
    now += 0.9
    assert resting.rested() == []
    path.write_text("The Tyne is wide.")
    now += 0.2
    assert resting.rested() == []  # it has grown: its rest begins again
    now += 0.9
    assert resting.rested() == []
    now += 0.2
    assert resting.rested() == [path]
    assert resting.rested() == []
    resting.add(path)
    path.unlink()
    assert resting.rested() == []


def test_what_is_no_folder_is_an_error(sutra: Sutra, folder: Path) -> None:
    (folder / "a.txt").write_text("The Tyne is wide.")
    for path in ("a.txt", "nowhere"):
        done = sutra("watch", path)
        assert (done.code, done.errors[0]) == (
            1,
            f"error[invalid_value]: {path} is no folder; give the folder to watch",
        )
