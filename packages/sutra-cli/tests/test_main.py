"""The command line as a whole: help, version, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

COMMANDS = [
    "learn",
    "watch",
    "inspect",
    "ask",
    "search",
    "explain",
    "show",
    "sources",
    "stats",
    "forget",
    "purge",
    "receipts",
    "verify",
    "backup",
    "restore",
    "salvage",
    "migrate",
    "reindex",
    "reembed",
    "monitor",
    "smoke",
]


def test_help_lists_every_command(sutra: Callable[..., Any], folder: Path) -> None:
    done = sutra("--help")
    assert done.code == 0
    listed = [line.split()[0] for line in done.out.split("Commands:")[1].splitlines() if line.strip()]
    assert listed == [*COMMANDS, "models", "keys"]
    assert list(folder.iterdir()) == []


GROUPED = [
    ["models", "fetch"],
    ["models", "list"],
    ["keys", "make"],
    ["keys", "list"],
    ["keys", "revoke"],
]


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + GROUPED)
def test_every_command_has_help(sutra: Callable[..., Any], folder: Path, command: list[str]) -> None:
    done = sutra(*command, "--help")
    assert done.code == 0
    usage, about = done.out.split("\n\n")[:2]
    assert usage.startswith(f"Usage: sutra {' '.join(command)}")
    assert len(about.split()) >= 3
    assert "--json" in done.out
    assert ("--storage" in done.out) == (command[0] not in {"inspect", "models", "smoke"})
    assert list(folder.iterdir()) == []


def test_version(sutra: Callable[..., Any]) -> None:
    done = sutra("--version")
    assert (done.code, done.out) == (0, f"sutra {version('sutra-cli')}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["learn"],
        ["ask"],
        ["stats", "--bogus"],
        ["search", "x", "-k", "0"],
        ["search", "x", "-k", "99999999999999999999"],
        ["search", "x", "--mode", "smell"],
        ["ask", "x", "--max-steps", "0"],
        ["ask", "x", "--threshold", "2"],
        ["ask", "x", "--num-paths", "99999999999999999999"],
        ["salvage"],
        ["show", "1", "--limit", "99999999999999999999"],
        ["models", "bogus"],
        ["keys", "make", "somebody"],
        ["keys", "make", "somebody", "--role", "king"],
        ["keys", "make", "somebody", "--role", "reader", "--expires", "-1"],
        ["keys", "make", "somebody", "--role", "reader", "--expires", "nan"],
        ["keys", "revoke"],
        ["smoke"],
        ["smoke", "http://localhost", "--clients", "65"],
        ["smoke", "http://localhost", "--load", "601"],
    ],
)
def test_wrong_usage_ends_with_2_and_says_where_help_is(
    sutra: Callable[..., Any], folder: Path, arguments: list[str]
) -> None:
    done = sutra(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.errors[0].startswith("Usage: sutra")
    assert any(line.startswith("Error: ") for line in done.errors)
    assert list(folder.iterdir()) == []


def test_the_installed_command_learns_and_answers(real_sutra: Callable[..., Any], texts: Path) -> None:
    report = real_sutra("learn", str(texts), "--json")
    assert (report.code, report.json["sources"]) == (0, 3)
    answer = real_sutra("ask", "Where was Marie Curie born?", "--json").json
    assert answer["text"] == "Warsaw"
    assert answer["citations"][0]["text"] == "Marie Curie was born in Warsaw."
    assert real_sutra("explain", answer["id"], "--json").json == answer
    assert real_sutra("search", "the source of a river", "-k", "1", "--json").json[0]["title"] == "Aln"
