"""What is measured: the service at a URL, or a folder with the service that has it open, if there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

from sutra_client.errors import ServiceUnavailableError
from sutra_client.running import PRESENCE_FILE, running_service
from sutra_core.errors import ConfigError, InvalidValueError, StoreLockedError, StoreMissingError
from sutra_monitor.figures import NAMES, Measurement
from sutra_monitor.history import History
from sutra_monitor.service import measure_persistence, measure_service
from sutra_monitor.store import measure_store

if TYPE_CHECKING:
    from sutra_core import ReasoningEngineConfig

__all__ = ["FolderTarget", "ServiceTarget", "Target", "read_key"]

_RETRIES = 1
_ASK_SECONDS = 15.0
"""How long a service may take to tell its figures, before it is missed."""


class Target(Protocol):
    """Something that can be measured."""

    @property
    def name(self) -> str:
        """What it is known by between runs."""
        ...

    def measure(self, history: History, at: float, *, thorough: bool = True) -> Measurement:
        """One measurement; one that is not `thorough` leaves out what takes long.

        Raises an error of Sutra where nothing can be measured. A service that cannot be reached is a
        measurement too, which says so.
        """
        ...


class ServiceTarget:
    """A service at a URL."""

    def __init__(self, url: str, key: str | None) -> None:
        self.name = _without_secrets(url)
        self._url = url
        self._key = key

    def measure(self, history: History, at: float, *, thorough: bool = True) -> Measurement:  # noqa: ARG002
        """What the service tells."""
        from sutra_client import Client

        measurement = Measurement(self.name, at, "service")
        try:
            with Client(self._url, api_key=self._key, retries=_RETRIES, timeout=_ASK_SECONDS) as client:
                measure_service(client, measurement)
            if thorough:
                with Client(self._url, api_key=self._key, retries=_RETRIES) as client:
                    measure_persistence(client, measurement)
        except ServiceUnavailableError as error:
            _unreachable(measurement, str(error))
        return measurement


class FolderTarget:
    """A storage folder of this machine."""

    def __init__(self, config: ReasoningEngineConfig) -> None:
        self._config = config
        self.name = str(config.storage_path)

    def measure(self, history: History, at: float, *, thorough: bool = True) -> Measurement:
        """What the service of the folder tells; without one, what its files do."""
        folder = self._config.storage_path
        measurement = Measurement(self.name, at, "store")
        if not self._config.use_rust_storage:
            raise StoreMissingError(
                "the store is in memory (SUTRA_USE_RUST_STORAGE is false), and no other process can look at "
                "it; name the service with --url"
            )
        if service := running_service(folder):
            with service.client() as client:
                try:
                    measure_service(client, measurement)
                    if thorough:
                        measure_persistence(client, measurement)
                except ServiceUnavailableError as error:
                    _unreachable(measurement, str(error))
            return measurement
        missed = (folder / PRESENCE_FILE).exists()
        try:
            measure_store(self._config, history, measurement, verify=thorough)
        except StoreLockedError as error:
            if not missed:
                raise
            _unreachable(measurement, f"it has the store open, and does not answer: {error}")
        if missed and not measurement.unreachable:
            measurement.unreachable = (
                f"{folder / PRESENCE_FILE} tells of a service, and none answers: it ended without closing; "
                "start it again, or remove the file"
            )
        return measurement


def read_key(path: Path | None) -> str | None:
    """The key in a file. Raises `ConfigError` where it cannot be read."""
    if path is None:
        return None
    try:
        key = path.expanduser().read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no key"
        raise ConfigError(f"the key in {path} cannot be read: {reason}; name a file that holds one") from None
    if not key:
        raise ConfigError(f"the key in {path} is empty; name a file that holds one")
    return key


def _without_secrets(url: str) -> str:
    """The address as logs may show it: without a name, a password and what follows the path."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InvalidValueError(f"the URL of the service is none: {error}") from None
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _unreachable(measurement: Measurement, reason: str) -> None:
    measurement.unreachable = reason
    for name in NAMES:
        if name not in measurement.figures:
            measurement.missing.setdefault(name, "the service cannot be reached")
