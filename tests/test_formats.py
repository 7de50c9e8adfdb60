"""Stores that earlier versions wrote hold what they held: read as they are, and brought to this format."""

from __future__ import annotations

import json
import tarfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from crash_child import fact
from make_fixture import FACTS, KEEPER, LONG, TITLED
from word_embedder import WordEmbedder

import sutra_core.shared
import sutra_core.store
from sutra_cli import keeping as command
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import Profile, profile_named
from sutra_core.errors import ModelUnavailableError, UnsupportedFormatError
from sutra_core.types import Concept, ReadView
from sutra_storage import migrate

FIXTURES = Path(__file__).resolve().parent / "fixtures"


def unpacked(name: str, folder: Path) -> Path:
    with tarfile.open(FIXTURES / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def opened(folder: Path, *, read_only: bool = False) -> ReasoningEngine:
    config = ReasoningEngineConfig.builder().with_storage(folder).build()
    return ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True, read_only=read_only)


def holds_the_facts(engine: ReasoningEngine) -> None:
    report = engine.verify()
    assert report.clean, report.faults
    stats = engine.stats().store
    assert (stats.transaction, stats.sources, stats.passages) == (4, FACTS + 1, FACTS)
    assert stats.vectors == stats.statements
    view = engine.view()
    for number in range(FACTS):
        draft = fact(number)
        assert view.find_source(draft.address, draft.offset, draft.text)
    hit = engine.search("Keeper 3", mode="words", k=1)[0]
    assert hit.text == fact(3).text
    assert {source.address for _, source in engine.get_concept(hit.concept).supports} == {
        "fact 3",
        "another source",
    }
    assert engine.search("Station 7 lies on Line 7.", mode="meaning", k=1)[0].address == "fact 7"


def test_a_store_of_format_1_is_read_and_not_written(tmp_path: Path) -> None:
    folder = unpacked("store-format-1", tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with opened(folder, read_only=True) as engine:
        holds_the_facts(engine)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    with pytest.raises(UnsupportedFormatError, match=r"has format 1.*run `sutra migrate`"):
        opened(folder)
    with opened(folder, read_only=True) as engine:
        holds_the_facts(engine)


def test_a_store_of_format_1_is_migrated_once_and_learns_on(tmp_path: Path) -> None:
    folder = unpacked("store-format-1", tmp_path)
    assert (migrate(folder), migrate(folder)) == (1, None)
    with opened(folder) as engine:
        holds_the_facts(engine)
        again = engine.learn_batch([fact(number) for number in range(FACTS + 3)])
        assert (again.sources, again.sources_known) == (3, FACTS)
    with opened(folder) as engine:
        assert engine.verify().clean
        assert engine.stats().store.sources == FACTS + 4
    assert migrate(tmp_path / "nothing here") is None


def addresses(view: ReadView, concept: int) -> set[str]:
    return {
        source.address for source in view.sources([place.source for place in view.supports([concept])[0]])
    }


def test_passages_are_split_by_their_titles(tmp_path: Path) -> None:
    folder = unpacked("titles-format-1", tmp_path)
    migrate(folder)
    with opened(folder) as engine:
        report = engine.verify()
        assert report.clean, report.faults
        view = engine.view()
        statements = [concept for concept in every_concept(view) if concept.kind == "statement"]
        keeper = {
            (concept.roles, *sorted(addresses(view, concept.id)))
            for concept in statements
            if concept.text == KEEPER
        }
        assert keeper == {
            (("passage",), "lighthouse"),
            (("passage",), "keepers"),
            (("sentence", "passage"), "island", "keepers", "lighthouse", "note"),
        }
        diary = [concept for concept in statements if concept.text == TITLED[4].text]
        assert [addresses(view, concept.id) for concept in diary] == [{"diary", "diary 3"}, {"diary 2"}]
        assert [concept.has_vector for concept in diary] == [True, False]
        (sentence,) = (c.id for c in statements if c.text == KEEPER and "sentence" in c.roles)
        assert len(view.neighbors([sentence], direction="in", relations=["contains"])[0]) == 3
        (mara,) = view.find_entities(["Mara Holt"])
        mentions = view.neighbors([mara], direction="in", relations=["mentions"])[0]
        assert [edge.subject for edge in mentions] == [sentence]
        (list_,) = view.find_entities(["Keepers"])
        (about,) = view.neighbors([list_], direction="in", relations=["about"])[0]
        assert addresses(view, about.subject) == {"keepers"}
        parts = [source for source in view.sources_after(0, 1000) if source.address == "bridge"]
        assert "".join(view.source_text(part.id) for part in parts) == LONG


def every_concept(view: ReadView) -> list[Concept]:
    """The concepts of a store from which nothing was forgotten."""
    return view.concepts(range(1, view.stats().concepts + 1))


def test_the_command_migrates_every_namespace_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path, tmp_path / "namespaces" / "one", tmp_path / "namespaces" / "two"]
    for folder in folders[1:]:
        folder.mkdir(parents=True)
        unpacked("store-format-1", folder)
    command.migrate(tmp_path, json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"storage_path": str(folder), "from_format": 1, "embedded": 0, "waiting": 0, "reason": None}
        for folder in folders[1:]
    ]
    command.migrate(tmp_path)
    assert capsys.readouterr().out == "nothing to do: every store has the present format\n"


class _Words(Profile):
    """The word embedder as one of Sutra's profiles."""

    @property
    def fingerprint(self) -> str:
        return WordEmbedder.fingerprint


def test_what_was_split_gets_a_vector_where_the_model_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: Any) -> WordEmbedder:
        raise ModelUnavailableError("no source has the model")

    def told() -> list[Any]:
        command.migrate(tmp_path, json=True)
        return json.loads(capsys.readouterr().out)

    unpacked("titles-format-1", tmp_path)
    for variable in ("SUTRA_MODEL_PATH", "SUTRA_VECTOR_DIMENSION"):
        monkeypatch.delenv(variable, raising=False)
    # The store's embedder is not one of Sutra's: what waits can be counted all the same.
    (migrated,) = told()
    assert (migrated["from_format"], migrated["embedded"]) == (1, 0)
    assert migrated["reason"].startswith("embedder_mismatch: ")
    waiting = migrated["waiting"]
    with opened(tmp_path) as engine:
        assert len(engine.view().pending()) == waiting > 0
    shape = {each.name: getattr(profile_named("default"), each.name) for each in fields(Profile)}
    words = _Words(**{**shape, "dimension": WordEmbedder.dimension})
    monkeypatch.setattr(sutra_core.store, "PROFILES", {"words": words})
    monkeypatch.setattr(sutra_core.shared, "open_embedder", missing)
    (again,) = told()
    assert (again["from_format"], again["embedded"], again["waiting"]) == (None, 0, waiting)
    command.migrate(tmp_path)
    assert (
        f": {waiting} statements wait for a vector, and are found by words meanwhile (model_unavailable: "
        in (capsys.readouterr().out)
    )
    monkeypatch.setattr(sutra_core.shared, "open_embedder", lambda *_: WordEmbedder())
    command.migrate(tmp_path)
    assert capsys.readouterr().out == (
        f"{tmp_path}: {waiting} statements that waited for a vector have one now\n"
    )
    with opened(tmp_path) as engine:
        assert engine.view().pending() == [] and engine.verify().clean
    assert told() == []


def test_a_store_of_format_2_says_what_it_said(tmp_path: Path) -> None:
    folder = unpacked("history-format-2", tmp_path)
    with opened(folder) as engine:
        report = engine.verify()
        assert report.clean, report.faults
        address = fact(5).address
        before, after = engine.sources(address=address, history=True)
        assert before.retired == after.learned
        assert (engine.source_text(before.id), engine.source_text(after.id)) == (
            fact(5).text,
            fact(FACTS).text,
        )

        def found(number: int, as_of: int | None = None) -> bool:
            hits = engine.search(fact(number).text, mode="words", as_of=as_of)
            return any(hit.text == fact(number).text for hit in hits)

        then = after.learned - 1
        assert [found(5, then), found(5), found(FACTS, then), found(FACTS)] == [True, False, False, True]
        # What was forgotten is gone at every date.
        assert [found(7, then), found(7), found(8)] == [False, False, True]
        assert len(engine.receipts()) == 2
        assert engine.sources(address=fact(7).address, history=True) == []
        assert engine.view().find_entities(["Mara Holt"]) == [0]
        assert "Mara Holt" not in " ".join(engine.source_text(source.id) for source in engine.sources())
        again = engine.learn_batch([fact(number) for number in range(FACTS)])
        assert (again.sources, again.sources_known, again.sources_retired) == (2, FACTS - 2, 1)
        assert [found(5), found(7), found(FACTS)] == [True, True, False]
    with opened(folder) as engine:
        assert engine.verify().clean
    assert migrate(folder) is None
