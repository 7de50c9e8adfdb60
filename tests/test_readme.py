"""The README's example runs, and what it shows of `make run` is what `make run` prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sutra_core.embed import open_embedder
from sutra_core.errors import ModelUnavailableError

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def model() -> None:
    try:
        open_embedder()
    except ModelUnavailableError as error:
        pytest.skip(f"the embedder's model is not on this machine: {error}")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_example_runs_and_answers(tmp_path: Path) -> None:
    (example,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("Alham 0.")
    assert "notes/people 0 30 Ada Whitlow was born in Alham." in done.stdout


def test_what_it_shows_is_what_make_run_prints(tmp_path: Path) -> None:
    (shown,) = blocks("console")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "demo.py"), "--storage", str(tmp_path / "knowledge")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert normal(done.stdout) == normal(shown)


def normal(text: str) -> list[str]:
    """Without what differs from run to run and from machine to machine: times, scores, folders."""
    text = text.replace(str(ROOT) + "/", "").replace("…/", "")
    text = re.sub(r" in [\d.]+ s \(\d+ sentences/s\)", "", text)
    text = re.sub(r"answer [0-9a-f]{32}", "answer ID", text)
    text = re.sub(r"\d\.\d\d", "0.00", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]
