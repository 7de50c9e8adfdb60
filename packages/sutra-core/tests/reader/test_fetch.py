from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_reader import TinyReader

from sutra_core.embed.files import sha256_of
from sutra_core.embed.models import TOKENISER, WEIGHTS
from sutra_core.errors import ModelUnavailableError, ReaderError
from sutra_core.reader.fetch import obtain


def test_it_is_built_once_beside_the_embedders_files(tiny: TinyReader, tmp_path: Path) -> None:
    cache = tiny.cache(tmp_path)
    assert cache.ready() is None
    lines: list[str] = []
    files = obtain(cache, tiny.folder, (), lines.append)
    assert lines[-1] == "building the reader"
    assert files.fingerprint == cache.fingerprint
    assert files.model.name == f"reader-{cache.fingerprint[:16]}.onnx"
    assert files.model.with_suffix(".sha256").read_text() == sha256_of(files.model)
    assert {each.name for each in cache.base.folder.iterdir()} - {".lock"} == {
        *(WEIGHTS, TOKENISER),
        *(files.model.name, files.model.with_suffix(".sha256").name),
    }
    when = files.model.stat().st_mtime_ns
    assert obtain(cache, None, ()) == files == cache.ready()
    assert files.model.stat().st_mtime_ns == when


def test_without_its_base_it_says_what_to_do(tiny: TinyReader, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="no source has the model tiny-bert") as caught:
        obtain(tiny.cache(tmp_path), None, ())
    assert "Run `sutra models fetch reader` where there is a network" in str(caught.value)
    assert caught.value.code == "model_unavailable"


def test_a_damaged_reader_is_built_again(tiny: TinyReader, tmp_path: Path) -> None:
    cache = tiny.cache(tmp_path)
    files = obtain(cache, tiny.folder, ())
    right = files.model.read_bytes()
    files.model.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    assert cache.ready() is None
    assert obtain(cache, None, ()).model.read_bytes() == right


def test_other_weights_are_refused_before_anything_is_built(tiny: TinyReader, tmp_path: Path) -> None:
    shipped = dataclasses.replace(tiny.shipped, folder=tmp_path)
    (tmp_path / shipped.name).write_bytes(b"other")
    with pytest.raises(ReaderError, match="were refused"):
        obtain(dataclasses.replace(tiny.cache(tmp_path / "cache"), shipped=shipped), tiny.folder, ())
    assert not (tmp_path / "cache").exists()


def test_the_fingerprint_follows_what_decides_the_readings(tiny: TinyReader, tmp_path: Path) -> None:
    cache = tiny.cache(tmp_path)
    assert cache.fingerprint == tiny.cache(tmp_path / "elsewhere").fingerprint
    others = [
        tiny.cache(tmp_path, quantised=True),
        dataclasses.replace(cache, shipped=dataclasses.replace(tiny.shipped, sha256="0" * 64)),
        dataclasses.replace(
            cache,
            profile=dataclasses.replace(tiny.profile, files={**tiny.profile.files, TOKENISER: "0" * 64}),
        ),
    ]
    assert len({cache.fingerprint, *(each.fingerprint for each in others)}) == 4


def test_looking_at_readers_loads_no_model_library() -> None:
    code = "import sys, sutra_core.reader; print(*{'onnx', 'onnxruntime', 'tokenizers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""
