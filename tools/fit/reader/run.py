"""Fits the reader: `prepare` makes what is fitted on, `fit` fits, `score` says how good the weights are.
`pack` makes the file that is shipped.

    python tools/fit/reader/run.py prepare --out prepared.npz --base base.npz
    python tools/fit/reader/run.py fit prepared.npz base.npz --out reader.safetensors
    python tools/fit/reader/run.py score reader.safetensors
    python tools/fit/reader/run.py pack reader.safetensors packages/sutra-core/src/sutra_core/reader
    python tools/fit/reader/run.py runtime

`prepare` needs SUTRA_TRAIN_DATA, SUTRA_EVAL_DATA and the embedder's model. `fit` needs only the two files
that `prepare` wrote, and is best run where there is an accelerator. `score` needs SUTRA_EVAL_DATA and the
model, and reports on halves of sets that nothing is fitted on. `pack` needs neither; the SHA-256
that it prints goes into `sutra_core/reader/shipped.py`. `runtime` asks as `score` does, of what is shipped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent.parent
sys.path[:0] = [str(TREE / "tools"), str(TREE / "bench")]

MODEL = "all-MiniLM-L6-v2-*"


def main(arguments: Sequence[str] | None = None) -> None:
    """The program; `arguments` default to the command line's."""
    options = _options(arguments)
    commands = {"prepare": _prepare, "fit": _fit, "score": _score, "pack": _pack, "runtime": _runtime}
    commands[options.command](options)


def _prepare(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.reader.base import write_base
    from fit.reader.examples import MissingDataError
    from fit.reader.prepare import prepare

    model = _model(options.model)
    try:
        prepare(options.out, model / "tokenizer.json", options.seed, limit=options.limit)
    except (MissingDataError, MissingSetError) as error:
        print(f"skipped: {error}")
        return
    write_base(model / "model.safetensors", options.out, options.base)


def _fit(options: argparse.Namespace) -> None:
    from fit.reader.train import Plan, fit

    plan = Plan(
        options.steps,
        options.tokens,
        options.rate,
        options.seed,
        options.warm_up,
        options.negatives,
        options.every,
        options.minutes,
        options.minutes_max,
    )
    fit(options.prepared, options.base, options.out, plan, options.start, options.items)


def _score(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.reader.score import score_halves

    model = _model(options.model)
    try:
        score_halves(options.weights, model / "model.safetensors", model / "tokenizer.json", options.limit)
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


def _model(folder: Path | None) -> Path:
    """The folder of the embedder's model: the one named, else the one in the cache."""
    found = folder or next(iter(sorted((Path.home() / ".cache/sutra/models").glob(MODEL))), None)
    if found is None or not (found / "model.safetensors").is_file():
        sys.exit("the embedder's model is not in the cache: sutra models fetch, or --model FOLDER")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser(
        "prepare", help="make items of the sets, and a small copy of the base weights"
    )
    prepare.add_argument("--out", type=Path, required=True, help="the prepared file to write")
    prepare.add_argument("--base", type=Path, required=True, help="the copy of the base weights to write")
    prepare.add_argument("--limit", type=int, help="at most so many examples of each set")
    fit = commands.add_parser("fit", help="fit layers 2 to 5 and the heads")
    fit.add_argument("prepared", type=Path)
    fit.add_argument("base", type=Path)
    fit.add_argument("--out", type=Path, required=True, help="the weights to write")
    fit.add_argument("--from", type=Path, dest="start", help="weights to go on from")
    fit.add_argument("--steps", type=int, default=12000)
    fit.add_argument("--tokens", type=int, default=16384, help="pieces of a batch, padding counted")
    fit.add_argument("--rate", type=float, default=2e-4, help="the highest learning rate")
    fit.add_argument("--warm-up", type=int, default=500, help="steps until the highest rate")
    fit.add_argument("--negatives", type=float, default=0.45, help="share of made negatives in every batch")
    fit.add_argument("--every", type=int, default=1000, help="steps between two looks at what is held out")
    fit.add_argument("--minutes", type=float, default=2.0, help="minutes between two writings of the weights")
    fit.add_argument(
        "--minutes-max", type=float, help="end after so many minutes, with the rate fallen by then"
    )
    fit.add_argument("--items", type=int, help="fit on the first so many items only, for trials")
    score = commands.add_parser("score", help="EM, F1 and AUROC on the halves to report on")
    score.add_argument("weights", type=Path)
    score.add_argument("--limit", type=int, help="at most so many questions of each set")
    pack = commands.add_parser("pack", help="pack weights into the file that is shipped")
    pack.add_argument("weights", type=Path)
    pack.add_argument("folder", type=Path, help="where the file goes; its name is its hash")
    runtime = commands.add_parser("runtime", help="quality and time of what is shipped, as it runs")
    runtime.add_argument("--limit", type=int, help="at most so many questions of each set")
    for command in (prepare, fit):
        command.add_argument("--seed", type=int, default=0)
    for command in (prepare, score, runtime):
        command.add_argument("--model", type=Path, help="the embedder's model, else the one in the cache")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
