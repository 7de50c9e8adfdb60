"""A quick look finds nothing in a store that is whole, and a text or a vector that is another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from taught import FACTS, Opener

from sutra_core import ReasoningEngine
from sutra_core.errors import InvalidValueError
from sutra_core.spot_check import spot_check


def test_a_store_that_is_whole_has_no_fault(engine: ReasoningEngine) -> None:
    stats = engine.stats().store
    report = engine.verify(sample=1000)
    assert report == ({"sources": stats.sources, "concepts": stats.concepts}, [])


def test_of_many_some_are_drawn(engine: ReasoningEngine) -> None:
    drawn: list[int] = []

    def draw(total: int) -> int:
        drawn.append(total)
        return len(drawn) % total

    report = spot_check(engine.view(), 2, draw)
    stats = engine.stats().store
    assert drawn == [stats.sources] * 2 + [stats.concepts] * 2
    assert report == ({"sources": 2, "concepts": 2}, [])


def test_an_empty_store_is_whole(open_engine: Opener) -> None:
    assert open_engine().verify(sample=10) == ({"sources": 0, "concepts": 0}, [])


@pytest.mark.parametrize("use_rust", [True])
def test_a_byte_of_a_text_that_the_disk_has_changed_is_found(
    open_engine: Opener, tmp_path: Path, use_rust: bool
) -> None:
    engine = open_engine()
    engine.learn_batch(FACTS)
    engine.close()
    path = tmp_path / "store" / "storage.dat"
    whole = path.read_bytes()
    text = FACTS[0].text.encode()
    assert text in whole
    path.write_bytes(whole.replace(text, text[:-2] + b"?."))
    faults = open_engine().verify(sample=1000).faults
    assert [fault for fault in faults if fault.startswith("source ") and "store_corrupt" in fault]


@pytest.mark.parametrize("use_rust", [False])
def test_a_vector_of_another_length_and_what_cannot_be_read_are_found(
    engine: ReasoningEngine, use_rust: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = engine.view()
    vectors, sources = type(view).vectors, type(view).sources

    def shorter(self: Any, ids: Any) -> Any:
        return vectors(self, ids) * 0.5

    def unreadable(self: Any, ids: Any) -> Any:
        if ids == [2]:
            raise InvalidValueError("not to be read")
        return sources(self, ids)

    monkeypatch.setattr(type(view), "vectors", shorter)
    faults = engine.verify(sample=1000).faults
    assert faults and all("does not have the length 1" in fault for fault in faults)
    monkeypatch.setattr(type(view), "sources", unreadable)
    assert "source 2: invalid_value: not to be read" in engine.verify(sample=1000).faults


@pytest.mark.parametrize("sample", [0, -1, True, "all"])
def test_a_sample_is_a_number(engine: ReasoningEngine, sample: Any) -> None:
    with pytest.raises(InvalidValueError, match="sample"):
        engine.verify(sample=sample)
