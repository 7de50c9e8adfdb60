"""Which half of an evaluation set a question is in: the one to fit on, or the one to report on.

    SUTRA_EVAL_DATA=… venv/bin/python bench/split.py

The half follows from a hash alone, so that it is the same on every machine and for every program. Where many
questions are asked of one passage, the passage is wholly in one half. Prints the sizes of both halves.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from typing import Literal, get_args

from common import IN_TREE, MissingSetError, Question, evaluation_folder, print_table, read_set

Half = Literal["fit", "report"]
HALVES: tuple[Half, ...] = get_args(Half)

BY_PASSAGE = frozenset({"squad2_dev", "nq_qed_dev"})
"""Sets with many questions to a passage, which a fit could learn by heart."""
NEVER_FITTED = frozenset({"locomo10", "friendsqa_dev", "cacm", "cisi", "plain_company", "plain"})
"""Sets that show how well something generalises: nothing is ever fitted on any of their questions."""
FIT_ALONE = "_fit"
"""A set whose name has this is there to fit on, and is never reported."""


def half(set_name: str, question: Question) -> Half:
    """The half of the set that the question is in.

    The first byte of the SHA-256 of "split:" and the question's id (the title of its passage in the sets of
    `BY_PASSAGE`), under 128 for "fit". The sets of `NEVER_FITTED` are wholly "report", those to fit on "fit".
    """
    if FIT_ALONE in set_name:
        return "fit"
    if set_name in NEVER_FITTED:
        return "report"
    return (
        "fit" if low_byte("split:", question.passage if set_name in BY_PASSAGE else question.id) else "report"
    )


def low_byte(purpose: str, text: str) -> bool:
    """Whether the SHA-256 of `purpose` and `text` in UTF-8 begins with a byte under 128: one in two does."""
    return hashlib.sha256((purpose + text).encode()).digest()[0] < 128


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    try:
        folder = evaluation_folder()
    except MissingSetError as error:
        sys.exit(f"skipped: {error}")
    names = {path.parent.name for path in folder.glob("*/queries.jsonl")} | set(IN_TREE)
    rows: list[list[object]] = []
    for name in sorted(names):
        sizes = Counter(half(name, question) for question in read_set(name)[1])
        rows.append([name, *(sizes[each] for each in HALVES)])
    print_table("questions of each half", ["set", *HALVES], rows)


if __name__ == "__main__":
    main()
