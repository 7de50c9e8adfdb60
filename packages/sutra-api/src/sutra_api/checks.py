"""What the service checks by itself, from time to time: how the disk is, and that every store is whole.

A store is verified once a day: everything is read, every reference looked at, every hash computed. What was
found is kept in the state, so that a restart neither forgets it nor begins anew. Changes nothing.
"""

from __future__ import annotations

import logging
import shutil
import time

from sutra_api.namespaces import Namespaces, UnknownNamespaceError
from sutra_api.state import State
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import SutraError

__all__ = ["Checks"]

_DAY = 24 * 3600
_DISK_LOW_GB = 5.0
_FAULTS_LOGGED = 10
_log = logging.getLogger(__name__)


class Checks:
    """The checks of a service. Safe to use from many threads."""

    def __init__(self, config: ReasoningEngineConfig, state: State, namespaces: Namespaces) -> None:
        self._config = config
        self._state = state
        self._namespaces = namespaces

    def of(self, namespace: str) -> dict[str, float]:
        """What the last verification of a namespace found: 1 for nothing wrong, 0 for faults; and its age."""
        rows = self._state.read("SELECT * FROM verifications WHERE namespace = ?", namespace)
        if not rows:
            return {}
        return {
            "checksum_validation_status": float(rows[0]["faults"] == 0),
            "checksum_validation_age_seconds": max(0.0, time.time() - rows[0]["made"]),
        }

    def look_at_the_disk(self) -> None:
        """Warns where there is little room left."""
        free = shutil.disk_usage(self._config.storage_path).free / 1e9
        if free < _DISK_LOW_GB:
            _log.warning("%.1f GB of disk are free for %s; make room", free, self._config.storage_path)

    def verify_what_is_due(self) -> None:
        """Verifies each namespace that was not verified for a day."""
        made = {row["namespace"]: row["made"] for row in self._state.read("SELECT * FROM verifications")}
        for name in self._namespaces.names():
            if made.get(name, 0.0) < time.time() - _DAY:
                self._verify(name)

    def forget(self, namespace: str) -> None:
        """Forgets what was found of a namespace that is no more."""
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM verifications WHERE namespace = ?", (namespace,))

    def _verify(self, namespace: str) -> None:
        try:
            with self._namespaces.engine(namespace) as engine:
                faults = engine.verify().faults
        except UnknownNamespaceError:
            return  # deleted meanwhile
        except SutraError as error:
            faults = [f"{error.code}: {error}"]
        for fault in faults[:_FAULTS_LOGGED]:
            _log.error("the namespace %s is not whole: %s", namespace, fault)
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO verifications VALUES (?, ?, ?)", (namespace, time.time(), len(faults))
            )
