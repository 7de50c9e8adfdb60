"""How often the right documents are found, and how fast: Sutra beside BM25, vectors and their best mix.

    SUTRA_EVAL_DATA=… venv/bin/python bench/ask/run.py [SET …] [--out FILE]

Every set is learned by the real engine into a folder that is thrown away. A document counts as found at its
best passage. All four rankings come from the same store in the same run; the mix is 0.1 to 0.9 words with
min-max scaled scores, and the share that does best on the set itself is reported, so that it is an upper
bound of a mix. Questions without gold documents are left out; all search the whole set.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from common import Document, Question, append_result, evaluation_set, machine, print_table

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.ask import answer_question, rank_passages
from sutra_core.embed import Embedder, open_embedder
from sutra_core.types import Floats, Ids, ReadView, SourceDraft

SETS = ("2wiki_migres200", "hotpotqa_migres200", "hotpotqa_train100", "musique_train100")
DEPTHS = (2, 5, 10)
POOL = 300
TIMED = 100
SETTLED_SECONDS = 3.0  # of learning before the first question that is asked beside it
UNIT_TEXT = (
    5 * "The river rises at a hill in the north and flows through three counties to the sea. " + "So it is."
)
"""About 95 pieces of the embedder's vocabulary."""
PAUSE_SECONDS = 0.2  # between two questions, so that learning has its turns
SHARES = [share / 10 for share in range(1, 10)]

Ranking = list[str]
Scored = list[tuple[int, float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--out", type=Path, help="append a JSON line for each set to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    for name in options.sets:
        documents, questions = evaluation_set(name)
        questions = [question for question in questions if question.gold]
        with tempfile.TemporaryDirectory() as folder:
            config = (
                ReasoningEngineConfig.builder().with_storage(folder).with_caching(max_size=1, ttl_seconds=1)
            )
            with ReasoningEngine(config.build()) as engine:
                figures = _measure(name, engine, documents, questions)
        append_result(options.out, "ask", {"set": name, **figures})


def _measure(
    name: str, engine: ReasoningEngine, documents: list[Document], questions: list[Question]
) -> dict[str, object]:
    engine.learn_batch(SourceDraft(d.id, d.text, d.title) for d in documents)
    view = engine.view()
    finder = _Finder(view)
    rankings: dict[str, list[Ranking]] = defaultdict(list)
    for question in questions:
        words, vectors = finder.searches(engine, question.text)
        rankings["BM25"].append(finder.documents(words))
        rankings["vectors"].append(finder.documents(vectors))
        for share in SHARES:
            rankings[f"mix {share:.1f}"].append(finder.documents(_mix(words, vectors, share)))
    for question in questions:
        ranked = rank_passages(view, engine.embedder, question.text, POOL)
        rankings["Sutra"].append(finder.documents(ranked))
        if engine.reader is not None:
            ranked = rank_passages(view, engine.embedder, question.text, POOL, reader=engine.reader)
            rankings["Sutra, read"].append(finder.documents(ranked))
    mixes = {key: found for key, found in rankings.items() if key.startswith("mix")}
    best = max(mixes, key=lambda key: sum(_recall(mixes[key], questions, depth) for depth in DEPTHS))
    methods = ("BM25", "vectors", best, "Sutra", "Sutra, read")
    shown = {method: rankings[method] for method in methods if method in rankings}
    kinds = sorted({question.kind for question in questions})
    rows = []
    for kind in ["all", *(kinds if len(kinds) > 1 else [])]:
        chosen = [n for n, question in enumerate(questions) if kind in ("all", question.kind)]
        some = [questions[n] for n in chosen]
        for method, found in shown.items():
            recalls = [_recall([found[n] for n in chosen], some, depth) for depth in DEPTHS]
            rows.append([f"{kind} ({len(some)})", method, *recalls])
    print_table(f"{name}: recall in %", ["questions", "ranking", *(f"@{depth}" for depth in DEPTHS)], rows)
    times, stages, reading = _times(engine, questions)
    times["while learning"] = _times_while_learning(engine, documents, questions)
    print_table(f"{name}: time of a question in ms", ["", "p50", "p95"], [[k, *v] for k, v in times.items()])
    print_table(f"{name}: time by stage in ms", ["", "p50", "p95"], [[k, *v] for k, v in stages.items()])
    print_table(f"{name}: reading", ["", "p50", "p95"], [[k, *v] for k, v in reading.items()])
    return {
        "recall": {m: [_recall(found, questions, depth) for depth in DEPTHS] for m, found in shown.items()},
        "ms": times,
        "stages": stages,
        "reading": reading,
    }


class _Finder:
    """Passages to documents, over one view."""

    def __init__(self, view: ReadView) -> None:
        self._view = view
        self._address: dict[int, str] = {}

    def searches(self, engine: ReasoningEngine, question: str) -> tuple[Scored, Scored]:
        """The whole rankings by words and by vectors, as far as the pool goes."""
        words = self._view.search_words(question, POOL)
        vectors = self._view.search_vectors(engine.embedder.encode([question])[0], POOL, exact=True)
        return _pairs(*words), _pairs(*vectors)

    def documents(self, ranking: Iterable[tuple[int, float]]) -> Ranking:
        ids = [passage for passage, _ in ranking]
        missing = [passage for passage in ids if passage not in self._address]
        if missing:
            concepts = self._view.concepts(missing)
            sources = self._view.sources([concept.source for concept in concepts])
            self._address.update((c.id, s.address) for c, s in zip(concepts, sources, strict=True))
        return list(dict.fromkeys(self._address[passage] for passage in ids))


def _pairs(ids: Ids, scores: Floats) -> Scored:
    return list(zip(ids.tolist(), scores.tolist(), strict=True))


def _mix(words: Scored, vectors: Scored, share: float) -> Scored:
    total: dict[int, float] = defaultdict(float)
    for ranking, weight in ((words, share), (vectors, 1 - share)):
        if ranking:
            low, high = ranking[-1][1], ranking[0][1]
            for passage, score in ranking:
                total[passage] += weight * (score - low) / ((high - low) or 1.0)
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))


def _recall(found: list[Ranking], questions: list[Question], depth: int) -> float:
    """The mean share of a question's gold documents among the first `depth`, in percent."""
    shares = [len(q.gold & set(r[:depth])) / len(q.gold) for r, q in zip(found, questions, strict=True)]
    return 100 * statistics.fmean(shares)


class _TimedEmbedder:
    """An embedder with a clock: `seconds` is what its calls took."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.dimension = embedder.dimension
        self.fingerprint = embedder.fingerprint
        self.encode_passages = embedder.encode_passages
        self.seconds = 0.0

    def encode(self, texts: Sequence[str]) -> Floats:
        started = time.perf_counter()
        try:
            return self._embedder.encode(texts)
        finally:
            self.seconds += time.perf_counter() - started


Percentiles = dict[str, list[float]]


def _times(
    engine: ReasoningEngine, questions: list[Question]
) -> tuple[Percentiles, Percentiles, Percentiles]:
    """p50 and p95 of whole answers and of all in them that is not embedding, of each stage, and of reading.

    Reading is told in windows, and in units: passages of 95 pieces embedded on one thread, in turns with the
    questions.
    """
    whole: list[float] = []
    rest: list[float] = []
    windows: list[float] = []
    stages: dict[str, list[float]] = defaultdict(list)
    units: list[float] = []
    view, threshold = engine.view(), engine.config.answer_threshold
    unit_embedder = open_embedder(threads=1)
    for question in questions[:TIMED]:
        embedder, started = _TimedEmbedder(engine.embedder), time.perf_counter()
        answer = answer_question(view, embedder, question.text, threshold=threshold, reader=engine.reader)
        seconds = time.perf_counter() - started
        whole.append(1000 * seconds)
        rest.append(1000 * (seconds - embedder.seconds))
        windows.append(float(answer.reading.windows) if answer.reading else 0.0)
        for stage, taken in answer.timings_ms.items():
            stages[stage].append(taken)
        started = time.perf_counter()
        unit_embedder.encode([UNIT_TEXT])
        units.append(1000 * (time.perf_counter() - started))
    unit_embedder.close()
    unit = statistics.median(units)
    read = stages.get("read", [])
    return (
        {"whole answer": _percentiles(whole), "without embedding": _percentiles(rest)},
        {stage: _percentiles(taken) for stage, taken in stages.items()},
        {
            "windows": _percentiles(windows),
            f"units of {unit:.1f} ms": _percentiles([taken / unit for taken in read]),
        },
    )


def _percentiles(values: Sequence[float]) -> list[float]:
    return [float(np.percentile(values, each)) if values else 0.0 for each in (50, 95)]


def _times_while_learning(
    engine: ReasoningEngine, documents: list[Document], questions: list[Question]
) -> list[float]:
    """Milliseconds of whole answers while the texts are learned again under other addresses: p50, p95."""
    ended = threading.Event()

    def stream() -> Iterator[SourceDraft]:
        for run in itertools.count():
            for document in documents:
                if ended.is_set():
                    return
                yield SourceDraft(f"{run}:{document.id}", document.text, document.title)

    learning = threading.Thread(target=engine.learn_batch, args=(stream(),))
    learning.start()
    time.sleep(SETTLED_SECONDS)
    whole: list[float] = []
    try:
        for question in questions[:TIMED]:
            started = time.perf_counter()
            engine.ask(question.text)
            whole.append(1000 * (time.perf_counter() - started))
            time.sleep(PAUSE_SECONDS)
    finally:
        ended.set()
        learning.join()
    return _percentiles(whole)


if __name__ == "__main__":
    main()
