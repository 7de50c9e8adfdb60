"""What a live service tells of itself, as a measurement. Changes nothing that a user has learned.

Its test of persistence works in a namespace that it makes and removes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sutra_core.errors import InternalError, StoreCorruptError, StoreIOError, SutraError
from sutra_monitor.figures import GROUPS, NAMES, Count, Measurement

if TYPE_CHECKING:
    from sutra_client import Client
    from sutra_client.monitoring import Monitoring

__all__ = ["measure_service"]

_BROKEN = (InternalError, StoreCorruptError, StoreIOError)
"""What a test of persistence fails with where it is the store that fails."""
_OWN = ("persistence_test_confidence", "concept_count_variance", "concept_count_stability")
"""What the service does not tell: the test is asked for, and the rest is the monitor's to compute."""

_NOT_YET = {
    "checksum_validation_status": "the service has verified no store yet",
    "cpu_usage_percent": "the service has measured it for less than a second",
}


def measure_service(client: Client, measurement: Measurement, *, persistence: bool) -> None:
    """Fills a measurement in. Raises what the client raises, but for a test of persistence that fails."""
    told = client.monitoring()
    measurement.origin = "service"
    _take(told, measurement)
    if persistence:
        _test_persistence(client, measurement)
    else:
        measurement.missing["persistence_test_confidence"] = "it is not tested while figures are watched"


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


def _test_persistence(client: Client, measurement: Measurement) -> None:
    name = "persistence_test_confidence"
    try:
        test = client.test_persistence()
    except _BROKEN as error:
        measurement.figures[name] = 0.0
        measurement.notes[name] = f"{error.code}: {error}"
    except SutraError as error:
        measurement.missing[name] = f"{error.code}: {error}"
    else:
        measurement.figures[name] = test.confidence if math.isfinite(test.confidence) else 0.0
        if test.fault:
            measurement.notes[name] = test.fault
