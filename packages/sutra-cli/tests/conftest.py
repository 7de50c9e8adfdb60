"""The command line as a function: arguments and standard input in; exit code, output and notices out.

Commands run on a folder of the test's own, with word vectors in the place of the model's. The few tests
that need the model take `real_sutra` and are skipped where it is absent.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import stand_in

import sutra_core.shared
from sutra_cli.main import main
from sutra_core.embed import open_embedder
from sutra_core.errors import ModelUnavailableError


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, which has to be one JSON document."""
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        """The notices but for the line that names the storage folder."""
        assert "Traceback" not in self.err, self.err
        return [line for line in self.err.splitlines() if not line.startswith("storage: ")]


Sutra = Callable[..., Result]

TEXTS = {
    "curie.txt": "Marie Curie was born in Warsaw. She lived in Paris.",
    "rivers.md": "# Aln\n\nThe **Aln** rises at Alham. The Aln flows into the sea.\n",
    "firms.jsonl": '{"id": "ibm", "title": "IBM", "text": "International Business Machines (IBM) is old."}\n',
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of the command, without settings from the environment."""
    for variable in list(os.environ):
        if variable.startswith("SUTRA_") and variable != "SUTRA_MODEL_PATH":
            monkeypatch.delenv(variable)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sutra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sutra:
    """`sutra("learn", "-", stdin=b"…")` in this process."""
    monkeypatch.setattr(sutra_core.shared, "open_embedder", stand_in.open_stand_in)

    def run(*arguments: str, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["sutra", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Result(code or 0, out, err)

    return run


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Has Ctrl-C end a command also where the tests run in the background, and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def sutra_process() -> Sutra:
    """The same in a process of its own; `environment` adds to this one's."""

    def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
        return _in_process([sys.executable, stand_in.PROGRAM, *arguments], environment or {})

    return run


@pytest.fixture
def real_sutra() -> Sutra:
    """The installed command with the embedder's model; skipped where there is none."""
    given = os.environ.get("SUTRA_MODEL_PATH")
    try:
        open_embedder(model_path=Path(given) if given else None)
    except ModelUnavailableError:
        pytest.skip("the embedder's model is not on this machine; `sutra models fetch` brings it")
    command = str(Path(sys.executable).with_name("sutra"))
    return lambda *arguments: _in_process([command, *arguments], {})


@pytest.fixture
def texts(folder: Path) -> Path:
    """A folder with three files of three formats."""
    path = folder / "texts"
    path.mkdir()
    for name, text in TEXTS.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def learned(sutra: Sutra, texts: Path, monkeypatch: pytest.MonkeyPatch) -> Sutra:
    """The command line over a store that was taught the texts, and that answers from facts and sentences."""
    monkeypatch.setenv("SUTRA_READER", "off")
    assert sutra("learn", str(texts)).code == 0
    return sutra


def _in_process(command: list[str], environment: dict[str, str]) -> Result:
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=False, timeout=60
    )
    return Result(done.returncode, done.stdout, done.stderr)
