"""Sutra: learn text as it arrives, answer with a confidence, show every step and every source.

from sutra_core import ReasoningEngine

with ReasoningEngine() as engine:
    engine.learn("The Aln rises at Alham.", source="rivers")
    print(engine.ask("Where does the Aln rise?").to_text())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_core.lazy import lazily

if TYPE_CHECKING:
    from sutra_core.config import ReasoningEngineConfig
    from sutra_core.engine import ReasoningEngine
    from sutra_core.errors import SutraError

__all__ = ["ReasoningEngine", "ReasoningEngineConfig", "SutraError"]

# Imported when they are first asked for: a program that only looks at errors or types need not load the rest.
_HOMES = {
    "ReasoningEngine": "sutra_core.engine",
    "ReasoningEngineConfig": "sutra_core.config",
    "SutraError": "sutra_core.errors",
}

__getattr__ = lazily(__name__, _HOMES)
