"""Step: the chains of passages that were found, opened up into their sentences, and as paths in the graph.

A chain is a passage, or the passage that led to it and then itself. Fetches text for the best few alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sutra_core.ask.analyse import Question
from sutra_core.ask.spread import Reached, sentences_of
from sutra_core.types import Concept, Floats, GraphPath, GraphPaths, ReadView

__all__ = ["Chain", "Sentence", "graph_paths", "open_chains"]

_CHAINS = 10
_LED_BY_SENTENCES = 2

# How much a step over structure is worth beside a typed relation (1).
_STEP_WEIGHTS = {"about": 0.9, "contains": 0.8, "mentions": 0.6, "alias_of": 0.9, "next": 0.1}
_PATHS_TRIED = 12
# Names in one sentence that are looked at.
_MENTIONS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage that was found.

    `similarity` is its cosine to the question, `led_similarity` to the question as it was embedded with
    the passage that led to it (0 where none did). `written` is its source's own time, in microseconds since
    1970 UTC.
    """

    id: int
    text: str
    source: int
    title: str
    similarity: float
    led_similarity: float
    entities: tuple[Concept, ...]
    written: int | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A passage with its sentences. `led_by` are the best sentences of the passage that led to it.

    `score` is its score relative to the best chain's, in (0, 1].
    """

    passage: int
    score: float
    sentences: tuple[Sentence, ...]
    led_by: tuple[Sentence, ...]


def open_chains(view: ReadView, vector: Floats, reached: Reached) -> list[Chain]:
    """The best chains with their sentences and what these mention; what is nothing but labels is left out."""
    best = reached.ranked[:_CHAINS]
    passages = list(dict.fromkeys([each.passage for each in best] + [each.via for each in best if each.via]))
    inside = dict(zip(passages, sentences_of(view, passages), strict=True))
    opened = _open(view, sorted({sentence for each in inside.values() for sentence in each}))
    inside = {passage: [each for each in within if each in opened] for passage, within in inside.items()}
    top = best[0].score if best and best[0].score > 0 else 1.0
    # A sentence that stands in several sources is read here as one of the passage that was found.
    homes = dict(zip(passages, [concept.source for concept in view.concepts(passages)], strict=True))
    sources = {source.id: source for source in view.sources(sorted(set(homes.values())))}
    sentences = list(opened)
    row = {sentence: at for at, sentence in enumerate(sentences)}
    all_vectors = view.vectors(sentences)

    def near(passage: int, via: int) -> tuple[Sentence, ...]:
        home = homes[passage]
        vectors = all_vectors[[row[sentence] for sentence in inside[passage]]]
        similarity = np.asarray(vectors @ vector, np.float32)
        led = np.asarray(vectors @ reached.asked[via], np.float32) if via else np.zeros_like(similarity)
        title, written = sources[home].title, sources[home].time
        found = zip(inside[passage], similarity.tolist(), led.tolist(), strict=True)
        return tuple(
            Sentence(one.id, one.text, home, title, value, led_value, one.entities, written)
            for one, value, led_value in ((opened[sentence], *values) for sentence, *values in found)
        )

    return [
        Chain(
            each.passage,
            max(each.score, 0.0) / top,
            near(each.passage, each.via),
            _gist(near(each.via, 0)) if each.via else (),
        )
        for each in best
        if inside[each.passage]
    ]


def graph_paths(
    view: ReadView,
    question: Question,
    target: int,
    evidence: tuple[int, ...],
    *,
    k: int,
    max_steps: int,
) -> GraphPaths:
    """The `k` best paths from what the question names to a concept, those over the evidence first."""
    starts = question.name_ids or [entity for entity, _ in question.near]
    starts = [start for start in starts if start != target]
    if not starts or max_steps < 1:
        return GraphPaths([], exhausted=False)
    found = view.paths(starts, [target], k=max(k, _PATHS_TRIED), max_steps=max_steps, weights=_STEP_WEIGHTS)
    known = set(evidence)

    def rests_on_evidence(path: GraphPath) -> bool:
        typed = any(step.association.relation not in _STEP_WEIGHTS for step in path.steps)
        return typed or not known.isdisjoint(path.nodes)

    best = sorted(found.paths, key=lambda path: (not rests_on_evidence(path), -path.score))[:k]
    return GraphPaths(best, found.exhausted)


def _open(view: ReadView, ids: list[int]) -> dict[int, Sentence]:
    """Sentences with their titles and what they mention; their similarity is not known yet.

    A passage of nothing but headings and the like is none of them.
    """
    concepts = [concept for concept in view.concepts(ids) if "sentence" in concept.roles]
    ids = [concept.id for concept in concepts]
    sources = sorted({concept.source for concept in concepts})
    titles = {source.id: source.title for source in view.sources(sources)}
    mentioned = view.expand(ids, "mentions", limit=_MENTIONS_MAX)
    names = sorted({name for each in mentioned for name in each})
    entities = dict(zip(names, view.concepts(names), strict=True))
    return {
        concept.id: Sentence(
            concept.id,
            concept.text,
            concept.source,
            titles[concept.source],
            0.0,
            0.0,
            tuple(entities[name] for name in each),
        )
        for concept, each in zip(concepts, mentioned, strict=True)
    }


def _gist(sentences: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    return tuple(sorted(sentences, key=lambda each: -each.similarity)[:_LED_BY_SENTENCES])
