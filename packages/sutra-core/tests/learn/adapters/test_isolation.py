"""What packages read is read under limits: a file that breaks its reader costs that file alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from registering import package_of_adapters

from sutra_core.errors import InvalidValueError, UnknownFormatError
from sutra_core.learn.adapters import (
    BadItem,
    FieldMap,
    Item,
    Link,
    adapter_named,
    adapters,
    read_collection,
    recognition,
)
from sutra_core.learn.adapters.isolation import IsolatedReader
from sutra_core.learn.adapters.registry import registered

ADAPTER = """
import ctypes, os, time
from sutra_core.learn.adapters import BadItem, Item, Link
from sutra_core.types import SourceDraft


class Shapes:
    name = "Shape File"

    def recognises(self, path, head):
        return head.startswith(b"SHAPE")

    def read(self, path, address):
        print("noise on standard output")
        for number, line in enumerate(path.read_text().splitlines()[1:], 1):
            if line == "crash":
                ctypes.string_at(0)
            if line == "fail":
                raise ZeroDivisionError("nothing to divide by")
            if line == "grow":
                hoard = [bytearray(64 << 20) for _ in range(1000)]
            if line == "spin":
                while True:
                    pass
            if line == "sleep":
                time.sleep(3600)
            if line == "silent":
                # It closes the way of the answers, and stays.
                os.closerange(3, 10)
                time.sleep(3600)
            if line == "gone":
                raise PermissionError(13, "Permission denied")
            if line == "bad":
                yield BadItem(f"{path}:{number}", "no shape", "invalid_record", number)
                continue
            if line == "junk":
                yield Item(SourceDraft(address, line), [(5, 2)], f"{path}:{number}", number)
            if line == "huge":
                yield Item(SourceDraft(address, "a" * (9 << 20)), None, f"{path}:{number}", number)
                continue
            if line == "forge":
                # What a hostile file could make of its reader: bytes of its own on the way of the answers.
                for descriptor in range(3, 10):
                    try:
                        os.write(descriptor, bytes([255]) * 4 + b"[[[[")
                    except OSError:
                        pass
                time.sleep(3600)
            draft = SourceDraft(f"{address}#{number}", line, "Shapes", number, 5, {"line": str(number)})
            link = Link("circle", "is_a", "hierarchical", 1, "round", 0.5)
            yield Item(draft, [(0, 2)], f"{path}:{number}", number, [(0, 1)], [(1, 2)], [link])


class Facts:
    name = "facts"

    def __init__(self, fields=None):
        self.fields = fields

    def mapped(self, fields):
        return Facts(fields)

    def recognises(self, path, head):
        return head.startswith(b"FACT")

    def read(self, path, address):
        yield Item(SourceDraft(address, repr(self.fields)), None, str(path), 4)


class Stumbling:
    name = "Stumbling"

    def recognises(self, path, head):
        if head.startswith(b"SHAPE"):
            raise ZeroDivisionError("nothing to divide by")
        return head.startswith(b"FACT")

    def read(self, path, address):
        yield Item(SourceDraft(address, "stumbling"), None, str(path), 4)


class Endless(Stumbling):
    name = "Endless"

    def recognises(self, path, head):
        while head.startswith(b"SHAPE"):
            time.sleep(0.01)
        return head.startswith(b"FACT")


class Broken:
    name = "Broken"

    def __init__(self):
        raise TypeError("cannot be made")


class NoAdapter:
    pass
"""


@pytest.fixture
def shapes(tmp_path: Path) -> Generator[Path]:
    package = tmp_path / "package"
    package.mkdir()
    with package_of_adapters(package, ADAPTER, shapes="Shapes"):
        folder = tmp_path / "collection"
        folder.mkdir()
        yield folder


def lines(path: Path, *wanted: str) -> Path:
    path.write_text("\n".join(["SHAPE", *wanted]), encoding="utf-8")
    return path


def texts(found: list[Item | BadItem]) -> list[str]:
    return [each.draft.text if isinstance(each, Item) else each.code for each in found]


def test_items_come_through_as_they_were_made(shapes: Path) -> None:
    path = lines(shapes / "a.shape", "rounÐ \ud7ff", "bad", "square")
    item, bad, _ = read_collection(path, "shapes:")
    assert isinstance(item, Item)
    assert item.draft.address == "shapes:/a.shape#1"
    assert (item.draft.text, item.draft.title, item.draft.offset) == ("rounÐ \ud7ff", "Shapes", 1)
    assert (item.draft.time, item.draft.attributes) == (5, {"line": "1"})
    assert (item.prose, item.markup, item.labels) == ([(0, 2)], [(0, 1)], [(1, 2)])
    assert item.links == [Link("circle", "is_a", "hierarchical", 1, "round", 0.5)]
    assert (item.location, item.bytes_done) == (f"{path}:1", 1)
    assert bad == BadItem(f"{path}:2", "no shape", "invalid_record", 2)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("crash", "reader_failed", "ended with status"),
        ("fail", "reader_failed", "ZeroDivisionError: nothing to divide by"),
        pytest.param(
            "grow",
            "too_large",
            "MiB of memory",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit"),
        ),
        ("gone", "unreadable", "Permission denied"),
        ("junk", "reader_failed", "what is no item"),
        ("forge", "reader_failed", "a frame of 4294967295 bytes"),
    ],
)
def test_a_file_that_breaks_its_reader_costs_that_file_alone(
    shapes: Path, line: str, code: str, said: str
) -> None:
    lines(shapes / "a.shape", "before", line, "after")
    lines(shapes / "b.shape", "neighbour")
    (shapes / "c.txt").write_text("Text.", encoding="utf-8")
    found = list(read_collection(shapes))
    assert texts(found) == ["before", code, "neighbour", "Text."]
    assert isinstance(found[1], BadItem)
    assert said in found[1].reason


def test_an_item_without_bounds_costs_itself(shapes: Path) -> None:
    lines(shapes / "a.shape", "before", "huge", "after")
    found = list(read_collection(shapes))
    assert texts(found) == ["before", "too_large", "after"]
    assert isinstance(found[1], BadItem)
    assert found[1].location.endswith("a.shape:2")


@pytest.mark.parametrize("line", ["spin", "sleep", "silent"])
def test_a_reader_that_says_nothing_is_left(shapes: Path, line: str) -> None:
    path = lines(shapes / "a.shape", "before", line)
    with IsolatedReader(silence_seconds=2) as reader:
        found = list(reader.read("Shape File", path, "a"))
        assert texts(found) == ["before", "reader_too_slow"]
        again = list(reader.read("Shape File", lines(shapes / "b.shape", "well"), "b"))
        assert texts(again) == ["well"]


def test_one_process_reads_one_file_after_another_and_ends_with_its_reader(shapes: Path) -> None:
    many = [lines(shapes / f"{number}.shape", "one", "two") for number in range(3)]
    with IsolatedReader() as reader:
        for path in many:
            assert texts(list(reader.read("Shape File", path, "a"))) == ["one", "two"]
        process = reader._process
        assert process is not None
        number = process._child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_leaving_a_file_half_read_ends_its_process(shapes: Path) -> None:
    path = lines(shapes / "a.shape", *["line"] * 10_000)
    with IsolatedReader() as reader:
        stream = reader.read("Shape File", path, "a")
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        assert texts(list(reader.read("Shape File", lines(shapes / "b.shape", "well"), "b"))) == ["well"]


def test_formats_have_names_that_people_can_type(shapes: Path) -> None:
    assert adapter_named("shape-file").name == "Shape File"
    assert adapter_named("JSON lines").name == "JSON Lines"
    with pytest.raises(UnknownFormatError, match=r"'shapes'; there are .*markdown, .*shape-file"):
        adapter_named("shapes")
    path = lines(shapes / "a.unknown", "one")
    assert texts(list(read_collection(path, format_name="plain-text"))) == ["SHAPE\none"]


def test_a_package_that_cannot_be_loaded_stops_no_other(tmp_path: Path) -> None:
    names = {"a": "Broken", "b": "Missing", "c": "NoAdapter", "d": "Shapes"}
    with package_of_adapters(tmp_path, ADAPTER, **names), pytest.warns(UserWarning) as told:
        found = [adapter.name for adapter in registered()]
        assert "Shape File" in found
        assert "Broken" not in found
        assert len(adapters()) == len(found) + 6
    assert [str(each.message).split(" (")[0] for each in told] == [f"the adapter {key}" for key in "abc"]


def test_an_adapter_that_fails_at_recognising_a_file_is_left_aside_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "collection"
    folder.mkdir()
    lines(folder / "a.shape", "one")
    (folder / "b.txt").write_text("Text.", encoding="utf-8")
    (folder / "c.fact").write_bytes(b"FACT")
    with package_of_adapters(tmp_path, ADAPTER, a="Stumbling", shapes="Shapes"):
        with pytest.warns(UserWarning, match="the adapter Stumbling failed .*: nothing to divide by") as told:
            found = list(read_collection(folder))
        assert len(told) == 1
    assert texts(found) == ["one", "Text.", "stumbling"]


def test_an_adapter_that_never_says_what_it_recognises_is_left_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "collection"
    folder.mkdir()
    for name in ("b.shape", "c.shape"):
        lines(folder / name, name)
    for name in ("a.fact", "d.fact"):
        (folder / name).write_bytes(b"FACT")
    with package_of_adapters(tmp_path, ADAPTER, a="Endless", facts="Facts", shapes="Shapes"):
        monkeypatch.setattr(recognition, "PATIENCE_SECONDS", 2)
        with pytest.warns(UserWarning, match="the adapter Endless failed .* no end in 2 s") as told:
            found = list(read_collection(folder))
        assert len(told) == 1
    assert texts(found) == ["stumbling", "b.shape", "c.shape", "None"]


def test_a_map_of_fields_comes_through(tmp_path: Path) -> None:
    path = tmp_path / "a.fact"
    path.write_bytes(b"FACT")
    fields = FieldMap(("headline", "body"), "name", "id", "date")
    with package_of_adapters(tmp_path, ADAPTER, facts="Facts", shapes="Shapes"):
        assert texts(list(read_collection(path, fields=fields))) == [repr(fields)]
        assert texts(list(read_collection(path))) == ["None"]
        with pytest.raises(InvalidValueError, match="Shape File has no fields"):
            list(read_collection(path, format_name="shape-file", fields=fields))
