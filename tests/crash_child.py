"""Learns numbered facts until it is killed, and prints how many are durable after every commit.

    python crash_child.py FOLDER SEED

Item n says the same in every run, so a run that follows skips what the one before has learned.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.learn.adapters import Item
from sutra_core.types import SourceDraft

FACTS = 1_000_000


def fact(number: int) -> SourceDraft:
    """The fact of a number: two sentences, three names, one of them shared by every tenth fact."""
    text = f"Station {number} lies on Line {number % 10}. Its keeper is called Keeper {number}."
    return SourceDraft(f"fact {number}", text, f"Station {number}")


def items() -> Iterator[Item]:
    for number in range(FACTS):
        yield Item(fact(number), None, f"fact {number}", 0)


def main() -> None:
    folder, seed = sys.argv[1], int(sys.argv[2])
    size = random.Random(seed).randint(1, 60)
    config = (
        ReasoningEngineConfig.builder().with_storage(folder).with_batch_processing(batch_size=size).build()
    )
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_items(items(), on_progress=lambda progress: print(progress.sources, flush=True))


if __name__ == "__main__":
    main()
