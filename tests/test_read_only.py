"""Reading a folder that must not be written: nothing in it changes, and what would write says so."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crash_child import fact
from test_crash import kill_while_learning
from typer.testing import CliRunner
from word_embedder import WordEmbedder

from sutra_cli.main import app
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.errors import ReadOnlyError, StoreIOError, StoreLockedError, UnknownAnswerError


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file and folder with its content and the time of its last change."""
    found: dict[str, tuple[str, int]] = {}
    for path in sorted(folder.rglob("*")):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (content, path.stat().st_mtime_ns)
    return found


def opened(folder: Path, *, read_only: bool = False) -> ReasoningEngine:
    config = ReasoningEngineConfig(storage_path=folder)
    return ReasoningEngine(config, embedder=WordEmbedder(), read_only=read_only)


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A store that was closed."""
    with opened(tmp_path / "store") as engine:
        engine.learn_batch([fact(number) for number in range(20)])
    return tmp_path / "store"


def test_a_closed_store_is_read_without_a_trace(closed: Path) -> None:
    before = state(closed)
    with opened(closed, read_only=True) as engine:
        answer = engine.ask("Who is the keeper of Station 7?")
        assert engine.search("Keeper 7", mode="words", k=1)[0].address == "fact 7"
        assert engine.get_concept(1).concept.text
        assert engine.stats().store.sources == 20
        assert engine.verify().clean
        with pytest.raises(ReadOnlyError, match="opened for reading only"):
            engine.learn("One more.")
        with pytest.raises(ReadOnlyError, match="opened for reading only"):
            engine.forget(source="fact 7")
        with pytest.raises(UnknownAnswerError, match="none is recorded read-only"):
            engine.explain(answer.id)
    assert state(closed) == before


def test_a_store_whose_process_was_killed_is_read_without_a_trace(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    acknowledged = kill_while_learning(folder, seed=5)
    before = state(folder)
    for _ in range(2):
        with opened(folder, read_only=True) as engine:
            assert engine.stats().store.sources >= acknowledged
            assert engine.verify().clean
        assert state(folder) == before
    with opened(folder) as engine:
        assert engine.stats().store.sources >= acknowledged


def test_several_may_read_and_nobody_write_meanwhile(closed: Path) -> None:
    with opened(closed, read_only=True) as one, opened(closed, read_only=True) as two:
        assert one.stats().store == two.stats().store
        with pytest.raises(StoreLockedError):
            opened(closed)
    opened(closed).close()


def test_a_folder_without_a_store_gets_none(tmp_path: Path) -> None:
    with pytest.raises(StoreIOError, match="there is no store yet"):
        opened(tmp_path / "absent", read_only=True)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_that_another_process_holds_names_that_process(closed: Path, read_only: bool) -> None:
    code = (
        "import sys\n"
        "from sutra_storage import Engine\n"
        "from word_embedder import WordEmbedder as W\n"
        f"engine = Engine({str(closed)!r}, fingerprint=W.fingerprint, dimension=W.dimension)\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parent)},
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    try:
        with pytest.raises(StoreLockedError) as refused:
            opened(closed, read_only=read_only)
        if sys.platform == "linux":
            assert f"process {holder.pid};" in str(refused.value)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    opened(closed, read_only=read_only).close()


def test_the_command_line_reads_a_read_only_folder(tmp_path: Path) -> None:
    """Words and counts need no model; with the model's own embedder, as users have it."""
    folder = tmp_path / "store"
    learned = CliRunner().invoke(app, ["stats", "--storage", str(folder), "--read-only"])
    assert learned.exit_code == 1 and not folder.exists()
    config = ReasoningEngineConfig(storage_path=folder)
    ReasoningEngine(config).close()
    before = state(folder)
    for command in (["stats"], ["verify"], ["search", "anything", "--mode", "words"]):
        done = CliRunner().invoke(app, [*command, "--storage", str(folder), "--read-only"])
        assert done.exit_code == 0, done.output
    assert state(folder) == before


def test_a_copy_of_an_open_store_is_read(closed: Path, tmp_path: Path) -> None:
    with opened(closed) as engine:
        engine.learn("The Aln rises at Alham.", source="aln")
        shutil.copytree(closed, tmp_path / "copy")
    with opened(tmp_path / "copy", read_only=True) as engine:
        assert engine.stats().store.sources == 21
        assert engine.verify().clean
