"""A name is imported when it is asked for, once; a name that is none is refused as any module refuses it."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from sutra_core.lazy import lazily


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("made")
    monkeypatch.setitem(sys.modules, "made", made)
    made.__getattr__ = lazily("made", {"Counter": "collections", "missing": "collections"})  # type: ignore[method-assign]
    return made


def test_a_name_is_taken_from_its_home_and_kept(package: ModuleType) -> None:
    from collections import Counter

    assert package.Counter is Counter
    assert vars(package)["Counter"] is Counter


@pytest.mark.parametrize("name", ["nothing", "missing"])
def test_a_name_that_is_none_is_an_attribute_error(package: ModuleType, name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(package, name)
