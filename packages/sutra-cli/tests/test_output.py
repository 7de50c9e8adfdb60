"""What every command shares: which folder it opens, and one line for whatever stops it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stand_in

from sutra_cli.output import visible
from sutra_core import ReasoningEngine, ReasoningEngineConfig

Sutra = Callable[..., Any]
COMMANDS = [
    ["learn", "texts"],
    ["ask", "What?"],
    ["search", "x"],
    ["explain", "x"],
    ["show", "1"],
    ["stats"],
    ["verify"],
]


@pytest.fixture(params=COMMANDS, ids=[command[0] for command in COMMANDS])
def command(request: pytest.FixtureRequest) -> list[str]:
    return request.param


def test_the_folder_is_the_options_the_environments_or_the_default(
    sutra: Sutra, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def learn(*options: str) -> str:
        return sutra("learn", "-", *options, stdin=b"The Aln is long.").err

    assert learn() == f"storage: {folder / 'knowledge'}\n"
    monkeypatch.setenv("SUTRA_STORAGE_PATH", "from the environment")
    assert learn() == f"storage: {folder / 'from the environment'}\n"
    assert learn("--storage", "given") == f"storage: {folder / 'given'}\n"
    assert (folder / "given" / "storage.dat").is_file()


def test_a_store_in_memory_is_said_to_keep_nothing(
    sutra: Sutra, texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTRA_USE_RUST_STORAGE", "false")
    done = sutra("learn", str(texts))
    assert (done.code, done.out[:17]) == (0, "learned 3 sources")
    assert done.err == "storage: in memory, nothing is kept (SUTRA_USE_RUST_STORAGE is false)\n"
    assert list(folder.iterdir()) == [texts]


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda command: command[0])
def test_looking_where_no_store_is_makes_none(sutra: Sutra, folder: Path, command: list[str]) -> None:
    done = sutra(*command, "--storage", "mistyped")
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith(f"error[store_missing]: there is no store in {folder / 'mistyped'}; ")
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("texts")
@pytest.mark.parametrize(("variable", "value"), [("SUTRA_BOGUS", "1"), ("SUTRA_BATCH_SIZE", "0")])
def test_a_wrong_variable_is_one_line_that_names_it(
    sutra: Sutra,
    folder: Path,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    done = sutra(*command)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith(f"error[invalid_config]: {variable} ")
    assert [path.name for path in folder.iterdir()] == ["texts"]


def test_a_store_that_is_open_elsewhere_is_one_line(learned: Sutra, folder: Path, command: list[str]) -> None:
    config = ReasoningEngineConfig(storage_path=folder / "knowledge")
    with ReasoningEngine(config):
        done = learned(*command)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[store_locked]: ")


@pytest.mark.usefixtures("texts")
def test_a_folder_that_cannot_be_made_is_one_line(sutra: Sutra, folder: Path, command: list[str]) -> None:
    (folder / "file").write_text("in the way")
    done = sutra(*command, "--storage", "file")
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    code = "io_error" if command[0] == "learn" else "store_missing"
    assert done.errors[0].startswith(f"error[{code}]: ")


def test_a_store_of_another_embedder_is_one_line(
    learned: Sutra, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUTRA_VECTOR_DIMENSION", "768")
    done = learned(*command)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[embedder_mismatch]: ")


def test_a_file_that_is_no_store_is_one_line(sutra: Sutra, folder: Path, command: list[str]) -> None:
    (folder / "knowledge").mkdir()
    (folder / "knowledge" / "storage.dat").write_bytes(b"no store at all" * 1000)
    done = sutra(*command)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[")


def test_output_is_json_whatever_the_names(sutra: Sutra) -> None:
    text = "The «Åln» \u2028 rises at 東京 😀."
    sutra("learn", "-", "--source", 'a "pipe"\n', stdin=text.encode())
    (hit,) = sutra("search", "rises", "--mode", "words", "--json").json
    assert hit["address"] == 'a "pipe"\n'
    assert text.encode()[hit["start"] : hit["end"]].decode() == hit["text"]


def test_what_looks_like_mark_up_is_printed_as_it_stands(sutra: Sutra) -> None:
    text = "The [bold] sign :warning: and [/close] are old."
    storage = ["--storage", "folder [red] :smile:"]
    done = sutra("learn", "-", "--title", text, "--source", text, *storage, stdin=text.encode())
    assert done.err.endswith("/folder [red] :smile:\n")
    shown = [sutra("show", "1", *storage), sutra("search", "bold", "--mode", "words", *storage)]
    shown.append(sutra("ask", "What is the [bold] sign?", "--threshold", "0", *storage))
    assert [text in done.out for done in shown] == [True] * 3
    assert f" {text}" in sutra("show", text, *storage).out
    assert "folder [red] :smile:" in sutra("stats", *storage).out


def test_control_characters_are_told_and_not_obeyed(sutra: Sutra) -> None:
    text = "The \x1b[31mAln\x1b]0;x\x07 \x9b2J\x7f river\r rises\tat Alham."
    done = sutra("learn", "-", "--title", text, "--source", text, stdin=text.encode())
    shown = [done, sutra("show", "1"), sutra("search", "rises", "--mode", "words")]
    shown.append(sutra("ask", "Where does the river rise?", "--threshold", "0"))
    shown.append(sutra("show", text))
    for done in shown:
        assert not set(done.out + done.err) & set("\x1b\x07\x9b\x7f\r")
    assert all(r"\x1b[31mAln\x1b]0;x\x07 \x9b2J\x7f river" in done.out for done in shown[1:4])
    (hit,) = sutra("search", "rises", "--mode", "words", "--json").json
    assert (hit["text"], hit["address"]) == (text, text)


def test_every_control_character_but_tab_and_line_end_is_made_visible() -> None:
    controls = {chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))}
    controls |= {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    changed = {character for character in map(chr, range(0xD800)) if visible(character) != character}
    assert changed == controls - {"\n", "\t"}
    assert visible("a\x1b[1m\u0085\nb\tc") == "a\\x1b[1m\\x85\nb\tc"


def test_a_reader_that_goes_away_is_no_traceback(learned: Sutra, folder: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, stand_in.PROGRAM, "search", "Aln", "--mode", "words", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stderr is not None
    child.stdout.close()
    err = child.stderr.read()
    child.stderr.close()
    assert child.wait(60) != 0
    assert "Traceback" not in err and "Exception ignored" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("arguments", [["stats"], ["stats", "--json"], ["search", "Aln"], ["--help"]])
def test_output_that_cannot_be_written_is_one_line(learned: Sutra, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, stand_in.PROGRAM, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    told = [line for line in done.stderr.splitlines() if not line.startswith("storage: ")]
    assert told == ["error[io_error]: the output cannot be written: No space left on device"]
    assert done.returncode == 1


@pytest.mark.parametrize("arguments", [["stats"], ["stats", "--json"]])
def test_a_closed_output_is_no_traceback(learned: Sutra, arguments: list[str]) -> None:
    command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, stand_in.PROGRAM, *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


def test_json_holds_every_character_and_none_that_commands_a_terminal(sutra: Sutra) -> None:
    text = "The \x9b31mAln\x7f and the \u202eTyne\u202c \u2066rise\u2069 at \x85Alham."
    assert sutra("learn", "-", stdin=text.encode()).code == 0
    done = sutra("search", "rise", "--mode", "words", "--json")
    assert not set(done.out) & set("\x9b\x7f\x85\u202e\u202c\u2066\u2069")
    assert done.json[0]["text"] == text
    shown = sutra("search", "rise", "--mode", "words")
    assert r"\x9b31mAln\x7f and the \u202eTyne\u202c \u2066rise\u2069" in shown.out
