"""The client of the service: the verbs of `ReasoningEngine`, over HTTP.

from sutra_client import connect

with connect("https://sutra.example.org", api_key="sutra_…") as knowledge:
    print(knowledge.ask("Where does the Aln rise?").to_text())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_core.lazy import lazily

if TYPE_CHECKING:
    from sutra_client.async_client import AsyncClient
    from sutra_client.client import Client
    from sutra_client.connecting import connect
    from sutra_client.errors import ServiceError, ServiceUnavailableError
    from sutra_client.job import Job

__all__ = ["AsyncClient", "Client", "Job", "ServiceError", "ServiceUnavailableError", "connect"]

# Imported when they are first asked for: a program that only looks for a service need not load HTTP.
_HOMES = {
    "AsyncClient": "sutra_client.async_client",
    "Client": "sutra_client.client",
    "Job": "sutra_client.job",
    "ServiceError": "sutra_client.errors",
    "ServiceUnavailableError": "sutra_client.errors",
    "connect": "sutra_client.connecting",
}

__getattr__ = lazily(__name__, _HOMES)
