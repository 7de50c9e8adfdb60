"""Learns, forgets, asks, is killed and opens again at random beside the reference, for as long as it is told.

    SOAK_MINUTES=60 SOAK_SEED=1 python tests/soaking.py
    python tests/soaking.py --again FOLDER

A soak is a row of lives, each with a folder and a seed of its own (the first has SOAK_SEED, drawn and printed
where it is not given). In a life another process takes random steps on a store that settles nearly all the
time, and is killed at random moments: in the middle of a step, of settling, of opening, of purging. The step
under way then has happened whole or not at all. After each kill, and every few steps, the store is asked
everything that can be asked, and has to say what the reference says after the same steps. Between two runs
files under index/ are damaged now and then: nothing that the store says may change.

Where they disagree the folder is kept, with the steps of a store (`steps.pickle`): `--again` takes them
once more without a kill, and compares after each. The seed repeats the steps with kills at about the same
moments. Exits with 1 then.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

from soak_asking import AskingLife
from soak_process import DisagreementError, StepProcess
from soak_steps import CHANGES, TIMED, Knowledge, Step, drawn

STEPS = 150
"""The steps of a life: few enough for the reference, which looks at everything each time."""
ANSWER_DURABLE_S = 10.0
"""An answer is durable within a second, on a machine that is not this busy."""


class StoringLife:
    """One store of the engine, from its first step to its last."""

    def __init__(self, folder: Path, seed: int, told: Counter[str]) -> None:
        self.folder, self.seed, self.told = folder, seed, told
        self.known = Knowledge()
        self.process: StepProcess | None = None
        self.number = 0
        self._seconds = dict[str, float]()
        self._recent = dict[str, float]()
        self._killed = 0.0
        self._damaged = False
        self._taken = (folder / "steps.pickle").open("ab")

    def live(self, steps: int) -> None:
        """Takes so many steps; raises `DisagreementError` where the store and the reference differ."""
        try:
            for self.number in range(1, steps + 1):
                self._advance(random.Random(f"{self.seed}:{self.number}"))
            self._compare(random.Random(f"{self.seed}:end"))
            self._run().take(Step("replay", (self.known.carried(), self.known.last_concept, self.seed)))
        finally:
            self._taken.close()
            if self.process:
                self.process.kill()

    def _advance(self, chance: random.Random) -> None:
        if self.process is None:
            self._open(chance, None)
        step = drawn(chance, self.known)
        if step.what == "put_answer":
            step = step._replace(arguments=(f"a{self.number}", *step.arguments[1:]))
        if step.what == "verify":
            step = Step(step.what, (self.known.carried(),))
        if chance.random() < 0.2:
            self._kill_in(step, chance)
            return
        began = time.monotonic()
        outcome = self._run().take(step)
        self._seconds[step.what] = time.monotonic() - began
        self._acknowledged(step, outcome)
        if step.what == "close":
            self._recent.clear()
            self._run().kill()
            self.process = None
            self._damage(chance)
        elif chance.random() < 0.12:
            self._compare(chance)

    def _acknowledged(self, step: Step, outcome: object) -> None:
        self.told[step.what] += 1
        if step.what not in CHANGES:
            return
        expected = self._take(step)
        if outcome != expected:
            raise DisagreementError(f"{step.what} told {outcome!r}, and the reference {expected!r}")

    def _take(self, step: Step) -> object:
        times = self.known.times
        is_timed = step.what in TIMED
        pickle.dump((step, times.index(step.arguments[0]) if is_timed else None), self._taken)
        self._taken.flush()
        if step.what == "put_answer":
            self._recent[step.arguments[0]] = time.monotonic()
        return self.known.take(step)

    def _kill_in(self, step: Step, chance: random.Random) -> None:
        delay_s = chance.random() * 1.5 * self._seconds.get(step.what, 0.01)
        acknowledged, outcome = self._run().take_and_kill(step, delay_s)
        self.process, self._killed = None, time.monotonic()
        self.told["killed after a step" if acknowledged else f"killed in {step.what}"] += 1
        if acknowledged:
            self._acknowledged(step, outcome)
        self._damage(chance)
        self._open(chance, None if acknowledged else step)
        self._compare(chance)

    def _open(self, chance: random.Random, under_way: Step | None) -> None:
        """Opens the store, killed while it opens now and then, and decides what became of a step."""
        while True:
            process = StepProcess(self.folder, "store")
            fresh_max, removed_max = chance.choice([(1, 1), (5, 2), (40, 10)])
            step = Step("open", (fresh_max, removed_max, chance.random() < 0.3))
            if chance.random() < 0.2:
                process.take_and_kill(step, chance.random() * 1.5 * self._seconds.get("open", 0.02))
                self.told["killed in open"] += 1
                continue
            self.process = process
            began = time.monotonic()
            transaction, purged = process.take(step)
            self._seconds["open"] = time.monotonic() - began
            break
        self.told["open"] += 1
        self._decide(under_way, transaction, purged)
        for answer_id, since in self._recent.items():
            if self._killed - since < ANSWER_DURABLE_S and process.take(Step("answer", (answer_id,))) is None:
                self.known.lose(answer_id)
        self._recent.clear()
        if self._damaged:
            process.take(Step("settle"))  # it waits for the check of what was mapped
            self._damaged = False
            self._compare(chance)

    def _decide(self, step: Step | None, transaction: int, purged: int) -> None:
        """Takes the step that was under way as the process was killed, where it happened."""
        before = self.known.transaction
        if step and step.what == "purge":
            if purged != self.known.reference.purged():
                self._take(step)
        elif step and step.what == "put_answer":
            if self._run().take(Step("answer", step.arguments[:1])) is not None:
                self._take(step)
        elif step and step.what in CHANGES and transaction != before:
            self._take(step)
        if self.known.transaction != transaction:
            raise DisagreementError(
                f"the store opens at transaction {transaction}, and {self.known.transaction} follows from "
                f"{step.what if step else 'no step'} after transaction {before}"
            )

    def _compare(self, chance: random.Random) -> None:
        if self.process is None:
            self._open(chance, None)
        known = self.known
        texts = chance.sample(sorted(known.said), min(len(known.said), 5))
        compared = (known.carried(), known.last_concept, list(known.answers), texts)
        self._run().take(Step("compare", compared))
        self.told["compared"] += 1

    def _damage(self, chance: random.Random) -> None:
        """Flips a byte, cuts a file off, or takes all away, of what is derived; about one time in five."""
        index = self.folder / "store" / "index"
        files = sorted(path for path in index.rglob("*") if path.is_file() and path.stat().st_size)
        if chance.random() > 0.2 or not files:
            return
        path, how = chance.choice(files), chance.choice(["flipped", "cut off", "taken away"])
        self.told[f"index {how}"] += 1
        if how == "taken away":
            shutil.rmtree(index)
        elif how == "cut off":
            os.truncate(path, chance.randrange(path.stat().st_size))
        else:
            data = bytearray(path.read_bytes())
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
        self._damaged = True

    def _run(self) -> StepProcess:
        assert self.process is not None
        return self.process


def soak(folder: Path, seed: int, lives: int | None, until: float, steps: int) -> Counter[str]:
    """Lives one life after the other, as many as given, or until a time of `time.monotonic`; what was done.

    The life of every fourth seed asks questions. Raises `DisagreementError`, with what repeats it, and leaves
    the folder of that life then.
    """
    told = Counter[str]()
    for life in range(lives) if lives is not None else count():
        if time.monotonic() > until:
            break
        place = folder / str(seed + life)
        place.mkdir(parents=True)
        kind = AskingLife if (seed + life) % 4 == 3 else StoringLife
        one = kind(place, seed + life, told)
        try:
            one.live(steps)
        except (DisagreementError, AssertionError) as error:
            told_where = f"{kind.__name__} of seed {seed + life}, step {one.number}, in {place}:\n{error}\n"
            repeats = f"Again: SOAK_SEED={seed + life} python tests/soaking.py"
            if kind is StoringLife:
                repeats += f"\nor, without kills: python tests/soaking.py --again {place}"
            raise DisagreementError(told_where + repeats) from error
        shutil.rmtree(place)
        told["lives"] += 1
    return told


def again(folder: Path) -> None:
    """Takes the steps of a life that was kept once more, in a new folder, and compares after each."""
    known = Knowledge()
    with tempfile.TemporaryDirectory() as place, (folder / "steps.pickle").open("rb") as taken:
        process = StepProcess(Path(place), "store")
        try:
            process.take(Step("open", (5, 2, False)))
            for number in count(1):
                try:
                    step, when = pickle.load(taken)
                except EOFError:
                    break
                if when is not None:
                    step = Step(step.what, (known.times[when],))
                outcome, expected = process.take(step), known.take(step)
                print(number, step.what, flush=True)
                if outcome != expected:
                    raise DisagreementError(f"{step.what} told {outcome!r}, and the reference {expected!r}")
                process.take(Step("settle"))
                process.take(Step("compare", (known.carried(), known.last_concept, [], [])))
            process.take(Step("replay", (known.carried(), known.last_concept, 0)))
        finally:
            process.kill()


def main() -> int:
    if sys.argv[1:2] == ["--again"]:
        again(Path(sys.argv[2]))
        return 0
    minutes = float(os.environ.get("SOAK_MINUTES", "60"))
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(10**6))
    folder = Path(tempfile.mkdtemp(prefix="sutra-soak-"))
    print(f"soak: {minutes:g} minutes from SOAK_SEED={seed}, in {folder}", flush=True)
    try:
        told = soak(folder, seed, None, time.monotonic() + 60 * minutes, STEPS)
    except DisagreementError as error:
        print(f"soak: a disagreement\n{error}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print("soak: no disagreement;", ", ".join(f"{what} {number}" for what, number in sorted(told.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
