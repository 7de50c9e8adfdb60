"""The check of the tree finds what it is for and leaves the rest alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Written in two halves, so that the check does not find its own tests.
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("notes.md", "see /" + "home/ann/notes"),
        ("config.py", 'PATH = "/' + 'tmp/store"'),
        ("config.py", "file:///" + "root/x"),
        ("notes.md", "from py" + "pi.org"),
        ("requirements.lock", "--index-url https:/" + "/mirror.example/simple"),
        ("Cargo.lock", 'source = "registry+https:/' + '/mirror.example/index"'),
        ("packages/sutra-storage/src/view.rs", "Ok(py.detach(|| view.pagerank(&query)))"),
    ],
)
def test_a_fault_is_found_with_its_line(name: str, line: str) -> None:
    (fault,) = load("check_tree").faults(name, f"first\n{line}\n")
    assert fault.startswith(f"{name}:2: ")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("notes.md", "docs/home/page and https://example.org/home/ann"),
        ("packages/sutra-storage/src/errors.rs", "py.detach(|| guarded(call))"),
        ("setup.sh", 'rm -rf "${folder}/tmp/x"'),
        ("Cargo.lock", 'source = "registry+https://github.com/rust-lang/crates' + '.io-index"'),
    ],
)
def test_what_is_allowed_passes(name: str, line: str) -> None:
    assert not list(load("check_tree").faults(name, line))
