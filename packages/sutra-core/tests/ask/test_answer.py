from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sutra_core.ask.answer import (
    Alternative,
    Answer,
    AnswerPath,
    AnswerStep,
    Citation,
    OtherValue,
    Reading,
    WithoutSource,
    answer_id,
)
from sutra_core.errors import UnsupportedFormatError

CITED = Citation(3, "notes/río.txt", "Río", 12, 31, "“Ríos” nacen.\tAquí")
ANSWER = Answer(
    id="",
    question="¿Dónde?",
    text="Aquí",
    kind="entity",
    confidence=0.1 + 0.2,
    confidence_parts={"support": 1 / 3, "margin": 0.0},
    citations=(CITED,),
    paths=(AnswerPath((AnswerStep("Río", "rises_at", "Aquí", True, 0.9, CITED),), 0.81),),
    search_cut_off=False,
    reading=Reading("Río", "“Ríos” nacen.\tAquí", 14, 18, 2.5, 4, 2, 1),
    alternatives=(Alternative("Allí", 0.05, CITED),),
    other_times=(OtherValue("Allá", True, CITED), OtherValue("Acá", False, CITED)),
    without_best=WithoutSource("notes/río.txt", "Río", "I don't know", 0.125),
    read_as=(("Rio", "Río"), ("nacne", "nacen")),
    missing=("cuándo",),
    transaction=7,
    embedder="ab" * 32,
    rules=1,
    timings_ms={"analyse": 0.25},
)


def test_json_gives_the_same_record_back() -> None:
    assert Answer.from_json(ANSWER.to_json()) == ANSWER


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields | {"version": 6},
        lambda fields: {name: value for name, value in fields.items() if name != "version"},
        lambda fields: {name: value for name, value in fields.items() if name != "citations"},
        lambda fields: fields | {"confidence": "high"},
        lambda fields: [fields],
    ],
    ids=["newer", "no version", "a field less", "a wrong type", "a list"],
)
def test_another_record_is_refused(spoil) -> None:
    with pytest.raises(UnsupportedFormatError):
        Answer.from_json(json.dumps(spoil(json.loads(ANSWER.to_json()))))
    with pytest.raises(UnsupportedFormatError):
        Answer.from_json("{")


def test_whether_the_search_was_cut_off_is_kept_and_told() -> None:
    cut_off = replace(ANSWER, search_cut_off=True)
    assert Answer.from_json(cut_off.to_json()) == cut_off
    told = "the search for paths was cut off; there may be better ones"
    assert told in cut_off.to_text()
    assert told not in ANSWER.to_text()


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_record_of_an_earlier_version_is_read(version: int) -> None:
    later = {1: ["search_cut_off", "reading"], 2: ["reading"]}
    fields = json.loads(ANSWER.to_json()) | {"version": version}
    since_4 = ["other_times", "without_best", "read_as"] if version < 4 else []
    since_5 = ["as_of", "forgettings_after", "holds_at", "filter"]
    for field in [*later.get(version, []), *since_4, *since_5]:
        del fields[field]
    missing = replace(ANSWER, other_times=(), without_best=None, read_as=()) if version < 4 else ANSWER
    assert Answer.from_json(json.dumps(fields)) == (
        replace(missing, reading=None) if version < 3 else missing
    )


def test_a_reading_without_counts_of_windows_is_read() -> None:
    fields = json.loads(ANSWER.to_json()) | {"version": 3}
    del (
        fields["other_times"],
        fields["without_best"],
        fields["read_as"],
        fields["reading"]["agreeing"],
        fields["reading"]["disagreeing"],
    )
    reading = Answer.from_json(json.dumps(fields)).reading
    assert reading is not None and (reading.windows, reading.agreeing, reading.disagreeing) == (4, 0, 0)


def test_every_source_is_told_that_some_words_come_from() -> None:
    def in_source(number: int) -> Citation:
        return replace(CITED, source=number)

    step = AnswerStep("Río", "rises_at", "Aquí", False, 0.5, in_source(3))
    answer = replace(
        ANSWER,
        citations=(in_source(2), in_source(1)),
        reading=Reading("Río", "Aquí", 0, 4, 2.5, 1, sources=(7, 2)),
        paths=(AnswerPath((step,), 0.5),),
        alternatives=(Alternative("Allí", 0.05, in_source(4)),),
        other_times=(OtherValue("Allá", True, in_source(5)),),
        without_best=WithoutSource("b.txt", "", "Allí", 0.2, (in_source(6), in_source(1))),
    )
    assert answer.sources() == [1, 2, 3, 4, 5, 6, 7]


def test_the_id_is_of_the_content_and_not_of_the_timings() -> None:
    assert answer_id(ANSWER) == answer_id(replace(ANSWER, id="x", timings_ms={}))
    assert answer_id(ANSWER) != answer_id(replace(ANSWER, transaction=8))
    assert answer_id(ANSWER) != answer_id(replace(ANSWER, text="aquí"))


def test_the_text_shows_answer_sources_steps_and_what_is_missing() -> None:
    shown = ANSWER.to_text()
    for part in ("Aquí", "0.30", CITED.text, "notes/río.txt, bytes 12 to 31", "Allí (0.05)", "cuándo"):
        assert part in shown
    assert "Aquí <-rises_at- Río" in shown


def test_the_text_shows_what_was_so_at_other_times_and_where_that_stands() -> None:
    shown = ANSWER.to_text()
    assert "earlier: Allá (notes/río.txt, bytes 12 to 31)" in shown
    assert "later: Acá (notes/río.txt, bytes 12 to 31)" in shown


@pytest.mark.parametrize("kind", ["list", "count"])
def test_a_list_is_as_complete_as_is_known(kind) -> None:
    assert "as far as is known" in replace(ANSWER, kind=kind).to_text()
    assert "as far as is known" not in ANSWER.to_text()


def test_the_text_shows_how_words_were_read_right_after_the_confidence() -> None:
    asked = replace(ANSWER, read_as=(("Falcn", "Falcon"), ("projcet", "project")))
    assert asked.to_text().splitlines()[1:3] == ["confidence 0.30", "read as: Falcon, project"]
    assert "read as" not in replace(ANSWER, read_as=()).to_text()
