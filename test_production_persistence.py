"""Does knowledge survive? Learns, closes, and asks again in a new process: everything there, same answers.

    python test_production_persistence.py

Runs on a folder of its own that is removed afterwards, with the configuration of `config/production.py`.
Ends with 0 when everything was there, with 1 otherwise, and says what it compared. It is also a test of
`make test`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import ModelUnavailableError

ROOT = Path(__file__).resolve().parent
TEXTS = ROOT / "sample" / "texts"
QUESTIONS = ROOT / "sample" / "questions.jsonl"


def learn_and_ask(folder: Path) -> dict[str, Any]:
    """Learns the sample (if it is not known yet) and says what is held and what is answered."""
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    with ReasoningEngine(config, check_pages=True) as engine:
        report = engine.learn_collection(TEXTS)
        questions = [
            json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()
        ]
        answers = [engine.ask(question) for question in questions]
        verified = engine.verify()
        return {
            "new concepts": report.concepts,
            "store": {**engine.view().stats()._asdict(), "bytes_on_disk": None},
            "answers": {
                answer.question: [
                    answer.text,
                    round(answer.confidence, 4),
                    [c.text for c in answer.citations],
                ]
                for answer in answers
            },
            "explained": all(engine.explain(answer.id) == answer for answer in answers),
            "faults": verified.faults,
        }


def in_new_process(folder: Path) -> dict[str, Any]:
    """The same, by another process."""
    done = subprocess.run(
        [sys.executable, __file__, "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def compare(folder: Path) -> list[str]:
    """Learns in one process, looks in the next; every difference in words."""
    before = in_new_process(folder)
    after = in_new_process(folder)
    differences = [
        f"{what}: {before[what]} before, {after[what]} after"
        for what in ("store", "answers")
        if before[what] != after[what]
    ]
    if not before["new concepts"]:
        differences.append("nothing was learned")
    if after["new concepts"]:
        differences.append(f"{after['new concepts']} concepts had to be learned again")
    if not (before["explained"] and after["explained"]):
        differences.append("an answer was not explained as it was given")
    return differences + before["faults"] + after["faults"]


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    try:
        with ReasoningEngine(
            ReasoningEngineConfig.builder().with_storage(tmp_path / "probe").build()
        ) as engine:
            _ = engine.embedder
    except ModelUnavailableError as error:
        raise unittest.SkipTest(f"the embedder's model is not on this machine: {error}") from error
    assert compare(tmp_path / "store") == []


def main() -> int:
    if "--folder" in sys.argv:
        json.dump(learn_and_ask(Path(sys.argv[sys.argv.index("--folder") + 1])), sys.stdout)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        differences = compare(Path(folder) / "store")
    for difference in differences:
        print(f"FAILED: {difference}")
    if not differences:
        print("persistence: everything that was learned is there after a restart, with the same answers")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
