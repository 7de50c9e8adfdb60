"""`make setup` on machines that lack something: one sentence that says what and how to mend it.

A machine is a folder of commands, the only one on the PATH: real ones for the shell's own work, fakes
for what is checked. Nothing is installed and nothing is downloaded.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHELL_COMMANDS = ["sh", "awk", "dirname", "env", "find", "make", "mktemp", "rm", "sed"]
READ_BY_SETUP = [
    "Makefile",
    "Cargo.toml",
    "Cargo.lock",
    "crates/sutra-model/Cargo.toml",
    "packages/sutra-storage/Cargo.toml",
    "packages/sutra-storage/pyproject.toml",
    "requirements-bench.lock",
    "requirements-dev.lock",
    "requirements-setup.lock",
    "requirements.lock",
    "tools/check_machine.sh",
]

HEALTHY = {
    "python3": 'case "$2" in *print*) echo 3.12 ;; esac',
    "cargo": "echo cargo 1.95.0",
    "rustc": "echo 'rustc 1.95.0 (59807616e 2026-04-14)'",
    "cc": "exit 0",
    "df": "echo Filesystem 1024-blocks Used Available Capacity Mounted on\n"
    "echo '/dev/the disk 9000000 1000000 8000000 12% /somewhere'",
}


class Machine:
    """A folder of commands, and a checkout with only what setting up reads."""

    def __init__(self, folder: Path) -> None:
        self.commands = folder / "bin"
        self.checkout = folder / "checkout"
        self.commands.mkdir()
        for name in SHELL_COMMANDS:
            real = shutil.which(name)
            assert real, f"this test needs {name}"
            (self.commands / name).symlink_to(real)
        for name, script in HEALTHY.items():
            self.has(name, script)
        for name in READ_BY_SETUP:
            (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.checkout / name)

    def has(self, name: str, script: str) -> None:
        command = self.commands / name
        command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        command.chmod(0o755)

    def lacks(self, name: str) -> None:
        (self.commands / name).unlink()

    def run(self, *command: str, first: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.commands / command[0]), *command[1:]],
            cwd=self.checkout,
            env={
                "PATH": f"{first}:{self.commands}" if first else str(self.commands),
                "HOME": str(self.checkout),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def check(self) -> subprocess.CompletedProcess[str]:
        return self.run("sh", "tools/check_machine.sh")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_with_everything_gives_its_python(machine: Machine) -> None:
    outcome = machine.check()
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout.strip() == str(machine.commands / "python3")


def test_a_newer_python_beside_an_old_one_is_taken(machine: Machine) -> None:
    machine.has("python3", "echo 3.9")
    machine.has("python3.13", HEALTHY["python3"].replace("3.12", "3.13"))
    assert machine.check().stdout.strip() == str(machine.commands / "python3.13")


def test_an_activated_venv_is_not_made_from_itself(machine: Machine) -> None:
    activated = machine.checkout / "venv" / "bin"
    activated.mkdir(parents=True)
    (activated / "python3").symlink_to(machine.commands / "python3")
    outcome = machine.run("sh", "tools/check_machine.sh", first=activated)
    assert outcome.stdout.strip() == str(machine.commands / "python3")


@pytest.mark.parametrize(
    ("name", "script", "says", "mends"),
    [
        ("python3", None, "Python 3.11 or newer", "apt-get install python3 python3-venv"),
        ("python3", "echo 3.10", "only Python 3.10", "apt-get install python3 python3-venv"),
        ("python3", "echo 2.7", "only Python 2.7", "apt-get install python3 python3-venv"),
        ("python3", 'case "$2" in *print*) echo 3.12 ;; *) exit 1 ;; esac', "venv", "python3-venv"),
        ("cargo", None, "no Rust toolchain", "rustup"),
        ("rustc", None, "no Rust toolchain", "rustup"),
        ("rustc", "exit 1", "do not run", "rustup default stable"),
        ("rustc", "echo 'rustc 1.63.0'", "this is Rust 1.63.0", "rustup update stable"),
        ("cc", None, "no C compiler", "apt-get install build-essential"),
        ("cc", "exit 1", "cannot link", "apt-get install build-essential"),
        (
            "df",
            "echo Filesystem 1024-blocks Used Available Capacity Mounted on\n"
            "echo /dev/disk 9000000 8000000 1048576 88% /",
            "1024 MB are left",
            "free some",
        ),
    ],
)
def test_what_is_missing_is_one_sentence(
    machine: Machine, name: str, script: str | None, says: str, mends: str
) -> None:
    if script is None:
        machine.lacks(name)
    else:
        machine.has(name, script)
    outcome = machine.check()
    assert outcome.returncode == 1
    assert outcome.stdout == ""
    (sentence,) = outcome.stderr.splitlines()
    assert says in sentence
    assert mends in sentence


def test_everything_missing_is_said_at_once(machine: Machine) -> None:
    for name in ("python3", "cargo", "cc"):
        machine.lacks(name)
    outcome = machine.check()
    assert outcome.returncode == 1
    assert len(outcome.stderr.splitlines()) == 3


def test_make_setup_stops_before_it_makes_anything(machine: Machine) -> None:
    machine.lacks("cargo")
    outcome = machine.run("make", "setup")
    assert outcome.returncode != 0
    assert "no Rust toolchain" in outcome.stderr
    assert not (machine.checkout / "venv").exists()


def test_make_alone_lists_the_targets(machine: Machine) -> None:
    outcome = machine.run("make")
    listed = {line.split()[0] for line in outcome.stdout.splitlines()}
    assert {"setup", "run", "test", "lint", "format", "bench", "soak", "clean"} <= listed
