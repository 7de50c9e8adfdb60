"""A process that is killed while it writes a backup leaves the one before whole, and the next goes on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import backup_child
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.backup import check, restore

KILLS = 8


def killed(folder: Path, place: Path, seed: int) -> int:
    """The last transaction that a backup held, of a process that was killed during a later one."""
    chance = random.Random(seed)
    command = [sys.executable, backup_child.__file__, str(folder), str(place), str(seed * 1000)]
    finished = chance.randrange(3)
    held = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line != "backup\n":
                held = int(line)
                finished -= 1
            elif finished <= 0:
                break
        time.sleep(chance.random() * 0.03)
        child.kill()
    return held


def test_a_killed_backup_leaves_the_one_before_and_no_orphan(tmp_path: Path) -> None:
    store, place = tmp_path / "store", tmp_path / "backup"
    partial = 0
    config = ReasoningEngineConfig(storage_path=store, reader="off")
    for seed in range(KILLS):
        held = killed(store, place, seed)
        found = len([file for file in place.rglob("*") if file.is_file()])
        if held:
            checked = check(place)
            assert checked.clean and checked.transaction >= held
            partial += found > 1 + checked.segments
        with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
            report = engine.backup(place, prune=True)
            assert report.transaction == engine.view().transaction
            sources = [source.address for source in engine.sources(limit=10_000)]
        assert check(place).clean
        files = [file for file in place.rglob("*") if file.is_file()]
        assert len(files) == 1 + report.segments
        made = tmp_path / f"made-{seed}"
        restore(place, made)
        with ReasoningEngine(
            ReasoningEngineConfig(storage_path=made, reader="off"), embedder=WordEmbedder()
        ) as again:
            assert [source.address for source in again.sources(limit=10_000)] == sources
            assert again.verify().clean
    assert partial > 0, "no process was killed in the middle of a backup; make the delays shorter"
