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


def test_a_part_is_asked_and_the_answer_says_which(learned: Sutra, texts: Path) -> None:
    curie, rivers = str(texts / "curie.txt"), str(texts / "rivers.md")
    done = learned("ask", QUESTION, "--source", curie, "--as-of", "1", "--until", "2999-01-01T00:00:00Z")
    assert done.code == 0 and "as of transaction 1" in done.out.splitlines()
    assert f"from sources: {curie}; until 2999-01-01T00:00:00+00:00" in done.out
    record = learned("ask", QUESTION, "--json", "--source", curie, "--holds-at", "2012-01-01T00:00:00Z").json
    assert (record["text"], record["holds_at"]) == ("Warsaw", "2012-01-01T00:00:00+00:00")
    assert record["filter"]["sources"] == [curie]
    assert learned("ask", QUESTION, "--as-of", "0").out.startswith("I don't know\n")
    assert learned("ask", QUESTION, "--as-of", "2001-01-01T00:00:00Z", "--json").json["as_of"] == 0
    assert learned("ask", QUESTION, "--source", rivers, "--json").json["kind"] == "unknown"
    assert learned("explain", record["id"], "--json").json == record


def test_a_part_is_searched(learned: Sutra, texts: Path) -> None:
    found = ("search", "the Aln rises", "--mode", "words")
    assert len(learned(*found, "--json").json) == 1
    for part in (
        ("--source", str(texts / "curie.txt")),
        ("--as-of", "0"),
        ("--attribute", "author=Mara Holt"),
        ("--since", "2999-01-01T00:00:00Z"),
    ):
        assert learned(*found, *part).out == "nothing found\n"
    assert learned("show", "Aln", "--kind", "causal", "--json").json["associations"] == []
    number = learned("show", "Aln", "--json").json["associations"][0]["other"]["id"]
    source = learned("show", str(number), "--json").json["source"]
    assert len(learned(*found, "--source", str(source), "--source", "1", "--json").json) == 1


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (("--as-of", "99"), "invalid_value"),
        (("--as-of", "2024-05-01"), "invalid_value"),
        (("--holds-at", "2024-05-01T00:00:00"), "invalid_value"),
        (("--since", "soon"), "invalid_value"),
        (("--attribute", "author"), "invalid_value"),
        (("--kind", "casual"), "invalid_value"),
        (("--source", "nowhere"), "unknown_source"),
        (("--source", "99"), "unknown_source"),
    ],
)
def test_a_part_that_there_is_not_is_one_line(learned: Sutra, part: tuple[str, str], code: str) -> None:
    for command in (("ask", QUESTION), ("search", "the Aln", "--mode", "words"), ("show", "Warsaw")):
        done = learned(*command, *part)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1)
        assert done.errors[0].startswith(f"error[{code}]: ")


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
