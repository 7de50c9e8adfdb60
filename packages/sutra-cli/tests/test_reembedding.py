"""`sutra reembed`: the stores of a folder get another embedder, each in one step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from serving_process import ServiceProcess

from sutra_cli import telling
from sutra_client import Client
from sutra_core.embed import PROFILES, open_embedder
from sutra_core.learn.reembedding import prepare
from sutra_storage import Engine, embedder_of

Sutra = Callable[..., Any]
WIDE = PROFILES["wide"]


@pytest.fixture
def stores(sutra: Sutra, texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The stores of a folder and of a namespace in it, with the vectors of the default embedder."""
    monkeypatch.setenv("SUTRA_READER", "off")
    places = [folder / "knowledge", folder / "knowledge" / "namespaces" / "other"]
    for place in places:
        assert sutra("learn", str(texts), "--storage", str(place)).code == 0
    (folder / "knowledge" / "namespaces" / "new").mkdir()  # a namespace that nobody has used
    return places


def embedders(places: list[Path]) -> list[int]:
    return [(embedder_of(place) or ("", 0))[1] for place in places]


def test_the_stores_of_a_folder_change_their_embedder(
    sutra: Sutra, stores: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sutra("reembed").out == "nothing to do: every store has the vectors of all-MiniLM-L6-v2\n"
    before = sutra("search", "Where was Marie Curie born?", "--json").json
    monkeypatch.setenv("SUTRA_VECTOR_DIMENSION", str(WIDE.dimension))
    refused = sutra("search", "Marie Curie")
    assert refused.code == 1 and "embedder_mismatch" in refused.err and "sutra reembed" in refused.err
    done = sutra("reembed", "--json")
    assert (done.code, done.errors) == (0, [])
    statements = [report["statements"] for report in done.json]
    assert [Path(report["storage_path"]) for report in done.json] == stores
    assert [(report["embedded"], report["waiting"]) for report in done.json] == [(n, 0) for n in statements]
    assert embedders(stores) == [WIDE.dimension] * 2
    after = sutra("search", "Where was Marie Curie born?", "--json").json
    assert [hit["text"] for hit in after] == [hit["text"] for hit in before]
    assert sutra("verify").code == 0
    # Where nothing is chosen a store keeps what it has, and a new one gets the default.
    monkeypatch.delenv("SUTRA_VECTOR_DIMENSION")
    assert sutra("search", "Marie Curie").code == 0
    told = sutra("reembed")
    assert told.out.splitlines() == [
        f"{place}: {count:,} statements have a vector of all-MiniLM-L6-v2 now"
        for place, count in zip(stores, statements, strict=True)
    ]
    assert embedders(stores) == [384] * 2


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_keeps_what_is_embedded(
    sutra: Sutra, stores: list[Path], monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setenv("SUTRA_VECTOR_DIMENSION", str(WIDE.dimension))
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_count_teller", lambda *_: lambda done, total: os.kill(os.getpid(), number))
        done = sutra("reembed")
    said = ["interrupted: what was embedded stays; run it again for the rest"]
    assert (done.code, done.out, done.errors) == (code, "", said)
    assert embedders(stores) == [384] * 2
    first, second = sutra("reembed", "--json").json
    assert first["embedded"] < first["statements"] and second["embedded"] == second["statements"]


def test_a_folder_without_a_store_is_an_error(sutra: Sutra, folder: Path) -> None:
    done = sutra("reembed", "--storage", "nowhere")
    assert (done.code, done.out) == (1, "") and not (folder / "nowhere").exists()
    assert done.errors[0].startswith("error[store_missing]: there is no store in ")


def test_a_service_that_runs_does_it(
    sutra: Sutra, stores: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ServiceProcess(stores[0]).ready()
    monkeypatch.setenv("SUTRA_EMBEDDER", "instant")
    try:
        done = sutra("reembed", "--json")
        assert (done.code, done.errors) == (0, [])
        assert [Path(report["storage_path"]) for report in done.json] == stores
        assert all(report["embedded"] == report["statements"] > 0 for report in done.json)
        assert sutra("search", "Where was Marie Curie born?", "--json").json
        with Client(service.url, api_key=service.key) as client:
            assert client.stats().store.dimension == 256
        assert sutra("reembed").out.startswith("nothing to do")
    finally:
        service.end()
    assert embedders(stores) == [256] * 2
    assert sutra("search", "Marie Curie").code == 0


def test_a_service_tells_of_a_store_that_was_embedded_before_and_only_changes_over(
    sutra: Sutra, stores: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Engine(stores[0], fingerprint=PROFILES["default"].fingerprint, dimension=384)
    with closing(open_embedder(PROFILES["instant"])) as embedder:
        prepared = prepare(store, embedder)
    store.close()
    service = ServiceProcess(stores[0]).ready()
    monkeypatch.setenv("SUTRA_EMBEDDER", "instant")
    try:
        first, second = sutra("reembed", "--json").json
    finally:
        service.end()
    assert (first["statements"], first["embedded"]) == (prepared.statements, 0)
    assert second["embedded"] == second["statements"] > 0
    assert embedders(stores) == [256] * 2


def test_a_service_that_names_another_embedder_refuses(
    sutra: Sutra, stores: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = ServiceProcess(stores[0], EMBEDDER="default").ready()
    monkeypatch.setenv("SUTRA_EMBEDDER", "instant")
    try:
        done = sutra("reembed")
        assert done.code == 1 and "error[embedder_mismatch]" in done.err and "says default here" in done.err
    finally:
        service.end()
    assert embedders(stores) == [384] * 2
