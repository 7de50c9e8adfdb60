"""A clock of the tests' own, a stand-in for the service, and a monitor over it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from monitored import Monitored, monitored
from monitoring import FakeClock


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, without settings from the environment."""
    for variable in list(os.environ):
        if variable.startswith("SUTRA_"):
            monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service() -> Iterator[Monitored]:
    with monitored() as service:
        yield service
