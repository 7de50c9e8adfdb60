"""Every commit of a history is a source with its subject, body, author and day."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_formats.history.git_log import GitHistoryAdapter

LOG = """\
commit 0123456789abcdef0123456789abcdef01234567 (HEAD -> main)
Author: Ada Whitlow <ada@example.org>
Date:   Wed May 1 12:00:00 2024 +0200

    The bridge opens

    It was closed
    for a year.

    - The deck is new.
    - The piers are old.

    Signed-off-by: Ada Whitlow <ada@example.org>

 bridge.txt | 2 +-
 1 file changed

commit 89abcdef
Merge: 0123456 4567890
Author:     Bo <bo@example.org>
AuthorDate: 2024-04-30 10:00:00 +0000
Commit:     Cy <cy@example.org>
CommitDate: 2024-05-02 10:00:00 +0000

    A merge

commit 99abcdef
Author: Bo <bo@example.org>
Date:   never

"""


def items(path: Path, data: str | bytes) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(GitHistoryAdapter().read(path, "log"))


def test_a_commit_is_a_source(tmp_path: Path) -> None:
    first, second, third = items(tmp_path / "log", LOG)
    assert isinstance(first, Item)
    assert first.draft.address == "log#0123456789abcdef0123456789abcdef01234567"
    assert first.draft.title == "The bridge opens"
    assert first.draft.text == (
        "The bridge opens\n\nIt was closed for a year.\n\nThe deck is new.\n\nThe piers are old.\n\n"
        "Signed-off-by: Ada Whitlow <ada@example.org>"
    )
    assert len(first.labels) == 1
    assert first.draft.time == 1_714_557_600_000_000
    assert first.draft.attributes["author"] == "Ada Whitlow <ada@example.org>"
    assert isinstance(second, Item)
    assert second.draft.time == 1_714_471_200_000_000
    assert second.draft.attributes == {
        "hash": "89abcdef",
        "author": "Bo <bo@example.org>",
        "committer": "Cy <cy@example.org>",
        "merge": "0123456 4567890",
        "date": "2024-04-30 10:00:00 +0000",
    }
    assert isinstance(third, BadItem)
    assert (third.code, third.bytes_done) == ("empty_text", len(LOG))


def test_a_fault_refuses_its_commit_alone(tmp_path: Path) -> None:
    data = LOG.encode().replace(b"opens", "ouvré".encode()).replace(b"A merge", b"A merge \xff")
    first, second, _ = items(tmp_path / "log", data)
    assert isinstance(first, Item)
    assert isinstance(second, BadItem)
    assert second.code == "invalid_utf8"


@pytest.mark.parametrize(
    ("head", "expected"),
    [(LOG.encode(), True), (b"commit to it\nAuthor: me", False), (b"", False), (b"commit 0123456\0", False)],
)
def test_recognised(head: bytes, expected: bool) -> None:
    assert GitHistoryAdapter().recognises(Path("a.txt"), head) is expected


@settings(max_examples=50)
@given(st.binary(max_size=30), st.integers(0, len(LOG)), st.integers(0, 60))
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    data = LOG.encode()[:at] + noise + LOG.encode()[at + cut :]
    for item in items(tmp_path_factory.getbasetemp() / "fuzz.log", data):
        assert item.bytes_done <= len(data)
        if isinstance(item, Item):
            assert item.draft.text.encode()
