"""`sutra ask`, `sutra explain`, `sutra search`, on plainly taught facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sutra_core.ask import Answer

Sutra = Callable[..., Any]
QUESTION = "Where was Marie Curie born?"


def test_an_answer_comes_with_its_confidence_and_source(learned: Sutra, texts: Path) -> None:
    done = learned("ask", QUESTION)
    lines = done.out.splitlines()
    assert (done.code, done.errors, lines[0]) == (0, [], "Warsaw")
    assert float(lines[1].removeprefix("confidence ")) >= 0.9
    assert "Marie Curie was born in Warsaw." in done.out
    assert f"{texts / 'curie.txt'}, bytes 0 to 31" in done.out


def test_json_is_the_record(learned: Sutra) -> None:
    record = learned("ask", QUESTION, "--json").json
    assert set(record) == {"version", *Answer.__dataclass_fields__}
    assert (record["text"], record["kind"], record["question"]) == ("Warsaw", "entity", QUESTION)


def test_options_reach_the_engine(learned: Sutra) -> None:
    assert learned("ask", QUESTION, "--json", "--num-paths", "0").json["paths"] == []
    assert learned("ask", QUESTION, "--json", "--threshold", "1").json["kind"] == "unknown"
    assert learned("ask", QUESTION, "--threshold", "1").out.startswith("I don't know\n")


def test_an_answer_is_explained_again(learned: Sutra) -> None:
    record = learned("ask", QUESTION, "--json").json
    assert learned("explain", record["id"], "--json").json == record
    assert learned("explain", record["id"]).out == learned("ask", QUESTION).out


def test_an_unknown_answer_is_one_line(learned: Sutra) -> None:
    for answer_id in ("0" * 32, "\udcff"):
        done = learned("explain", answer_id)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1)
        assert done.errors[0].startswith("error[unknown_answer]: ")


@pytest.mark.parametrize("text", ["", "  ", "\udcff"])
@pytest.mark.parametrize("command", ["ask", "search"])
def test_what_has_no_words_is_one_line(learned: Sutra, command: str, text: str) -> None:
    done = learned(command, text)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[invalid_value]: ")


@pytest.mark.parametrize("mode", ["meaning", "words", "graph", "all"])
def test_every_search_prints_what_it_found(learned: Sutra, texts: Path, mode: str) -> None:
    hits = learned("search", "the Aln rises", "--mode", mode, "--json").json
    assert set(hits[0]) == {"concept", "score", "text", "title", "address", "start", "end", "place"}
    assert hits[0]["address"] == str(texts / "rivers.md")
    data = (texts / "rivers.md").read_bytes()
    assert data[hits[0]["start"] : hits[0]["end"]].decode() == hits[0]["text"]
    assert len(learned("search", "the Aln rises", "--mode", mode, "-k", "1", "--json").json) == 1
    shown = learned("search", "the Aln rises", "--mode", mode).out
    assert f"concept {hits[0]['concept']}" in shown


def test_nothing_found_is_said(learned: Sutra) -> None:
    assert learned("search", "nowhere", "--mode", "words").out == "nothing found\n"
    assert learned("search", "nowhere", "--mode", "words", "--json").json == []
