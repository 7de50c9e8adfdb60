"""reStructuredText is read as it is meant, and nothing that it asks for is done."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_core.places import place_at
from sutra_formats.manuals.restructured_text import RestructuredTextAdapter

DOCUMENT = """\
The Bridge
==========

:date: 2024-05-01
:author: Ada

.. a comment that nobody reads

.. |town| replace:: Alham

It stands in |town|, see :ref:`the map <map>`, :class:`~a.Bridge` and `a page <https://a.test>`_. [1]_
It is **old**.

Parts
-----

- The deck is of wood.
- The piers are of stone.

span
    The length between two piers.

-v   Says more.

.. code-block:: python

   print("not prose")

.. note:: It was closed in 1931.

.. figure:: bridge.png
   :alt: the bridge

   Seen from the north.

.. table:: Builders

   ====  =====
   Name  Born
   ====  =====
   Ada   1815
   Bo
   ====  =====

==  ==
a   b
==  ==

.. [1] A footnote.
"""


def items(path: Path, data: str | bytes, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(RestructuredTextAdapter(**limits).read(path, "a.rst"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "the_bridge.rst"


def pieces(item: Item) -> list[str]:
    data = item.draft.text.encode()
    return [data[start:end].decode() for start, end in item.prose or ()]


def test_every_kind_of_block(path: Path) -> None:
    (found,) = items(path, DOCUMENT)
    assert isinstance(found, Item)
    assert found.draft.title == "The Bridge"
    assert found.draft.time == 1_714_521_600_000_000
    assert pieces(found) == [
        "The Bridge",
        "date: 2024-05-01",
        "author: Ada",
        "It stands in Alham, see the map, a.Bridge and a page. It is old.",
        "Parts",
        "The deck is of wood.",
        "The piers are of stone.",
        "span: The length between two piers.",
        "-v: Says more.",
        "It was closed in 1931.",
        "Seen from the north.",
        "Builders",
        "Name: Ada; Born: 1815.",
        "Name: Bo.",
        "a",
        "b",
        "A footnote.",
    ]
    data = found.draft.text.encode()
    labels = [data[start:end].decode() for start, end in found.labels]
    assert labels == ["The Bridge", "Parts", "Seen from the north.", "Builders", "a", "b"]
    assert 'print("not prose")' in found.draft.text
    assert "comment" not in found.draft.text
    assert place_at(found.draft.attributes, data.index(b"The deck")) == "Parts"
    assert found.bytes_done == len(DOCUMENT)


def test_no_other_file_is_read(path: Path) -> None:
    (path.parent / "secret.txt").write_text("secret words")
    directives = [".. include:: secret.txt", ".. raw:: html\n   :file: secret.txt"]
    directives.append(".. csv-table::\n   :file: secret.txt")
    (found,) = items(path, "\n\n".join(["Words.", *directives]))
    assert isinstance(found, Item)
    assert "secret words" not in found.draft.text


@pytest.mark.parametrize("data", ["", "\n\n", ".. only a comment\n"])
def test_empty(path: Path, data: str) -> None:
    (found,) = items(path, data)
    assert isinstance(found, BadItem)
    assert found.code == "empty_text"


def test_limits(path: Path) -> None:
    (found,) = items(path, DOCUMENT, text_bytes=100)
    assert isinstance(found, BadItem)
    assert found.code == "too_large"
    (found,) = items(path, "".join("  " * depth + "* a\n\n" for depth in range(400)))
    assert isinstance(found, Item) or found.code == "damaged_file"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.rst", b"Title\n=====\n", True),
        ("a.REST", b"Words.", True),
        ("a.rst", b"<!DOCTYPE html>", False),
        ("a.rst", b"\x89PNG\0", False),
        ("a.txt", b"Title\n=====\n", False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert RestructuredTextAdapter().recognises(Path(name), head) is expected


@settings(max_examples=50)
@given(st.binary(max_size=30), st.integers(0, len(DOCUMENT)), st.integers(0, 60))
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.rst"
    data = DOCUMENT.encode()[:at] + noise + DOCUMENT.encode()[at + cut :]
    for item in items(path, data, part_bytes=100):
        if isinstance(item, Item):
            size = len(item.draft.text.encode())
            ranges = list(item.prose or ())
            assert ranges == sorted(ranges)
            assert all(0 <= start < end <= size for start, end in ranges)
            assert all(left[1] <= right[0] for left, right in itertools.pairwise(ranges))
