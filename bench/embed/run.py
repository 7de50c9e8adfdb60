"""How fast the embedders are on one core, and how often vectors alone find the right documents.

    SUTRA_EVAL_DATA=… taskset -c 0 venv/bin/python bench/embed/run.py [PROFILE …] [--set NAME] [--out FILE]

Nothing is stored: each document of the set is embedded once as a passage under its title, each question that
has gold documents once, and all documents are ranked by the product of their vectors. Rates are those of
these passes, with one thread, and of sentences, embedded as questions are, the best of three runs. A
profile whose model is not on this machine is left out, with a word.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from common import Document, Question, append_result, evaluation_set, machine, print_table

from sutra_core.embed import PROFILES, Embedder, PassageText, open_embedder
from sutra_core.errors import ModelUnavailableError
from sutra_core.types import Floats

DEPTHS = (2, 5, 10)
RUNS = 3
SENTENCES = {"instant": 20_000}
SENTENCES_OF_OTHERS = 200


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("profiles", nargs="*", default=list(PROFILES), metavar="PROFILE")
    parser.add_argument("--set", default="2wiki_migres200", help="the evaluation set")
    parser.add_argument("--out", type=Path, help="append a JSON line for each profile to this file")
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    documents, questions = evaluation_set(options.set)
    questions = [question for question in questions if question.gold]
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    rows: list[Sequence[object]] = []
    for name in options.profiles:
        try:
            embedder = open_embedder(name, threads=1)
        except ModelUnavailableError:
            print(f"left out: {name} is not on this machine; `sutra models fetch {name}` brings it")
            continue
        with closing(embedder):
            figures = _measure(name, embedder, documents, questions)
        rows.append([name, embedder.dimension, *figures["rates"].values(), *figures["recall"]])
        append_result(options.out, "embed", {"set": options.set, "profile": name, **figures})
    print_table(
        f"{options.set}, {len(documents)} documents, {len(questions)} questions: recall in %, vectors alone",
        ["profile", "dimension", "sentences/s", "documents/s", "questions/s", *(f"@{d}" for d in DEPTHS)],
        rows,
    )


def _measure(
    name: str, embedder: Embedder, documents: list[Document], questions: list[Question]
) -> dict[str, Any]:
    sentences = _sentences(documents)[: SENTENCES.get(name, SENTENCES_OF_OTHERS)]
    passages = [PassageText(document.title, document.text) for document in documents]
    asked = [question.text for question in questions]
    per_second = max(_rate(embedder.encode, sentences)[0] for _ in range(RUNS))
    documents_per_second, (vectors, _) = _rate(embedder.encode_passages, passages)
    questions_per_second, wanted = _rate(embedder.encode, asked)
    return {
        "rates": {
            "sentences": per_second,
            "documents": documents_per_second,
            "questions": questions_per_second,
        },
        "recall": _recall(wanted @ vectors.T, documents, questions),
    }


def _sentences(documents: list[Document]) -> list[str]:
    found = [each for document in documents for each in document.text.split(". ")]
    return [each for each in found if len(each.split()) > 3]


def _rate(embed: Callable[[Any], Any], items: Sequence[Any]) -> tuple[float, Any]:
    """Items a second, and what came of them."""
    started = time.perf_counter()
    found = embed(items)
    return len(items) / (time.perf_counter() - started), found


def _recall(scores: Floats, documents: list[Document], questions: list[Question]) -> list[float]:
    """The mean share of a question's gold documents among the first of each depth, in percent."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ids = [document.id for document in documents]
    return [
        100
        * float(
            np.mean(
                [
                    len(question.gold & {ids[at] for at in row[:depth]}) / len(question.gold)
                    for question, row in zip(questions, order, strict=True)
                ]
            )
        )
        for depth in DEPTHS
    ]


if __name__ == "__main__":
    main()
