"""A service in a process of its own, for tests of what speaks to one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import stand_in_service

START_SECONDS = 30.0


class ServiceProcess:
    """`python stand_in_service.py` over a folder; `variables` are settings without `SUTRA_`, None unsets one.

    It is being started when it is made; `ready` waits until it answers.
    """

    url: str
    """Where it listens, once it is ready."""

    def __init__(self, folder: Path, **variables: str | None) -> None:
        self.folder = folder
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SUTRA_")}
        settings: dict[str, str | None] = {
            "STORAGE_PATH": str(folder),
            "API_HOST": "127.0.0.1",
            "API_PORT": "0",
            "READER": "off",
            "RATE_LIMIT_LEARN": "0",
            "RATE_LIMIT_REASON": "0",
        }
        settings |= variables
        environment |= {f"SUTRA_{key}": value for key, value in settings.items() if value is not None}
        environment["PYTHONPATH"] = str(Path(stand_in_service.PROGRAM).parent)
        self.process = subprocess.Popen(
            [sys.executable, stand_in_service.PROGRAM],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ready(self) -> Self:
        """Waits until it answers."""
        self.url = self._listening()
        end = time.monotonic() + START_SECONDS
        while not self._is_served():
            assert time.monotonic() < end and self.process.poll() is None, "it was never ready"
            time.sleep(0.02)
        return self

    def refused(self) -> tuple[int, str]:
        """The exit code, and what it said, of one that does not start."""
        said, _ = self.process.communicate(timeout=START_SECONDS)
        return self.process.returncode, said

    @property
    def key(self) -> str:
        """The administrator's key."""
        return (self.folder / "admin.key").read_text().strip()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends it a signal, and waits until it has ended; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode

    def _is_served(self) -> bool:
        """Whether the folder tells of this process; a file may be left of one that was killed."""
        try:
            told = json.loads((self.folder / "service.json").read_text())
        except (OSError, ValueError):
            return False
        return told["pid"] == self.process.pid

    def _listening(self) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(r"listening: (\S+)", line):
                return found[1]
        raise AssertionError(f"it did not start: {said}")
