"""Fits the judge: `gather` asks the questions that it may be fitted on, `fit` fits and tells how well.

    python tools/fit/judge/run.py gather --out rows.jsonl
    python tools/fit/judge/run.py fit rows.jsonl --out judge.json
    python tools/fit/judge/run.py gather --reported --out reported.jsonl
    python tools/fit/judge/run.py threshold reported.jsonl

`threshold` says how good the shipped judge is on questions that nothing was fitted on, and which threshold
keeps which promise. `gather` needs SUTRA_EVAL_DATA, the embedder's model and the reader.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent.parent
sys.path[:0] = [str(TREE / "tools"), str(TREE / "bench")]

SHIPPED = TREE / "packages/sutra-core/src/sutra_core/ask/judge.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """The program; `arguments` default to the command line's."""
    options = _options(arguments)
    if options.command == "gather":
        _gather(options)
    elif options.command == "threshold":
        from fit.judge.report import report_thresholds

        report_thresholds(options.rows, SHIPPED, options.plot)
    else:
        from fit.judge.report import fit_and_report

        fit_and_report(options.rows, options.out)


def _gather(options: argparse.Namespace) -> None:
    from common import MissingSetError
    from fit.judge.rows import gather, gather_reported, write_rows

    from sutra_core.embed import open_embedder
    from sutra_core.reader import open_reader

    with closing(open_embedder()) as embedder, closing(open_reader()) as reader:
        try:
            asked = (gather_reported if options.reported else gather)(embedder, reader, options.limit)
            count = write_rows(asked, options.out)
        except MissingSetError as error:
            sys.exit(f"skipped: {error}")
    print(f"{count:,} questions asked")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    gather = commands.add_parser("gather", help="ask, and write candidates with their features")
    gather.add_argument("--out", type=Path, required=True, help="the rows to write")
    gather.add_argument("--limit", type=int, help="at most so many questions of each set")
    gather.add_argument("--reported", action="store_true", help="ask what nothing is fitted on instead")
    threshold = commands.add_parser("threshold", help="what a threshold promises")
    threshold.add_argument("rows", type=Path)
    threshold.add_argument("--plot", type=Path, help="draw reliability and risk here (needs matplotlib)")
    fit = commands.add_parser("fit", help="fit the judge to rows")
    fit.add_argument("rows", type=Path)
    fit.add_argument("--out", type=Path, default=SHIPPED, help="the judge to write")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
