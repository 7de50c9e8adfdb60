"""What is looked at when somebody wants to know: the machine, the stores, the lines that wait.

Opens no namespace for it: of those that are closed only the bytes on disk are told. What cannot be looked at
is left out, and the log says so: nothing else is missed for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sutra_api.checks import Checks
from sutra_api.gate import Gate
from sutra_api.jobs import Jobs
from sutra_api.logs import Logs
from sutra_api.namespaces import Namespaces
from sutra_api.persistence import PersistenceTest
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import SutraError
from sutra_core.machine import machine_figures
from sutra_core.types import StoreStats

__all__ = ["Gauges"]

_K = TypeVar("_K")
_V = TypeVar("_V")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gauges(Collector):
    """The figures of this moment, for Prometheus (`collect`) and for the monitor (`figures`)."""

    config: ReasoningEngineConfig
    namespaces: Namespaces
    checks: Checks
    persistence: PersistenceTest
    gate: Gate
    jobs: Jobs
    logs: Logs | None

    def stores(self) -> dict[str, StoreStats]:
        """What each open namespace holds."""
        return self.namespaces.of_open(lambda engine: engine.view().stats())

    def figures(self) -> dict[str, float]:
        """The machine and the stores, by the names of the monitoring contract."""
        found = _looked_at(self._machine)
        if self.config.use_rust_storage:
            found |= _looked_at(lambda: {"storage_file_size_mb": self._bytes_on_disk() / 1e6})
        return found

    def collect(self) -> Iterator[Metric]:
        """The figures as Prometheus has them: base units, and ratios in the place of percents."""
        for part in (
            self._of_requests,
            self._of_machine,
            self._of_disk,
            self._of_namespaces,
            self._of_checks,
            self._of_jobs,
        ):
            yield from _looked_at(lambda part=part: dict(enumerate(part()))).values()

    def _of_requests(self) -> Iterator[Metric]:
        yield _gauge("sutra_requests_waiting", "Requests that wait for their turn.", self.gate.waiting)
        yield _gauge("sutra_requests_waiting_max", "As many may wait.", self.config.api_waiting_max)
        dropped = self.logs.dropped if self.logs else 0
        yield CounterMetricFamily(
            "sutra_log_lines_dropped", "Lines of the log that were not written.", dropped
        )

    def _of_machine(self) -> Iterator[Metric]:
        machine = self._machine()
        for name, help_text, key, factor in (
            (
                "sutra_memory_usage_ratio",
                "The machine's or the container's memory in use.",
                "memory_usage_percent",
                0.01,
            ),
            (
                "sutra_cpu_usage_ratio",
                "The machine's or the container's processors in use.",
                "cpu_usage_percent",
                0.01,
            ),
            ("sutra_disk_free_bytes", "Free on the disk of the storage folder.", "disk_space_free_gb", 1e9),
        ):
            if key in machine:
                yield _gauge(name, help_text, machine[key] * factor)

    def _of_disk(self) -> Iterator[Metric]:
        if self.config.use_rust_storage:
            yield _gauge("sutra_storage_bytes", "All stores on disk.", self._bytes_on_disk())

    def _of_checks(self) -> Iterator[Metric]:
        checked = self.checks.statuses()
        valid = {name: float(status.valid) for name, status in checked.items()}
        made = {name: status.made for name, status in checked.items() if status.made}
        yield _labelled("sutra_checksum_valid", "Whether a store is whole: 1, or 0.", "namespace", valid)
        yield _labelled("sutra_checksum_timestamp_seconds", "When all of it was read.", "namespace", made)
        if (last := self.persistence.last) is not None:
            yield _gauge(
                "sutra_persistence_test_confidence_ratio",
                "What the last test of persistence found.",
                last.confidence,
            )
            yield _gauge("sutra_persistence_test_timestamp_seconds", "When it was made.", last.at)

    def _of_jobs(self) -> Iterator[Metric]:
        yield _labelled("sutra_jobs", "Jobs, by state.", "state", self.jobs.counts())

    def _of_namespaces(self) -> Iterator[Metric]:
        stores = self.stores()
        for what in ("concepts", "sources", "associations"):
            held = {name: getattr(stats, what) for name, stats in stores.items()}
            yield _labelled(f"sutra_{what}", f"The {what} that a store holds.", "namespace", held)
        waiting = {name: float(stats.vectors_pending) for name, stats in stores.items()}
        yield _labelled("sutra_vectors_pending", "Statements that wait for a vector.", "namespace", waiting)
        found = self.namespaces.of_open(lambda engine: engine.stats().backlog)
        backlogs = {name: backlog for name, backlog in found.items() if backlog is not None}
        yield _labelled(
            "sutra_vectors_failed",
            "Statements of these that the embedder refused.",
            "namespace",
            {name: float(backlog.failed) for name, backlog in backlogs.items()},
        )
        yield _labelled(
            "sutra_vectors_watermark",
            "The last transaction all of whose statements have their vectors, or were refused.",
            "namespace",
            {name: float(backlog.watermark) for name, backlog in backlogs.items()},
        )

    def _machine(self) -> dict[str, float]:
        return machine_figures(self.config.storage_path) if self.config.use_rust_storage else {}

    def _bytes_on_disk(self) -> int:
        return sum(_bytes_of(self.namespaces.folder(name)) for name in self.namespaces.names())


def _bytes_of(folder: Path) -> int:
    """What a store takes on its disk; files are sparse."""
    total = 0
    for place, pattern in ((folder, "storage.dat"), (folder / "vectors", "*.vec")):
        try:
            for each in place.glob(pattern):
                total += each.stat().st_blocks * 512
        except FileNotFoundError:
            continue  # deleted meanwhile, or not there yet
    return total


def _looked_at(look: Callable[[], dict[_K, _V]]) -> dict[_K, _V]:
    """What it finds; nothing where it cannot look."""
    try:
        return look()
    except (SutraError, OSError) as error:
        _log.warning("figures are left out: %s", error)
        return {}


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)


def _labelled(name: str, help_text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
