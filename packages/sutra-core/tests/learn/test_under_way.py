"""What is under way keeps its order: of the texts of an address the one that came last stands in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.learn import Learned, LearnReport, Refusal, learn
from sutra_core.learn.adapters import Item
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.learn.under_way import Met, UnderWay
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Floats, KnowledgeStore, Receipt, SourceDraft

ALN, WEAR = "The Aln rises at Alham.", "The Wear rises at Wearhead."


class HeldStore(ReferenceStore):
    """Waits with its second commit until it is let go."""

    def __init__(self) -> None:
        super().__init__(fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
        self.held, self.free = threading.Event(), threading.Event()
        self.commits = 0

    def commit(self, batch: Batch) -> Receipt:
        self.commits += 1
        if self.commits == 2:
            self.held.set()
            assert self.free.wait(30)
        return super().commit(batch)


class OnceFussyEmbedder(WordEmbedder):
    """Refuses the first passage that has the word "unspeakable", and no other."""

    refused = False

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        at = [number for number, passage in enumerate(passages) if "unspeakable" in passage.text]
        if at and not self.refused:
            self.refused = True
            raise UnembeddableTextError({at[0]: "unspeakable"})
        return super().encode_passages(passages)


def items(*texts: tuple[str, str]) -> list[Item]:
    """An item for each address and text; its place is its position."""
    return [
        Item(SourceDraft(address, text), None, str(number), 0) for number, (address, text) in enumerate(texts)
    ]


def run(
    store: KnowledgeStore, stream: Iterable[Item], batch_size: int
) -> tuple[LearnReport, dict[str, list[Learned]]]:
    """The report, and what was told of each place."""
    told: dict[str, list[Learned]] = {}

    def heard(learned: Learned) -> None:
        told.setdefault(learned.location, []).append(learned)

    report = learn(store, WordEmbedder(), stream, batch_size=batch_size, on_learned=heard)
    everybody = [each for of_place in told.values() for each in of_place]
    assert report.sources == sum(not each.known for each in everybody)
    assert report.sources_known == sum(each.known for each in everybody)
    assert report.sources_retired == sum(each.retired for each in everybody)
    return report, told


def long(words: str) -> str:
    """As many bytes as a part has, in few sentences, which begin with these words."""
    sentence = f"{words} {'far ' * 250}away. "
    return sentence * (PART_BYTES // len(sentence))


def standing(store: KnowledgeStore, address: str = "a") -> list[str]:
    view = store.view()
    return [view.source_text(number) for number in view.sources_at(address)]


# --- the order ---


def test_what_comes_meets_what_is_under_way() -> None:
    under_way = UnderWay()
    first, second = SourceDraft("a", ALN), SourceDraft("a", WEAR)
    assert under_way.meet(first, "1") is Met.NOTHING
    under_way.add(first, "1")
    assert under_way.meet(SourceDraft("a", ALN), "2") is Met.SAME
    assert under_way.meet(SourceDraft("b", WEAR), "3") is Met.NOTHING
    assert under_way.meet(second, "3") is Met.OTHER
    under_way.add(second, "3")
    again = SourceDraft("a", ALN)
    assert under_way.meet(again, "4") is Met.OTHER
    under_way.add(again, "4")
    assert under_way.meet(SourceDraft("a", ALN), "5") is Met.SAME
    assert len(under_way) == 5
    assert under_way.settle(again) == ["4", "5"]
    assert (under_way.settle(first), under_way.settle(second), len(under_way)) == (["1", "2"], ["3"], 0)


def test_parts_meet_what_has_bytes_in_common_with_them() -> None:
    under_way = UnderWay()
    for number in range(2):
        under_way.add(SourceDraft("a", f"Part {number}.", offset=7 * number, last=False), str(number))
    assert under_way.meet(SourceDraft("a", "Part 0.", last=False), "again") is Met.SAME
    assert under_way.meet(SourceDraft("a", "Part 2.", offset=14, last=False), "next") is Met.NOTHING
    assert under_way.meet(SourceDraft("a", "It is.", offset=6, last=False), "across") is Met.OTHER
    # The whole text ends here now, and what was under way behind it has no place any more.
    assert under_way.meet(SourceDraft("a", "Part 0."), "shorter") is Met.OTHER


# --- learning ---


def test_the_text_that_comes_last_stands_within_one_batch(store: KnowledgeStore) -> None:
    report, told = run(store, items(("a", ALN), ("a", WEAR), ("b", ALN), ("a", ALN), ("a", ALN)), 50)
    assert standing(store) == standing(store, "b") == [ALN]
    assert (report.sources, report.sources_known, report.sources_retired) == (3, 2, 1)
    assert [(each.known, each.retired) for (each,) in told.values()] == [
        (False, 0),
        (False, 0),
        (False, 0),
        (True, 1),
        (True, 0),
    ]
    assert len(store.view().sources_at("a", retired=True)) == 2
    assert store.verify().clean


@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_the_text_that_comes_last_stands_across_batches(store: KnowledgeStore, batch_size: int) -> None:
    report, told = run(store, items(("a", ALN), ("a", WEAR), ("a", ALN), ("a", WEAR)), batch_size)
    assert standing(store) == [WEAR] and len(told) == 4
    assert report.sources + report.sources_known == 4
    held = store.view().sources_at("a", retired=True)
    assert (report.sources, report.sources_retired) == (len(held), len(held) - 1)
    assert store.verify().clean


def test_what_is_known_comes_after_what_is_being_written() -> None:
    store = HeldStore()

    def stream() -> Iterator[Item]:
        *first, last = items(("a", ALN), ("b", ALN), ("a", WEAR), ("c", ALN), ("a", ALN), ("d", ALN))
        yield from first
        # The text before was looked at: the store has it still, and what takes its place is being written.
        assert store.held.wait(30)
        before = standing(store)
        store.free.set()
        assert before == [ALN]
        yield last

    report, told = run(store, stream(), 2)
    assert standing(store) == [ALN]
    assert (report.sources, report.sources_known, report.sources_retired) == (6, 0, 2)
    assert [(each.known, each.retired) for (each,) in (told["0"], told["2"], told["4"])] == [
        (False, 0),
        (False, 1),
        (False, 1),
    ]
    (number,) = store.view().sources_at("a")
    assert told["4"][0].source == number != told["0"][0].source


def test_what_an_earlier_run_learned_stands_again(store: KnowledgeStore) -> None:
    run(store, items(("a", ALN)), 50)
    report, told = run(store, items(("a", WEAR), ("a", ALN)), 50)
    assert standing(store) == [ALN]
    assert (report.sources, report.sources_known, report.sources_retired) == (1, 1, 1)
    assert [(each.known, each.source) for (each,) in told.values()] == [(False, 2), (True, 1)]


@pytest.mark.parametrize("batch_size", [1, 2, 50])
def test_long_texts_stand_whole(store: KnowledgeStore, batch_size: int) -> None:
    first, second = (long("The Aln rises at") + long(other) for other in ("It is a river", "It is cold"))
    stream = items(("a", first), ("a", second), ("a", first), ("a", ALN), ("a", first))
    report, told = run(store, stream, batch_size)
    assert "".join(standing(store)) == first
    assert len(told["0"]) == len(told["2"]) == len(told["4"]) > 1
    held = store.view().sources_at("a", retired=True)
    assert report.sources == len(held)
    assert report.sources_retired == len(held) - len(store.view().sources_at("a"))
    assert store.verify().clean


def test_a_long_text_that_comes_twice_is_read_once(store: KnowledgeStore) -> None:
    text = long("The Aln rises at") * 2
    report, told = run(store, items(("a", text), ("a", text)), 50)
    assert (report.sources, report.sources_known, report.sources_retired) == (
        len(told["0"]),
        len(told["1"]),
        0,
    )
    assert report.sources == report.sources_known > 1


def test_a_text_that_is_refused_takes_no_other_with_it(store: KnowledgeStore) -> None:
    stream = items(("a", "An unspeakable text."), ("a", WEAR), ("a", "An unspeakable text."))
    refused: list[Refusal] = []
    told: list[Learned] = []
    report = learn(
        store, OnceFussyEmbedder(), stream, batch_size=50, on_refusal=refused.append, on_learned=told.append
    )
    assert [each.location for each in refused] == ["0"]
    assert [each.location for each in told] == ["1", "2"]
    assert standing(store) == ["An unspeakable text."]
    assert (report.sources, report.sources_retired, report.failed) == (2, 1, 0)


# Texts by their address, cut into the words that they are made of.
TEXTS = st.tuples(
    st.sampled_from("ab"), st.lists(st.sampled_from(["Aln ", "Wear ", "Tees "]), min_size=1, max_size=3)
)


def parts(texts: list[tuple[str, list[str]]]) -> list[Item]:
    drafts = [
        SourceDraft(address, word, offset=len("".join(words[:at])), last=at == len(words) - 1)
        for address, words in texts
        for at, word in enumerate(words)
    ]
    return [Item(draft, None, str(number), 0) for number, draft in enumerate(drafts)]


@given(texts=st.lists(TEXTS, max_size=6), before=st.lists(TEXTS, max_size=2), batch_size=st.integers(1, 9))
def test_the_last_text_of_each_address_stands(
    texts: list[tuple[str, list[str]]], before: list[tuple[str, list[str]]], batch_size: int
) -> None:
    store = ReferenceStore(fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    earlier, _ = run(store, parts(before), 1)
    report, told = run(store, parts(texts), batch_size)
    for address, words in dict([*before, *texts]).items():
        assert standing(store, address) == words
    assert [len(of_place) for of_place in told.values()] == [1] * len(parts(texts))
    view = store.view()
    held = len(view.sources_after(0, 100, retired=True))
    assert earlier.sources + report.sources == held
    assert earlier.sources_retired + report.sources_retired == held - len(view.sources_after(0, 100))
    assert store.verify().clean
