"""Asking: from a question to an answer with its confidence, paths and sources. `pipeline` lists the steps."""

from sutra_core.ask.answer import (
    Alternative,
    Answer,
    AnswerKind,
    AnswerPath,
    AnswerStep,
    Citation,
)
from sutra_core.ask.pipeline import THRESHOLD, answer_question, rank_passages, threshold_of
from sutra_core.ask.written import as_markdown, as_mermaid

__all__ = [
    "THRESHOLD",
    "Alternative",
    "Answer",
    "AnswerKind",
    "AnswerPath",
    "AnswerStep",
    "Citation",
    "answer_question",
    "as_markdown",
    "as_mermaid",
    "rank_passages",
    "threshold_of",
]
