"""A document of JSON: its objects are sources, and JSON Lines are left to their own adapter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, FieldMap, Item, MappedAdapter
from sutra_formats.records.json_documents import JsonAdapter

PEOPLE = [
    {"id": "ada", "title": "Ada Lovelace", "text": "Ada was born in London.", "date": "1815-12-10"},
    {"name": "Bo", "year_of_birth": 1931, "alive": None, "tags": ["a"]},
    "Only words.",
]


def items(path: Path, data: bytes | object, adapter: JsonAdapter | None = None) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data, indent=1).encode())
    return list((adapter or JsonAdapter()).read(path, "a.json"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.json"


@pytest.mark.parametrize("limit", [10_000, 400])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_array_of_objects(path: Path, wrapped: bool, limit: int) -> None:
    people = PEOPLE[:2]
    document = {"version": 1, "note": {"a": []}, "people": people, "more": "x" * 300}
    found = items(path, document if wrapped else people, JsonAdapter(object_characters=limit))
    assert texts(found) == ["Ada was born in London.", "name: Bo. year of birth: 1931."]
    ada, bo = found
    assert isinstance(ada, Item)
    assert isinstance(bo, Item)
    assert (ada.draft.address, ada.draft.title) == ("a.json#ada", "Ada Lovelace")
    assert ada.draft.time is not None
    assert (bo.draft.address, bo.draft.title) == ("a.json#2", "Bo")
    assert found[-1].bytes_done == path.stat().st_size


def test_strings_are_texts(path: Path) -> None:
    assert texts(items(path, PEOPLE))[2] == "Only words."


def test_an_object_with_a_text(path: Path) -> None:
    (found,) = items(path, {"text": "Words.", "spans": [{"start": 0}], "kind": "note"})
    assert isinstance(found, Item)
    assert (found.draft.address, found.draft.text) == ("a.json#1", "Words.")
    assert found.draft.attributes == {"kind": "note"}


def test_mapped(path: Path) -> None:
    adapter = JsonAdapter()
    assert isinstance(adapter, MappedAdapter)
    posts = {"posts": [{"body": {"en": "Hello."}, "n": 7}, {"n": 8}]}
    found = items(path, posts, adapter.mapped(FieldMap.parse("text=body.en,key=n")))
    assert texts(found) == ["Hello.", "missing_text"]
    (found,) = items(path, posts["posts"][0], adapter.mapped(FieldMap.parse("key=n", "{body.en}")))
    assert isinstance(found, Item)
    assert (found.draft.address, found.draft.text) == ("a.json#7", "Hello.")


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", ["empty_text"]),
        (b"[]", ["empty_text"]),
        (b"{}", ["empty_text"]),
        (b'{"a": 1}', ["missing_text"]),
        (b"[1]", ["invalid_record"]),
        (b'[{"text": 1}]', ["text_not_string"]),
        (b'[{"text": "\\ud800"}]', ["invalid_text"]),
        (b'[{"a": "\\ud800"}]', ["invalid_text"]),
        (b'["\xc3\xa9", {"text": "\xff"}, {"text": "on"}]', ["é", "invalid_utf8", "on"]),
        (b'[{"text": }, {"text": "on"}]', ["invalid_json", "on"]),
        (b'[{"text": "a"}', ["a", "damaged_file"]),
        (b'[{"text": "a"}] x', ["a", "invalid_json"]),
        (b"word", ["invalid_json"]),
    ],
)
def test_what_is_refused_leaves_its_neighbours(path: Path, data: bytes, codes: list[str]) -> None:
    assert texts(items(path, data)) == codes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings(path: Path, encoding: str) -> None:
    assert texts(items(path, json.dumps(["Déjà vu."], ensure_ascii=False).encode(encoding))) == ["Déjà vu."]


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.json", b'[{"a": 1}]', True),
        ("a.json", b'\xef\xbb\xbf {\n "a": 1}', True),
        ("a.json", b'{"data": [{"text": "one"}]}', True),
        ("a.txt", b'[\n {"a": 1}', True),
        ("a.txt", b"[1] A footnote.", False),
        ("a.json", b'{"text": "one"}\n{"text": "two"}\n', False),
        ("a.jsonl", b'[{"a": 1}]', False),
        ("a.json", b"words", False),
        ("a.json", b"[\0", False),
        ("a.md", b'[{"a": 1}]', False),
        ("a.txt", b'{"a": 1}', False),
        ("a.json", b"", False),
    ],
)
def test_recognised(name: str, head: bytes, expected: bool) -> None:
    assert JsonAdapter().recognises(Path(name), head) is expected


@settings(max_examples=50)
@given(st.binary(max_size=20), st.integers(0, 400), st.integers(0, 20), st.integers(1, 200))
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int, limit: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    whole = json.dumps({"people": PEOPLE}, indent=1).encode()
    for data in (noise, whole[:at] + noise + whole[at + cut :]):
        JsonAdapter().recognises(path, data)
        for item in items(path, data, JsonAdapter(part_bytes=16, object_characters=limit)):
            assert item.bytes_done <= len(data)
            if isinstance(item, Item):
                assert item.draft.text.encode()
