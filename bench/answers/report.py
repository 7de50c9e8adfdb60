"""Prints the figures of a run as tables, in percent, and gives them for the line of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass

from answers.figures import SURE, Forgetting, Quality, by_learned, by_type, forgetting, quality, sure, trust
from answers.scoring import Outcome
from common import print_table

QUALITY = ["questions", "number", "answerable", "exact", "F1", "answered", "precision"]
TRUST = ["AUROC right", "ECE", "AUROC answerable", "unanswerable refused", "answerable refused"]
SURE_HEADER = ["confidence at least", "answers", "precision", "of answerable"]
FORGETTING = ["gold all learned", "AUROC against none", "AUROC against not all"]


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked and how; `title` says it in words."""

    title: str
    threshold: float
    forget_half: bool


def report(run: Run, outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Prints every table, and returns all figures by name, shares in [0, 1] and None where there is none."""
    whole = quality(outcomes, run.threshold)
    types = {name: quality(some, run.threshold) for name, some in by_type(outcomes).items()}
    print_table(
        f"{run.title}, in %", QUALITY, _rows({**types, "all": whole} if len(types) > 1 else {"all": whole})
    )
    trusted = trust(outcomes, run.threshold)
    print_table("what confidence tells, in %", TRUST, [_cells(astuple(trusted))])
    levels = [sure(outcomes, level) for level in SURE]
    print_table(
        "the surest, in %",
        SURE_HEADER,
        [
            [str(each.confidence), each.count, *_cells((each.precision, each.of_answerable))]
            for each in levels
        ],
    )
    figures: dict[str, object] = {
        **asdict(whole),
        **asdict(trusted),
        "sure": [asdict(each) for each in levels],
        "types": {name: asdict(each) for name, each in types.items()},
    }
    return {**figures, **_forgetting(run, outcomes)} if run.forget_half else figures


def _forgetting(run: Run, outcomes: Sequence[Outcome]) -> dict[str, object]:
    groups = {name: quality(some, run.threshold) for name, some in by_learned(outcomes).items()}
    print_table("by what was learned of the gold documents, in %", QUALITY, _rows(groups))
    told: Forgetting = forgetting(outcomes)
    print_table(
        "what confidence tells of it, in %", FORGETTING, [["answerable questions", *_cells(astuple(told))]]
    )
    return {"learned": {name: asdict(each) for name, each in groups.items()}, "forgetting": asdict(told)}


def _rows(groups: Mapping[str, Quality]) -> list[list[object]]:
    return [
        [name, q.questions, q.answerable, *_cells((q.exact, q.f1, q.answered, q.precision))]
        for name, q in groups.items()
    ]


def _cells(shares: Sequence[float | None]) -> list[object]:
    return ["-" if share is None else 100 * share for share in shares]
