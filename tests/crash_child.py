"""Learns numbered facts until it is killed, and prints how many are durable after every commit.

    python crash_child.py FOLDER SEED [change]

With `change` it brings the store of FOLDER/store to this format first, and then learns facts and other
versions of them, forgets, purges, and backs up to FOLDER/backup. Of each it prints `begin` before and `done`
after: `migrate`, `learn NUMBER VERSION`, `forget NUMBER`, `purge`, `backup`; what has forgotten or backed up
tells the transaction, too.

Item n says the same in every run, so a run that follows skips what the one before has learned.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.backup import write
from sutra_core.learn.adapters import Item
from sutra_core.types import SourceDraft
from sutra_storage import migrate

FACTS = 1_000_000


def fact(number: int, version: int = 0) -> SourceDraft:
    """The fact of a number: two sentences, three names, one of them shared by every tenth fact.

    Later versions have a third sentence.
    """
    text = f"Station {number} lies on Line {number % 10}. Its keeper is called Keeper {number}."
    if version:
        text += f" Its clock {number} was mended {version} times."
    return SourceDraft(f"fact {number}", text, f"Station {number}")


def items() -> Iterator[Item]:
    for number in range(FACTS):
        yield Item(fact(number), None, f"fact {number}", 0)


def tell(*words: object) -> None:
    print(*words, flush=True)


def change(root: Path, seed: int) -> None:
    """Migrates, then does at random what changes a store and its backup."""
    chance = random.Random(seed)
    folder, place = root / "store", root / "backup"
    tell("begin migrate")
    migrate(folder)
    tell("done migrate")
    write.SEGMENT_BYTES = 2000  # a backup of a fact or two has many segments
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        versions = dict[int, int]()
        for number in count(1000 * seed):
            learn(engine, versions, number, 0)
            which = chance.choice(sorted(versions))
            match chance.choice(["learn", "learn", "forget", "purge", "backup"]):
                case "learn":
                    learn(engine, versions, which, versions[which] + 1)
                case "forget":
                    tell("begin forget", which)
                    gone = engine.forget(source=fact(which).address)
                    tell("done forget", which, gone.transaction)
                    del versions[which]
                case "purge":
                    tell("begin purge")
                    engine.purge()
                    tell("done purge")
                case _:
                    tell("begin backup")
                    tell("done backup", engine.backup(place, prune=chance.random() < 0.5).transaction)


def learn(engine: ReasoningEngine, versions: dict[int, int], number: int, version: int) -> None:
    tell("begin learn", number, version)
    engine.learn_batch([fact(number, version)])
    tell("done learn", number, version)
    versions[number] = version


def main() -> None:
    folder, seed = sys.argv[1], int(sys.argv[2])
    if sys.argv[3:] == ["change"]:
        change(Path(folder), seed)
        return
    size = random.Random(seed).randint(1, 60)
    config = (
        ReasoningEngineConfig.builder().with_storage(folder).with_batch_processing(batch_size=size).build()
    )
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_items(items(), on_progress=lambda progress: print(progress.sources, flush=True))


if __name__ == "__main__":
    main()
