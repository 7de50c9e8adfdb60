"""What the service measures of itself, and its test of persistence."""

from __future__ import annotations

from sutra_client.calls import Call, Place, Steps
from sutra_client.monitoring import Monitoring, PersistenceTest
from sutra_client.results import json_of, read
from sutra_client.sending import answered

__all__ = ["monitoring", "test_persistence"]

_PATH = "/v1/monitoring"


def monitoring(place: Place) -> Steps[Monitoring]:
    """The figures of the service."""
    return read(Monitoring, json_of((yield from answered(place, Call("GET", _PATH)))))


def test_persistence(place: Place) -> Steps[PersistenceTest]:
    """Learns, asks, closes, opens and asks again, in a namespace that is gone afterwards."""
    call = Call("POST", f"{_PATH}/persistence", repeatable=False)
    return read(PersistenceTest, json_of((yield from answered(place, call))))
