"""Registers adapters as an installed package would, while a test runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sutra_core.learn.adapters.registry import registered

__all__ = ["package_of_adapters"]


@contextmanager
def package_of_adapters(folder: Path, code: str, **classes: str) -> Generator[None]:
    """A package `shapes` of this code, whose `classes` (name of the entry point → class) are adapters."""
    (folder / "shapes.py").write_text(code, encoding="utf-8")
    info = folder / "shapes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shapes\nVersion: 1.0\n", encoding="utf-8")
    lines = [f"{name} = shapes:{class_name}" for name, class_name in classes.items()]
    (info / "entry_points.txt").write_text("\n".join(["[sutra.adapters]", *lines]), encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    registered.cache_clear()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("shapes", None)
        registered.cache_clear()
