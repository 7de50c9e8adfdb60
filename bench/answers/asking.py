"""Learns the documents of a set with the real engine and asks its questions, blind.

Every store lies in a folder that is thrown away. A question goes to the engine as it stands and comes back as
its first candidate, given or withheld: it is asked with the threshold 0, which withholds nothing, and changes
neither which candidate is first nor its confidence.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from answers.draft import draft, forgotten
from answers.schedule import Step
from answers.scoring import Outcome
from common import Document, Question

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import Embedder, open_embedder
from sutra_core.learn import Item, Refusal
from sutra_core.reader import Reader, open_reader
from sutra_core.store import profile_for


@contextmanager
def shared_embedder() -> Iterator[Embedder]:
    """The embedder that the configuration names, for all stores of a run.

    Raises `ConfigError`, or `ModelUnavailableError` when its model is not on this machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = _config(folder)
        embedder = open_embedder(profile_for(config), config.model_path)
    try:
        yield embedder
    finally:
        embedder.close()


@contextmanager
def shared_reader() -> Iterator[Reader | None]:
    """The reader that the configuration names, for all stores of a run; None where it is off.

    Raises `ModelUnavailableError` when it is not on this machine.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = _config(folder)
    reader = open_reader(config.reader_path, config.model_path) if config.reader == "on" else None
    try:
        yield reader
    finally:
        if reader is not None:
            reader.close()


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a set: an outcome for each question, and the documents that were refused."""

    outcomes: list[Outcome]
    refused: list[Refusal]


def ask_all(
    stores: Iterable[Sequence[Step]], embedder: Embedder, reader: Reader | None, *, forget_half: bool
) -> Asked:
    """Learns and asks store by store. `forget_half` leaves half of the documents unlearned."""
    asked = Asked([], [])
    for steps in stores:
        known: set[str] = set()
        with _thrown_away(embedder, reader) as engine:
            for step in steps:
                kept = [each for each in step.documents if not (forget_half and forgotten(each))]
                refused = _learn(engine, kept)
                asked.refused.extend(refused)
                known.update({each.id for each in kept} - {each.location for each in refused})
                asked.outcomes.extend(_ask(engine, question, known) for question in step.questions)
    return asked


@contextmanager
def _thrown_away(embedder: Embedder, reader: Reader | None) -> Iterator[ReasoningEngine]:
    with (
        tempfile.TemporaryDirectory() as folder,
        ReasoningEngine(_config(folder), embedder=embedder, reader=reader) as engine,
    ):
        yield engine


def _learn(engine: ReasoningEngine, documents: Sequence[Document]) -> list[Refusal]:
    """Learns the documents; a refusal's location is the document's id."""
    report = engine.learn_items(Item(draft(each), None, each.id, 0) for each in documents)
    if report.interrupted:
        raise KeyboardInterrupt
    return report.refused


def _ask(engine: ReasoningEngine, question: Question, known: set[str]) -> Outcome:
    answer = engine.ask(question.text, threshold=0.0)
    text = answer.text if answer.kind != "unknown" else None
    learned = len(question.gold & known) / len(question.gold) if question.gold else None
    return Outcome(question, text, answer.confidence, learned)


def _config(folder: str) -> ReasoningEngineConfig:
    return ReasoningEngineConfig.builder().with_storage(folder).with_caching(max_size=0).build()
