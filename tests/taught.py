"""What tests teach an engine, plainly, and how they get one."""

from __future__ import annotations

from collections.abc import Callable

from sutra_core import ReasoningEngine
from sutra_core.types import SourceDraft

FACTS = [
    SourceDraft("curie", "Marie Curie was born in Warsaw. She lived in Paris.", "Marie Curie", 0, 1_000_000),
    SourceDraft("ibm", "International Business Machines (IBM) was founded by Charles Flint.", "IBM"),
    SourceDraft("aln", "The Aln rises at Alham. The Aln flows into the sea.", "Aln"),
]
QUESTION = "Where was Marie Curie born?"

Opener = Callable[..., ReasoningEngine]
Named = Callable[[str], ReasoningEngine]


def entity(engine: ReasoningEngine, name: str) -> int:
    (found,) = engine.view().find_entities([name])
    assert found, name
    return found
