"""Backups, which the service writes."""

from __future__ import annotations

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_core.backup.report import BackupReport

__all__ = ["back_up"]


def back_up(place: Place, *, prune: bool) -> Steps[BackupReport]:
    """Lets the service write what the namespace's backup lacks."""
    call = Call("POST", place.path("backups"), body={"prune": prune}, repeatable=False)
    return read(BackupReport, json_of((yield from answered(place, call))))
