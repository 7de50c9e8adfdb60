"""Lives of a soak that ask: an answer after a kill is the answer before it.

A process learns plain facts, forgets and purges through `ReasoningEngine`, with the embedder of the tests and
no reader, and is killed at random moments. What was asked of a transaction has the same text, confidence and
sources whenever it is asked of that transaction again: before and after settling, a kill, damage to index/.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

from soak_process import DisagreementError, StepProcess
from soak_steps import Step

from sutra_core.types import SourceDraft

PEOPLE = [
    "Ada Byrne",
    "Piet Vos",
    "Mara Lind",
    "Ole Krag",
    "Ines Prado",
    "Tom Hale",
    "Yuki Sato",
    "Lev Orlov",
]
TOWNS = ["Graz", "Porto", "Bergen", "Ghent", "Lublin", "Nantes", "Turku", "Kyoto"]
COMPANIES = ["Aldwin Works", "Borea", "Corvid Labs", "Dunmore Mills"]


class AskingLife:
    """One store of a reasoning engine, from its first step to its last."""

    def __init__(self, folder: Path, seed: int, told: Counter[str]) -> None:
        self.folder, self.seed, self.told = folder, seed, told
        self.process: StepProcess | None = None
        self.number = 0
        self._transaction = 0
        self._answers: list[tuple[Any, ...]] | None = None
        self._seconds = dict[str, float]()

    def live(self, steps: int) -> None:
        """Takes so many steps; raises `DisagreementError` where an answer is another one."""
        try:
            for self.number in range(1, steps + 1):
                self._advance(random.Random(f"{self.seed}:{self.number}"))
            self._ask()
        finally:
            if self.process:
                self.process.kill()

    def _advance(self, chance: random.Random) -> None:
        process = self.process or self._open(chance, may_have_changed=False)
        step = _drawn(chance)
        changes = step.what in ("learn", "forget")
        if chance.random() < 0.3:
            self._ask()
            delay_s = chance.random() * 1.5 * self._seconds.get(step.what, 0.05)
            acknowledged, transaction = process.take_and_kill(step, delay_s)
            self.process = None
            self.told[f"killed after or in {step.what}"] += 1
            if acknowledged and changes and transaction != self._transaction:
                self._transaction, self._answers = transaction, None
            self._damage(chance)
            self._open(chance, may_have_changed=changes and not acknowledged)
            self._ask()
            return
        began = time.monotonic()
        outcome = process.take(step)
        self._seconds[step.what] = time.monotonic() - began
        self.told[f"{step.what} of questions"] += 1
        if changes and outcome != self._transaction:
            self._transaction, self._answers = outcome, None
        if step.what == "close":
            process.kill()
            self.process = None
            self._damage(chance)

    def _ask(self) -> None:
        """Asks everything; the answers are those of before where there are any of this transaction."""
        process = self.process or self._open(random.Random(self.number), may_have_changed=False)
        answers = process.take(Step("ask", (_questions(),)))
        self.told["asked"] += 1
        earlier, self._answers = self._answers or answers, answers
        for question, before, after in zip(_questions(), earlier, answers, strict=True):
            if before != after:
                raise DisagreementError(
                    f"{question!r} at transaction {self._transaction}: {before}, then {after}"
                )

    def _open(self, chance: random.Random, *, may_have_changed: bool) -> StepProcess:
        while True:
            process = StepProcess(self.folder, "ask")
            fresh_max, removed_max = chance.choice([(1, 1), (5, 2), (40, 10)])
            step = Step("open", (fresh_max, removed_max, chance.random() < 0.3))
            if chance.random() < 0.15:
                process.take_and_kill(step, chance.random() * 1.5 * self._seconds.get("open", 0.05))
                self.told["killed in open"] += 1
                continue
            began = time.monotonic()
            transaction = process.take(step)
            self._seconds["open"] = time.monotonic() - began
            break
        self.process = process
        if transaction != self._transaction:
            if not may_have_changed:
                raise DisagreementError(
                    f"the store opens at transaction {transaction} after {self._transaction}"
                )
            self._transaction, self._answers = transaction, None
        return process

    def _damage(self, chance: random.Random) -> None:
        """Takes away what is derived, or cuts a file of it off; about one time in five."""
        index = self.folder / "store" / "index"
        files = sorted(path for path in index.rglob("*") if path.is_file() and path.stat().st_size)
        if chance.random() > 0.2 or not files:
            return
        path, how = chance.choice(files), chance.choice(["cut off", "taken away"])
        self.told[f"index {how}"] += 1
        if how == "taken away":
            shutil.rmtree(index)
        else:
            os.truncate(path, chance.randrange(path.stat().st_size))


def _drawn(chance: random.Random) -> Step:
    what = chance.choices(["learn", "forget", "purge", "verify", "close"], [6, 1, 1, 1, 1])[0]
    if what == "learn":
        return Step(what, ([_fact(chance) for _ in range(chance.randint(1, 3))],))
    return Step(what, (_address(chance.randrange(24)),) if what == "forget" else ())


def _fact(chance: random.Random) -> SourceDraft:
    """A text about somebody or some company; another one of the same address takes its place."""
    number = chance.randrange(24)
    person, town = PEOPLE[number % len(PEOPLE)], chance.choice(TOWNS)
    company = chance.choice(COMPANIES)
    match number % 3:
        case 0:
            text = f"{person} was born in {town}. {person} works for {company}."
        case 1:
            text = f"{company} is based in {town}. {person} leads {company}."
        case _:
            text = f"{person} lives in {town}. The river at {town} is wide."
    return SourceDraft(_address(number), text, person if number % 2 else "")


def _address(number: int) -> str:
    return f"fact {number}.txt"


def _questions() -> list[str]:
    born = [f"Where was {person} born?" for person in PEOPLE[:4]]
    based = [f"Where is {company} based?" for company in COMPANIES[:2]]
    return [*born, *based, f"Who leads {COMPANIES[1]}?", f"Where does {PEOPLE[5]} live?"]
