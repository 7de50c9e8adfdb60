"""`sutra reembed`: another embedder for what a storage folder holds."""

from __future__ import annotations

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sutra_cli.keeping import stores_in
from sutra_cli.learning import termination
from sutra_cli.output import Json, Storage, configured, console, locked_by_service, notices, print_json
from sutra_cli.telling import counting

if TYPE_CHECKING:
    from sutra_core import ReasoningEngineConfig
    from sutra_core.embed import Embedder, Profile
    from sutra_core.learn import ReembedReport

__all__ = ["reembed"]

_DAY = 24 * 3600


def reembed(storage: Storage = None, json: Json = False) -> None:
    """Embed a store and those of its namespaces again, with the embedder that a new store would have.

    `SUTRA_EMBEDDER`, `SUTRA_VECTOR_DIMENSION` or `SUTRA_MODEL_PATH` chooses it. Each store changes over in
    one step, once all of it is embedded, and needs room for itself a second time. Run again after an
    interruption it goes on where it was. The service has to stop for it; followers and backups of before
    begin anew.
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
            for place in stores_in(config.storage_path):
                if (stored := _other_than(wanted, place)) is None:
                    continue
                report = _reembed(config, place, stored, shared.embedder(wanted), told=not json)
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


def _other_than(wanted: Profile, place: Path) -> tuple[str, int] | None:
    """The embedder of a store, where it is another one."""
    from sutra_storage import embedder_of

    with locked_by_service(place):
        stored = embedder_of(place)
    return None if stored == (wanted.fingerprint, wanted.dimension) else stored


def _reembed(
    config: ReasoningEngineConfig, place: Path, stored: tuple[str, int], embedder: Embedder, *, told: bool
) -> ReembedReport:
    from sutra_core.learn import reembed as embed_again
    from sutra_storage import Engine

    fingerprint, dimension = stored
    seconds = config.answer_retention * _DAY
    store = Engine(place, fingerprint=fingerprint, dimension=dimension, answer_seconds=seconds)
    try:
        with counting(f"embedding {place} again", "statements", wanted=told) as show:
            return embed_again(store, embedder, on_progress=show)
    finally:
        store.close()


def _line(place: Path, wanted: Profile, report: ReembedReport) -> str:
    left = f"; {report.waiting:,} wait for one, and are found by words" if report.waiting else ""
    return f"{place}: {report.statements:,} statements have a vector of {wanted.model} now{left}"
