"""Halves of sets: the same on every machine, passages whole, and none where nothing is fitted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import split
from evaluation_sets import question, write_set
from split import half

HALVES = [
    "fit",
    "report",
    "report",
    "report",
    "report",
    "fit",
    "report",
    "fit",
]  # of q0 to q7, by `printf split:q0 | sha256sum` and so on


def test_halves_never_change() -> None:
    assert [half("hotpotqa_migres200", question(f"q{n}")) for n in range(8)] == HALVES


def test_about_half_is_in_each() -> None:
    halves = [half("torque_dev", question(str(n))) for n in range(400)]
    assert 160 < halves.count("fit") < 240
    assert set(halves) == {"fit", "report"}


@pytest.mark.parametrize("name", ["squad2_dev", "nq_qed_dev"])
def test_a_passage_is_wholly_in_one_half(name: str) -> None:
    halves = {}
    for passage in (f"passage {n}" for n in range(40)):
        ((halves[passage]),) = {half(name, question(f"{passage} {n}", passage=passage)) for n in range(20)}
    assert set(halves.values()) == {"fit", "report"}


def test_sets_to_fit_on_and_sets_never_to_fit_on() -> None:
    questions = [question(str(n), passage=str(n)) for n in range(40)]
    for name in ("hotpotqa_fit500", "musique_fit786"):
        assert {half(name, each) for each in questions} == {"fit"}
    for name in ("locomo10", "friendsqa_dev", "cacm", "cisi", "plain_company", "plain"):
        assert {half(name, each) for each in questions} == {"report"}


def test_the_program_counts_both_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = [{"id": f"q{n}", "question": "Who?"} for n in range(8)]
    write_set(tmp_path, "small", [{"id": "d", "text": "Text."}], queries)
    monkeypatch.setenv("SUTRA_EVAL_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["split.py"])
    split.main()
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    fit = HALVES.count("fit")
    assert ["small", str(fit), str(8 - fit)] in rows
    assert ["plain", "0", "100"] in rows
