from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from fit.reader.pack import pack
from safetensors.numpy import load
from tiny_reader import TinyReader, tiny_weights

from sutra_core.errors import ModelUnavailableError, ReaderError
from sutra_core.reader.shipped import SHIPPED, Shipped, is_trained, unpack


def test_the_package_has_the_weights_that_it_names() -> None:
    packed = SHIPPED.read()
    assert 6_000_000 < len(packed) < 8_000_000
    assert all(is_trained(name) for name in unpack(packed))
    assert {name.split(".")[2] for name in unpack(packed) if name.startswith("encoder.")} == set("2345")


def test_packing_is_deterministic_and_loses_nothing_twice(tiny: TinyReader) -> None:
    packed = tiny.shipped.read()
    assert pack({name: array for name, array in tiny_weights().items() if is_trained(name)}) == packed
    codes, again = load(packed), load(pack(unpack(packed)))
    assert codes.keys() == again.keys()
    for name, array in codes.items():
        if name.endswith(".scale"):
            np.testing.assert_allclose(array, again[name], rtol=1e-6)
        else:
            assert np.array_equal(array, again[name]), name


def test_the_shipped_codes_survive_as_well() -> None:
    packed = SHIPPED.read()
    codes, again = load(packed), load(pack(unpack(packed)))
    assert all(np.array_equal(codes[name], again[name]) for name in codes if not name.endswith(".scale"))


def test_unpacked_weights_are_those_that_were_packed(tiny: TinyReader) -> None:
    weights = {name: array for name, array in tiny_weights().items() if is_trained(name)}
    unpacked = unpack(tiny.shipped.read())
    assert unpacked.keys() == weights.keys()
    for name, array in weights.items():
        quantised = name.startswith("encoder.") and array.ndim == 2
        step = np.abs(array).max(axis=1, keepdims=True) / 63 if quantised else 0
        assert (np.abs(unpacked[name] - array) <= step / 2 + 1e-6).all(), name
    codes = load(tiny.shipped.read())["encoder.layer.2.output.dense.weight"]
    assert codes.dtype == np.int8
    assert (np.abs(codes).max(axis=1) == 63).all()


def test_another_file_is_refused(tiny: TinyReader, tmp_path: Path) -> None:
    shipped = dataclasses.replace(tiny.shipped, folder=tmp_path)
    (tmp_path / shipped.name).write_bytes(tiny.shipped.read() + b"\0")
    with pytest.raises(ReaderError, match=rf"refused: SHA-256 \w{{64}} and not {shipped.sha256}"):
        shipped.read()


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"reader-0{16}\.safetensors are missing"):
        Shipped("0" * 64, tmp_path).read()
