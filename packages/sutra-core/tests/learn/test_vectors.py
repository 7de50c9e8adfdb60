"""Vectors of a batch: one for each statement, and nothing made up for what cannot be embedded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from word_embedder import WordEmbedder

from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.errors import EmbedderError
from sutra_core.learn.adapters import Item
from sutra_core.learn.reading import ReadItem, read_item
from sutra_core.learn.vectors import embed_items
from sutra_core.types import Floats, SourceDraft


class FussyEmbedder(WordEmbedder):
    """Refuses every passage with the word "unspeakable", `most` of them in one call."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.calls = 0

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        self.calls += 1
        failures = {
            number: "it is unspeakable"
            for number, passage in enumerate(passages)
            if "unspeakable" in passage.text
        }
        if failures:
            raise UnembeddableTextError(dict(list(failures.items())[: self.most]))
        return super().encode_passages(passages)


def item(number: int, text: str) -> ReadItem:
    return read_item(Item(SourceDraft(f"source {number}", text), None, f"file:{number}", 0))


LONG = " ".join(f"The mill number {n} is on the hill near the water." for n in range(30))
UNSPEAKABLE = "This is an unspeakable sentence that nobody embeds."


def test_every_statement_has_its_own_vector() -> None:
    embedded, refused = embed_items(WordEmbedder(), [item(0, "Zoë rises. It is long."), item(1, "One more.")])
    assert refused == []
    batch = embedded.batch
    assert sorted(batch.vector_references) == list(range(len(batch.statements)))
    assert batch.vectors is not None and batch.vectors.dtype == np.float32
    data = [source.text.encode() for source in batch.sources]
    for reference, vector in zip(batch.vector_references, batch.vectors, strict=True):
        source, start, end, *_ = batch.statements[reference]
        assert vector == pytest.approx(WordEmbedder().encode([data[source][start:end].decode()])[0])


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_a_refused_passage_takes_its_source_alone_out(most: int) -> None:
    items = [
        item(0, "The first text."),
        item(1, UNSPEAKABLE),
        item(2, "The second text."),
        item(3, f"{LONG}\n\n{UNSPEAKABLE}\n\n{UNSPEAKABLE} Twice."),
        item(4, UNSPEAKABLE + " Indeed."),
        item(5, "The third text."),
    ]
    embedded, refused = embed_items(FussyEmbedder(most), items)
    batch = embedded.batch
    assert [source.address for source in batch.sources] == ["source 0", "source 2", "source 5"]
    assert sorted(each.location for each, _ in refused) == ["file:1", "file:3", "file:4"]
    assert {reason for _, reason in refused} == {"it is unspeakable"}
    assert [each.location for each in embedded.items] == ["file:0", "file:2", "file:5"]
    assert sorted(batch.vector_references) == list(range(len(batch.statements)))
    assert all(source < len(batch.sources) for source, *_ in batch.statements)


def test_a_batch_of_which_everything_is_refused_is_empty() -> None:
    embedded, refused = embed_items(FussyEmbedder(), [item(0, UNSPEAKABLE)])
    batch = embedded.batch
    assert (len(refused), embedded.items, embedded.vectors) == (1, (), ())
    assert (batch.sources, batch.statements, batch.entities, batch.vectors) == ([], [], [], None)


def test_nothing_needs_no_embedder() -> None:
    embedder = FussyEmbedder()
    assert embed_items(embedder, [])[1] == []
    assert embedder.calls == 0


def test_halves_hold_the_same_items_with_the_same_vectors() -> None:
    texts = ["The first text. It is long.", LONG, "…", "The third text.", f"{LONG}\n\n{LONG} Twice."]
    items = [item(number, text) for number, text in enumerate(texts)]
    embedded, _ = embed_items(WordEmbedder(), items)
    first, second = embedded.halves()
    assert (first.items, second.items) == (embedded.items[:2], embedded.items[2:])
    for half in (first, second, *second.halves()):
        alone, _ = embed_items(WordEmbedder(), half.items)
        assert half.batch.statements == alone.batch.statements
        assert half.batch.associations == alone.batch.associations
        assert half.batch.vector_references == alone.batch.vector_references
        assert np.array_equal(half.batch.vectors, alone.batch.vectors)  # type: ignore[arg-type]


def test_another_failure_of_the_embedder_is_raised() -> None:
    class Broken(WordEmbedder):
        def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
            raise EmbedderError("the session is gone")

    with pytest.raises(EmbedderError, match="gone"):
        embed_items(Broken(), [item(0, "One text.")])
