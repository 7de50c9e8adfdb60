"""How a dump is found and asked whose language has no rules of its own.

    SUTRA_EVAL_DATA=… venv/bin/python bench/languages/dump.py

Learns the MediaWiki dump of the set `wikidump_smallwiki` (Latgalian). The second half of a page's longest
sentence, searched by its words, has to find the page (recall at 1 and 5 over pages drawn by a seed). Then
"Kas ir X?" is asked of each of these pages: nothing of the language is read by rule, so what is not refused
is counted and shown.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.types import Source

PAGES = 200
WORDS_MIN = 10
SEED = 16


def main() -> None:
    """Prints the figures, or why there are none."""
    data = os.environ.get("SUTRA_EVAL_DATA")
    dump = next(Path(data, "wikidump_smallwiki").glob("*.xml"), None) if data else None
    if dump is None:
        print("skipped: SUTRA_EVAL_DATA is not set, or has no set 'wikidump_smallwiki'")
        return
    with TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(Path(folder, "knowledge")).build()
        with ReasoningEngine(config) as engine:
            report = engine.learn_collection(dump)
            print(f"{report.sources} sources, languages {engine.view().languages()}")
            _search(engine, _drawn(engine))
            _ask(engine, _drawn(engine))


def _drawn(engine: ReasoningEngine) -> list[tuple[Source, str]]:
    """Pages with the second half of their longest sentence."""
    found: list[tuple[Source, str]] = []
    after = 0
    while sources := engine.sources(after=after, limit=500):
        after = sources[-1].id
        for source in sources:
            sentences = engine.source_text(source.id).replace("\n", ". ").split(". ")
            words = max(sentences, key=len).split()
            if len(words) >= WORDS_MIN:
                found.append((source, " ".join(words[len(words) // 2 :])))
    return random.Random(SEED).sample(found, min(PAGES, len(found)))


def _search(engine: ReasoningEngine, drawn: list[tuple[Source, str]]) -> None:
    first = fifth = 0
    for source, words in drawn:
        hits = [hit.title for hit in engine.search(words, mode="words", k=5)]
        first += hits[:1] == [source.title]
        fifth += source.title in hits
    pages = len(drawn)
    print(f"search by words: recall@1 {first / pages:.3f}, recall@5 {fifth / pages:.3f} of {pages}")


def _ask(engine: ReasoningEngine, drawn: list[tuple[Source, str]]) -> None:
    answered = shown = 0
    for source, _ in drawn:
        answer = engine.ask(f"Kas ir {source.title}?")
        shown += any(citation.title == source.title for citation in answer.citations)
        if answer.kind != "unknown":
            answered += 1
            print(f"  {source.title}: {answer.text}", file=sys.stderr)
    pages = len(drawn)
    print(f"asked: {answered} of {pages} not refused; {shown / pages:.3f} with the page in the evidence")


if __name__ == "__main__":
    main()
