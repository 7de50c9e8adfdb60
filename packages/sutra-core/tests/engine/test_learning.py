"""`ReasoningEngine` learns: texts, batches, collections, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from taught import FACTS, Opener

from sutra_core.errors import (
    UnknownFormatError,
)
from sutra_core.learn import Progress, Refusal
from sutra_core.learn.adapters import UnreadableError


def test_one_text_is_found_by_the_next_search(open_engine: Opener) -> None:
    engine = open_engine()
    report = engine.learn(
        "The Tyne is wide.", source="rivers", title="Tyne", time=5, attributes={"kind": "river"}
    )
    assert (report.sources, report.sentences, report.interrupted) == (1, 1, False)
    assert engine.search("Tyne", mode="words")[0].address == "rivers"
    (source,) = engine.view().sources([1])
    assert (source.title, source.time) == ("Tyne", 5)
    assert source.attributes == {"kind": "river", "language": "en"}


def test_a_text_without_a_source_is_its_own(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("The Tyne is wide.")
    assert engine.learn("The Tyne is wide.").sources_known == 1
    assert engine.learn("The Tees is wide.").sources == 1
    first, second = engine.view().sources([1, 2])
    assert first.address != second.address


def test_a_batch_takes_texts_and_drafts_and_refuses_by_position(open_engine: Opener) -> None:
    engine = open_engine()
    report = engine.learn_batch(
        ["The Tyne is wide.", "?!", FACTS[0], "half a \ud800 pair", "The Tees is long."]
    )
    assert report.sources == 3
    refused = {refusal.location: refusal.code for refusal in report.refused}
    assert refused == {"text 1": "empty_text", "text 3": "invalid_text"}
    assert report.transaction == 2  # five texts, of which four stood: two commits of two


def test_a_source_of_nothing_is_refused_like_any_other(open_engine: Opener) -> None:
    report = open_engine().learn("The Tyne is wide.", source="")
    assert (report.sources, [refusal.code for refusal in report.refused]) == (0, ["invalid_text"])


def test_what_failed_counts_in_the_error_rate(open_engine: Opener) -> None:
    def broken() -> Iterator[str]:
        yield from ["The Tyne is wide.", "The Tees is long.", "half a \ud800 pair"]
        raise OSError("the drive was pulled out")

    engine = open_engine()
    with pytest.raises(OSError, match="pulled out"):
        engine.learn_batch(broken())
    # Two learned, and what failed; the one that was refused is no failure.
    assert engine.stats().metrics["learning_error_rate"] == pytest.approx(1 / 3)


def test_a_collection_is_learned_with_progress_and_refusals(open_engine: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("The Tyne is wide.")
    (folder / "b.jsonl").write_text('{"text": "The Tees is long."}\nbroken\n{"text": "The Wear is old."}\n')
    (folder / "c.bin").write_bytes(b"\0\1")
    engine = open_engine()
    told: list[Progress] = []
    refused: list[Refusal] = []
    report = engine.learn_collection(folder, on_progress=told.append, on_refusal=refused.append)
    assert (report.sources, report.refused) == (3, refused)
    assert [refusal.code for refusal in refused] == ["invalid_json", "unknown_format"]
    assert refused[0].location.endswith("b.jsonl:2")
    assert told[-1].sources == 3
    assert told[-1].bytes_done == told[-1].bytes_total > 0
    assert engine.learn_collection(str(folder)).sources_known == 3


def test_a_collection_that_is_missing_or_of_no_format_is_an_error(
    open_engine: Opener, tmp_path: Path
) -> None:
    engine = open_engine()
    with pytest.raises(UnreadableError):
        engine.learn_collection(tmp_path / "nowhere")
    (tmp_path / "file.bin").write_bytes(b"\0\1")
    with pytest.raises(UnknownFormatError):
        engine.learn_collection(tmp_path / "file.bin")
    assert engine.stats().store.sources == 0


@pytest.mark.parametrize("denied", ["stat", "iterdir"])
def test_a_folder_that_may_not_be_read_is_an_error(
    open_engine: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: str
) -> None:
    engine = open_engine()
    (tmp_path / "closed").mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, denied, refuse)
        with pytest.raises(UnreadableError, match="closed cannot be read: Permission denied"):
            engine.learn_collection(tmp_path / "closed")
    for path in ("n" * 1000, "a\0b"):
        with pytest.raises(UnreadableError, match="cannot be read"):
            engine.learn_collection(path)
