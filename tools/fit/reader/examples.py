"""What the reader is fitted on: a question, a text, where the answer stands; and which examples are held out.

An example comes from a training set of SUTRA_TRAIN_DATA or, by `halves`, from the half of an evaluation set
that may be fitted on. This module chooses and reads; it cuts nothing and makes no negatives.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

NEITHER, YES, NO = 0, 1, 2
"""The classes of the verdict head, by their row."""

HELD_OUT = 0.02
"""The share of groups that is kept back to watch a fit."""


class MissingDataError(Exception):
    """There is nothing to fit on; the message says why."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a set goes into a fit: at most `limit` examples, each cut anew in every one of `rounds`."""

    limit: int | None
    rounds: int


MIX: Mapping[str, Share] = {
    "squadshifts_new_wiki": Share(None, 6),
    "tydiqa_en": Share(None, 8),
    "afriqa_en": Share(None, 6),
    "fairytaleqa": Share(None, 4),
    "timeqa": Share(None, 5),
    "timeqa_scope": Share(None, 4),
    "onestop_qa": Share(None, 6),
    "qamr": Share(None, 3),
    "qasrl_gs": Share(None, 2),
    "qanom": Share(6000, 1),
    "qadiscourse": Share(3000, 1),
    "boolq_dev": Share(None, 4),
    "condaqa": Share(None, 3),
    "conjnli": Share(3000, 1),
    "negation_nli": Share(3000, 1),
    "hotpotqa_fit500": Share(None, 12),
    "musique_fit786": Share(None, 8),
}
"""The sets of a fit. Natural questions come more often; sets of one annotator or of one trick are capped."""

SMALL: Mapping[str, Share] = {
    "squadshifts_new_wiki": Share(None, 1),
    "tydiqa_en": Share(None, 1),
    "afriqa_en": Share(2500, 1),
    "fairytaleqa": Share(800, 1),
    "timeqa": Share(None, 1),
    "timeqa_scope": Share(500, 1),
    "onestop_qa": Share(None, 1),
    "qamr": Share(3000, 1),
    "qasrl_gs": Share(400, 1),
    "qanom": Share(200, 1),
    "qadiscourse": Share(300, 1),
    "boolq_dev": Share(1500, 1),
    "condaqa": Share(2500, 1),
    "conjnli": Share(300, 1),
    "negation_nli": Share(300, 1),
    "hotpotqa_fit500": Share(None, 2),
    "musique_fit786": Share(None, 1),
}
"""What a short fit goes on with from weights that are good already: natural questions, and the verdicts."""

MIXES: Mapping[str, Mapping[str, Share]] = {"whole": MIX, "small": SMALL}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with its title, which may be empty, and the accepted ranges of characters in the text."""

    title: str
    text: str
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A question and what it is asked of.

    `passages` are one, or a bridge and the passage it leads to. No range and the verdict `NEITHER` mean "not
    answered here". `focus` is a range of the first passage that the answer rests on, where the set has one.
    `others` are passages that were offered beside these and do not hold the answer.
    """

    id: str
    set: str
    group: str
    question: str
    passages: tuple[Passage, ...]
    verdict: int = NEITHER
    focus: tuple[int, int] | None = None
    others: tuple[Passage, ...] = ()

    @property
    def has_span(self) -> bool:
        """Whether the answer is a range of a passage."""
        return any(passage.answers for passage in self.passages)

    @property
    def answer_texts(self) -> tuple[str, ...]:
        """What stands in the accepted ranges."""
        return tuple(p.text[low:high] for p in self.passages for low, high in p.answers)


def training_folder() -> Path:
    """The folder with the training sets; raises `MissingDataError` where none is named."""
    folder = os.environ.get("SUTRA_TRAIN_DATA")
    if not folder:
        raise MissingDataError("SUTRA_TRAIN_DATA is not set; it names the folder with the training sets")
    return Path(folder)


def read_training_set(name: str) -> Iterator[Example]:
    """Yields the examples of a training set in its order; raises `MissingDataError` where it is not there."""
    path = training_folder() / name / "train.jsonl"
    if not path.is_file():
        raise MissingDataError(f"SUTRA_TRAIN_DATA has no set {name!r} with a train.jsonl")
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield _example(name, json.loads(line))


def _example(name: str, row: Mapping[str, Any]) -> Example:
    ranges = tuple((low, high) for low, high in row["answers"] if low < high)
    evidence = row.get("evidence")
    return Example(
        row["id"],
        name,
        row["group"],
        row["question"].strip(),
        (Passage(unquote(row.get("title") or "").replace("_", " "), row["text"], ranges),),
        {None: NEITHER, "yes": YES, "no": NO}[row["yesno"]],
        (evidence[0], evidence[1]) if evidence else None,
    )


def share_of(value: str) -> float:
    """A number in [0, 1) that depends on the text alone: the first eight bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(value.encode()).digest()[:8], "big") / 2**64


def held_out(example: Example) -> bool:
    """Whether the example's group is kept back; a group is never in two parts."""
    return share_of("held out:" + example.group) < HELD_OUT


def limited(examples: list[Example], limit: int | None) -> list[Example]:
    """At most `limit` of the examples in their order: those whose id has the least hash."""
    if limit is None or len(examples) <= limit:
        return examples
    least = sorted(examples, key=lambda each: share_of("limit:" + each.id))[:limit]
    kept = {each.id for each in least}
    return [each for each in examples if each.id in kept]
