"""What a live service tells of itself, as a measurement. Changes nothing that a user has learned.

Its test of persistence works in a namespace that it makes and removes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sutra_client.errors import ServiceUnavailableError
from sutra_core.errors import InternalError, StoreCorruptError, StoreIOError, SutraError
from sutra_monitor.figures import GROUPS, NAMES, Count, Measurement

if TYPE_CHECKING:
    from sutra_client import Client
    from sutra_client.monitoring import Monitoring

__all__ = ["measure_persistence", "measure_service"]

_BROKEN = (InternalError, StoreCorruptError, StoreIOError)
"""What a test of persistence fails with where it is the store that fails."""
_PERSISTENCE = "persistence_test_confidence"
_OWN = (_PERSISTENCE, "concept_count_variance", "concept_count_stability")
"""What the service does not tell: the test is asked for, and the rest is the monitor's to compute."""

_NOT_YET = {
    "checksum_validation_status": "the service has verified no store yet",
    "cpu_usage_percent": "the service has measured it for less than a second",
}


def measure_service(client: Client, measurement: Measurement) -> None:
    """Fills a measurement in, but for the test of persistence. Raises what the client raises."""
    told = client.monitoring()
    measurement.origin = "service"
    _take(told, measurement)
    measurement.missing[_PERSISTENCE] = "it is not tested while figures are watched"


def _take(told: Monitoring, measurement: Measurement) -> None:
    minutes = f"{told.window_seconds / 60:g} minutes"
    for name in NAMES:
        if name in _OWN:
            continue
        value = told.figures.get(name)
        if value is not None and math.isfinite(value):
            measurement.figures[name] = value
        elif name in GROUPS["learning"]:
            measurement.missing[name] = f"nothing was learned in the last {minutes}"
            measurement.quiet.add(name)
        elif name in GROUPS["query"]:
            measurement.missing[name] = f"nothing of the kind was asked in the last {minutes}"
            measurement.quiet.add(name)
        else:
            measurement.missing[name] = _NOT_YET.get(name, "the service does not tell it")
    started = told.started.isoformat()
    measurement.counts = {
        name: Count(
            each.concepts, each.learned, each.forgotten, each.since.isoformat() if each.since else "", started
        )
        for name, each in told.namespaces.items()
    }
    broken = [name for name, each in told.namespaces.items() if each.checksum_validation_status == 0]
    if broken:
        measurement.notes["checksum_validation_status"] = f"faults in {', '.join(sorted(broken))}"


def measure_persistence(client: Client, measurement: Measurement) -> None:
    """Adds the test of persistence. Raises `ServiceUnavailableError` where the service goes away in it."""
    name = _PERSISTENCE
    del measurement.missing[name]
    try:
        test = client.test_persistence()
    except ServiceUnavailableError:
        raise
    except _BROKEN as error:
        measurement.figures[name] = 0.0
        measurement.notes[name] = f"{error.code}: {error}"
    except SutraError as error:
        measurement.missing[name] = f"{error.code}: {error}"
    else:
        measurement.figures[name] = test.confidence if math.isfinite(test.confidence) else 0.0
        if test.fault:
            measurement.notes[name] = test.fault
