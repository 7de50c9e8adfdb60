"""Reading an evaluation set."""

from __future__ import annotations

from pathlib import Path

import pytest
from common import MissingSetError, evaluation_set, read_set
from evaluation_sets import write_set

CORPUS = [
    {"id": "p1", "title": "Aln", "text": "The Aln rises at Alham.", "meta": {"scope": "s"}},
    {"id": "p2", "text": "Coffee grows on hills."},
    {"id": "p3", "title": "Nothing", "text": " "},
]


def test_a_question_knows_its_passage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = [
        {"id": "q1", "question": "Where?", "answers": ["Alham"], "gold": ["p1", "p2"], "type": "where"},
        {"id": "q2", "question": "What?", "gold": ["p2"], "answerable": True},
        {"id": "q3", "question": "Why?", "answerable": False, "meta": {"near_passage": "p1"}},
        {"id": "q4", "question": "Who?", "answerable": False, "meta": None},
    ]
    write_set(tmp_path, "small", CORPUS, queries)
    monkeypatch.setenv("SUTRA_EVAL_DATA", str(tmp_path))
    documents, questions = read_set("small")
    assert [(each.id, each.title, each.meta) for each in documents] == [
        ("p1", "Aln", {"scope": "s"}),
        ("p2", "", {}),
    ]
    assert [(each.passage, each.answerable, each.kind) for each in questions] == [
        ("Aln", True, "where"),
        ("p2", True, "all"),
        ("Aln", False, "all"),
        ("", False, "all"),
    ]


def test_a_set_that_is_not_there_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUTRA_EVAL_DATA", str(tmp_path))
    with pytest.raises(MissingSetError, match="no set 'small'"):
        read_set("small")
    with pytest.raises(SystemExit) as ended:
        evaluation_set("small")
    assert ended.value.code == 0
    assert "skipped: SUTRA_EVAL_DATA has no set 'small'" in capsys.readouterr().out


def test_the_set_of_the_tree_needs_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUTRA_EVAL_DATA", raising=False)
    documents, questions = read_set("plain")
    assert (len(documents), len(questions)) == (13, 100)
    with pytest.raises(MissingSetError, match="SUTRA_EVAL_DATA is not set"):
        read_set("squad2_dev")
