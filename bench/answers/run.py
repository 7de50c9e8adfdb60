"""How good answers are, and how far their confidence can be trusted, asked blind.

    SUTRA_EVAL_DATA=… venv/bin/python bench/answers/run.py SET… [--half fit|report] [--limit N] [--whole]
        [--forget-half] [--threshold X] [--without GROUP…] [--plots FOLDER] [--out FILE]

`plain` is the set that stands in the tree beside this file, and needs no SUTRA_EVAL_DATA. Every set is
learned by the real engine into a folder that is thrown away, one store for each scope that it has, and asked
question by question. Exact match and F1 are those of SQuAD, of the first candidate, whether it was given or
withheld; from F1 0.5 on it is right, and an answer to an unanswerable question is wrong. Questions that are
answerable but come without accepted answers are left out.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from answers.asking import ask_all, shared_embedder, shared_reader
from answers.calibration import equal_mass_bins, risk_coverage
from answers.plot import can_draw, draw
from answers.report import Run, report
from answers.schedule import sampled, scoped, stores
from answers.scoring import Outcome
from common import Document, MissingSetError, Question, append_result, machine, read_set
from split import HALVES, half

from sutra_core import ReasoningEngineConfig
from sutra_core.ask import threshold_of
from sutra_core.ask.ways import LEFT_OUT, WAYS
from sutra_core.embed import Embedder
from sutra_core.errors import SutraError
from sutra_core.reader import Reader
from sutra_storage import leave_out

KNOWLEDGE = ("cues", "patterns", "lexicon", "guesses")
"""The groups of hand-written knowledge that the rules of reading can do without."""


def main(arguments: Sequence[str] | None = None, embedder: Embedder | None = None) -> None:
    """The program; `arguments` default to the command line's, `embedder` to the configuration's.

    With an `embedder` each store opens the reader for itself, if the configuration has one.
    """
    options = _options(arguments)
    if groups := [each for each in options.without if each in KNOWLEDGE]:
        leave_out(groups)
    LEFT_OUT.update(each for each in WAYS if each in options.without)
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    try:
        with (
            nullcontext(embedder) if embedder else shared_embedder() as shared,
            nullcontext() if embedder else shared_reader() as reader,
        ):
            for name in options.sets:
                _measure(name, options, shared, reader)
    except SutraError as error:
        sys.exit(f"{error.code}: {error}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", metavar="SET", help="a folder in SUTRA_EVAL_DATA, or plain")
    parser.add_argument("--half", choices=HALVES, help="only the questions of this half, by bench/split.py")
    parser.add_argument("--limit", type=_count, help="only every k-th question of each type, so many in all")
    parser.add_argument("--whole", action="store_true", help="search the whole set, whatever scopes it has")
    parser.add_argument("--forget-half", action="store_true", help="never learn half of the documents")
    parser.add_argument("--threshold", type=_share, help="the least confidence of an answer")
    parser.add_argument(
        "--without",
        nargs="+",
        choices=[*KNOWLEDGE, *WAYS],
        default=[],
        metavar="GROUP",
        help=f"leave out what is written by hand of {', '.join(KNOWLEDGE)}, or a way to an answer: "
        f"{', '.join(WAYS)}",
    )
    parser.add_argument("--plots", type=Path, help="draw a PNG for each set into this folder")
    parser.add_argument("--out", type=Path, help="append a JSON line for each set to this file")
    options = parser.parse_args(arguments)
    if twice := [name for name, count in Counter(options.sets).items() if count > 1]:
        parser.error(f"given twice: {', '.join(twice)}; name each set once")
    if options.plots and not can_draw():
        parser.error("--plots needs matplotlib; `make bench-answers` installs it")
    return options


def _measure(name: str, options: argparse.Namespace, embedder: Embedder, reader: Reader | None) -> None:
    """Learns and asks one set and reports it, or says in a line why it is left out."""
    try:
        documents, questions = read_set(name)
    except MissingSetError as error:
        print(f"\nskipped: {error}")
        return
    chosen = _chosen(name, options, questions)
    if not chosen:
        part = f"in its half {options.half!r}" if options.half else "with accepted answers"
        print(f"\nskipped: the set {name!r} has no questions {part}")
        return
    threshold = options.threshold
    if threshold is None:
        threshold = ReasoningEngineConfig.from_environment().answer_threshold
    if threshold is None:
        threshold = threshold_of(reader)
    planned = stores(documents, chosen, whole=options.whole)
    asked = ask_all(planned, embedder, reader, forget_half=options.forget_half)
    run = Run(_title(name, options, documents, len(planned), threshold), threshold, options.forget_half)
    figures = report(run, asked.outcomes)
    for refusal in asked.refused:
        print(f"not learned: {refusal.location}: {refusal.reason}")
    if options.plots:
        _draw(options.plots / f"{_file_name(name, options)}.png", run.title, asked.outcomes)
    how = {key: getattr(options, key) for key in ("half", "limit", "whole", "forget_half", "without")}
    append_result(
        options.out,
        "answers",
        {"set": name, **how, "threshold": threshold, "refused": len(asked.refused), **figures},
    )


def _chosen(name: str, options: argparse.Namespace, questions: Sequence[Question]) -> list[Question]:
    judged = [each for each in questions if each.answers or not each.answerable]
    return sampled([each for each in judged if options.half in (None, half(name, each))], options.limit)


def _title(
    name: str, options: argparse.Namespace, documents: Sequence[Document], count: int, threshold: float
) -> str:
    """What was measured, in words."""
    place = f"each of {count} scopes in a store of its own" if scoped(documents) else "one store"
    words = [name, "the whole set in one store" if options.whole else place, f"threshold {threshold}"]
    words += [f"half {options.half!r}"] if options.half else []
    words += ["half of the documents never learned"] if options.forget_half else []
    words += [f"without {' and '.join(options.without)}"] if options.without else []
    return ", ".join(words)


def _file_name(name: str, options: argparse.Namespace) -> str:
    given = [options.half, "whole" if options.whole else None, "forget-half" if options.forget_half else None]
    return "-".join(["answers", Path(name).name, *filter(None, given)])


def _draw(path: Path, title: str, outcomes: Sequence[Outcome]) -> None:
    confidence, right = [each.confidence for each in outcomes], [each.right for each in outcomes]
    draw(path, title, equal_mass_bins(confidence, right), risk_coverage(confidence, right))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


if __name__ == "__main__":
    main()
