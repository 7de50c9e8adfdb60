"""Vectors for statements that were stored without one: redacted ones, those that a migration split."""

from __future__ import annotations

from sutra_core.embed import Embedder, PassageText, UnembeddableTextError
from sutra_core.types import KnowledgeStore, ReadView

__all__ = ["embed_pending"]

_PAGE = 64


def embed_pending(store: KnowledgeStore, embedder: Embedder) -> int:
    """Embeds every statement that waits for a vector, some at a time, and says how many have one now.

    What the embedder refuses waits on. A sentence is embedded by itself, without what stands around it.
    """
    given, after = 0, 0
    while True:
        view = store.view()
        waiting = view.pending(after=after, limit=_PAGE)
        if not waiting:
            return given
        after = waiting[-1]
        texts = dict(zip(waiting, _texts(view, waiting), strict=True))
        while texts:
            try:
                vectors, _ = embedder.encode_passages(list(texts.values()))
            except UnembeddableTextError as error:
                numbers = list(texts)
                for at in error.failures:
                    del texts[numbers[at]]
                continue
            given += store.give_vectors(list(texts), vectors, read=view.transaction)
            break


def _texts(view: ReadView, statements: list[int]) -> list[PassageText]:
    concepts = view.concepts(statements)
    titles = {source.id: source.title for source in view.sources(sorted({each.source for each in concepts}))}
    return [
        PassageText("" if "sentence" in concept.roles else titles[concept.source], concept.text)
        for concept in concepts
    ]
