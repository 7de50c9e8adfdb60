from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_reader import TinyReader, logits_by_the_book, tiny_tokeniser

from sutra_core.embed.models import WEIGHTS
from sutra_core.errors import ReaderError
from sutra_core.reader import Reader, ReaderFiles, Reading, WindowText
from sutra_core.reader.limits import LENGTH_MAX, QUESTION_MAX, SPAN_MAX, TITLE_MAX
from sutra_core.reader.onnx import LaidOut, Logits, OnnxReader
from sutra_core.reader.own import OwnNetwork
from sutra_core.reader.shipped import unpack
from sutra_core.turns import TURNS

QUESTION = "who drinks tea in Genève ?"
RIVER = "the rivers rises at a hill . the river flows to the sea ."
TEA = "Zoë drinks tea in Genève ! tea rises ?"
WINDOWS = [
    WindowText("the river", RIVER),
    WindowText("", TEA),
    WindowText("Zoë", TEA),
    WindowText("", "unheard words"),
    WindowText("tea", ""),
    WindowText("", f"{RIVER} {TEA} {RIVER}"),
]


def network_of(reader: OnnxReader) -> OwnNetwork:
    network: Any = reader._network  # pyright: ignore[reportPrivateUsage]
    return network


def ids_of(text: str) -> list[int]:
    tokeniser = tiny_tokeniser()
    tokeniser.no_padding()
    tokeniser.no_truncation()
    return tokeniser.encode(text, add_special_tokens=False).ids


def test_it_is_a_reader(reader: OnnxReader, tiny: TinyReader, tmp_path: Path) -> None:
    assert isinstance(reader, Reader)
    assert reader.fingerprint == tiny.cache(tmp_path).fingerprint


def test_question_title_and_window_are_laid_out_as_in_training(reader: OnnxReader) -> None:
    (laid,) = network_of(reader).lay_out(QUESTION, [WindowText("the river", RIVER)])
    front = [1, *ids_of(QUESTION), 2]
    title = ids_of("the river:")
    assert laid.ids == [*front, *title, *ids_of(RIVER), 2]
    assert laid.segments == [0] * len(front) + [1] * (len(laid.ids) - len(front))
    assert laid.low == len(front) + len(title)
    assert [RIVER[start:end] for start, end in laid.places[:3]] == ["the", "river", "s"]


def test_a_reading_is_what_the_network_says(reader: OnnxReader, tiny: TinyReader) -> None:
    from safetensors.numpy import load_file

    weights = load_file(tiny.folder / WEIGHTS) | unpack(tiny.shipped.read())
    (reading,) = reader.read(QUESTION, [WindowText("Zoë", TEA)])
    (laid,) = network_of(reader).lay_out(QUESTION, [WindowText("Zoë", TEA)])
    scores, verdict = logits_by_the_book(weights, list(laid.ids), list(laid.segments))
    assert reading.yes == pytest.approx(verdict[1] - verdict[0], abs=1e-3)
    assert reading.no == pytest.approx(verdict[2] - verdict[0], abs=1e-3)
    spans = {
        (laid.places[a][0], laid.places[b][1]): scores[laid.low + a, 0]
        + scores[laid.low + b, 1]
        - scores[0].sum()
        for a in range(len(laid.places))
        for b in range(a, min(len(laid.places), a + SPAN_MAX))
    }
    best = max(spans, key=lambda each: spans[each])
    assert (reading.spans[0].start, reading.spans[0].end) == best
    for span in reading.spans:
        assert span.score == pytest.approx(spans[span.start, span.end], abs=2e-3)


def test_spans_are_parts_of_the_windows_own_text(reader: OnnxReader) -> None:
    readings = reader.read(QUESTION, WINDOWS)
    for window, reading in zip(WINDOWS, readings, strict=True):
        assert len(reading.spans) <= 5
        assert [each.score for each in reading.spans] == sorted(
            (each.score for each in reading.spans), reverse=True
        )
        for span in reading.spans:
            text = window.text[span.start : span.end]
            assert 0 <= span.start < span.end <= len(window.text)
            assert text == text.strip() != ""
        places = sorted((each.start, each.end) for each in reading.spans)
        assert all(a[1] <= b[0] for a, b in pairwise(places))


def test_a_window_without_words_has_no_spans(reader: OnnxReader) -> None:
    empty, blank = reader.read(QUESTION, [WindowText("tea", ""), WindowText("", " \n")])
    assert empty.spans == blank.spans == ()
    assert reader.read(QUESTION, []) == []


@pytest.mark.parametrize("quantised", [False, True])
def test_a_window_reads_the_same_alone_and_in_company(
    tiny: TinyReader, tmp_path: Path, quantised: bool
) -> None:
    reader = tiny.open(tmp_path, threads=3, quantised=quantised)
    together = reader.read(QUESTION, WINDOWS * 3)
    alone = [reader.read(QUESTION, [window])[0] for window in WINDOWS]
    assert together == alone * 3
    reader.close()


def test_threads_may_share_it(reader: OnnxReader) -> None:
    expected = reader.read(QUESTION, WINDOWS)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: reader.read(QUESTION, WINDOWS), range(20)))
    assert all(result == expected for result in results)


def test_what_is_too_long_is_cut(reader: OnnxReader) -> None:
    long = " ".join(["the river rises ."] * 100)
    title = " ".join(["tea"] * TITLE_MAX)
    cut, untitled = network_of(reader).lay_out(long, [WindowText("tea", long), WindowText(title, long)])
    assert cut.ids[: QUESTION_MAX + 2] == [1, *ids_of(long)[:QUESTION_MAX], 2]
    assert len(cut.ids) == LENGTH_MAX
    assert cut.low == QUESTION_MAX + 4
    assert untitled.low == QUESTION_MAX + 2
    (whole,) = reader.read("who ?", [WindowText("", long)])
    (start,) = reader.read("who ?", [WindowText("", long[: len(long) // 2])])
    assert whole == start, "nothing past the limit is read"


def test_a_question_goes_first(reader: OnnxReader) -> None:
    class Watching:
        """Looks whether a question is being answered while it runs."""

        asking: list[bool] = []  # noqa: RUF012

        def lay_out(self, question: str, windows: Any) -> list[LaidOut]:
            return [LaidOut([1, 2], [0, 1], 1, [])]

        def run(self, laid: LaidOut) -> Logits:
            self.asking.append(TURNS._asking > 0)  # pyright: ignore[reportPrivateUsage]
            return Logits(np.zeros(2, np.float32), np.zeros(2, np.float32), np.zeros(3, np.float32))

    watching = Watching()
    assert OnnxReader(watching, fingerprint="", threads=1).read("?", [WINDOWS[0]]) == [Reading((), 0, 0)]
    assert watching.asking == [True]


def test_logits_that_are_no_numbers_are_refused() -> None:
    class Broken:
        def lay_out(self, question: str, windows: Any) -> list[LaidOut]:
            return [LaidOut([1, 2], [0, 1], 1, [])]

        def run(self, laid: LaidOut) -> Logits:
            return Logits(np.full(2, np.nan, np.float32), np.zeros(2, np.float32), np.zeros(3, np.float32))

    with pytest.raises(ReaderError, match="no numbers"):
        OnnxReader(Broken(), fingerprint="", threads=1).read("?", [WINDOWS[0]])


@pytest.mark.parametrize("place", ["question", "title", "text"])
def test_what_is_no_unicode_is_refused(reader: OnnxReader, place: str) -> None:
    given = {"question": "who ?", "title": "tea", "text": "tea"} | {place: "tea \ud800"}
    with pytest.raises(ReaderError, match="not valid Unicode"):
        reader.read(given["question"], [WindowText(given["title"], given["text"])])


def test_a_file_that_is_no_network_is_refused(tiny: TinyReader, tmp_path: Path) -> None:
    (tmp_path / "reader.onnx").write_bytes(b"nothing")
    with pytest.raises(ReaderError, match="does not load"):
        OwnNetwork(tmp_path / "reader.onnx", tiny.folder / "tokenizer.json")


def test_closing_ends_its_threads(tiny: TinyReader, tmp_path: Path) -> None:
    reader = tiny.open(tmp_path, threads=7)  # no other reader of these tests shares a lane of seven
    before = set(threading.enumerate())
    reader.read(QUESTION, WINDOWS)
    assert set(threading.enumerate()) > before
    reader.close()
    assert set(threading.enumerate()) == before


def test_the_real_reader_reads(real_reader: ReaderFiles) -> None:
    network = OwnNetwork(real_reader.model, real_reader.tokeniser)
    reader = OnnxReader(network, fingerprint=real_reader.fingerprint, threads=2)
    text = "Priya Raman leads the Falcon project. It began in 2019 in the office at Graz."
    windows = [WindowText("Falcon", text), WindowText("", "Otters sleep on their backs.")]
    leads, other = reader.read("Who leads the Falcon project?", windows)
    assert text[leads.spans[0].start : leads.spans[0].end] == "Priya Raman"
    assert leads.spans[0].score > 0 > other.spans[0].score
    (began,) = reader.read("When did the Falcon project begin?", windows[:1])
    assert text[began.spans[0].start : began.spans[0].end] == "2019"
    (led,) = reader.read("Does Priya Raman lead the Falcon project?", windows[:1])
    assert led.yes > max(0, led.no)
    reader.close()
