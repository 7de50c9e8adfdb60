"""Values are taken out of a document as the standard library would, whatever the pieces it comes in."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_formats.records import json_stream
from sutra_formats.records.json_stream import Element, JsonStream, StreamError

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=10,
)


def stream(data: bytes, limit: int = 1000) -> JsonStream:
    return JsonStream(io.BytesIO(data), "utf-8", limit)


def elements(data: bytes, limit: int = 1000) -> list[Element]:
    taken = stream(data, limit)
    taken.take("[")
    found = [taken.value()]
    while taken.take(",]") == ",":
        found.append(taken.value())
    return found


@settings(max_examples=50)
@given(st.lists(VALUES, min_size=1), st.integers(1, 12), st.sampled_from([None, 2]))
def test_as_the_standard_library(values: list[object], piece: int, indent: int | None) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_PIECE_BYTES", piece)
        assert [element.value for element in elements(data, 10**6)] == values


def test_lines_are_counted() -> None:
    assert [element.line for element in elements(b'[\n{"a":\n1},\n\n{"b": 2}, 3\n]')] == [2, 5, 5]


def test_what_is_no_json_is_passed_over() -> None:
    good, bad, faulty, last = elements(b'[{"a": 1}, {"a" 1, "}": [2]}, {"a": "\xff"}, {"b": 2}]')
    assert good.value == {"a": 1}
    assert (bad.code, faulty.code) == ("invalid_json", "invalid_utf8")
    assert last.value == {"b": 2}


@pytest.mark.parametrize("piece", [8, 1000])
def test_what_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(json_stream, "_PIECE_BYTES", piece)
    long = [{"n": number} for number in range(50)]
    found = elements(json.dumps([1, long, "x" * 30, 2]).encode(), 100)
    assert found[0].value == 1
    assert found[-1].value == 2
    assert found[1].code == ("too_large" if piece == 8 else None)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "damaged_file"),
        (b'[{"a": 1}', "damaged_file"),
        (b'[{"a": 1', "damaged_file"),
        (b'["a', "damaged_file"),
        (b"[1 2]", "invalid_json"),
        (b"[,1]", "invalid_json"),
        (b'["' + b"x" * 2000, "too_large"),
    ],
)
def test_where_nothing_further_can_be_read(data: bytes, code: str) -> None:
    with pytest.raises(StreamError) as raised:
        elements(data)
    assert raised.value.code == code


def test_deep_nesting_is_refused() -> None:
    (found,) = elements(b"[" + b"[" * 100_000 + b"]" * 100_000 + b"]", 10**6)
    assert found.code == "invalid_json"
