"""What the tests of document formats share: reading a file that was just written, and damaging it."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, DatasetAdapter, Item
from sutra_core.places import place_at

ADDRESS = "file:///document"


def read_sound(adapter: DatasetAdapter, path: Path) -> list[Item | BadItem]:
    """All that an adapter yields, once it is seen to be sound; recognising must not fail either."""
    data = path.read_bytes()
    assert adapter.recognises(path, data[:65536]) in (True, False)
    found = list(adapter.read(path, ADDRESS))
    assert found
    done = 0
    for item in found:
        assert done <= item.bytes_done <= len(data)
        done = item.bytes_done
        if isinstance(item, Item):
            _check(item)
        else:
            assert isinstance(item, BadItem)
            assert item.reason.encode()
    return found


def _check(item: Item) -> None:
    text = item.draft.text.encode()
    assert text.strip()
    assert item.draft.title.encode() is not None
    for name, value in item.draft.attributes.items():
        assert f"{name}{value}".encode()
    assert item.prose is not None
    for ranges in (item.prose, item.labels):
        assert all(0 <= start < end <= len(text) for start, end in ranges)
        assert all(before[1] <= after[0] for before, after in pairwise(ranges))
        for start, end in ranges:
            assert text[start:end].decode()
    assert set(item.labels) <= set(item.prose)


def items(found: Sequence[Item | BadItem]) -> list[Item]:
    return [item for item in found if isinstance(item, Item)]


def bad(found: Sequence[Item | BadItem]) -> list[str]:
    return [item.code for item in found if isinstance(item, BadItem)]


def blocks(item: Item) -> list[str]:
    """Every block of an item, read or not."""
    return item.draft.text.split("\n\n")


def labels(item: Item) -> list[str]:
    text = item.draft.text.encode()
    return [text[start:end].decode() for start, end in item.labels]


def read_aloud(item: Item) -> list[str]:
    """The blocks that are read: all but the verbatim ones."""
    text = item.draft.text.encode()
    assert item.prose is not None
    return [text[start:end].decode() for start, end in item.prose]


def place(item: Item, text: str) -> str:
    """What the place of a piece of the item's text is called."""
    return place_at(item.draft.attributes, len(item.draft.text[: item.draft.text.index(text)].encode()))


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    """An archive of these members; the one called "mimetype" is first and not packed, as its readers want."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members, key=lambda name: name != "mimetype"):
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, members[name], packing)
    return path


def check_every_cut(adapter: DatasetAdapter, path: Path) -> None:
    """A file cut anywhere is read or refused, and nothing escapes."""
    whole = path.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 19)):
        path.write_bytes(whole[:length])
        read_sound(adapter, path)
    path.write_bytes(whole[: len(whole) // 2])
    assert bad(read_sound(adapter, path)) == ["damaged_file"]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The data with bytes flipped, left out and put in, and perhaps cut short."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(changed) - 1)))
        kind = draw(st.sampled_from(["flip", "leave out", "put in", "cut"]))
        if kind == "flip" and changed:
            changed[at] ^= draw(st.integers(1, 255))
        elif kind == "leave out":
            del changed[at : at + draw(st.integers(1, 40))]
        elif kind == "put in":
            changed[at:at] = draw(st.binary(min_size=1, max_size=20))
        else:
            del changed[at:]
    return bytes(changed)
