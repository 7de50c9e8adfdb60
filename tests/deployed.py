"""What the tests of `deploy/` share: its files, the tools that read them, ports that nobody has."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import pytest
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
TOOL_SECONDS = 60


def tool(name: str, package: str) -> str:
    """Where a program is; skips the test, with the name of Debian's package, where it is not."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


def checked(*command: str | Path, folder: Path) -> str:
    """What a tool says of a file; fails with that where it does not find the file right."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TOOL_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def deployed(path: str, changes: Mapping[str, str] | None = None) -> str:
    """A file of `deploy/`, with texts replaced; each has to be there."""
    text = (DEPLOY / path).read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in text, f"deploy/{path} has no {old!r}"
        text = text.replace(old, new)
    return text


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on."""
    with_ports = [socket.socket() for _ in range(count)]
    for each in with_ports:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in with_ports]
    for each in with_ports:
        each.close()
    return ports


def containerfile() -> DockerfileParser:
    """The Containerfile, parsed."""
    # It asks for text and reads bytes.
    content = BytesIO((DEPLOY / "container" / "Containerfile").read_bytes())
    return DockerfileParser(fileobj=cast("IO[str]", content))
