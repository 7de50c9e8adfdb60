"""The units of systemd, read by systemd itself, and what they forbid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from deployed import DEPLOY, checked, deployed, tool

EXPOSURE_MAX = 2.0
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]
REFUSES_CODE_THAT_IS_WRITTEN = """
import ctypes, mmap, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
    sys.exit(77)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    sys.exit("memory can still be written and run")
except OSError:
    pass
import numpy, onnx, onnxruntime, uvloop
from onnx import TensorProto, helper
values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [64, 64]) for n in "ab"]
graph = helper.make_graph([helper.make_node("MatMul", ["a", "a"], ["b"])], "g", values[:1], values[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
ones = numpy.ones((64, 64), numpy.float32)
assert (session.run(None, {"a": ones})[0] == ones @ ones).all()
import sutra_api.app, sutra_core, sutra_storage
uvloop.new_event_loop().close()
"""


def installed(folder: Path) -> Path:
    """The units, with programs that are there in the place of the installation's."""
    for name in UNITS:
        text = deployed(f"systemd/{name}")
        (folder / name).write_text(re.sub(r"/opt/sutra/venv/bin/\w+", sys.executable, text))
    return folder


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    said = checked(
        tool("systemd-analyze", "systemd"),
        "verify",
        *(f"./{name}" for name in UNITS),
        folder=installed(tmp_path),
    )
    assert not [line for line in said.splitlines() if any(name in line for name in UNITS)], said


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_may_do_little(name: str, tmp_path: Path) -> None:
    said = checked(
        tool("systemd-analyze", "systemd"),
        "security",
        "--offline=true",
        "--no-pager",
        f"--threshold={EXPOSURE_MAX * 10:.0f}",
        f"./{name}",
        folder=installed(tmp_path),
    )
    assert "Overall exposure level" in said


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_what_is_installed(name: str) -> None:
    started = re.search(r"^ExecStart=/opt/sutra/venv/bin/(.+)$", deployed(f"systemd/{name}"), re.MULTILINE)
    assert started
    assert started[1] in ("python -m sutra_api.main", "sutra monitor --storage /var/lib/sutra")


def test_what_was_accepted_can_be_finished() -> None:
    from sutra_api.main import _FINISH_SECONDS  # pyright: ignore[reportPrivateUsage]

    stops = re.search(r"^TimeoutStopSec=(\d+)$", deployed("systemd/sutra.service"), re.MULTILINE)
    assert stops and int(stops[1]) >= 2 * _FINISH_SECONDS


def test_nothing_needs_memory_that_is_written_and_run() -> None:
    """`MemoryDenyWriteExecute`: the kernel's own form of it, over what the service loads."""
    command = [sys.executable, "-W", "ignore", "-c", REFUSES_CODE_THAT_IS_WRITTEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode == 77:
        pytest.skip("this kernel cannot refuse it (Linux 6.3 or newer can)")
    assert done.returncode == 0, done.stderr
