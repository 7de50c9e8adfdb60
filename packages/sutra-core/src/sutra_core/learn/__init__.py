"""Learning: from a file to concepts that the next question finds. `pipeline` lists the steps."""

from sutra_core.learn.adapters import DatasetAdapter, Item
from sutra_core.learn.pipeline import learn
from sutra_core.learn.report import Learned, LearnReport, Progress, Refusal

__all__ = ["DatasetAdapter", "Item", "LearnReport", "Learned", "Progress", "Refusal", "learn"]
