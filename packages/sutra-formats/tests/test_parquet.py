"""Parquet: every row a source, with the types of its columns; damage is said, not raised."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, FieldMap, Item, MappedAdapter
from sutra_formats.tables.parquet import ParquetAdapter

LIBRARY = cast("Any", pyarrow)


def table(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    LIBRARY.parquet.write_table(LIBRARY.table(columns), file, **options)
    return file.getvalue()


PEOPLE = table(
    {
        "name": ["Ada", "Bo", None],
        "born": [1815, 1931, None],
        "height": [1.5, None, None],
        "price": [Decimal("1.50"), None, None],
        "alive": [False, True, None],
        "seen": [datetime(2024, 5, 1, 12, 30, tzinfo=UTC), None, None],
        "day": [date(2024, 5, 1), None, None],
        "tags": [["a", "b"], [], None],
        "more": [{"body": "Text."}, {"body": None}, None],
    }
)


def items(path: Path, data: bytes, adapter: ParquetAdapter | None = None) -> list[Item | BadItem]:
    path.write_bytes(data)
    return list((adapter or ParquetAdapter()).read(path, "a.parquet"))


def refusal(path: Path, data: bytes) -> str:
    (found,) = items(path, data)
    assert isinstance(found, BadItem)
    return found.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.parquet"


def test_a_row_is_a_source(path: Path) -> None:
    ada, bo, nobody = items(path, PEOPLE)
    assert isinstance(ada, Item)
    assert ada.draft.text == (
        "name: Ada. born: 1815. height: 1.5. price: 1.50. alive: no. "
        "seen: 2024-05-01 12:30+00:00. day: 2024-05-01."
    )
    assert (ada.draft.address, ada.draft.title) == ("a.parquet#1", "Ada")
    assert ada.location == f"{path} (row 1)"
    assert "tags" not in ada.draft.attributes
    assert isinstance(bo, Item)
    assert bo.draft.text == "name: Bo. born: 1931. alive: yes."
    assert isinstance(nobody, BadItem)
    assert (nobody.code, nobody.bytes_done) == ("empty_text", len(PEOPLE))


def test_mapped_into_nested_columns(path: Path) -> None:
    adapter = ParquetAdapter()
    assert isinstance(adapter, MappedAdapter)
    ada, bo, _ = items(path, PEOPLE, adapter.mapped(FieldMap.parse("text=more.body+tags,key=born,time=seen")))
    assert isinstance(ada, Item)
    assert (ada.draft.address, ada.draft.text) == ("a.parquet#1815", "Text.\n\na, b")
    assert ada.draft.time == 1_714_566_600_000_000
    assert isinstance(bo, BadItem)


def test_more_rows_than_a_batch(path: Path) -> None:
    data = table({"n": list(range(2500))}, row_group_size=700)
    found = items(path, data)
    assert [one.draft.text for one in found if isinstance(one, Item)] == [f"n: {n}." for n in range(2500)]
    done = [one.bytes_done for one in found]
    assert done == sorted(done)
    assert done[-1] == len(data)


def test_nanoseconds_and_values_that_are_none(path: Path) -> None:
    strings = LIBRARY.array([b"ok", b"\xff"], LIBRARY.binary()).cast(LIBRARY.string(), safe=False)
    times = LIBRARY.array([1, 1_714_566_600_000_000_123], LIBRARY.timestamp("ns"))
    good, bad = items(path, table({"text": strings, "when": times}))
    assert isinstance(good, Item)
    assert good.draft.text == "text: ok. when: 1970-01-01."
    assert isinstance(bad, BadItem)
    assert bad.code == "invalid_record"


@pytest.mark.parametrize("share", [0.005, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    assert refusal(path, PEOPLE[: int(len(PEOPLE) * share)]) == "damaged_file"


def test_a_password_is_said(path: Path) -> None:
    assert refusal(path, b"PARE" + PEOPLE[4:]) == "password_protected"


def test_a_table_without_rows(path: Path) -> None:
    assert refusal(path, table({"a": LIBRARY.array([], LIBRARY.string())})) == "empty_text"


def test_recognised() -> None:
    adapter = ParquetAdapter()
    assert adapter.recognises(Path("a"), PEOPLE)
    assert adapter.recognises(Path("a.txt"), b"PARE")
    assert not adapter.recognises(Path("a.parquet"), b"a,b\n")
    assert not adapter.recognises(Path("a.parquet"), b"")


@settings(max_examples=50)
@given(st.binary(max_size=20), st.integers(4, len(PEOPLE)), st.integers(0, 20))
def test_damage_is_reported_and_never_raised(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.parquet"
    data = PEOPLE[:at] + noise + PEOPLE[at + cut :]
    for item in items(path, data, ParquetAdapter(part_bytes=16)):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()
