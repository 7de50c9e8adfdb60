"""Importing what reads records and plain structured text loads no parser."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from sutra_core.learn.adapters import DatasetAdapter

MODULES = [
    *("decoding", "history.changelog", "history.git_log", "manuals.man_pages", "manuals.restructured_text"),
    *("records.json_documents", "rows", "sections", "tables.delimited", "tables.parquet", "tables.workbook"),
    "talk.subtitles",
]
PARSERS = ["charset_normalizer", "docutils", "lxml", "openpyxl", "pyarrow", "pysubs2"]
MANIFEST = Path(__file__).parents[1] / "pyproject.toml"


def test_no_parser_is_loaded() -> None:
    imports = "; ".join(f"import sutra_formats.{module}" for module in MODULES)
    code = f"import sys; {imports}; print([name for name in {PARSERS} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_entry_point_leads_to_an_adapter() -> None:
    points = tomllib.loads(MANIFEST.read_text())["project"]["entry-points"]["sutra.adapters"]
    assert list(points) == sorted(points)
    for value in points.values():
        module, _, name = value.partition(":")
        assert isinstance(getattr(import_module(module), name)(), DatasetAdapter)
