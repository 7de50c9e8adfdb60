"""How fast text becomes knowledge: sentences and concepts a second, durable and found by the next query.

    SUTRA_EVAL_DATA=… venv/bin/python bench/learn/run.py [--set NAME] [--repeat N] [--out FILE]

Learns a set and a list of short facts end to end, and beside them in the same run, on the same texts and
threads, lets the bare embedder embed (a) the passages, (b) every sentence by itself. The clock of learning
stops when the last text was acknowledged and a query has found it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, evaluation_set, machine, print_table

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import open_embedder
from sutra_core.learn import LearnReport
from sutra_core.types import SourceDraft
from sutra_storage import Reader

FACTS = 3000
STAGES = ("adapters", "reading", "vectors", "commit")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", default="2wiki_migres200")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    documents, _ = evaluation_set(options.set)
    texts = [SourceDraft(d.id, d.text, d.title) for d in documents]
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    figures = {}
    for name, drafts in ((options.set, texts), ("facts", facts())):
        bare = [_bare(drafts) for _ in range(options.repeat)]
        runs = [_learn(drafts) for _ in range(options.repeat)]
        figures[name] = _show(name, drafts, runs, bare)
    append_result(options.out, "learn", figures)


def facts() -> list[SourceDraft]:
    """Facts of 9 to 13 words, no two the same."""
    verbs = ("was built by the firm of", "was painted in the year", "stands two streets away from")
    things = ("bridge", "granary", "lighthouse", "library", "windmill", "foundry", "chapel")
    return [
        SourceDraft(
            f"fact {n}",
            f"The {things[n % 7]} number {n} of Alham {verbs[n % 3]} {n * 7919 % 9973} beside the river.",
        )
        for n in range(FACTS)
    ]


def _learn(drafts: Sequence[SourceDraft]) -> tuple[float, LearnReport]:
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).build()
        with ReasoningEngine(config) as engine:
            engine.embedder.encode(["warm"])
            started = time.perf_counter()
            report = engine.learn_batch(drafts)
            found = engine.search(drafts[-1].text[:200], mode="words", k=1)
            seconds = time.perf_counter() - started
            assert found[0].address == drafts[-1].address, "what was learned last is not found"
            assert not report.refused, report.refused[:3]
            return seconds, report


def _bare(drafts: Sequence[SourceDraft]) -> tuple[float, float]:
    """Seconds that the embedder alone takes: for the passages, and for the sentences one by one."""
    embedder = open_embedder()
    reader = Reader()
    passages: list[str] = []
    sentences: list[str] = []
    for draft in drafts:
        data, reading = draft.text.encode(), reader.read(draft.text, draft.title)
        title = f"{draft.title}. " if draft.title else ""
        passages += [title + data[start:end].decode() for start, end, *_ in reading.passages]
        sentences += [data[start:end].decode() for start, end in reading.sentences]
    sentences = [sentence for sentence in sentences if any(map(str.isalnum, sentence))]
    seconds = []
    for texts in (passages, sentences):
        started = time.perf_counter()
        for first in range(0, len(texts), 50):
            embedder.encode(texts[first : first + 50])
        seconds.append(time.perf_counter() - started)
    return seconds[0], seconds[1]


def _show(
    name: str,
    drafts: Sequence[SourceDraft],
    runs: list[tuple[float, LearnReport]],
    bare: list[tuple[float, float]],
) -> dict[str, float]:
    seconds = statistics.median(took for took, _ in runs)
    report = runs[-1][1]
    passages = statistics.median(took for took, _ in bare)
    sentences = statistics.median(took for _, took in bare)
    rows: list[list[object]] = [
        ["learned, durable, found", seconds, report.sentences / seconds, report.concepts / seconds, 100.0],
        ["bare embedder, passages", passages, report.sentences / passages, "-", 100 * passages / seconds],
        ["bare embedder, sentences", sentences, report.sentences / sentences, "-", 100 * sentences / seconds],
    ]
    rows += [
        [
            f"  stage {stage}",
            report.stage_seconds.get(stage, 0.0),
            "-",
            "-",
            100 * report.stage_seconds.get(stage, 0.0) / seconds,
        ]
        for stage in STAGES
    ]
    words = sum(len(draft.text.split()) for draft in drafts) / len(drafts)
    print_table(
        f"{name}: {len(drafts)} texts of {words:.0f} words, {report.passages} passages, "
        f"{report.sentences} sentences, medians of {len(runs)}",
        ["", "seconds", "sentences/s", "concepts/s", "% of the learning"],
        rows,
    )
    print(
        f"learning runs at {100 * passages / seconds:.0f} % of the bare embedder's rate on the same passages"
    )
    return {
        "seconds": seconds,
        "sentences_per_second": report.sentences / seconds,
        "concepts_per_second": report.concepts / seconds,
        "texts_per_second": len(drafts) / seconds,
        "share_of_bare_passages": passages / seconds,
        "share_of_bare_sentences": sentences / seconds,
    }


if __name__ == "__main__":
    main()
