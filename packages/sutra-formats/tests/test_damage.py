"""Every adapter of the package, given a small real file that was damaged: it is read, or told of.

A few cases each with the other tests; `make fuzz` runs a thousand each.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from pathlib import Path

import pytest
from format_samples import SAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_pages import damaged

from sutra_core.learn.adapters import BadItem, DatasetAdapter, Item, adapter_for
from sutra_core.learn.adapters.frames import frame_of, framed, read_frame, taken
from sutra_core.learn.adapters.registry import GROUP

ENTRIES = [each for each in entry_points(group=GROUP) if each.value.startswith("sutra_formats.")]
EXAMPLES = settings().max_examples // 5

every_adapter = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def check_sound(found: Item | BadItem) -> None:
    """What it says can be stored, and the process that asked takes it for an item."""
    taken(read_frame(framed(frame_of(found))[4:]))
    if isinstance(found, BadItem):
        assert found.reason.strip().encode()
        return
    draft = found.draft
    text = draft.text.encode()
    assert "".join([draft.address, draft.title, *draft.attributes, *draft.attributes.values()]).encode()
    for ranges in (found.prose or (), found.labels, found.markup):
        assert all(before[1] <= after[0] for before, after in pairwise(ranges))
        for start, end in ranges:
            assert 0 <= start < end <= len(text)
            assert text[start:end].decode()


def adapter_of(entry: EntryPoint) -> DatasetAdapter:
    adapter = entry.load()()
    assert isinstance(adapter, DatasetAdapter)
    return adapter


def test_every_adapter_of_the_package_has_a_sample() -> None:
    assert sorted(each.name for each in ENTRIES) == sorted(SAMPLES)


@every_adapter
def test_a_sample_is_what_it_is_called(entry: EntryPoint, tmp_path: Path) -> None:
    path = SAMPLES[entry.name](tmp_path)
    assert isinstance(adapter_for(path), entry.load())
    found = list(adapter_of(entry).read(path, "sample"))
    assert any(isinstance(each, Item) for each in found)
    for each in found:
        check_sound(each)


@every_adapter
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_read_or_told_of(entry: EntryPoint, tmp_path: Path, data: st.DataObject) -> None:
    path = SAMPLES[entry.name](tmp_path)
    adapter = adapter_of(entry)
    path.write_bytes(data.draw(damaged(path.read_bytes()) | st.binary(max_size=100)))
    with path.open("rb") as file:
        assert adapter.recognises(path, file.read(65536)) in (True, False)
    for each in adapter.read(path, "sample"):
        check_sound(each)
