"""What can be measured of a folder that no service has open: its stores, its disk, its machine.

Opens the stores for reading only. A store is verified by a sample each time, and in full once a day; one in
which the last full verification found a fault is verified in full each time, so that its repair is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sutra_core.errors import StoreCorruptError, StoreIOError, StoreMissingError
from sutra_core.machine import machine_figures
from sutra_monitor.figures import NAMES, Count, Measurement
from sutra_monitor.history import History

if TYPE_CHECKING:
    from sutra_core import ReasoningEngine, ReasoningEngineConfig

__all__ = ["measure_store"]

DEEP_SECONDS = 24 * 3600.0
_SAMPLE = 200
_FAULTS_SHOWN = 3
_STORE = "storage.dat"
_OWN = ("concept_count_variance", "concept_count_stability")


def measure_store(
    config: ReasoningEngineConfig, history: History, measurement: Measurement, *, verify: bool
) -> None:
    """Fills a measurement in. Raises `StoreMissingError`, `StoreLockedError` and what opening raises."""
    folder = config.storage_path
    if not (folder / _STORE).exists():
        raise StoreMissingError(
            f"there is no service and no store in {folder}; start the service, or name another folder"
        )
    measurement.origin = "store"
    faults: list[str] = []
    size = 0
    for namespace, place in _stores(folder):
        try:
            count, bytes_on_disk, found = _look(config, place, namespace, history, measurement.at, verify)
        except StoreCorruptError as error:
            faults.append(f"{namespace}: {error}")
            continue
        measurement.counts[namespace] = Count(count)
        size += bytes_on_disk
        faults += (f"{namespace}: {fault}" for fault in found)
    measurement.figures |= machine_figures(folder, wait=True)
    if size:
        measurement.figures["storage_file_size_mb"] = size / 1e6
    if verify or faults:
        measurement.figures["checksum_validation_status"] = 0.0 if faults else 1.0
    if faults:
        more = f" and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        measurement.notes["checksum_validation_status"] = "; ".join(faults[:_FAULTS_SHOWN]) + more
    for name in NAMES:
        if name not in measurement.figures and name not in _OWN:
            measurement.missing[name] = "it cannot be measured without a service"


def _stores(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every store of the folder: the default namespace's, then the others by name."""
    yield "default", folder
    for path in sorted(folder.glob(f"namespaces/*/{_STORE}")):
        if not path.parent.name.startswith("."):
            yield path.parent.name, path.parent


def _look(
    config: ReasoningEngineConfig, place: Path, namespace: str, history: History, at: float, verify: bool
) -> tuple[int, int, list[str]]:
    """The concepts of a store, its bytes on disk, and the faults that were found in it."""
    from sutra_core import ReasoningEngine

    own = config.model_copy(update={"storage_path": place})
    with ReasoningEngine(own, read_only=True) as engine:
        stats = engine.view().stats()
        faults = _verified(engine, namespace, history, at) if verify else []
    return stats.concepts, stats.bytes_on_disk, faults


def _verified(engine: ReasoningEngine, namespace: str, history: History, at: float) -> list[str]:
    """The faults of a store, by a full verification where one is due."""
    before = None
    with suppress(StoreIOError):  # what cannot be remembered is told with the history
        before = history.verified(namespace)
    if before and not before[1] and 0 <= at - before[0] < DEEP_SECONDS:
        return engine.verify(sample=_SAMPLE).faults
    faults = engine.verify().faults
    with suppress(StoreIOError):
        history.add_verification(namespace, at, faults)
    return faults
