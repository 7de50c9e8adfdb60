"""Learning: from a file to concepts that the next question finds. `pipeline` lists the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sutra_core.lazy import lazily

if TYPE_CHECKING:
    from sutra_core.learn.adapters import DatasetAdapter, Item
    from sutra_core.learn.pipeline import learn
    from sutra_core.learn.reembedding import reembed
    from sutra_core.learn.report import (
        Learned,
        LearnReport,
        Progress,
        ReembedReport,
        Refusal,
        ReindexReport,
    )
    from sutra_core.learn.rereading import reindex

__all__ = [
    "DatasetAdapter",
    "Item",
    "LearnReport",
    "Learned",
    "Progress",
    "ReembedReport",
    "Refusal",
    "ReindexReport",
    "learn",
    "reembed",
    "reindex",
]

# Imported when they are first asked for: a process that reads files alone need not load what learns them.
_HOMES = {
    "DatasetAdapter": "sutra_core.learn.adapters",
    "Item": "sutra_core.learn.adapters",
    "LearnReport": "sutra_core.learn.report",
    "Learned": "sutra_core.learn.report",
    "Progress": "sutra_core.learn.report",
    "Refusal": "sutra_core.learn.report",
    "ReembedReport": "sutra_core.learn.report",
    "ReindexReport": "sutra_core.learn.report",
    "learn": "sutra_core.learn.pipeline",
    "reembed": "sutra_core.learn.reembedding",
    "reindex": "sutra_core.learn.rereading",
}

__getattr__ = lazily(__name__, _HOMES)
