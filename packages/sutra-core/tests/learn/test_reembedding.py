"""A store changes its embedder, as if it had always had the new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.errors import EmbedderMismatchError, InvalidValueError
from sutra_core.learn import reembed
from sutra_core.types import Floats, SourceDraft
from sutra_storage import Engine

SAMPLE = Path(__file__).parents[4] / "sample"
HALF = WordEmbedder.dimension // 2


class HalfEmbedder(WordEmbedder):
    """The first half of the words' directions: another dimension, so no vector is the other's."""

    dimension = HALF
    fingerprint = hashlib.sha256(b"half of a random direction for each word").hexdigest()

    def __init__(self, *, refuses: str = "", stops_after: int = 1 << 30) -> None:
        self.refuses, self.stops_after = refuses, stops_after
        self.embedded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        return self._half(super().encode(texts))

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        texts = [passage.text for passage in passages]
        refused = {n: "refused" for n, text in enumerate(texts) if self.refuses and self.refuses in text}
        if refused:
            raise UnembeddableTextError(refused)
        if len(self.embedded) >= self.stops_after:
            raise KeyboardInterrupt
        self.embedded += texts
        whole, sentences = WordEmbedder().encode_passages(passages)
        return self._half(whole), [self._half(rows) if len(rows) else rows[:, :HALF] for rows in sentences]

    def _half(self, vectors: Floats) -> Floats:
        half = vectors[:, :HALF]
        return np.asarray(half / np.linalg.norm(half, axis=1, keepdims=True), np.float32)


@contextmanager
def opened(folder: Path, embedder: WordEmbedder) -> Iterator[ReasoningEngine]:
    config = ReasoningEngineConfig(storage_path=folder, batch_size=3, reader="off")
    with ReasoningEngine(config, embedder=embedder) as engine:
        yield engine


@contextmanager
def store_of(folder: Path, embedder: WordEmbedder) -> Iterator[Engine]:
    store = Engine(folder, fingerprint=embedder.fingerprint, dimension=embedder.dimension)
    try:
        yield store
    finally:
        store.close()


def live(engine: ReasoningEngine) -> None:
    """Learns, replaces, forgets, and embeds what is left of a passage."""
    engine.learn_collection(SAMPLE)
    engine.learn("The weir holds. The mill of Alnwick stands still.", source="mill", title="Mill")
    engine.learn("The weir holds. The mill of Alnwick turns.", source="mill", title="Mill")
    engine.learn("Robert Gray lives in Boston. He keeps bees.", source="gray")
    engine.forget(concept="Robert Gray")


def vectors(engine: ReasoningEngine) -> dict[int, Floats]:
    """By number, those of statements that were retired too."""
    view = engine.view()
    numbers = {
        number
        for source in view.sources_after(0, 10_000, retired=True)
        for number, *_ in view.statements_in(source.id)
    }
    ordered = sorted(numbers)
    return dict(zip(ordered, view.vectors(ordered), strict=True))


def test_a_store_is_what_it_would_be_with_the_new_embedder_from_the_beginning(tmp_path: Path) -> None:
    with opened(tmp_path / "one", WordEmbedder()) as engine:
        live(engine)
        before = engine.stats().store
    with opened(tmp_path / "other", HalfEmbedder()) as engine:
        live(engine)
        expected = vectors(engine)
    told: list[tuple[int, int]] = []
    with store_of(tmp_path / "one", WordEmbedder()) as store:
        held = store.view()
        report = reembed(store, HalfEmbedder(), on_progress=lambda *progress: told.append(progress))
        # A view of before goes on with its own vectors, and the store with the new ones.
        query, half = WordEmbedder().encode(["the weir"])[0], HalfEmbedder().encode(["the weir"])[0]
        assert held.fingerprint == WordEmbedder.fingerprint and len(held.search_vectors(query, 3)[0]) == 3
        view = store.view()
        assert view.fingerprint == HalfEmbedder.fingerprint and len(view.search_vectors(half, 3)[0]) == 3
        del held, view
    assert (report.statements, report.embedded, report.waiting) == (len(expected), len(expected), 0)
    assert told[-1] == (len(expected), len(expected)) and told == sorted(told)
    with pytest.raises(EmbedderMismatchError), opened(tmp_path / "one", WordEmbedder()):
        pass
    with opened(tmp_path / "one", HalfEmbedder()) as engine:
        found = vectors(engine)
        assert found.keys() == expected.keys()
        for number, vector in expected.items():
            assert found[number] == pytest.approx(vector, abs=1e-3), engine.get_concept(number).concept.text
        after = engine.stats().store
        assert after._replace(bytes_on_disk=0) == before._replace(bytes_on_disk=0, dimension=HALF)
        assert engine.verify().clean
        (hit, *_) = engine.search(
            "the mill of Alnwick stands still", mode="meaning", as_of=before.transaction - 4
        )
        assert hit.text.endswith("stands still.")
        engine.learn("The Aln rises at Alham.", source="late")
        assert engine.search("Aln rises Alham", mode="meaning")[0].address == "late"


def test_a_run_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    texts = [SourceDraft(f"{number}", f"Mill {number} stands by the Aln.") for number in range(60)]
    with opened(tmp_path, WordEmbedder()) as engine:
        engine.learn_batch(texts)
    with store_of(tmp_path, WordEmbedder()) as store:
        with pytest.raises(KeyboardInterrupt):
            reembed(store, HalfEmbedder(stops_after=20))
        state = store.preparation()
        assert state and 0 < state.ready < 60 and state.ready + state.waiting == 60
    # Meanwhile it is what it was, and learns.
    with opened(tmp_path, WordEmbedder()) as engine:
        assert engine.search("Mill 7", mode="meaning")[0].address == "7"
        engine.learn("The weir holds.", source="weir")
        engine.forget(source="8")
    embedder = HalfEmbedder()
    with store_of(tmp_path, WordEmbedder()) as store:
        report = reembed(store, embedder)
    assert report.embedded == report.statements - state.ready + (texts[8].text not in embedder.embedded)
    assert len(embedder.embedded) < 60 and "The weir holds." in embedder.embedded
    with opened(tmp_path, embedder) as engine:
        assert engine.stats().store.vectors == engine.stats().store.statements == 60
        assert engine.search("the weir holds", mode="meaning")[0].address == "weir"


def test_what_is_learned_and_forgotten_meanwhile_is_kept_up_with(tmp_path: Path) -> None:
    with opened(tmp_path, WordEmbedder()) as engine:
        engine.learn_batch([SourceDraft(f"{n}", f"Ada Venn saw mill {n}. It turns.") for n in range(40)])
        number = engine.view().find_entities(["Ada Venn"])[0]
    embedder = HalfEmbedder()
    with store_of(tmp_path, WordEmbedder()) as store:

        def interfere(done: int, total: int) -> None:
            if done < total and store.view().find_entities(["Ada Venn"]) == [number]:
                store.forget_concept(number)

        reembed(store, embedder, on_progress=interfere)
    with opened(tmp_path, embedder) as engine:
        assert engine.view().find_entities(["Ada Venn"]) == [0]
        stats = engine.stats().store
        assert stats.vectors == stats.statements
        # No vector is of words that were forgotten.
        for each, vector in vectors(engine).items():
            text = engine.get_concept(each).concept.text
            assert vector == pytest.approx(embedder.encode([text])[0], abs=1e-2), text
        assert engine.verify().clean


def test_what_the_embedder_refuses_waits_and_is_found_by_its_words(tmp_path: Path) -> None:
    with opened(tmp_path, WordEmbedder()) as engine:
        engine.learn("The weir holds.", source="weir")
        engine.learn("The mill turns.", source="mill")
    with store_of(tmp_path, WordEmbedder()) as store:
        report = reembed(store, HalfEmbedder(refuses="mill"))
    assert (report.statements, report.waiting) == (1, 1)
    with opened(tmp_path, HalfEmbedder()) as engine:
        assert [hit.address for hit in engine.search("mill", mode="words")] == ["mill"]
        assert [hit.address for hit in engine.search("mill", mode="meaning")] == ["weir"]
        assert engine.embed_pending() == 1
        assert engine.search("the mill turns", mode="meaning")[0].address == "mill"
        assert engine.verify().clean


def test_the_embedder_that_a_store_has_is_refused(tmp_path: Path) -> None:
    with store_of(tmp_path, WordEmbedder()) as store, pytest.raises(InvalidValueError):
        reembed(store, WordEmbedder())
