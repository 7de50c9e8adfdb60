"""Places that are backed up to."""

from __future__ import annotations

from pathlib import Path

import pytest
from obstore.store import MemoryStore

from sutra_core.backup import Place


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place without a backup: a folder that is not there, or an object store in memory."""
    return tmp_path / "backups" / "own" if request.param == "folder" else MemoryStore()
