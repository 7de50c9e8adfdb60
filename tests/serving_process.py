"""A service in a process of its own, for tests of what speaks to one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import stand_in_service

START_SECONDS = 30.0


class ServiceProcess:
    """`python stand_in_service.py` over a folder; `variables` are settings without `SUTRA_`."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SUTRA_")}
        settings = {
            "STORAGE_PATH": str(folder),
            "API_HOST": "127.0.0.1",
            "API_PORT": "0",
            "READER": "off",
            "RATE_LIMIT_LEARN": "0",
            "RATE_LIMIT_REASON": "0",
        }
        environment |= {f"SUTRA_{key}": value for key, value in (settings | variables).items()}
        environment["PYTHONPATH"] = str(Path(stand_in_service.PROGRAM).parent)
        self._process = subprocess.Popen(
            [sys.executable, stand_in_service.PROGRAM],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._process.pid
        self.url = self._listening()
        end = time.monotonic() + START_SECONDS
        while not (folder / "service.json").exists():
            assert time.monotonic() < end and self._process.poll() is None, "it was never ready"
            time.sleep(0.02)

    @property
    def key(self) -> str:
        """The administrator's key."""
        return (self.folder / "admin.key").read_text().strip()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Sends it a signal, and waits until it has ended; its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        self._process.communicate(timeout=30)
        return self._process.returncode

    def _listening(self) -> str:
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            said += line
            if found := re.search(r"listening: (\S+)", line):
                return found[1]
        raise AssertionError(f"it did not start: {said}")
