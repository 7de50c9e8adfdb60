"""Writes the store that `test_formats.py` opens. Run once for every format, never to make a test pass.

venv/bin/python tests/make_fixture.py tests/fixtures/store-format-1.tar.gz
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from pathlib import Path

from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig

FACTS = 12


def main() -> None:
    """Learns a few facts twice (the second time from another source) and packs the folder."""
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).with_batch_processing(batch_size=5)
        with ReasoningEngine(config.build(), embedder=WordEmbedder()) as engine:
            engine.learn_batch([fact(number) for number in range(FACTS)])
            engine.learn(fact(3).text, source="another source", title="Station 3")
            engine.ask("On which line does Station 7 lie?")
        with tarfile.open(sys.argv[1], "w:gz") as archive:
            for path in sorted(Path(folder).rglob("*")):
                archive.add(path, path.relative_to(folder), recursive=False)


if __name__ == "__main__":
    main()
