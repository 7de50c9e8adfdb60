"""Learns into a file system that is nearly full, makes room, and goes on in the same engine.

    python full_disk_child.py FOLDER

FOLDER is a file system of its own, of a few tens of megabytes. Prints "done" when all went as it should.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import DiskFullError


def main() -> None:
    folder = Path(sys.argv[1])
    ballast = folder / "ballast"
    config = ReasoningEngineConfig(storage_path=folder / "store")
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch([fact(number) for number in range(50)])
        earlier = engine.ask("Who is the keeper of Station 7?")
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass
        try:
            engine.learn_batch([fact(number) for number in range(50, 100)])
        except DiskFullError as error:
            assert "make room" in str(error)
        else:
            raise AssertionError("a full disk was not noticed")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert engine.ask("Who is the keeper of Station 8?").id
        assert engine.search("Keeper 7", mode="words", k=1)[0].address == "fact 7"
        ballast.unlink()
        assert engine.learn_batch([fact(number) for number in range(50, 100)]).sources == 50
        assert engine.verify().clean
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        assert engine.stats().store.sources == 100
        assert engine.explain(earlier.id) == earlier
    print("done")


if __name__ == "__main__":
    main()
