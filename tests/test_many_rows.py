"""More than a file of vectors and more than a segment of every index holds, through the public interface."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import word_embedder
from crash_child import fact
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.types import ReadView

ROWS_PER_FILE = 16_384
ROWS_PER_FACT = 3  # a passage and its two sentences
FACTS = ROWS_PER_FILE // ROWS_PER_FACT + 200
SAMPLE = [*range(0, FACTS, 97), *range(ROWS_PER_FILE // ROWS_PER_FACT - 20, FACTS)]


@pytest.fixture(autouse=True)
def quick_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same words come again and again here: their vectors are worked out once."""
    monkeypatch.setattr(word_embedder, "_vector", lru_cache(100_000)(word_embedder._vector))


def opened(folder: Path) -> ReasoningEngine:
    config = ReasoningEngineConfig(storage_path=folder, batch_size=500)
    return ReasoningEngine(config, embedder=WordEmbedder())


def check(view: ReadView, numbers: list[int]) -> None:
    """Each of these facts is the nearest to its own words, by both kinds of search, and found by a word."""
    for number in numbers:
        draft = fact(number)
        query = WordEmbedder().encode([f"{draft.title} {draft.text}"])[0]
        for exact in (False, True):
            ids, scores = view.search_vectors(query, 1, exact=exact)
            source = view.sources([view.concepts(ids)[0].source])[0]
            assert source.address == draft.address, (number, exact)
            assert scores[0] == pytest.approx(1, abs=2e-3)
        first_sentence = draft.text.split(". ")[0] + "."
        query = WordEmbedder().encode([first_sentence])[0]
        ids, _ = view.search_vectors(query, 1, unit="sentence")
        assert view.concepts(ids)[0].text == first_sentence
        (passage,), _ = view.search_words(f"Keeper {number}", 1)
        assert view.sources([view.concepts([passage])[0].source])[0].address == draft.address


def test_what_lies_over_the_end_of_a_file_and_of_a_segment_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as engine:
        assert engine.learn_batch([fact(number) for number in range(FACTS)]).sources == FACTS
        assert engine.stats().store.vectors > ROWS_PER_FILE
        check(engine.view(), SAMPLE)
    files = sorted((tmp_path / "vectors").iterdir())
    assert [file.name for file in files] == ["00000001.vec", "00000002.vec"]
    with opened(tmp_path) as engine:
        check(engine.view(), SAMPLE)
        engine.learn_batch([fact(number) for number in range(FACTS, FACTS + 50)])
        check(engine.view(), [*SAMPLE[-5:], FACTS, FACTS + 49])
        report = engine.verify()
        assert report.clean, report.faults[:5]
        assert report.checked["sealed files"] == 1
        assert report.checked["vectors"] == engine.stats().store.vectors

    sealed = np.memmap(files[0], np.uint8, "r+")
    sealed[len(sealed) - 1] ^= 1  # in the last value of the last row
    sealed.flush()
    with opened(tmp_path) as engine:
        learned, row, file = engine.verify().faults
        assert "00000001.vec is damaged" in learned
        assert f"(row {ROWS_PER_FILE - 1}) is damaged" in row
        assert file == "vector file 1 does not have its SHA-256"
