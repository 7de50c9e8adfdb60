"""Learning, forgetting, purging, backing up and migrating are killed at random moments.

Nothing that was acknowledged may be missing then.

SIGKILL leaves the operating system's cache alone: this shows that nothing is acknowledged before it was
handed over whole, and that every state in between opens. Power loss is the matter of the store's fault model.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from crash_child import fact
from make_fixture import FACTS as FIXTURE_FACTS
from test_formats import unpacked
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.backup import check as verify_backup
from sutra_core.backup import restore
from sutra_storage import migrate

HERE = Path(__file__).resolve().parent


def kill_while_learning(folder: Path, seed: int) -> int:
    """Starts learning, kills it within a second of its first commit, and returns what it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, str(HERE / "crash_child.py"), str(folder), str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first, child.stderr.read() if child.stderr else ""
    time.sleep(random.Random(seed).random())
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    acknowledged = [first, *rest.splitlines(keepends=True)]
    return int([line for line in acknowledged if line.endswith("\n")][-1])


def check(folder: Path, acknowledged: int) -> int:
    """Opens what is left; returns how many facts it holds."""
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        view = engine.view()
        for number in range(acknowledged):
            draft = fact(number)
            assert view.find_source(draft.address, draft.offset, draft.text), f"fact {number} is lost"
        last = engine.search(f"Keeper {acknowledged - 1}", mode="words", k=1)[0]
        assert last.address == f"fact {acknowledged - 1}"
        report = engine.verify()
        assert report.clean, report.faults[:5]
        return view.stats().sources


def run(folder: Path, kills: int, seed: int) -> None:
    held = 0
    for number in range(kills):
        acknowledged = kill_while_learning(folder, seed + number)
        assert acknowledged >= held, "the next run lost sight of what was there"
        held = check(folder, acknowledged)


def kill_while_creating(folder: Path, seed: int) -> bool:
    """Starts making a store, kills it within some milliseconds, and says whether it was still at it."""
    code = (
        "import sys\n"
        "from sutra_storage import Engine\n"
        "from word_embedder import WordEmbedder as W\n"
        "print('ready', flush=True)\n"
        "Engine(sys.argv[1], fingerprint=W.fingerprint, dimension=W.dimension)\n"
        "print('made', flush=True)\n"
        "sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    time.sleep(random.Random(seed).random() * 0.01)
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    return "made" not in rest


STEPS = {"migrate": 0.03, "learn 0": 0.02, "learn": 0.02, "forget": 0.03, "purge": 0.05, "backup": 0.05}
"""What is killed in turn, a first version and later ones, each within so many seconds of its beginning."""


def begins(line: str, step: str) -> bool:
    """Whether a line tells that a step begins."""
    words = line.split()
    if words[:2] == ["begin", "learn"]:
        return step == ("learn 0" if words[3] == "0" else "learn")
    return words == ["begin", step] or (step == "forget" and words[:2] == ["begin", "forget"])


def kill_while_changing(root: Path, seed: int, step: str) -> list[str]:
    """Starts what changes a store, kills it in or soon after one of its steps, and gives what it said."""
    chance = random.Random(seed)
    child = subprocess.Popen(
        [sys.executable, str(HERE / "crash_child.py"), str(root), str(seed), "change"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert child.stdout is not None
    said, before = list[str](), 1 if step == "migrate" else chance.randint(1, 4)
    while before:
        said.append(child.stdout.readline())
        assert said[-1], "it ended by itself"
        before -= begins(said[-1], step)
    time.sleep(chance.random() * STEPS[step])
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    said += rest.splitlines(keepends=True)
    return [line.strip() for line in said if line.endswith("\n")]


class Said:
    """What a process that was killed had acknowledged, and the one step in which it may have been."""

    def __init__(self, said: list[str]) -> None:
        self.versions = dict[int, int](dict.fromkeys(range(FIXTURE_FACTS), 0))
        self.migrated = "done migrate" in said
        self.forgotten = set[int]()
        self.forgettings = list[int]()
        self.purged = 0
        self.backed_up = 0
        self.within = "" if said[-1].startswith("done") else said[-1].removeprefix("begin ")
        for line in said:
            match line.split():
                case ["done", "learn", number, version]:
                    self.versions[int(number)] = int(version)
                case ["done", "forget", number, transaction]:
                    del self.versions[int(number)]
                    self.forgotten.add(int(number))
                    self.forgettings.append(int(transaction))
                case ["done", "purge"]:
                    self.purged = self.forgettings[-1] if self.forgettings else 0
                case ["done", "backup", transaction]:
                    self.backed_up = int(transaction)
                case _:
                    pass

    def allowed(self) -> list[dict[int, int]]:
        """The versions that may be there: with what it was doing, or without."""
        match self.within.split():
            case ["learn", number, version]:
                return [self.versions, self.versions | {int(number): int(version)}]
            case ["forget", number]:
                return [
                    self.versions,
                    {each: self.versions[each] for each in self.versions if each != int(number)},
                ]
            case _:
                return [self.versions]


def contents(engine: ReasoningEngine) -> list[tuple[str, bool, str]]:
    """Every text with its address, and whether it was retired."""
    return [
        (source.address, source.retired is not None, engine.source_text(source.id))
        for source in engine.sources(limit=10_000, history=True)
    ]


def versions_in(engine: ReasoningEngine, said: Said) -> dict[int, int]:
    """The facts that are there, each with its version."""
    view = engine.view()
    numbers = set().union(*said.allowed(), said.forgotten)
    drafts = [(number, version, fact(number, version)) for number in numbers for version in range(60)]
    return {
        number: version for number, version, draft in drafts if view.find_source(draft.address, 0, draft.text)
    }


def check_changed(root: Path, said: Said) -> None:
    """What was acknowledged is there, and backed up; the next backup restores to what there is."""
    folder, place = root / "store", root / "backup"
    assert migrate(folder) is None or not said.migrated, "what was told done was not"
    if said.backed_up:
        checked = verify_backup(place)
        assert checked.clean and checked.transaction >= said.backed_up
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        report = engine.verify()
        assert report.clean, report.faults[:5]
        assert versions_in(engine, said) in said.allowed()
        receipts = [engine.receipt(transaction) for transaction in said.forgettings]
        assert all(receipts), "a forgetting has no receipt"
        assert all(each.purged for each in receipts if each and each.transaction <= said.purged)
        assert engine.backup(place).transaction == engine.view().transaction
        assert verify_backup(place).clean
        held = contents(engine)
    restore(place, root / "again")
    config = ReasoningEngineConfig.builder().with_storage(root / "again").build()
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as again:
        assert again.verify().clean
        assert contents(again) == held


def change_and_kill(root: Path, kills: int, seed: int) -> Counter[str]:
    """Kills at each step in turn; says within which steps the processes were."""
    within = Counter[str]()
    for number in range(kills):
        step = list(STEPS)[number % len(STEPS)]
        folder = root / str(number)
        (folder / "store").mkdir(parents=True)
        unpacked("store-format-1", folder / "store")
        said = Said(kill_while_changing(folder, seed + number, step))
        check_changed(folder, said)
        within[said.within.split(" ")[0] or "between two"] += 1
    print(dict(within))
    return within


def create_and_kill(root: Path, kills: int, seed: int) -> None:
    midway = 0
    for number in range(kills):
        folder = root / str(number)
        midway += kill_while_creating(folder, seed + number)
        config = ReasoningEngineConfig.builder().with_storage(folder).build()
        with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
            engine.learn_batch([fact(0)])
            assert engine.verify().clean
        assert not (folder / "storage.dat.new").exists()
    assert midway, "no process was killed while it made its store"


def test_a_folder_whose_making_was_killed_is_completed(tmp_path: Path) -> None:
    create_and_kill(tmp_path, kills=6, seed=1)


@pytest.mark.soak
def test_a_hundred_folders_whose_making_was_killed_are_completed(tmp_path: Path) -> None:
    create_and_kill(tmp_path, kills=100, seed=100)


def test_five_kills_lose_nothing(tmp_path: Path) -> None:
    run(tmp_path, kills=5, seed=1)


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    for round_ in range(10):
        run(tmp_path / str(round_), kills=10, seed=1000 + 10 * round_)


def test_six_kills_of_what_changes_a_store_leave_what_was_acknowledged(tmp_path: Path) -> None:
    assert change_and_kill(tmp_path, kills=6, seed=1).total() == 6


@pytest.mark.soak
def test_a_hundred_kills_of_what_changes_a_store_leave_what_was_acknowledged(tmp_path: Path) -> None:
    within = change_and_kill(tmp_path, kills=100, seed=100)
    assert within.keys() >= {"migrate", "learn", "forget", "purge", "backup"}, "a step was never killed"
