"""Step: from the best passages on to what they lead to, one conditioned hop each.

For each of the best passages the question is embedded again, followed by that passage's title and best
sentences; what the passage itself says is partly taken out of the result, so that it looks for something
*else*. A passage reached scores by that vector and those words, by whether its title is mentioned, by rare
names that both have, and by the words of the question that were still missing. Scores never fall by it: a
passage that was good by itself stays.

Three short embeddings in one batch, whatever the store's size. Personalised PageRank beside it was
measured and left out: with links and shared names in, it added nothing on any of four sets.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sutra_core.ask.analyse import Question
from sutra_core.ask.retrieve import Candidates
from sutra_core.ask.weights import (
    CANDIDATES,
    FIRST_SHARE,
    HOP_DECAY,
    HOP_WORDS,
    LINKED,
    RARE_MAX,
    RARE_MIN,
    RARE_SHARE,
    REMOVED,
    SEED_SENTENCES,
    SEEDS,
    SHARED,
    UNCOVERED_BM25,
    UNCOVERED_WEIGHT,
)
from sutra_core.embed import Embedder
from sutra_core.types import Concept, Floats, ReadView

__all__ = ["Ranked", "Reached", "sentences_of", "spread"]

_RARITY_FULL = 6.0
_NOT_REACHED = -1.0
# Sentences of one passage, names in one sentence, passages that contain one sentence: more are not looked at.
_SENTENCES_MAX = 1000
_MENTIONS_MAX = 1000
_HOLDERS_MAX = 100


class Ranked(NamedTuple):
    """A passage in the final order. `via` is the passage that led to it, 0 where it came first-hand."""

    passage: int
    score: float
    via: int


@dataclass(frozen=True, slots=True)
class Reached:
    """All passages that were found, best first. `asked[passage]` is the question as embedded with it."""

    ranked: list[Ranked]
    asked: dict[int, Floats]


@dataclass(frozen=True, slots=True)
class _Seed:
    passage: int
    text: str
    links: dict[int, float]
    shared: dict[int, float]


def spread(
    view: ReadView, embedder: Embedder, question: Question, vector: Floats, candidates: Candidates
) -> Reached:
    """All candidates with those that the hops add, best first, equal scores by rising id."""
    seeds = _seeds(view, question, vector, candidates)
    if not seeds:
        return Reached([], {})
    conditioned = embedder.encode([seed.text for seed in seeds])
    texts = [seed.text for seed in seeds]
    beyond: list[Floats] = []
    for seed, asked in zip(seeds, conditioned, strict=True):
        own = candidates.vectors[candidates.position[seed.passage]]
        beyond.append(np.asarray(asked - REMOVED * float(asked @ own) * own, np.float32))
    nearest = view.search_vectors_each(np.stack(beyond), CANDIDATES)
    said = view.search_words_each(texts, CANDIDATES)
    reachable: list[int] = []
    for seed, (near, _), (best, _) in zip(seeds, nearest, said, strict=True):
        reachable += [*seed.links, *seed.shared, *near.tolist(), *best.tolist()]
    candidates.add(reachable)
    first = candidates.scores
    words = view.score_words(texts, candidates.ids)
    hops = np.stack([_hop(candidates, first, *each) for each in zip(seeds, conditioned, words, strict=True)])
    best = hops.argmax(axis=0)
    reached = hops.max(axis=0)
    score = np.maximum(first, reached)
    order = np.lexsort((candidates.ids, -score))
    led_from = np.array([seed.passage for seed in seeds], np.uint64)[best]
    via = np.where(reached > first, led_from, np.uint64(0))
    columns = (candidates.ids, score, via)
    ranked = list(map(Ranked._make, zip(*(column[order].tolist() for column in columns), strict=True)))
    return Reached(ranked, {s.passage: v for s, v in zip(seeds, conditioned, strict=True)})


def sentences_of(view: ReadView, passages: list[int]) -> list[list[int]]:
    """The sentences of each passage; one that is a single sentence is its own."""
    contained = view.expand(passages, "contains", limit=_SENTENCES_MAX)
    return [inside or [passage] for passage, inside in zip(passages, contained, strict=True)]


def _seeds(view: ReadView, question: Question, vector: Floats, candidates: Candidates) -> list[_Seed]:
    """The best passages, each from a source of its own, with what they are linked to."""
    order = np.lexsort((candidates.ids, -candidates.scores))[: 8 * SEEDS]
    best = np.asarray(candidates.ids[order], np.uint64)
    by_source: dict[int, Concept] = {}
    # Mostly the first few are of enough sources.
    for some in (best[: 2 * SEEDS], best[2 * SEEDS :]):
        if len(by_source) < SEEDS:
            for concept in view.concepts(some):
                by_source.setdefault(concept.source, concept)
    chosen: list[Concept] = list(by_source.values())[:SEEDS]
    if not chosen:
        return []
    passages = [concept.id for concept in chosen]
    inside = sentences_of(view, passages)
    titles = [source.title for source in view.sources([concept.source for concept in chosen])]
    gists = _gists(view, inside, vector)
    neighbours = _neighbours(view, passages, inside)
    return [
        _Seed(passage, f"{question.text} {title}. {gist}", *found)
        for passage, title, gist, found in zip(passages, titles, gists, neighbours, strict=True)
    ]


def _gists(view: ReadView, inside: list[list[int]], vector: Floats) -> list[str]:
    """Of each passage the sentences nearest to the question, in their order."""
    ends = np.cumsum([len(sentences) for sentences in inside])
    vectors = np.split(view.vectors(_union(inside)), ends[:-1])
    nearest: list[list[int]] = []
    for sentences, own in zip(inside, vectors, strict=True):
        best = np.sort(np.argsort(-(own @ vector), kind="stable")[:SEED_SENTENCES])
        nearest.append([sentences[int(at)] for at in best])
    text = {concept.id: concept.text for concept in view.concepts(_union(nearest))}
    return [" ".join(text[sentence] for sentence in sentences) for sentences in nearest]


def _neighbours(
    view: ReadView, passages: list[int], inside: list[list[int]]
) -> list[tuple[dict[int, float], dict[int, float]]]:
    """For each passage those about a name that it mentions, and those that share a rare name with it."""
    sentences = _union(inside)
    named_in, about = view.expand_each(
        [(sentences, "mentions", "out", _MENTIONS_MAX), (passages, "about", "out", _MENTIONS_MAX)]
    )
    mentions = _by_id(sentences, named_in)
    mentioned = [list(dict.fromkeys(_union(mentions[each] for each in sentences))) for sentences in inside]
    heading = list(dict.fromkeys(_union(mentioned)))
    names = [list(dict.fromkeys(said + titled)) for said, titled in zip(mentioned, about, strict=True)]
    headed, rarities = _headed_and_rarities(view, heading, list(dict.fromkeys(_union(names))))
    found: list[tuple[dict[int, float], dict[int, float]]] = []
    for passage, said, named in zip(passages, mentioned, names, strict=True):
        linked = dict.fromkeys(_union(headed[name] for name in said), LINKED)
        linked.pop(passage, None)
        shared: dict[int, float] = defaultdict(float)
        for rarity, holders in (rarities[name] for name in named if name in rarities):
            for holder in holders - {passage}:
                shared[holder] = max(shared[holder], SHARED * rarity)
        found.append((linked, dict(shared)))
    return found


def _headed_and_rarities(
    view: ReadView, heading: list[int], names: list[int]
) -> tuple[dict[int, list[int]], dict[int, tuple[float, set[int]]]]:
    """The passages about each of some names; and how rare each of the rare names is, up to 1, with the
    passages that have it. Of any other name only the degree is looked at.
    """
    passages = view.stats().passages
    rare_max = max(RARE_MIN, RARE_SHARE * passages)
    rare_max = min(rare_max, RARE_MAX)
    headed_by = view.degrees(names, "about", direction="in")
    mentioned_by = view.degrees(names, "mentions", direction="in")
    rare = [
        name
        for name, heads, sentences in zip(names, headed_by, mentioned_by, strict=True)
        if heads + sentences <= 2 * rare_max
    ]
    limit = int(2 * rare_max)
    of_heading, headed, mentioning = view.expand_each(
        [
            (heading, "about", "in", CANDIDATES),
            (rare, "about", "in", limit),
            (rare, "mentions", "in", limit),
        ]
    )
    holders_of = _holders(view, list(dict.fromkeys(_union(mentioning))))
    found: dict[int, tuple[float, set[int]]] = {}
    for name, heads, sentences_with in zip(rare, headed, mentioning, strict=True):
        holders = set(heads) | set(_union(holders_of[sentence] for sentence in sentences_with))
        if len(holders) <= rare_max:
            rarity = min(math.log1p(passages / max(len(holders), 1)), _RARITY_FULL) / _RARITY_FULL
            found[name] = rarity, holders
    return _by_id(heading, of_heading), found


def _holders(view: ReadView, sentences: list[int]) -> dict[int, list[int]]:
    """For each sentence the passages that contain it, or itself where it is one."""
    outer = view.expand(sentences, "contains", direction="in", limit=_HOLDERS_MAX)
    return {own: found or [own] for own, found in zip(sentences, outer, strict=True)}


def _hop(candidates: Candidates, first: Floats, seed: _Seed, asked: Floats, words: Floats) -> Floats:
    """The score of the chain seed → passage, for every candidate; `words` is BM25 of the seed's text."""
    at = candidates.position[seed.passage]
    own = candidates.vectors[at]
    meaning = candidates.vectors @ (asked - REMOVED * float(asked @ own) * own)
    meaning[at] = words[at] = 0.0
    score = (1 - HOP_WORDS) * np.maximum(meaning, 0) / (float(meaning.max()) or 1.0)
    score += HOP_WORDS * words / (float(words.max()) or 1.0)
    for gains in (seed.links, seed.shared):
        for passage, gain in gains.items():
            score[candidates.position[passage]] += gain
    score += _uncovered(candidates, at)
    chain = HOP_DECAY * (FIRST_SHARE * first[at] + (1 - FIRST_SHARE) * score)
    chain[at] = _NOT_REACHED
    return np.asarray(chain, np.float32)


def _uncovered(candidates: Candidates, at: int) -> Floats:
    """What each passage has of the question's words that the seed lacks."""
    missing = candidates.term_scores[:, at] <= 0
    if not missing.any():
        return np.zeros(len(candidates.ids), np.float32)
    weights = candidates.term_weights
    gained = candidates.term_scores[missing]
    share = weights[missing] @ (gained > 0) / (float(weights.sum()) or 1.0)
    return np.asarray(
        UNCOVERED_WEIGHT * share + UNCOVERED_BM25 * gained.sum(axis=0) / candidates.words_best, np.float32
    )


def _union(lists: Iterable[list[int]]) -> list[int]:
    return [item for each in lists for item in each]


def _by_id(ids: list[int], found: list[list[int]]) -> dict[int, list[int]]:
    return dict(zip(ids, found, strict=True))
