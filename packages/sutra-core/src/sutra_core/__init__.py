"""Sutra: learn text as it arrives, answer with a confidence, show every step and every source.

from sutra_core import ReasoningEngine

with ReasoningEngine() as engine:
    engine.learn("The Aln rises at Alham.", source="rivers")
    print(engine.ask("Where does the Aln rise?").to_text())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
