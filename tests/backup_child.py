"""Learns numbered facts and backs them up in many small segments, again and again, until it is killed.

    python backup_child.py FOLDER PLACE FIRST

It prints `backup` before each backup, and the transaction that the backup holds after it.
"""

from __future__ import annotations

import sys

from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.backup import write

FACTS = 12  # between two backups


def main() -> None:
    folder, place, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
    write.SEGMENT_BYTES = 2000  # a fact or two
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        while True:
            for number in range(first, first + FACTS):
                engine.learn_batch([fact(number)])
            engine.forget(source=fact(first).address)
            first += FACTS
            print("backup", flush=True)
            print(engine.backup(place, prune=True).transaction, flush=True)


if __name__ == "__main__":
    main()
