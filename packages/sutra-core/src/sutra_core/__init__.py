"""Sutra: learn text as it arrives, answer with a confidence, show every step and every source.

from sutra_core import ReasoningEngine

with ReasoningEngine() as engine:
    engine.learn("The Aln rises at Alham.", source="rivers")
    print(engine.ask("Where does the Aln rise?").to_text())
"""

from sutra_core.config import ReasoningEngineConfig
from sutra_core.engine import ReasoningEngine
from sutra_core.errors import SutraError

__all__ = ["ReasoningEngine", "ReasoningEngineConfig", "SutraError"]
