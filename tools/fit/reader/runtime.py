# pyright: basic
"""What runs, as it is shipped: quality and time in single precision and quantised, beside the embedder.

Quality is asked as in `score`, of the windows' own texts. Times are medians of single passes on one thread,
taken in turns, so that other work on the machine weighs on all of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from common import Document, Question, print_table
from fit.reader.figures import HEADER, STRIDE, WINDOW, Candidate, figures
from fit.reader.halves import REPORTED, read_report_half
from fit.reader.pieces import Pool, read_tokeniser
from fit.reader.windows import overlapping

from sutra_core.embed import open_embedder, profile_named
from sutra_core.reader import SHIPPED, Reader, WindowText
from sutra_core.reader.build import build_reader
from sutra_core.reader.onnx import OnnxReader
from sutra_core.reader.own import OwnNetwork

FORMS = {"single precision": False, "int8": True}
PASSES = 200
_TEXT = "The river rises at a hill in the north and flows through three counties to the sea. "


def compare(model: Path, limit: int | None = None) -> None:
    """Prints both tables; raises `common.MissingSetError`. `model` is the folder of the embedder's model."""
    pool = Pool(read_tokeniser(model / "tokenizer.json"))
    asked = {name: read_report_half(name)[:limit] for name in REPORTED}
    rows: list[list[object]] = []
    with TemporaryDirectory() as folder:
        networks = {name: _network(model, Path(folder) / name, quantised=FORMS[name]) for name in FORMS}
        _print_times(networks, pool)
        for name, network in networks.items():
            reader = OnnxReader(network, fingerprint="", threads=2)
            for each, questions in asked.items():
                found = [_candidate(reader, pool, *one) for one in questions]
                rows.append([each, name, *figures([question for question, _ in questions], found)])
            reader.close()
    print_table(
        "the shipped reader on halves that nothing is fitted on (per cent)", ["set", "form", *HEADER], rows
    )


def _network(model: Path, out: Path, *, quantised: bool) -> OwnNetwork:
    weights = model / "model.safetensors"
    out.write_bytes(build_reader(profile_named("default"), weights, SHIPPED.read(), quantised=quantised))
    return OwnNetwork(out, model / "tokenizer.json")


def _candidate(reader: Reader, pool: Pool, question: Question, document: Document) -> Candidate:
    pieces = pool.pieces(document.text)
    windows = [
        WindowText(document.title, pieces.characters(*each)) for each in overlapping(pieces, WINDOW, STRIDE)
    ]
    best: Candidate = ("", float("-inf"))
    for window, reading in zip(windows, reader.read(question.text, windows), strict=True):
        if reading.spans and reading.spans[0].score > best[1]:
            span = reading.spans[0]
            best = (window.text[span.start : span.end], span.score)
    return best


def _print_times(networks: dict[str, OwnNetwork], pool: Pool) -> None:
    embedder = open_embedder(threads=1)
    text = _TEXT * 12
    pieces = pool.pieces(text)
    passage = pieces.characters(0, 93)
    runs: dict[str, tuple[int, Callable[[], object]]] = {
        "a passage embedded": (95, lambda: embedder.encode([passage]))
    }
    windows: Sequence[WindowText] = [WindowText("River", pieces.characters(0, WINDOW))]
    for name, network in networks.items():
        (laid,) = network.lay_out("Where does the river rise?", windows)
        runs[f"a window read, {name}"] = (
            len(laid.ids),
            lambda network=network, laid=laid: network.run(laid),
        )
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(PASSES):
        for name, (_, run) in runs.items():
            began = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - began))
    embedder.close()
    rows = [[name, runs[name][0], statistics.median(times[name])] for name in runs]
    print_table("one pass on one thread", ["what", "pieces", "ms"], rows)
