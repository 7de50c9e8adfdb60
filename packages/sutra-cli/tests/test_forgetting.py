"""`sutra forget`: it says what would go, asks, and says what went."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stand_in

from sutra_core.types import Forgotten

Sutra = Callable[..., Any]


@pytest.fixture
def notes(learned: Sutra, folder: Path) -> Sutra:
    """The command line over a store that was taught the texts, and one that repeats some of them."""
    (folder / "again.txt").write_text("Marie Curie was born in Warsaw. Oaks are old.")
    assert learned("learn", "again.txt").code == 0
    return learned


def sources(sutra: Sutra) -> int:
    return sutra("stats", "--json").json["sources"]


def test_a_dry_run_says_what_would_go(notes: Sutra, texts: Path) -> None:
    notes("ask", "Where did Marie Curie live?", "--threshold", "0")
    before = notes("stats", "--json").json
    done = notes("forget", "--source", str(texts / "curie.txt"), "--dry-run")
    assert (done.code, done.errors) == (0, [])
    what, gone, stays, erased = done.out.splitlines()
    assert what == f"all of {texts / 'curie.txt'}"
    assert gone.startswith("would go: 1 source, 2 statements, ")
    assert stays == "would stay: 1 statement, which other sources say, too"
    assert erased == "would be erased: 1 recorded answer"
    after = notes("stats", "--json").json
    assert {name: after[name] for name in ("sources", "concepts", "transaction")} == {
        name: before[name] for name in ("sources", "concepts", "transaction")
    }


def test_a_source_goes_by_its_address_or_its_number(notes: Sutra, texts: Path) -> None:
    done = notes("forget", "--source", str(texts / "curie.txt"), "--yes")
    assert (done.code, done.errors) == (0, [])
    assert done.out.splitlines()[1].startswith("gone: 1 source, 2 statements, ")
    assert notes("search", "Paris", "--mode", "words").out == "nothing found\n"
    done = notes("forget", "--source", "4", "--yes")
    assert done.out.startswith("source 4: ") and done.out.splitlines()[0].endswith("again.txt")
    assert sources(notes) == 2
    assert notes("verify").code == 0


def test_a_statement_and_an_entity_go(notes: Sutra) -> None:
    shown = notes("show", "Warsaw").out.splitlines()[0].split()[1]
    alone = notes("forget", "--concept", "warsaw", "--link-only", "--dry-run")
    assert alone.out.splitlines()[0] == f"entity {shown}: Warsaw"
    assert alone.out.splitlines()[1].startswith("would go: 1 entity, ")
    done = notes("forget", "--concept", shown, "--yes")
    assert "blanked: parts of 2 sources" in done.out.splitlines()
    assert notes("show", "Warsaw").errors[0].startswith("error[unknown_concept]: ")
    (hit,) = notes("search", "Alham", "--mode", "words", "--json").json
    done = notes("forget", "--concept", str(hit["concept"]), "--yes")
    assert done.out.startswith(f"statement {hit['concept']}: ")
    assert notes("search", "Alham", "--mode", "words", "--json").json == []


def test_what_was_learned_before_a_time_goes(notes: Sutra, folder: Path) -> None:
    none = notes("forget", "--before", "2000-01-01T00:00:00Z", "--yes")
    assert none.out == "what was learned before 2000-01-01 00:00:00+00:00\ngone: nothing\n"
    now = datetime.now(UTC).isoformat()
    (folder / "new.txt").write_text("Elms are tall.")
    notes("learn", "new.txt")
    done = notes("forget", "--before", now, "--yes", "--json")
    assert (done.code, done.json["sources"]) == (0, 4)
    assert set(done.json) == set(Forgotten._fields)
    assert sources(notes) == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "invalid_value"),
        (["--source", "1", "--concept", "1"], "invalid_value"),
        (["--source", "1", "--link-only"], "invalid_value"),
        (["--before", "2024-05-01"], "invalid_value"),
        (["--before", "2024-05-01T00:00:00"], "invalid_value"),
        (["--before", "yesterday"], "invalid_value"),
        (["--source", "nowhere.txt"], "unknown_source"),
        (["--source", "99"], "unknown_source"),
        (["--source", ""], "unknown_source"),
        (["--source", "\udcff"], "unknown_source"),
        (["--source", "9" * 5000], "unknown_source"),
        (["--concept", "Nobody"], "unknown_concept"),
        (["--concept", "9999"], "unknown_concept"),
        (["--concept", "\udcff"], "unknown_concept"),
        (["--concept", "1", "--link-only"], "unknown_concept"),
    ],
)
def test_what_cannot_be_forgotten_is_one_line(learned: Sutra, options: list[str], code: str) -> None:
    for how in ("--yes", "--dry-run"):
        done = learned("forget", *options, how)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1)
        assert done.errors[0].startswith(f"error[{code}]: ")
    assert sources(learned) == 3


def test_where_nobody_can_be_asked_nothing_is_forgotten(learned: Sutra) -> None:
    done = learned("forget", "--source", "1", stdin=b"y\n")
    assert (done.code, done.out) == (1, "")
    assert done.errors == [
        "error[not_confirmed]: it would be gone for good; look with --dry-run, and confirm with --yes"
    ]
    assert sources(learned) == 3


@pytest.mark.parametrize(("said", "left"), [("y", 2), ("n", 3), ("", 3)])
def test_on_a_terminal_it_says_what_would_go_and_asks(
    learned: Sutra, folder: Path, said: str, left: int
) -> None:
    mine, theirs = pty.openpty()
    os.write(mine, f"{said}\n".encode())
    done = subprocess.run(
        [sys.executable, stand_in.PROGRAM, "forget", "--source", "1"],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=60,
    )
    os.close(mine)
    os.close(theirs)
    assert "would go: 1 source, " in done.stderr and "Forget it? [y/N]" in done.stderr
    gone = left == 2
    assert (done.returncode, "gone: 1 source, " in done.stdout) == (0 if gone else 1, gone)
    assert ("nothing was forgotten" in done.stderr) is not gone
    assert sources(learned) == left
