"""How many passes are run at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sutra_core.cgroup import ControlGroup
from sutra_core.embed import processors


@pytest.mark.parametrize(
    ("allowed", "expected"), [("max 100000", 8), ("50000 100000", 1), ("250000 100000", 3), ("", 8)]
)
def test_a_control_group_may_allow_fewer_than_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str, expected: int
) -> None:
    (tmp_path / "membership").write_text("0::/box\n")
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "cpu.max").write_text(allowed)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert processors(ControlGroup(tmp_path, tmp_path / "membership")) == expected
