"""A disk that is full, in truth: a small file system of its own, where the system lets a test make one."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def in_a_small_file_system(place: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command where `place` is a file system of 40 MB that nobody else sees."""
    mount = f"mount -t tmpfs -o size=40m none {shlex.quote(str(place))} && {command}"
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        timeout=120,
    )


def test_learning_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    if not shutil.which("unshare") or in_a_small_file_system(tmp_path, "true").returncode:
        pytest.skip("this system lets no test mount a file system of its own")
    child = shlex.join([sys.executable, str(HERE / "full_disk_child.py"), str(tmp_path)])
    ended = in_a_small_file_system(tmp_path, child)
    assert ended.stdout == "done\n", ended.stderr
