from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sutra_core.embed.cache import ModelCache
from sutra_core.embed.fetch import fetch_model, locate
from sutra_core.embed.files import write_atomically
from sutra_core.embed.models import Profile
from sutra_core.embed.sources import SourceError
from sutra_core.errors import EmbedderError, ModelUnavailableError


@dataclass
class FakeSource:
    """Delivers `files`, or fails with `reason`; counts how often it was asked."""

    name: str
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    reason: str = ""
    asked: int = 0

    def deliver(self, profile: Profile, folder: Path) -> None:
        self.asked += 1
        if self.reason:
            raise SourceError(self.reason)
        for name, data in self.files.items():
            (folder / name).write_bytes(data)


@pytest.fixture
def files(tiny: Any) -> dict[str, bytes]:
    return {name: (tiny.folder / name).read_bytes() for name in tiny.profile.files}


@pytest.fixture
def profile(tiny: Any) -> Profile:
    return tiny.profile


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_sources_are_asked_in_order_until_one_delivers(
    profile: Profile, files: dict[str, bytes], tmp_path: Path
) -> None:
    sources = [FakeSource("first", reason="is far away"), FakeSource("second", files), FakeSource("third")]
    lines: list[str] = []
    found = fetch_model(profile, cache=tmp_path, report=lines.append, remote=sources)
    assert [source.asked for source in sources] == [1, 1, 0]
    folder = ModelCache(profile, tmp_path).folder
    assert lines == [
        f"cache {folder}: has no model.safetensors and no tokenizer.json",
        "first: asking for tiny-bert",
        "first: is far away",
        "second: asking for tiny-bert",
        "second: delivered tiny-bert, every SHA-256 is right",
        "building tiny-bert",
    ]
    assert names(folder) == {*files, found.encoder.name, found.encoder.with_suffix(".sha256").name}


def test_what_is_ready_is_not_fetched_again(
    profile: Profile, files: dict[str, bytes], tmp_path: Path
) -> None:
    source = FakeSource("source", files)
    first = fetch_model(profile, cache=tmp_path, remote=[source])
    built = first.encoder.stat()
    assert fetch_model(profile, cache=tmp_path, remote=[source]) == first == locate(profile, cache=tmp_path)
    assert source.asked == 1
    assert first.encoder.stat().st_mtime_ns == built.st_mtime_ns


def test_a_given_folder_comes_before_the_network(tiny: Any, tmp_path: Path) -> None:
    source = FakeSource("source", reason="must not be asked")
    fetch_model(tiny.profile, model_path=tiny.folder, cache=tmp_path, remote=[source])
    assert source.asked == 0


def test_locate_uses_a_given_folder_and_no_network(tiny: Any, tmp_path: Path) -> None:
    found = locate(tiny.profile, model_path=tiny.folder, cache=tmp_path)
    assert found.tokeniser.read_bytes() == (tiny.folder / "tokenizer.json").read_bytes()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_file_with_another_hash_is_refused(
    profile: Profile, files: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    wrong = FakeSource("wrong", {**files, name: files[name] + b" "})
    right = FakeSource("right", files)
    lines: list[str] = []
    fetch_model(profile, cache=tmp_path, report=lines.append, remote=[wrong, right])
    assert any(line.startswith(f"wrong: its {name} was refused: SHA-256") for line in lines)
    assert (ModelCache(profile, tmp_path).folder / name).read_bytes() == files[name]


def test_a_refused_delivery_leaves_nothing_behind(
    profile: Profile, files: dict[str, bytes], tmp_path: Path
) -> None:
    wrong = FakeSource("wrong", {**files, "tokenizer.json": b"{}"})
    with pytest.raises(ModelUnavailableError):
        fetch_model(profile, cache=tmp_path, remote=[wrong])
    assert names(ModelCache(profile, tmp_path).folder) == set()


def test_when_no_source_answers_all_are_named_and_what_to_do(
    profile: Profile, files: dict[str, bytes], tmp_path: Path
) -> None:
    half = {"tokenizer.json": files["tokenizer.json"]}
    sources = [FakeSource("hub", reason="no route"), FakeSource("index", half)]
    with pytest.raises(ModelUnavailableError) as caught:
        fetch_model(profile, model_path=tmp_path / "none", cache=tmp_path / "cache", remote=sources)
    folder = ModelCache(profile, tmp_path / "cache").folder
    assert caught.value.code == "model_unavailable"
    assert str(caught.value) == (
        "no source has the model tiny-bert (profile tiny):\n"
        f"  - cache {folder}: has no model.safetensors and no tokenizer.json\n"
        f"  - folder {tmp_path / 'none'}: it has no model.safetensors\n"
        "  - hub: no route\n"
        "  - index: it did not give model.safetensors\n"
        "Run `sutra models fetch` where there is a network, or name a folder with "
        "model.safetensors and tokenizer.json in SUTRA_MODEL_PATH."
    )


def test_locate_without_a_model_asks_nobody(profile: Profile, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="sutra models fetch"):
        locate(profile, cache=tmp_path)


def test_a_changed_encoder_is_built_again(tiny: Any, tmp_path: Path) -> None:
    found = locate(tiny.profile, model_path=tiny.folder, cache=tmp_path)
    whole = found.encoder.read_bytes()
    found.encoder.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert ModelCache(tiny.profile, tmp_path).ready() is None
    assert locate(tiny.profile, cache=tmp_path).encoder.read_bytes() == whole


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_changed_file_of_the_cache_is_not_used(tiny: Any, tmp_path: Path, name: str) -> None:
    found = locate(tiny.profile, model_path=tiny.folder, cache=tmp_path)
    changed = found.tokeniser.with_name(name)
    changed.write_bytes(b"x" + changed.read_bytes()[1:])
    found.encoder.unlink()
    with pytest.raises(ModelUnavailableError, match=rf"{name} changed on the disk"):
        locate(tiny.profile, cache=tmp_path)
    locate(tiny.profile, model_path=tiny.folder, cache=tmp_path)
    assert changed.read_bytes() == (tiny.folder / name).read_bytes()


def test_a_cache_that_cannot_be_written_is_named(tiny: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EmbedderError, match="cannot be used"):
        locate(tiny.profile, model_path=tiny.folder, cache=tmp_path / "file")


def test_writing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"before")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"after")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"before"]


def test_two_processes_fill_one_cache(tiny: Any, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from sutra_core.embed.fetch import locate\n"
        "from sutra_core.embed.models import Architecture, Mirror, Profile\n"
        "profile = eval(sys.argv[1])\n"
        "lines = []\n"
        "given, cache = map(Path, sys.argv[2:])\n"
        "files = locate(profile, model_path=given, cache=cache, report=lines.append)\n"
        "print(files.encoder, 'building tiny-bert' in lines)\n"
    )
    command = [sys.executable, "-c", program, repr(tiny.profile), str(tiny.folder), str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len({encoder for encoder, _ in outputs}) == 1
    assert [built for _, built in outputs].count("True") == 1
    assert ModelCache(tiny.profile, tmp_path).ready() is not None
