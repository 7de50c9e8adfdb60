"""Writes the stores that `test_formats.py` opens.

Run once for every format, by the version that has it, and never to make a test pass:

    venv/bin/python tests/make_fixture.py history FOLDER/history-format-2.tar.gz
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.learn.adapters import Item
from sutra_core.types import SourceDraft

FACTS = 12
KEEPER = "Mara Holt keeps the lighthouse of Venn."
LONG = "Größe und Maß der Brücke. " * 6000
TITLED = [
    SourceDraft("lighthouse", KEEPER, "Lighthouse of Venn"),
    SourceDraft("keepers", KEEPER, "Keepers (list)"),
    SourceDraft("note", KEEPER, ""),
    SourceDraft("island", f"Venn is an island. {KEEPER} It has one road.", "Venn"),
    SourceDraft("diary", "It rained all day. Nobody came.", "Monday"),
    SourceDraft("diary 2", "It rained all day. Nobody came.", "Tuesday"),
    SourceDraft("diary 3", "It rained all day. Nobody came.", "Monday"),
    SourceDraft("bridge", LONG, "Brücke"),
]
"""What one passage says under several titles, and a text of more than 64 KiB."""


def facts(engine: ReasoningEngine) -> None:
    """A few facts, one of them twice (the second time from another source)."""
    engine.learn_batch([fact(number) for number in range(FACTS)])
    engine.learn(fact(3).text, source="another source", title="Station 3")
    engine.ask("On which line does Station 7 lie?")


def titles(engine: ReasoningEngine) -> None:
    """The titled texts, two in a transaction."""
    for first in range(0, len(TITLED), 2):
        engine.learn_items(Item(draft, None, draft.address, 0) for draft in TITLED[first : first + 2])
    engine.ask("Who keeps the lighthouse of Venn?")


def history(engine: ReasoningEngine) -> None:
    """The facts, another text of one, the titled texts, and what was forgotten of both."""
    facts(engine)
    engine.learn(fact(FACTS).text, source=fact(5).address)
    titles(engine)
    engine.forget(source=fact(7).address)
    engine.forget(concept="Mara Holt")


STORIES: dict[str, Callable[[ReasoningEngine], None]] = {"facts": facts, "titles": titles, "history": history}


def write(path: str, learn: Callable[[ReasoningEngine], None]) -> None:
    """Packs the folder of a store."""
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).with_batch_processing(batch_size=5)
        with ReasoningEngine(config.build(), embedder=WordEmbedder()) as engine:
            learn(engine)
        with tarfile.open(path, "w:gz") as archive:
            for file in sorted(Path(folder).rglob("*")):
                archive.add(file, file.relative_to(folder), recursive=False)


if __name__ == "__main__":
    story, path = sys.argv[1:]
    write(path, STORIES[story])
