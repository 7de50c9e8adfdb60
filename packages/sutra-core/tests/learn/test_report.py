"""Progress: rates and the time that is left, where anybody knows."""

from __future__ import annotations

import pytest

from sutra_core.learn import LearnReport, Progress


def progress(*, done: int = 0, total: int = 0, sentences: int = 0, seconds: float = 0.0) -> Progress:
    return Progress(done, total, sources=1, sentences=sentences, refused=0, seconds=seconds)


def test_the_rate_is_that_of_durable_sentences() -> None:
    assert progress(sentences=300, seconds=1.5).sentences_per_second == 200
    assert progress(sentences=300).sentences_per_second == 0


def test_the_time_left_follows_from_the_bytes() -> None:
    assert progress(done=250, total=1000, seconds=10).seconds_left == pytest.approx(30)
    assert progress(done=1000, total=1000, seconds=10).seconds_left == 0
    assert progress(done=1200, total=1000, seconds=10).seconds_left == 0


def test_nobody_knows_the_time_left_without_a_total_or_a_beginning() -> None:
    assert progress(done=250, seconds=10).seconds_left is None
    assert progress(total=1000, seconds=10).seconds_left is None


def test_reports_share_nothing() -> None:
    first, second = LearnReport(), LearnReport()
    first.stage_seconds["reading"] = 1.0
    assert (second.refused, second.stage_seconds) == ([], {})
