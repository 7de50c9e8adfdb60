"""Examples: groups are whole in one part, limits choose by hash, halves to report on give none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from common import read_set
from fit.reader.examples import (
    MIX,
    NO,
    Example,
    MissingDataError,
    Passage,
    held_out,
    limited,
    read_training_set,
)
from fit.reader.halves import FITTED, REPORTED, is_judges, occurrences, read_fit_half, read_report_half
from split import NEVER_FITTED


def example(number: int, group: str = "g") -> Example:
    """One of many, told by its number."""
    return Example(str(number), "set", group, "What?", (Passage("", "This."),))


def test_a_group_is_in_one_part_and_some_are_held_out() -> None:
    parts = {held_out(example(n, "one group")) for n in range(20)}
    assert len(parts) == 1
    share = sum(held_out(example(0, f"group {n}")) for n in range(5000)) / 5000
    assert 0.01 < share < 0.03


def test_a_limit_keeps_the_order_and_does_not_depend_on_it() -> None:
    some = [example(n) for n in range(50)]
    kept = limited(some, 10)
    assert len(kept) == 10
    assert kept == sorted(kept, key=lambda each: int(each.id))
    assert {each.id for each in limited(some[::-1], 10)} == {each.id for each in kept}


def test_nothing_that_is_never_fitted_is_in_the_mix() -> None:
    assert not NEVER_FITTED & {*MIX}
    assert {*FITTED} <= {*MIX}


def test_a_training_set_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "id": "1",
        "question": " Is it? ",
        "text": "It is not.",
        "answers": [],
        "yesno": "no",
        "title": "A_b",
    }
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "train.jsonl").write_text(json.dumps(row | {"group": "g"}) + "\n", encoding="utf-8")
    monkeypatch.setenv("SUTRA_TRAIN_DATA", str(tmp_path))
    (found,) = read_training_set("set")
    assert (found.question, found.verdict, found.passages[0].title) == ("Is it?", NO, "A b")
    with pytest.raises(MissingDataError, match="no set 'other'"):
        list(read_training_set("other"))


def test_without_data_there_is_a_clear_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUTRA_TRAIN_DATA", raising=False)
    with pytest.raises(MissingDataError, match="SUTRA_TRAIN_DATA is not set"):
        list(read_training_set("qamr"))


def test_no_question_is_fitted_by_two_or_both_fitted_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = (*REPORTED, *FITTED)
    for name in sets:
        (tmp_path / name).mkdir()
        documents = [
            {"id": f"p{n}", "title": f"Title {n}", "text": f"It was in {1900 + n}."} for n in range(40)
        ]
        asked = [
            {"id": f"q{n}", "question": f"When {n}?", "answers": [str(1900 + n)], "gold": [f"p{n}"]}
            for n in range(40)
        ]
        for file, rows in (("corpus.jsonl", documents), ("queries.jsonl", asked)):
            (tmp_path / name / file).write_text(
                "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8"
            )
    monkeypatch.setenv("SUTRA_EVAL_DATA", str(tmp_path))
    for name in sets:
        fitted = {each.question for each in read_fit_half(name)}
        reported = {question.text for question, _ in read_report_half(name)}
        others = {question.text for question, _ in read_report_half(name, "fit")}
        assert not reported & others and fitted <= others
        judges = {question.text for question in read_set(name)[1] if is_judges(question)}
        assert fitted and judges and bool(reported) == (name in REPORTED)
        assert not fitted & reported and not fitted & judges
        assert len(fitted | reported | judges) == 40


def test_answers_are_found_as_whole_words_only() -> None:
    assert occurrences("Ann, Anne and Ann.", ("Ann", "Anne")) == ((0, 3), (14, 17), (5, 9))
