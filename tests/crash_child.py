"""Learns numbered facts until it is killed, and prints how many are durable after every commit.

    python crash_child.py FOLDER SEED [change]

With `change` it brings the store to this format first, and then forgets facts that it learned, too: it prints
`migrated`, `+N` for a fact that is durable, and `-N` before and `!N` after one is forgotten.

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
from sutra_storage import migrate

FACTS = 1_000_000


def fact(number: int) -> SourceDraft:
    """The fact of a number: two sentences, three names, one of them shared by every tenth fact."""
    text = f"Station {number} lies on Line {number % 10}. Its keeper is called Keeper {number}."
    return SourceDraft(f"fact {number}", text, f"Station {number}")


def items() -> Iterator[Item]:
    for number in range(FACTS):
        yield Item(fact(number), None, f"fact {number}", 0)


def change(folder: str, seed: int) -> None:
    """Migrates, then learns and forgets in turn."""
    chance = random.Random(seed)
    print("ready", flush=True)
    migrate(folder)
    print("migrated", flush=True)
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    first = 1000 * seed
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        known = list[int]()
        for number in range(first, FACTS):
            known.append(number)
            engine.learn_batch([fact(number)])
            print(f"+{number}", flush=True)
            if chance.random() < 0.4:
                gone = known.pop(chance.randrange(len(known)))
                print(f"-{gone}", flush=True)
                engine.forget(source=fact(gone).address)
                print(f"!{gone}", flush=True)


def main() -> None:
    folder, seed = sys.argv[1], int(sys.argv[2])
    if sys.argv[3:] == ["change"]:
        change(folder, seed)
        return
    size = random.Random(seed).randint(1, 60)
    config = (
        ReasoningEngineConfig.builder().with_storage(folder).with_batch_processing(batch_size=size).build()
    )
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_items(items(), on_progress=lambda progress: print(progress.sources, flush=True))


if __name__ == "__main__":
    main()
