"""The benchmark of answers from end to end: small sets, the real engine, and the figures that come out."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from answers.run import main
from evaluation_sets import write_set
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig

BORN = [
    {"id": "curie", "title": "Alham", "text": "Marie Curie was born in Warsaw. She lived in Paris."},
    {"id": "hahn", "title": "Kendal", "text": "Otto Hahn was born in Frankfurt."},
]
ASKED = [
    {"id": "1", "question": "Where was Marie Curie born?", "answers": ["Warsaw"], "gold": ["curie"]},
    {"id": "2", "question": "Where was Otto Hahn born?", "answers": ["the frankfurt!"], "gold": ["hahn"]},
    {"id": "3", "question": "Where was Otto Hahn born?", "answers": ["Graz"], "gold": ["hahn", "curie"]},
    {"id": "4", "question": "Where was Lise Meitner born?", "answerable": False, "type": "unanswerable"},
    {"id": "5", "question": "Where?", "answers": [], "gold": ["hahn"]},
]

Bench = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the sets; no other setting of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUTRA_EVAL_DATA", str(tmp_path))
    for variable in ("SUTRA_STORAGE_PATH", "SUTRA_ANSWER_THRESHOLD", "SUTRA_USE_RUST_STORAGE"):
        monkeypatch.delenv(variable, raising=False)
    write_set(tmp_path, "born", BORN, [{"type": "where", **row} for row in ASKED])
    return tmp_path


@pytest.fixture
def bench(folder: Path) -> Bench:
    """`bench("born", "--half", "fit")`: the line of JSON that comes of it."""

    def run(*arguments: str) -> dict[str, Any]:
        out = folder / "results" / "answers.jsonl"
        out.unlink(missing_ok=True)
        main([*arguments, "--out", str(out)], WordEmbedder())
        (line,) = out.read_text(encoding="utf-8").splitlines()
        return json.loads(line)

    return run


def test_the_figures_of_a_small_set(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = bench("born", "--threshold", "0")
    assert (found["set"], found["questions"], found["answerable"], found["refused"]) == ("born", 4, 3, 0)
    assert (found["exact"], found["f1"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (found["answered"], found["precision"]) == (1.0, 0.5)
    assert (found["refused_unanswerable"], found["refused_answerable"]) == (0.0, 0.0)
    # Otto Hahn's right answer ties with his wrong one, Marie Curie's may be surer or less sure; nobody
    # knows anything of Lise Meitner.
    assert found["auroc_right"] in [(0.5 + curie + 1 + 1) / 4 for curie in (0, 0.5, 1)]
    assert found["auroc_answerable"] == 1.0
    assert found["types"]["where"]["questions"] == 3
    assert found["types"]["unanswerable"] == {
        "questions": 1,
        "answerable": 0,
        "exact": None,
        "f1": None,
        "answered": 1.0,
        "precision": 0.0,
    }
    printed = capsys.readouterr().out
    assert "born, one store, threshold 0.0, in %" in printed
    assert ["all", "4", "3", "66.7", "66.7", "100.0", "50.0"] in [
        line.split() for line in printed.splitlines()
    ]


def test_candidates_count_though_they_are_withheld(bench: Bench) -> None:
    found = bench("born", "--threshold", "1")
    assert (found["exact"], found["answered"], found["precision"]) == (pytest.approx(2 / 3), 0.0, None)
    assert (found["refused_unanswerable"], found["refused_answerable"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "question", ["Where was Marie Curie born?", "Where was Lise Meitner born?", "Where?"]
)
def test_the_threshold_changes_neither_the_first_candidate_nor_its_confidence(
    tmp_path: Path, question: str
) -> None:
    config = ReasoningEngineConfig.builder().with_storage(tmp_path / "store").build()
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        for row in BORN:
            engine.learn(row["text"], source=row["id"], title=row["title"])
        shown = engine.ask(question, threshold=0.0)
        for threshold in (0.35, shown.confidence, math.nextafter(shown.confidence, 1.0), 1.0):
            answer = engine.ask(question, threshold=threshold)
            assert answer.confidence == shown.confidence
            assert answer.confidence_parts == shown.confidence_parts
            given = shown.kind != "unknown" and shown.confidence >= threshold
            assert (answer.text, answer.kind) == (
                (shown.text, shown.kind) if given else ("I don't know", "unknown")
            )


def test_each_scope_is_searched_by_itself_and_as_far_as_it_has_come(folder: Path, bench: Bench) -> None:
    places = [("a", 1, "Warsaw"), ("b", 1, "Frankfurt"), ("b", 3, "Graz")]
    corpus = [
        {"id": f"{s}{n}", "text": f"Marie Curie was born in {place}.", "meta": {"scope": s, "line": n}}
        for s, n, place in places
    ]
    queries = [
        {
            "id": f"{s}-{before}",
            "question": "Where was Marie Curie born?",
            "answers": [place],
            "gold": [],
            "meta": {"scope": s, "before": before},
        }
        for s, before, place in [("a", 2, "Warsaw"), ("b", 2, "Frankfurt"), ("b", 1, "Frankfurt")]
    ]
    write_set(folder, "scopes", corpus, queries)
    alone = bench("scopes")
    assert (alone["whole"], alone["exact"], alone["answered"]) == (
        False,
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert bench("scopes", "--whole", "--threshold", "0")["answered"] == 1.0


def test_what_was_never_learned_is_told_apart(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = bench("born", "--forget-half", "--threshold", "0")  # "Alham" is forgotten, "Kendal" is not
    groups = {name: (group["questions"], group["exact"]) for name, group in found["learned"].items()}
    assert groups == {
        "all learned": (1, 1.0),
        "none learned": (1, 0.0),
        "some learned": (1, 0.0),
        "no gold": (1, None),
    }
    assert found["forgetting"] == {"auroc_none": 1.0, "auroc_not_all": 0.75}  # the part learned ties
    assert "half of the documents never learned" in capsys.readouterr().out


def test_one_half_alone(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = [bench("born", "--half", each)["questions"] for each in ("fit", "report")]
    assert sizes == [3, 1]
    assert bench("born", "--limit", "2")["questions"] == 2
    capsys.readouterr()
    main(["plain", "--half", "fit"], WordEmbedder())
    assert "skipped: the set 'plain' has no questions in its half 'fit'" in capsys.readouterr().out


def test_what_cannot_be_asked_is_said_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_set(folder, "retrieval", BORN, [{"id": "1", "question": "Rivers", "answers": [], "gold": ["hahn"]}])
    main(["nowhere", "retrieval", "born"], WordEmbedder())
    printed = capsys.readouterr().out
    assert "skipped: SUTRA_EVAL_DATA has no set 'nowhere'" in printed
    assert "skipped: the set 'retrieval' has no questions with accepted answers" in printed
    assert "born, one store" in printed
    for arguments, says in [
        (["born", "plain", "born"], "given twice: born"),
        (["born", "--limit", "0"], "'0' is not a whole number of at least 1"),
        (["born", "--threshold", "nan"], "'nan' is not a number from 0 to 1"),
    ]:
        with pytest.raises(SystemExit) as ended:
            main(arguments, WordEmbedder())
        assert ended.value.code == 2
        assert says in capsys.readouterr().err


def test_a_document_that_the_engine_refuses_is_named_and_was_not_learned(
    folder: Path, bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"id": "bad", "text": "a\u0000b \ud800"}  # "bad" is not in the half that is forgotten
    write_set(folder, "bad", [*BORN, bad], [{**ASKED[1], "gold": ["bad", "hahn"]}])
    found = bench("bad", "--forget-half")
    assert found["refused"] == 1
    assert list(found["learned"]) == ["some learned"]
    assert "not learned: bad: " in capsys.readouterr().out


def test_the_plot_is_a_picture(folder: Path, bench: Bench) -> None:
    pytest.importorskip("matplotlib", reason="`make bench-answers` installs it")
    bench("born", "--plots", "plots")
    assert (folder / "plots" / "answers-born.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("group", ["patterns", "mentions"])
def test_a_group_can_be_left_out(folder: Path, group: str) -> None:
    """In a process of its own, as it holds for all of it."""
    program = (
        "import sys; sys.path[:0] = sys.argv[1:3]; from answers.run import main; "
        "from word_embedder import WordEmbedder; main(sys.argv[3:], WordEmbedder())"
    )
    root = Path(__file__).resolve().parent.parent.parent
    out = folder / "without.jsonl"
    arguments = ["born", "--without", group, "--out", str(out)]
    command = [sys.executable, "-c", program, str(root / "bench"), str(root / "tests"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"without {group}" in done.stdout
    assert json.loads(out.read_text("utf-8"))["without"] == [group]


def test_an_unknown_group_is_refused(bench: Bench) -> None:
    with pytest.raises(SystemExit):
        bench("born", "--without", "luck")
