"""Learning a stream: what is counted is found, what is refused is said, what stops can carry on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_contents import contents
from word_embedder import DIMENSION, WordEmbedder

from sutra_core.embed import PassageText, UnembeddableTextError
from sutra_core.errors import StoreIOError
from sutra_core.learn import Learned, LearnReport, Progress, Refusal, learn
from sutra_core.learn.adapters import BadItem, Item, read_collection
from sutra_core.learn.adapters.parts import PART_BYTES
from sutra_core.learn.pace import BATCH_SECONDS, Pace
from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Floats, KnowledgeStore, ReadView, Receipt, SourceDraft
from sutra_storage import Engine


class FussyEmbedder(WordEmbedder):
    """Refuses every passage with the word "unspeakable"; keeps the sizes of its calls."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        failures = {n: "unspeakable" for n, passage in enumerate(passages) if "unspeakable" in passage.text}
        if failures:
            raise UnembeddableTextError(failures)
        self.calls.append(len(passages))
        return super().encode_passages(passages)


class RecordingStore(ReferenceStore):
    """Keeps the batches that were tried; the `failing`-th (from 1) fails."""

    def __init__(self, failing: int = 0) -> None:
        super().__init__(fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
        self.failing = failing
        self.batches: list[Batch] = []

    def commit(self, batch: Batch) -> Receipt:
        self.batches.append(batch)
        if len(self.batches) == self.failing:
            raise StoreIOError("the disk is full")
        return super().commit(batch)

    def sizes(self) -> list[int]:
        return [len(batch.sources) for batch in self.batches]


def item(
    text: str, address: str = "here", title: str = "", *, offset: int = 0, time: int | None = None
) -> Item:
    draft = SourceDraft(address, text, title, offset, time)
    return Item(draft, None, f"{address}:1", 0)


def facts(count: int, first: int = 0) -> list[Item | BadItem]:
    return [
        Item(
            SourceDraft(f"fact {n}", f"Station {n} lies on Line {n % 3}. Its keeper is Keeper {n}."),
            None,
            f"facts:{n}",
            (n + 1) * 10,
        )
        for n in range(first, first + count)
    ]


def interrupted_at(items: Iterable[Item | BadItem], position: int) -> Iterator[Item | BadItem]:
    yield from islice(items, position)
    raise KeyboardInterrupt


def run(
    store: KnowledgeStore,
    items: Iterable[Item | BadItem],
    batch_size: int = 50,
    on_progress: Callable[[Progress], None] | None = None,
) -> LearnReport:
    return learn(store, FussyEmbedder(), items, batch_size=batch_size, on_progress=on_progress)


def holds(view: ReadView, item: Item | BadItem) -> bool:
    assert isinstance(item, Item)
    return view.find_source(item.draft.address, item.draft.offset, item.draft.text) > 0


# --- what is learned ---


def test_every_item_is_told_once_it_is_durable_with_its_source(store: KnowledgeStore) -> None:
    told: list[Learned] = []
    long = item("The Aln rises at Alham. " * (2 * PART_BYTES // 24), "long")
    batch = [*facts(3), *facts(1), long, item("...", "empty")]

    def heard(learned: Learned) -> None:
        assert store.view().transaction >= learned.transaction
        told.append(learned)

    learn(store, FussyEmbedder(), batch, batch_size=10, on_learned=heard)
    first = [each for each in told if each.location == "facts:0"]
    assert [each.known for each in first] == [False, True]
    assert first[0].source == first[1].source and (first[0].sentences, first[1].sentences) == (2, 0)
    parts = [each for each in told if each.location == "long:1"]
    assert len(parts) > 1 and all(each.passages for each in parts)
    assert not any(each.location == "empty:1" for each in told)
    sources = store.view().sources([each.source for each in told])
    assert {each.address for each in sources} == {"fact 0", "fact 1", "fact 2", "long"}
    told.clear()
    learn(store, FussyEmbedder(), facts(1), batch_size=10, on_learned=heard)
    assert [(each.known, each.source) for each in told] == [(True, first[0].source)]


def test_what_the_report_counts_is_what_the_store_holds(store: KnowledgeStore) -> None:
    report = run(store, facts(7), batch_size=3)
    stats = store.view().stats()
    assert (report.sources, report.sources_known, report.refused) == (7, 0, [])
    assert (report.sentences, report.passages) == (14, 7)
    assert (report.sources, report.concepts, report.associations, report.transaction) == (
        stats.sources,
        stats.concepts,
        stats.associations,
        stats.transaction,
    )
    assert not report.interrupted
    assert {"adapters", "reading", "vectors", "commit"} == set(report.stage_seconds)
    assert store.verify().clean


def test_the_same_source_twice_changes_nothing(store: KnowledgeStore) -> None:
    run(store, facts(7))
    before = contents(store.view(), ids=True)
    transaction = store.view().transaction
    report = run(store, facts(7))
    assert (report.sources, report.sources_known) == (0, 7)
    assert (report.sentences, report.passages, report.concepts, report.associations) == (0, 0, 0, 0)
    assert report.transaction == store.view().transaction == transaction
    assert contents(store.view(), ids=True) == before


def test_known_sources_are_not_embedded_again() -> None:
    store = RecordingStore()
    run(store, facts(4))
    embedder = FussyEmbedder()
    learn(store, embedder, facts(5), batch_size=50)
    assert embedder.calls == [1]
    assert store.sizes() == [4, 1]


@pytest.mark.parametrize("batch_size", [1, 2, 50])
def test_a_source_that_comes_twice_in_one_stream_is_counted_once(
    store: KnowledgeStore, batch_size: int
) -> None:
    report = run(store, [*facts(2), *facts(2), *facts(1, first=2)], batch_size)
    assert (report.sources, report.sources_known) == (3, 2)
    assert (report.sentences, report.passages) == (6, 3)
    assert store.view().stats().sources == 3


def test_a_source_that_was_refused_is_refused_again(store: KnowledgeStore) -> None:
    bad = item("An unspeakable text.")
    report = run(store, [bad, *facts(1), bad, bad])
    assert (report.sources, report.sources_known) == (1, 0)
    assert [refusal.code for refusal in report.refused] == ["embedder_failed"] * 3


def test_a_title_that_comes_too_late_teaches_nothing(store: KnowledgeStore) -> None:
    text = "It is on the Vistula."
    run(store, [item(text), item(text, title="Warsaw")])
    assert store.view().find_entities(["Warsaw"]) == [0]
    assert store.view().sources([1])[0].title == ""


def test_what_another_writer_learned_first_is_counted_as_known() -> None:
    class Overtaken(RecordingStore):
        def commit(self, batch: Batch) -> Receipt:
            ReferenceStore.commit(self, batch)
            return super().commit(batch)

    report = run(Overtaken(), facts(3))
    assert (report.sources, report.sources_known) == (0, 3)
    assert (report.sentences, report.passages, report.concepts) == (0, 0, 0)


def test_the_same_sentence_from_another_source_adds_a_support(store: KnowledgeStore) -> None:
    first = "The Aln rises at Alham."
    run(store, [item(first, "a")])
    report = run(store, [item(f"Zoë says so. {first}", "b")])
    view = store.view()
    (sentence,) = [c for c in view.concepts([*range(1, view.stats().concepts + 1)]) if c.text == first]
    assert [(place.start, place.end) for place in view.supports([sentence.id])[0]] == [(0, 23), (14, 37)]
    assert (sentence.source, sentence.start) == (1, 0)
    assert report.sentences == 2
    (aln,) = view.find_entities(["Aln"])
    (mention,) = view.neighbors([aln], direction="in", relations=["mentions"])[0]
    assert mention.evidence_count == 1  # said twice in the same words is one statement


def test_another_text_of_an_address_takes_the_place_of_the_one_before(store: KnowledgeStore) -> None:
    report = run(store, [item("The first text.", "a"), item("The second text.", "a")])
    assert (report.sources, report.sources_retired) == (2, 1)
    report = run(store, [item("The second text.", "a"), item("The first text.", "a", offset=100)])
    assert (report.sources, report.sources_known, report.sources_retired) == (1, 1, 0)
    report = run(store, [item("The second text.", "a")])
    assert (report.sources, report.sources_known, report.sources_retired) == (0, 1, 1)
    report = run(store, [item("The first text.", "a")])
    assert (report.sources, report.sources_known, report.sources_retired) == (1, 0, 1)
    view = store.view()
    assert [source.id for source in view.sources_after(0, 9)] == view.sources_at("a") == [4]
    assert view.sources_at("a", retired=True) == [1, 2, 4, 3]


def test_who_is_told_of_an_item_is_told_how_many_had_their_place_taken(store: KnowledgeStore) -> None:
    told: list[Learned] = []

    def heard(*items: Item) -> list[tuple[int, bool]]:
        told.clear()
        report = learn(store, FussyEmbedder(), items, batch_size=50, on_learned=told.append)
        assert sum(each.retired for each in told) == report.sources_retired
        return [(each.retired, each.known) for each in told]

    long = item("The Aln rises at Alham. " * (2 * PART_BYTES // 24), "a")
    parts = heard(long)
    assert len(parts) > 1 and set(parts) == {(0, False)}
    assert heard(item("The Aln.", "a"), item("It.", "b"), item("The Aln.", "a")) == [
        (len(parts), False),
        (0, True),
        (0, False),
    ]
    assert heard(item("One.", "a"), item("Two.", "a"), item("Three.", "b")) == [
        (0, False),
        (2, False),
        (1, False),
    ]
    assert heard(item("Two.", "a")) == [(0, True)]


def test_marked_up_text_is_stored_and_cited_verbatim(store: KnowledgeStore, tmp_path: Path) -> None:
    said = "The **Åln** rises at [Alham](https://example.org/x)."
    path = tmp_path / "page.md"
    path.write_bytes(f"# Rivers\r\n\r\n{said}\r\n".encode())
    run(store, read_collection(path))
    view = store.view()
    (concept,) = [c for c in view.concepts([*range(1, view.stats().concepts + 1)]) if c.text == said]
    data = path.read_bytes()
    assert view.source_text(concept.source).encode() == data
    assert data[concept.start : concept.end].decode() == said


# --- what is refused ---


def test_refusals_are_said_as_they_happen_and_their_neighbours_learned(store: KnowledgeStore) -> None:
    bad = BadItem("facts:2", "not JSON", "invalid_json", 25)
    first, second, third = facts(3)
    told: list[Refusal] = []
    items = [first, bad, item("An unspeakable text.", "u"), second, item("?! …", "n"), third]
    report = learn(store, FussyEmbedder(), items, batch_size=4, on_refusal=told.append)
    assert report.refused == told
    assert sorted((refusal.location, refusal.code) for refusal in told) == [
        ("facts:2", "invalid_json"),
        ("n:1", "empty_text"),
        ("u:1", "embedder_failed"),
    ]
    assert report.sources == 3
    assert all(holds(store.view(), each) for each in (first, second, third))
    assert store.view().stats().sources == 3


def test_a_page_whose_prose_has_no_words_is_refused(store: KnowledgeStore, tmp_path: Path) -> None:
    path = tmp_path / "code.md"
    path.write_text("```\nonly code\n```\n")
    report = run(store, read_collection(path))
    assert [refusal.code for refusal in report.refused] == ["empty_text"]
    assert store.view().stats().sources == 0


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (item("A fine text.", " "), "address"),
        (item("A text with half a \ud800 pair.", "a"), "surrogate"),
        (item("A fine text.", "a", "A title \udfff"), "surrogate"),
        (item("A fine text.", "a\udc80"), "surrogate"),
        (Item(SourceDraft("a", "A text.", attributes={"k": "\ud800"}), None, "a:1", 0), "surrogate"),
        (item("A fine text.", "a", time=1 << 63), "64 bits"),
    ],
)
def test_what_no_store_can_hold_is_refused_alone(store: KnowledgeStore, bad: Item, word: str) -> None:
    report = run(store, [*facts(1), bad, *facts(1, first=1)])
    assert report.sources == 2
    assert [(refusal.location, refusal.code) for refusal in report.refused] == [
        (bad.location, "invalid_text")
    ]
    assert word in report.refused[0].reason


# --- batches ---


@pytest.mark.parametrize(("batch_size", "sizes"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (50, [7])])
def test_a_batch_ends_at_the_batch_size(batch_size: int, sizes: list[int]) -> None:
    store = RecordingStore()
    run(store, facts(7), batch_size)
    assert store.sizes() == sizes


@pytest.mark.parametrize("letter", ["a", "é", "東"])
def test_a_batch_ends_at_as_many_bytes_as_the_pace_allows(
    monkeypatch: pytest.MonkeyPatch, letter: str
) -> None:
    monkeypatch.setattr(Pace, "batch_bytes", 4 * PART_BYTES)
    store = RecordingStore()
    word = letter * (PART_BYTES // len(letter.encode()) - 10)
    run(store, [item(f"{word} {n}", str(n)) for n in range(11)])
    assert store.sizes() == [5, 5, 1]


def test_a_text_waits_no_longer_for_others_than_a_batch_should_take(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def slow() -> Iterator[Item | BadItem]:
        nonlocal now
        for number, each in enumerate(facts(8)):
            now += BATCH_SECONDS / 4 if number < 5 else BATCH_SECONDS
            yield each

    monkeypatch.setattr("sutra_core.learn.pipeline.perf_counter", lambda: now)
    store = RecordingStore()
    run(store, slow())
    assert store.sizes() == [5, 2, 1]


@pytest.mark.parametrize("letter", ["a", "é ", "東。", "Word. ", "A line\n", "\n\n"])
def test_a_long_text_is_learned_in_parts_that_cover_it(tmp_path: Path, letter: str) -> None:
    store = Engine(tmp_path / "store", fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
    text = letter * (3 * PART_BYTES // len(letter.encode())) + "The Aln rises at Alham."
    long = item(text, "long", offset=7)
    report = run(store, [*facts(1), long, *facts(1, first=1)])
    assert report.refused == []
    view = store.view()
    parts = [
        source for source in view.sources([*range(1, view.stats().sources + 1)]) if source.address == "long"
    ]
    data = text.encode()
    texts = {part.offset - 7: view.source_text(part.id).encode() for part in parts}
    assert all(len(part) <= PART_BYTES for part in texts.values())
    assert all(data[start : start + len(part)] == part for start, part in texts.items())
    covered = bytearray(len(data))
    for start, part in texts.items():
        covered[start : start + len(part)] = part
    assert not data.translate(None, delete=bytes(covered)).strip()
    assert run(store, [long]).sources_known == len(parts)


# --- progress ---


def test_progress_counts_only_what_a_fresh_view_finds(store: KnowledgeStore) -> None:
    items = facts(23)
    told: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        view = store.view()
        sentences = [
            c for c in view.concepts([*range(1, view.stats().concepts + 1)]) if "sentence" in c.roles
        ]
        assert progress.sentences == len(sentences)
        assert progress.sources == view.stats().sources
        assert all(holds(view, each) for each in items[: progress.sources])
        told.append(progress)

    learn(store, WordEmbedder(), items, batch_size=5, bytes_total=230, on_progress=on_progress)
    assert list(dict.fromkeys(progress.sources for progress in told if progress.sources)) == [
        5,
        10,
        15,
        20,
        23,
    ]
    assert [progress.bytes_done for progress in told] == sorted(progress.bytes_done for progress in told)
    assert (told[-1].bytes_done, told[-1].bytes_total, told[-1].sentences) == (230, 230, 46)


def test_progress_counts_known_sources_and_refusals() -> None:
    store = RecordingStore()
    run(store, facts(3))
    told: list[Progress] = []
    run(store, [*facts(5), item("unspeakable", "u")], on_progress=told.append)
    assert (told[-1].sources, told[-1].sentences, told[-1].refused) == (5, 4, 1)


# --- stopping and carrying on ---


@pytest.mark.parametrize("position", [0, 4, 5, 11, 20])
def test_an_interrupt_keeps_what_was_acknowledged_and_the_next_run_carries_on(
    store: KnowledgeStore, position: int
) -> None:
    report = run(store, interrupted_at(facts(20), position), batch_size=5)
    assert report.interrupted
    assert report.sources == store.view().stats().sources == position // 5 * 5
    again = run(store, facts(20), batch_size=5)
    assert not again.interrupted
    assert (again.sources_known, again.sources) == (report.sources, 20 - report.sources)
    whole = RecordingStore()
    run(whole, facts(20), batch_size=5)
    assert contents(store.view(), ids=True) == contents(whole.view(), ids=True)


def test_an_interrupt_while_embedding_ends_learning_cleanly() -> None:
    class Interrupted(FussyEmbedder):
        def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().encode_passages(passages)

    store = RecordingStore()
    report = learn(store, Interrupted(), facts(20), batch_size=5)
    assert report.interrupted
    assert report.sources == store.view().stats().sources == 10


@pytest.mark.parametrize("failing", [1, 2, 4])
def test_a_failed_commit_is_raised_and_nothing_is_committed_after_it(failing: int) -> None:
    store = RecordingStore(failing)
    told: list[Progress] = []
    with pytest.raises(StoreIOError, match="the disk is full"):
        run(store, facts(20), batch_size=5, on_progress=told.append)
    assert len(store.batches) == failing
    assert store.view().stats().sources == 5 * (failing - 1)
    assert [p.sources for p in told if p.sources] == [5 * n for n in range(1, failing)]
    run(store, facts(20), batch_size=5)
    assert store.view().stats().sources == 20


def test_an_error_of_the_stream_is_raised_after_what_was_handed_over_is_kept() -> None:
    def broken() -> Iterator[Item | BadItem]:
        yield from facts(7)
        raise OSError("the drive was pulled out")

    store = RecordingStore()
    with pytest.raises(OSError, match="pulled out"):
        run(store, broken(), batch_size=3)
    assert store.view().stats().sources == 6


SENTENCES = [
    "Marie Curie was born in Warsaw.",
    "It is on the Vistula.",
    "We saw the river ALN.",
    "The Aln is a river.",
    "International Business Machines (IBM) is in Armonk.",
    "IBM was founded by Charles Flint.",
    "This is unspeakable.",
    "…",
]
TITLES = ["", "Aln", "Marie Curie", "IBM (company)"]


@st.composite
def collections(draw: st.DrawFn) -> list[Item | BadItem]:
    """A small collection in which sentences, names and whole sources repeat, and some cannot be learned."""
    items: list[Item | BadItem] = []
    for number in range(draw(st.integers(0, 9))):
        sentences = draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
        text = " ".join(sentences)
        # No two texts share one: what takes another's place and comes again is learned more than once.
        address = f"{draw(st.sampled_from('abc'))}: {text}"
        draft = SourceDraft(address, text, draw(st.sampled_from(TITLES)))
        items.append(Item(draft, None, f"{number}", 0))
    for position in draw(st.lists(st.integers(0, 9), max_size=2)):
        items.insert(position, BadItem(f"bad {position}", "not JSON", "invalid_json"))
    return items


def same_after_an_interrupt(
    store: KnowledgeStore, items: list[Item | BadItem], position: int, sizes: tuple[int, int]
) -> None:
    first = run(store, interrupted_at(items, position), sizes[0])
    assert first.interrupted
    assert first.sources == store.view().stats().sources
    second = run(store, items, sizes[0])
    whole = RecordingStore()
    once = run(whole, items, sizes[1])
    assert first.sources + second.sources == once.sources
    assert first.sentences + second.sentences == once.sentences
    assert sorted(r.location for r in second.refused) == sorted(r.location for r in once.refused)
    # The same batches give the same numbers; where they begin elsewhere, the same knowledge.
    same_batches = sizes[0] == sizes[1] and not once.refused
    assert contents(store.view(), ids=same_batches) == contents(whole.view(), ids=same_batches)


@given(collections(), st.integers(0, 12), st.tuples(st.integers(1, 4), st.integers(1, 4)))
def test_learning_with_an_interrupt_ends_in_the_same_knowledge(
    items: list[Item | BadItem], position: int, sizes: tuple[int, int]
) -> None:
    same_after_an_interrupt(RecordingStore(), items, position, sizes)


@settings(max_examples=15)
@given(collections(), st.integers(0, 12), st.tuples(st.integers(1, 4), st.integers(1, 4)))
def test_so_it_does_in_the_engine(items: list[Item | BadItem], position: int, sizes: tuple[int, int]) -> None:
    with TemporaryDirectory() as folder:
        store = Engine(folder, fingerprint=WordEmbedder.fingerprint, dimension=DIMENSION)
        same_after_an_interrupt(store, items, position, sizes)
        assert store.verify().clean
        store.close()
