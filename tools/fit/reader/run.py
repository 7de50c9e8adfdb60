"""Fits the reader: `prepare` makes what is fitted on, `fit` fits, `score` says how good the weights are.
`teach` fits a bigger network that the reader learns from besides; `pack` makes the file that is shipped.

    python tools/fit/reader/run.py prepare --rounds 2 --out prepared.npz --base base.npz
    python tools/fit/reader/run.py teacher-base prepared.npz FOLDER
    python tools/fit/reader/run.py teach prepared.npz FOLDER/teacher-base-*.npz --out teacher.npz
    python tools/fit/reader/run.py fit prepared.npz base.npz --teacher teacher.npz --out reader.safetensors
    python tools/fit/reader/run.py look prepared.npz base.npz reader.safetensors
    python tools/fit/reader/run.py between OLD NEW --share 0.75 --out reader.safetensors
    python tools/fit/reader/run.py score reader.safetensors
    python tools/fit/reader/run.py pack reader.safetensors packages/sutra-core/src/sutra_core/reader
    python tools/fit/reader/run.py runtime

`prepare` needs SUTRA_TRAIN_DATA, SUTRA_EVAL_DATA and the embedder's model, `teacher-base` the wide one;
without WordNet's files (`--wordnet`) `prepare` goes without the rules that ask it.
`teach` and `fit` need only the files that these wrote, and are best run where there is an accelerator; `fit`
does without a teacher where none is named. `score` needs SUTRA_EVAL_DATA and the
model, and reports on halves of sets that nothing is fitted on. `pack` needs neither; the SHA-256
that it prints goes into `sutra_core/reader/shipped.py`. `runtime` asks as `score` does, of what is shipped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fit.reader.steps import Plan

TREE = Path(__file__).resolve().parent.parent.parent.parent
sys.path[:0] = [str(TREE / "tools"), str(TREE / "bench")]

MODEL = "all-MiniLM-L6-v2-*"
WIDE = "all-mpnet-base-v2-*"


def main(arguments: Sequence[str] | None = None) -> None:
    """The program; `arguments` default to the command line's."""
    options = _options(arguments)
    commands = {
        "prepare": _prepare,
        "teacher-base": _teacher_base,
        "teach": _teach,
        "fit": _fit,
        "look": _look,
        "between": _between,
        "score": _score,
        "pack": _pack,
        "runtime": _runtime,
    }
    commands[options.command](options)


def _prepare(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.reader.base import write_base
    from fit.reader.examples import MIXES, MissingDataError
    from fit.reader.prepare import prepare

    model = _model(options.model)
    try:
        prepare(
            options.out,
            model / "tokenizer.json",
            options.seed,
            MIXES[options.mix],
            limit=options.limit,
            rounds=options.rounds,
            wordnet=options.wordnet,
        )
    except (MissingDataError, MissingSetError) as error:
        print(f"skipped: {error}")
        return
    write_base(model / "model.safetensors", options.out, options.base)


def _teacher_base(options: argparse.Namespace) -> None:
    from fit.reader.teacher_base import write_teacher_base

    write_teacher_base(_model(options.model, WIDE), options.prepared, options.folder)


def _teach(options: argparse.Namespace) -> None:
    from fit.reader.train import teach

    teach(options.prepared, options.parts, options.out, _plan(options), options.items)


def _fit(options: argparse.Namespace) -> None:
    from fit.reader.train import Taught, fit

    taught = Taught(options.teacher, options.soft, options.temperature) if options.teacher else None
    fit(options.prepared, options.base, options.out, _plan(options), options.start, options.items, taught)


def _plan(options: argparse.Namespace) -> Plan:
    from fit.reader.steps import Plan

    return Plan(
        options.steps,
        options.tokens,
        options.rate,
        options.seed,
        options.warm_up,
        options.negatives,
        options.every,
        options.minutes,
        options.minutes_max,
        options.look,
    )


def _look(options: argparse.Namespace) -> None:
    from fit.reader.train import look

    look(options.prepared, options.base, options.weights)


def _between(options: argparse.Namespace) -> None:
    from fit.reader.between import write_between

    write_between(options.before, options.after, options.share, options.out)


def _score(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.reader.score import score_halves

    model = _model(options.model)
    try:
        files = model / "model.safetensors", model / "tokenizer.json"
        score_halves(options.weights, *files, options.limit, options.half)
    except MissingSetError as error:
        print(f"skipped: {error}")


def _pack(options: argparse.Namespace) -> None:
    from fit.reader.pack import write_packed

    write_packed(options.weights, options.folder)


def _runtime(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.reader.runtime import compare

    try:
        compare(_model(options.model), options.limit)
    except MissingSetError as error:
        print(f"skipped: {error}")


def _model(folder: Path | None, pattern: str = MODEL) -> Path:
    """The folder of an embedder's model: the one named, else the one in the cache."""
    found = folder or next(iter(sorted((Path.home() / ".cache/sutra/models").glob(pattern))), None)
    if found is None or not (found / "model.safetensors").is_file():
        wanted = "sutra models fetch wide" if pattern == WIDE else "sutra models fetch"
        sys.exit(f"the embedder's model is not in the cache: {wanted}, or --model FOLDER")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    from fit.reader.wordnet import USUAL
    from split import HALVES

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser(
        "prepare", help="make items of the sets, and a small copy of the base weights"
    )
    prepare.add_argument("--out", type=Path, required=True, help="the prepared file to write")
    prepare.add_argument("--base", type=Path, required=True, help="the copy of the base weights to write")
    prepare.add_argument(
        "--rounds", type=int, default=1, help="times each set's rounds: other windows and negatives"
    )
    prepare.add_argument("--mix", choices=("whole", "small"), default="whole", help="how much of the sets")
    prepare.add_argument("--wordnet", type=Path, default=USUAL, help="the folder with WordNet's files")
    prepare.add_argument("--limit", type=int, help="at most so many examples of each set")
    teacher = commands.add_parser("teacher-base", help="make a small copy of the teacher's base, in parts")
    teacher.add_argument("prepared", type=Path)
    teacher.add_argument("folder", type=Path, help="where teacher-base-1.npz and so on go")
    teach = commands.add_parser("teach", help="fit all layers of the teacher, and its heads")
    teach.add_argument("prepared", type=Path)
    teach.add_argument("parts", type=Path, nargs="+", help="all parts of the teacher's base")
    teach.add_argument("--out", type=Path, required=True, help="the whole teacher to write")
    _add_plan(teach, steps=6000, rate=5e-5, warm_up=300)
    fit = commands.add_parser("fit", help="fit layers 2 to 5 and the heads")
    fit.add_argument("prepared", type=Path)
    fit.add_argument("base", type=Path)
    fit.add_argument("--out", type=Path, required=True, help="the weights to write")
    fit.add_argument("--from", type=Path, dest="start", help="weights to go on from")
    fit.add_argument("--teacher", type=Path, help="what `teach` wrote, or a reader's weights, to learn from")
    fit.add_argument("--soft", type=float, default=0.7, help="share of the loss that is the teacher's")
    fit.add_argument(
        "--temperature", type=float, default=2.0, help="how far the teacher's labels are softened"
    )
    _add_plan(fit, steps=12000, rate=2e-4, warm_up=500)
    look = commands.add_parser("look", help="how good weights are on what is held out, by set and rule")
    look.add_argument("prepared", type=Path)
    look.add_argument("base", type=Path)
    look.add_argument("weights", type=Path)
    score = commands.add_parser("score", help="EM, F1 and AUROC on the halves to report on")
    score.add_argument("weights", type=Path)
    score.add_argument("--limit", type=int, help="at most so many questions of each set")
    score.add_argument("--half", choices=HALVES, default="report", help="the other to choose weights by")
    between = commands.add_parser("between", help="weights between those before a fit and those after it")
    between.add_argument("before", type=Path)
    between.add_argument("after", type=Path)
    between.add_argument("--share", type=float, required=True, help="how far from the first, from 0 to 1")
    between.add_argument("--out", type=Path, required=True, help="the weights to write")
    pack = commands.add_parser("pack", help="pack weights into the file that is shipped")
    pack.add_argument("weights", type=Path)
    pack.add_argument("folder", type=Path, help="where the file goes; its name is its hash")
    runtime = commands.add_parser("runtime", help="quality and time of what is shipped, as it runs")
    runtime.add_argument("--limit", type=int, help="at most so many questions of each set")
    for command in (prepare, teach, fit):
        command.add_argument("--seed", type=int, default=0)
    for command in (prepare, teacher, score, runtime):
        command.add_argument("--model", type=Path, help="the embedder's model, else the one in the cache")
    return parser.parse_args(arguments)


def _add_plan(command: argparse.ArgumentParser, *, steps: int, rate: float, warm_up: int) -> None:
    """The options that `_plan` reads, but for the seed."""
    command.add_argument("--steps", type=int, default=steps)
    command.add_argument("--tokens", type=int, default=16384, help="pieces of a batch, padding counted")
    command.add_argument("--rate", type=float, default=rate, help="the highest learning rate")
    command.add_argument("--warm-up", type=int, default=warm_up, help="steps until the highest rate")
    command.add_argument(
        "--negatives", type=float, default=0.45, help="share of made negatives in every batch"
    )
    command.add_argument(
        "--every", type=int, default=1000, help="steps between two looks at what is held out"
    )
    command.add_argument(
        "--minutes", type=float, default=2.0, help="minutes between two writings of the weights"
    )
    command.add_argument(
        "--minutes-max", type=float, help="end after so many minutes, with the rate fallen by then"
    )
    command.add_argument("--look", type=int, default=100, help="steps between two looks at the clock")
    command.add_argument("--items", type=int, help="fit on the first so many items only, for trials")


if __name__ == "__main__":
    main()
