"""The reference store: what the engine does, said as plainly as it can be.

It keeps `KnowledgeStore` and `ReadView` with dictionaries and loops, in memory alone, and shares no code
with the engine, so that a difference between the two shows a mistake in one of them. It is slow on
purpose; nothing here is approximate.
"""

from sutra_core.reference.store import ReferenceStore
from sutra_core.reference.view import ReferenceView

__all__ = ["ReferenceStore", "ReferenceView"]
