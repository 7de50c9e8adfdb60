"""How full the machine is, and what a control group makes of it."""

from __future__ import annotations

import threading
from pathlib import Path

import psutil
import pytest

from sutra_core.cgroup import ControlGroup, MemoryLimit, ProcessorLimit
from sutra_core.machine import Machine, machine_figures

NAMES = {"memory_usage_percent", "cpu_usage_percent", "disk_space_free_gb"}
V2 = {
    "membership": "0::/box\n",
    "box/memory.max": "1000\n",
    "box/memory.current": "950\n",
    "box/memory.stat": "anon 1\ninactive_file 50\n",
    "box/cpu.max": "50000 100000\n",
    "box/cpu.stat": "usage_usec 3000000\n",
    "memory.max": "max\n",
    "cpu.max": "max 100000\n",
}
V1 = {
    "membership": "4:memory:/box\n2:cpuacct:/box\n1:cpu:/box\n0::/\n",
    "memory/box/memory.limit_in_bytes": "1000\n",
    "memory/box/memory.usage_in_bytes": "950\n",
    "memory/box/memory.stat": "total_inactive_file 50\n",
    "memory/memory.limit_in_bytes": "9223372036854771712\n",
    "memory/memory.usage_in_bytes": "1\n",
    "cpu/box/cpu.cfs_quota_us": "50000\n",
    "cpu/box/cpu.cfs_period_us": "100000\n",
    "cpu/cpu.cfs_quota_us": "-1\n",
    "cpu/cpu.cfs_period_us": "100000\n",
    "cpuacct/box/cpuacct.usage": "3000000000\n",
}


def group(folder: Path, files: dict[str, str]) -> ControlGroup:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return ControlGroup(folder, folder / "membership")


class Time:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("files", [V2, V1], ids=["v2", "v1"])
def test_the_limits_of_a_control_group(tmp_path: Path, files: dict[str, str]) -> None:
    found = group(tmp_path, files)
    assert list(found.memory()) == [MemoryLimit(1000, 900)]
    assert list(found.processors()) == [ProcessorLimit(0.5, 3.0)]


@pytest.mark.parametrize("membership", ["", "nonsense", "0::/../../etc", "0::/elsewhere"])
def test_what_cannot_be_read_sets_no_limit(tmp_path: Path, membership: str) -> None:
    found = group(tmp_path, {"membership": membership})
    assert [*found.memory(), *found.processors()] == []


def test_the_machine_itself(tmp_path: Path) -> None:
    found = machine_figures(tmp_path, wait=True)
    assert found.keys() == NAMES
    assert 0 < found["memory_usage_percent"] <= 100
    assert 0 <= found["cpu_usage_percent"] <= 100
    assert found["disk_space_free_gb"] == pytest.approx(psutil.disk_usage(str(tmp_path)).free / 1e9, rel=0.2)
    with pytest.raises(FileNotFoundError):
        machine_figures(tmp_path / "nowhere")


def test_memory_is_measured_against_the_lower_limit(tmp_path: Path) -> None:
    full = Machine(group(tmp_path, {**V2, "box/memory.current": "1049\n"})).figures(tmp_path)
    assert full["memory_usage_percent"] == pytest.approx(99.9)
    wide = {**V2, "box/memory.max": f"{psutil.virtual_memory().total * 2}\n", "box/memory.current": "99\n"}
    free = Machine(group(tmp_path, wide)).figures(tmp_path)
    assert free["memory_usage_percent"] == pytest.approx(psutil.virtual_memory().percent, abs=10)


def test_processors_are_measured_over_a_second_at_least(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = psutil.cpu_times()
    monkeypatch.setattr(psutil, "cpu_times", lambda: times)  # the rest of the machine rests
    time = Time()
    limited = group(tmp_path, V2)
    machine = Machine(limited, time.clock, time.sleep)
    assert "cpu_usage_percent" not in machine.figures(tmp_path)
    time.now = 10.0
    group(tmp_path, {"box/cpu.stat": "usage_usec 7000000\n"})
    assert machine.figures(tmp_path)["cpu_usage_percent"] == pytest.approx(80)  # 4 s of 10 s at half
    time.now = 10.5
    group(tmp_path, {"box/cpu.stat": "usage_usec 7250000\n"})
    assert machine.figures(tmp_path)["cpu_usage_percent"] == pytest.approx(80)  # too soon for another
    time.now = 11.0
    assert machine.figures(tmp_path)["cpu_usage_percent"] == pytest.approx(50)
    assert time.slept == []
    waiting = Machine(limited, time.clock, time.sleep)
    assert waiting.figures(tmp_path, wait=True)["cpu_usage_percent"] == 0
    assert time.slept == [1.0]


def test_many_threads_get_one_figure(tmp_path: Path) -> None:
    found: list[float] = []
    machine = Machine(group(tmp_path, V2))
    threads = [
        threading.Thread(
            target=lambda: found.append(machine.figures(tmp_path, wait=True)["cpu_usage_percent"])
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert len(set(found)) == 1
