"""Stores that earlier versions wrote still open, and hold what they held."""

from __future__ import annotations

import tarfile
from pathlib import Path

from crash_child import fact
from make_fixture import FACTS
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig

FIXTURES = Path(__file__).resolve().parent / "fixtures"


def test_format_1_opens(tmp_path: Path) -> None:
    with tarfile.open(FIXTURES / "store-format-1.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    config = ReasoningEngineConfig.builder().with_storage(tmp_path).build()
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        assert engine.verify().clean
        stats = engine.stats().store
        assert (stats.transaction, stats.sources, stats.passages) == (4, FACTS + 1, FACTS)
        view = engine.view()
        for number in range(FACTS):
            draft = fact(number)
            assert view.find_source(draft.address, draft.offset, draft.text)
        hit = engine.search("Keeper 3", mode="words", k=1)[0]
        assert hit.text == fact(3).text
        assert {source.address for _, source in engine.get_concept(hit.concept).supports} == {
            "fact 3",
            "another source",
        }
        assert engine.search("Station 7 lies on Line 7.", mode="meaning", k=1)[0].address == "fact 7"
