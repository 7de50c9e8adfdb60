"""An engine and the client of a running service, taught the same texts, for tests that compare them."""

from __future__ import annotations

from dataclasses import dataclass

from serving_process import ServiceProcess

from sutra_client import Client
from sutra_core import ReasoningEngine
from sutra_core.types import SourceDraft

TEXTS = [
    SourceDraft("falcon.txt", "Priya Raman leads the Falcon project. She works in Graz."),
    SourceDraft(
        "rivers.txt",
        "The Aln rises at Alham. The Aln flows into the sea.",
        "Rivers",
        0,
        1_700_000_000_000_001,
    ),
    SourceDraft(
        "curie.txt", "Marie Curie was born in Warsaw. Warsaw is a city in Poland.", attributes={"by": "K"}
    ),
    SourceDraft("again.txt", "The Aln rises at Alham. Oaks are old.", "Again"),
]


@dataclass(frozen=True)
class Both:
    """The same knowledge twice."""

    engine: ReasoningEngine
    client: Client
    service: ServiceProcess
