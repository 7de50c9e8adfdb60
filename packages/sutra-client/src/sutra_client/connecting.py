"""`connect`: a folder or an address, and one object with the same verbs for either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sutra_client.running import running_service
from sutra_client.settings import is_address
from sutra_core.errors import InvalidValueError

if TYPE_CHECKING:
    from sutra_client.client import Client
    from sutra_core import ReasoningEngine

__all__ = ["connect"]


def connect(place: str | Path, *, api_key: str | None = None, **options: Any) -> ReasoningEngine | Client:
    """What learns and answers at a place; a context manager.

    For a URL a `Client` with the key, and whatever else `Client` takes. For a folder of this machine the
    service that has it open, with the administrator's key, if there is one; else a `ReasoningEngine` on it,
    which makes a store where there is none. The engine's other settings are the environment's.
    """
    from sutra_client.client import Client
    from sutra_core import ReasoningEngine, ReasoningEngineConfig

    if isinstance(place, str) and is_address(place):
        return Client(place, api_key=api_key, **options)
    if api_key is not None or options:
        raise InvalidValueError(f"{place} is a folder; a key and the like are for the URL of a service")
    config = ReasoningEngineConfig.builder().with_storage(place).build()
    service = running_service(config.storage_path) if config.use_rust_storage else None
    return service.client() if service else ReasoningEngine(config)
