"""A mailbox is read a mail at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item
from sutra_formats.talk.mailbox import MailboxAdapter

FIRST = "From ann@example.com Mon May  8 10:32:00 2023\n"
BOX = (
    FIRST + "From: ann@example.com\nSubject: One\nMessage-ID: <one@example.com>\n\n"
    "The bridge is old.\n>From here you see it.\n>>From a quotation.\n\nFrom afar: nothing.\n\n"
    "From - Mon May  8 10:33:00 2023\n"
    "From: ben@example.com\nSubject: Re: One\nIn-Reply-To: <one@example.com>\n\nIt is red.\n\n"
    "From cy@example.com Tue May  9 10:34:00 2023\nFrom: cy@example.com\nSubject: Three\n\nIt is new.\n"
)


def items(path: Path, data: str | bytes, **limits: int) -> list[Item | BadItem]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(MailboxAdapter(**limits).read(path, "box.mbox"))


def texts(found: list[Item | BadItem]) -> list[str]:
    return [one.draft.text if isinstance(one, Item) else one.code for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "box.mbox"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_mail_is_a_source(path: Path, end: str) -> None:
    found = items(path, BOX.replace("\n", end))
    assert texts(found) == [
        "The bridge is old.\nFrom here you see it.\n\nFrom afar: nothing.",
        "It is red.",
        "It is new.",
    ]
    drafts = [one.draft for one in found if isinstance(one, Item)]
    assert [draft.address for draft in drafts] == [f"box.mbox#{key}" for key in ("one@example.com", "2", "3")]
    assert [draft.title for draft in drafts] == ["One", "One", "Three"]
    done = [one.bytes_done for one in found]
    assert done == sorted(set(done))
    assert done[-1] == path.stat().st_size
    assert [one.location.rpartition(":")[2] for one in found if isinstance(one, Item)] == ["1", "12", "19"]


def test_a_mail_that_is_too_large_leaves_its_neighbours(path: Path) -> None:
    large = FIRST + "From: a@b.c\nSubject: Large\n\n" + "word " * 50_000 + "\n\n"
    assert texts(items(path, large + BOX, message_bytes=1000))[:2] == [
        "too_large",
        "The bridge is old.\nFrom here you see it.\n\nFrom afar: nothing.",
    ]


def test_a_damaged_mail_leaves_its_neighbours(path: Path) -> None:
    broken = FIRST + "Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nCut\n\n"
    assert texts(items(path, broken + BOX))[:3] == [
        "Cut",
        "damaged_file",
        "The bridge is old.\nFrom here you see it.\n\nFrom afar: nothing.",
    ]


@pytest.mark.parametrize("data", ["", "Words alone.", FIRST])
def test_without_a_mail(path: Path, data: str) -> None:
    assert texts(items(path, data)) == ["empty_text"]


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("a.mbox", BOX, True),
        ("Inbox", "\ufeff" + BOX, True),
        ("a", BOX.replace("\n", "\r\n"), True),
        ("a.mbox", "Words alone.", False),
        ("a.mbox", "", False),
        ("a.txt", "From 10:32 on we\nslept: long.", False),
        ("a.mbox", "From: a@b.c\nSubject: s\n\nWords.", False),
        ("a.patch", f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: Ann <a@b.c>\n", False),
    ],
)
def test_recognised(name: str, head: str, expected: bool) -> None:
    assert MailboxAdapter().recognises(Path(name), head.encode()) is expected


@given(st.binary(max_size=30), st.integers(0, len(BOX)), st.integers(0, 200))
def test_damage_is_read_or_reported(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.mbox"
    whole = BOX.encode()
    for data in (noise, whole[:at] + noise + whole[at + cut :]):
        MailboxAdapter().recognises(path, data)
        found = items(path, data, part_bytes=20)
        assert found
        for item in found:
            assert item.bytes_done <= len(data)
            if isinstance(item, Item):
                size = len(item.draft.text.encode())
                ends = [0, *(edge for run in item.prose or () for edge in run), size]
                assert ends == sorted(ends)
