"""`sutra reembed`: another embedder for what a storage folder holds."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from sutra_cli.keeping import stores_in
from sutra_cli.learning import termination
from sutra_cli.output import Json, Storage, configured, console, locked_by_service, notices, print_json
from sutra_cli.telling import counting

if TYPE_CHECKING:
    from sutra_client import Client
    from sutra_core import ReasoningEngineConfig
    from sutra_core.config import EmbedderName
    from sutra_core.embed import Profile
    from sutra_core.learn import ReembedReport
    from sutra_core.shared import Shared

__all__ = ["reembed"]

_DAY = 24 * 3600
_Show = Callable[[int, int], None] | None


def reembed(storage: Storage = None, json: Json = False) -> None:
    """Embed a store and those of its namespaces again, with the embedder that a new store would have.

    `SUTRA_EMBEDDER`, `SUTRA_VECTOR_DIMENSION` or `SUTRA_MODEL_PATH` chooses it. Each store changes over in
    one step, once all of it is embedded, and needs room for itself a second time. Run again after an
    interruption it goes on where it was. A service that runs on the folder does it, and goes on learning and
    answering meanwhile; it must not name another embedder itself. Followers and backups of before begin anew.
    """
    from sutra_core.shared import Shared
    from sutra_core.store import profile_for

    config = configured(storage)
    wanted = profile_for(config.model_copy(update={"use_rust_storage": False}))
    reports: list[tuple[Path, ReembedReport]] = []
    interrupted = False
    shared = Shared(config)
    with termination() as terminated:
        try:
            for place, again in _stores(config, wanted, shared):
                with counting(f"embedding {place} again", "statements", wanted=not json) as show:
                    report = again(show)
                if report is None:
                    continue
                reports.append((place, report))
                if not json:
                    console.print(_line(place, wanted, report), soft_wrap=True)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            shared.close()
    if json:
        print_json([{"storage_path": str(place), **asdict(report)} for place, report in reports])
    if interrupted:
        notices.print("interrupted: what was embedded stays; run it again for the rest", style="yellow")
        raise typer.Exit(128 + (terminated[0] if terminated else signal.SIGINT))
    if not json and not reports:
        console.print(f"nothing to do: every store has the vectors of {wanted.model}")


def _stores(
    config: ReasoningEngineConfig, wanted: Profile, shared: Shared
) -> list[tuple[Path, Callable[[_Show], ReembedReport | None]]]:
    """The stores of a folder, each with what embeds it again, where it has another embedder than is wanted:
    the service that has them open, else this process.
    """
    from sutra_client.running import running_service
    from sutra_core.embed import PROFILES

    folder = config.storage_path
    service = running_service(folder) if wanted.name in PROFILES else None  # it knows no other by name
    if service is None:
        return [(place, partial(_here, config, place, wanted, shared)) for place in stores_in(folder)]
    with service.client() as client:
        names = client.namespaces()
    return [
        (
            folder if name == "default" else folder / "namespaces" / name,
            partial(_through_service, partial(service.client, name), wanted),
        )
        for name in names
    ]


def _through_service(
    client: Callable[[], AbstractContextManager[Client]], wanted: Profile, show: _Show
) -> ReembedReport | None:
    with client() as opened:
        had = opened.stats().embedder == wanted.model
        report = opened.reembed(cast("EmbedderName", wanted.name), on_progress=show)
    # All of it may have been embedded before: then it only changed over.
    return None if had or not report.statements else report


def _here(
    config: ReasoningEngineConfig, place: Path, wanted: Profile, shared: Shared, show: _Show
) -> ReembedReport | None:
    from sutra_core.learn import reembed as embed_again
    from sutra_storage import Engine, embedder_of

    with locked_by_service(place):
        stored = embedder_of(place)
    if stored is None or stored == (wanted.fingerprint, wanted.dimension):
        return None
    fingerprint, dimension = stored
    seconds = config.answer_retention * _DAY
    store = Engine(place, fingerprint=fingerprint, dimension=dimension, answer_seconds=seconds)
    try:
        return embed_again(store, shared.embedder(wanted), on_progress=show)
    finally:
        store.close()


def _line(place: Path, wanted: Profile, report: ReembedReport) -> str:
    left = f"; {report.waiting:,} wait for one, and are found by words" if report.waiting else ""
    return f"{place}: {report.statements:,} statements have a vector of {wanted.model} now{left}"
