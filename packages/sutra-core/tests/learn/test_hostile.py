"""Whatever stands beside it, every good text is learned, and what is refused is said with its place."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.errors import InternalError
from sutra_core.learn import learn
from sutra_core.learn.adapters import BadItem, Item
from sutra_core.learn.reading import ReadItem, read_item
from sutra_core.types import Batch, KnowledgeStore, SourceDraft
from sutra_storage import Engine

MEBIBYTE = 1 << 20

# Pieces of texts that rules, cutting and the store have to get along with.
PIECES = [
    "She lived in Norway until 1931, in Denmark in the 1950s, and in Iceland from 1962 until her death. ",
    "Anna Flint lived in Oslo from 1962 until 1931. ",
    "Anna Flint was mayor of Oslo from 2001 to 1990. ",
    "Oslo is the capital of OSLO. ",
    "The \0 byte. ",
    "\u202eright to left\u202c ",
    "\ufeff\u200b\u2028\u2029\x0c\x0b\x85",
    "\U0001f600\u0301 ",
    "word " * 300,
    "x" * 5000,
    "(((((" * 200,
    "Mr. Dr. St. ",
    "\r\n\r\n",
    "…?! ",
]


def hostile_drafts() -> st.SearchStrategy[SourceDraft]:
    """Texts of every kind, sound or not, with names, times and attributes that no store can hold."""
    whole = cast("Any", st)
    texts = st.one_of(
        st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
        st.text(st.characters(), max_size=40),
        st.sampled_from(["half a \ud800 pair", "", " ", "a" * (300 * 1024)]),
        st.sampled_from([None, 7, b"bytes"]),
    )
    addresses = st.sampled_from(
        ["a", "b", "b#1", " ", "", "\ud800", "a" * (2 * MEBIBYTE), "\u202e", None, 3, "n\0ul"]
    )
    titles = st.sampled_from(["", "Oslo", "\x00", "t" * (2 * MEBIBYTE), " ", "\udfff", None, "(film)"])
    offsets = st.sampled_from([0, 1, 1 << 40, (1 << 63) - 1, -1, 1 << 64, "0", None])
    times = st.sampled_from([None, 0, 1 << 62, 1 << 63, -(1 << 63) - 1, "x", 1.5])
    attributes = st.sampled_from(
        [
            {},
            {"key": "value"},
            MappingProxyType({"key": "value"}),
            {"k": "\ud800"},
            {"k": "v" * (2 * MEBIBYTE)},
            {1: "x"},
            {"x": None},
            [("a", "b")],
            None,
        ]
    )
    return whole.builds(SourceDraft, addresses, texts, titles, offsets, times, attributes)


def good(number: int) -> Item:
    text = f"Station {number} lies on Line {number % 3}. Its keeper is Keeper {number}."
    return Item(SourceDraft(f"good {number}", text), None, f"good:{number}", 0)


def check_all_good_are_found(store: KnowledgeStore, items: list[Item | BadItem], batch_size: int) -> None:
    report = learn(store, WordEmbedder(), items, batch_size=batch_size)
    assert not report.interrupted
    view = store.view()
    for item in items:
        if isinstance(item, Item) and item.location.startswith("good"):
            assert view.find_source(item.draft.address, item.draft.offset, item.draft.text)
            (passage,) = view.search_words(item.draft.text, 1)[0].tolist()
            assert view.concepts([passage])[0].text == item.draft.text
    assert {refusal.location[:4] for refusal in report.refused} <= {"evil"}
    assert report.refused_count == len(report.refused)
    assert all(refusal.code and refusal.reason for refusal in report.refused)
    assert view.stats().sources == report.sources
    assert store.verify().clean


@settings(max_examples=40)
@given(
    st.lists(hostile_drafts(), min_size=1, max_size=6),
    st.lists(st.integers(0, 10), min_size=6, max_size=6),
    st.sampled_from([1, 3, 50]),
)
def test_hostile_texts_stop_no_good_one(
    drafts: list[SourceDraft], places: list[int], batch_size: int
) -> None:
    items: list[Item | BadItem] = [good(number) for number in range(10)]
    for number, (draft, place) in enumerate(zip(drafts, places, strict=False)):
        items.insert(place, Item(draft, None, f"evil:{number}", 0))
    with TemporaryDirectory() as folder:
        store = Engine(folder, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
        check_all_good_are_found(store, items, batch_size)
        store.close()


def test_what_only_the_store_refuses_is_refused_alone_with_its_reason(tmp_path: Path) -> None:
    store = Engine(tmp_path, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    large = SourceDraft("evil#" + "x" * (2 * MEBIBYTE), "The Aln rises at Alham.")
    items: list[Item | BadItem] = [
        good(0),
        Item(large, None, "evil:1", 0),
        Item(large, None, "evil:2", 0),
        good(1),
    ]
    report = learn(store, WordEmbedder(), items, batch_size=50)
    assert report.sources == 2
    assert [(each.location, each.code, each.reason) for each in report.refused] == [
        ("evil:1", "invalid_batch", "its address, title and attributes are over 1 MiB"),
        ("evil:2", "invalid_batch", "its address, title and attributes are over 1 MiB"),
    ]
    store.close()


def test_a_text_on_which_the_rules_fail_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(item: Item) -> ReadItem:
        if item.location == "evil:1":
            raise InternalError("a rule went out of its bounds")
        return read_item(item)

    monkeypatch.setattr("sutra_core.learn.pipeline.read_item", failing)
    store = Engine(tmp_path, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    evil = Item(SourceDraft("evil", "The Aln rises at Alham."), None, "evil:1", 0)
    report = learn(store, WordEmbedder(), [good(0), evil, good(1)], batch_size=50)
    assert (report.sources, [each.code for each in report.refused]) == (2, ["internal_error"])
    store.close()


def test_many_refusals_are_counted_and_told_but_not_all_kept(tmp_path: Path) -> None:
    store = Engine(tmp_path, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    told: list[str] = []
    bad = (BadItem(f"evil:{number}", "not JSON", "invalid_json") for number in range(2500))
    report = learn(
        store, WordEmbedder(), bad, batch_size=50, on_refusal=lambda each: told.append(each.location)
    )
    assert (report.refused_count, len(report.refused), len(told)) == (2500, 1000, 2500)
    assert [each.location for each in report.refused] == told[:1000]
    store.close()


def test_any_mapping_will_do_for_attributes(tmp_path: Path) -> None:
    store = Engine(tmp_path, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    store.commit(Batch(sources=[SourceDraft("a", "One.", attributes=MappingProxyType({"k": "v"}))]))
    assert store.view().sources([1])[0].attributes == {"k": "v"}
    store.close()
