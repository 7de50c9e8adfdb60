# pyright: basic, reportMissingImports=false
"""How well weights read passages that nothing was fitted on: EM, F1, AUROC on the halves to report on.

Each question is asked of its own passage, cut into overlapping windows; the best span over these is the
candidate, given or not, and its margin over [CLS] the confidence. Texts are those of the passage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import jax.numpy as jnp
from common import Document, Question, print_table
from fit.reader.base import heads, is_trained, read_model, read_trained
from fit.reader.figures import HEADER, STRIDE, WINDOW, Candidate, figures
from fit.reader.halves import REPORTED, read_report_half
from fit.reader.items import LENGTH_MAX, TITLE_MAX, Item, Part, head, title_text
from fit.reader.pieces import Pool, read_tokeniser
from fit.reader.prepared import row_of, rows_of
from fit.reader.watch import Reader, read_rows, reader
from fit.reader.windows import overlapping
from split import Half


def score_halves(
    weights: Path, model: Path, tokeniser: Path, limit: int | None = None, part: Half = "report"
) -> None:
    """Prints a row for every set that is reported; raises `common.MissingSetError`.

    The half that may be fitted on is for choosing between weights, and its figures are not reported.
    """
    base = read_model(model)
    arrays = {name: array for name, array in base.items() if not is_trained(name)}
    arrays |= heads(len(base["embeddings.LayerNorm.weight"]), 0) | read_trained(weights)
    read, pool = reader(jnp.float32), Pool(read_tokeniser(tokeniser))
    rows: list[list[object]] = []
    for name in REPORTED:
        asked = read_report_half(name, part)[:limit]
        rows.append([name, *figures([each for each, _ in asked], candidates(read, arrays, asked, pool))])
    halves = "halves that nothing is fitted on" if part == "report" else "halves to choose by"
    print_table(f"the reader on {halves} (per cent)", ["set", *HEADER], rows)


def candidates(
    read: Reader, weights: object, asked: Sequence[tuple[Question, Document]], pool: Pool
) -> list[Candidate]:
    """The best span of each question over the windows of its passage."""
    items: list[Item] = []
    owners: dict[Item, list[int]] = defaultdict(list)
    for number, (question, document) in enumerate(asked):
        title = document.title if len(pool.pieces(title_text(document.title))) <= TITLE_MAX else ""
        room = min(WINDOW, LENGTH_MAX - 3 - head(pool, question.text, title))
        for window in overlapping(pool.pieces(document.text), room, STRIDE):
            item = Item("", question.text, title, (Part(document.text, *window),))
            if item not in owners:
                items.append(item)
            owners[item].append(number)
    best: dict[int, Candidate] = {}
    by_length: defaultdict[int, list[Item]] = defaultdict(list)
    parts = rows_of(items, pool, [""])
    for item in items:
        size = len(row_of(item, pool)[0])
        by_length[next(each for each in sorted(parts) if size <= each)].append(item)
    for length, part in parts.items():
        found = read_rows(read, weights, part)
        for n, item in enumerate(by_length[length]):
            low = item.parts[0].low - int(part.low[n])
            text = pool.pieces(item.parts[0].text).characters(
                int(found.first[n]) + low, int(found.last[n]) + low + 1
            )
            margin = float(found.margin[n])
            for number in owners[item]:
                if number not in best or margin > best[number][1]:
                    best[number] = (text, margin)
    return [best[number] for number in range(len(asked))]
