"""The service in a process of its own: started, watched, stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

__all__ = ["Program"]

START_SECONDS = 120.0
STOP_SECONDS = 30.0


class Program:
    """`python -m sutra_api.main` over a folder, on a free port of this machine; a context manager. More
    settings are named as their variables are, without `SUTRA_`.

    `seconds` is what it took from its start until it could answer.
    """

    def __init__(self, folder: Path, **more: str) -> None:
        settings = {
            "STORAGE_PATH": str(folder),
            "API_HOST": "127.0.0.1",
            "API_PORT": "0",
            "RATE_LIMIT_LEARN": "0",
            "RATE_LIMIT_REASON": "0",
            **more,
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SUTRA_")}
        environment |= {f"SUTRA_{name}": value for name, value in settings.items()}
        began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sutra_api.main"], env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            self.url = self._address()
            self._wait()
        except BaseException:
            self._process.kill()
            raise
        self.seconds = time.perf_counter() - began
        self.token = (folder / "admin.key").read_text(encoding="utf-8").strip()

    def memory(self, kind: str = "VmRSS") -> float:
        """How many MB of memory it has: resident, or what else `/proc` tells of."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        found = re.search(rf"^{kind}:\s+(\d+) kB", status, re.MULTILINE)
        return int(found[1]) * 1024 / 1e6 if found else 0.0

    def processor_seconds(self) -> float:
        """How many seconds of processor time it has used."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _address(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"listening: (\S+)", line):
                return found[1]
        raise RuntimeError("the service did not start")

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=10):  # noqa: S310
                    return
            except urllib.error.URLError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.02)
        raise RuntimeError(f"the service was not ready after {START_SECONDS:g} seconds")
