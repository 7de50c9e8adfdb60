"""The rules of versions, each on the smallest batches that show it."""

from __future__ import annotations

import numpy as np
import pytest

from sutra_core.reference import ReferenceStore
from sutra_core.types import Batch, Evidence, SourceDraft, Support


def text(
    *sentences: str, address: str = "a", offset: int = 0, last: bool = True, confidence: float = 0.5
) -> Batch:
    """Sentences that are passages, each of which mentions the Nile and has a vector."""
    batch = Batch(
        sources=[SourceDraft(address, " ".join(sentences), offset=offset, last=last)],
        entities=[("Nile", "place")],
        relations=[("mentions", "semantic")],
        vector_references=list(range(len(sentences))),
        vectors=np.array([[3.0, 4.0]] * len(sentences), np.float32),
    )
    start = 0
    for number, sentence in enumerate(sentences):
        batch.statements.append((0, start, start + len(sentence), True, True))
        batch.associations.append((number, 0, len(sentences), number, confidence, None, None, 0))
        start += len(sentence) + 1
    return batch


def both(first: Batch, second: Batch) -> Batch:
    """The sources and statements of two batches in one, without what they say."""
    later = [(1, *statement[1:]) for statement in second.statements]
    return Batch(first.sources + second.sources, first.statements + later)  # type: ignore[operator]


def said(store: ReferenceStore) -> list[str]:
    view = store.view()
    ids, _ = view.search_vectors(np.array([3, 4], np.float32), 9)
    return [concept.text for concept in view.concepts(sorted(ids))]


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore(fingerprint="f", dimension=2)


def test_what_is_unchanged_keeps_its_number_and_what_is_gone_leaves_searches(store: ReferenceStore) -> None:
    store.commit(text("One.", "Two.", "Three."))
    receipt = store.commit(text("One.", "Four.", "Three."))
    assert (receipt.new_sources, receipt.retired_sources, receipt.new_concepts) == (1, 1, 1)
    assert receipt.concepts == [1, 5, 3, 4]
    view = store.view()
    assert said(store) == ["One.", "Three.", "Four."]
    assert [view.sources([number])[0].retired for number in (1, 2)] == [2, None]
    assert (view.concepts([1])[0].source, view.concepts([2])[0].source) == (2, 1)
    assert view.supports([1, 2]) == [[Support(2, 0, 4)], []]
    assert (view.find_source("a", 0, "One. Two. Three."), view.find_source("a", 0, "One. Four. Three.")) == (
        0,
        2,
    )
    assert (view.sources_at("a"), view.sources_at("a", retired=True)) == ([2], [1, 2])
    stats = view.stats()
    assert (stats.sources, stats.statements, stats.evidence, stats.vectors) == (1, 3, 3, 3)
    assert store.verify().faults == []


def test_what_is_said_again_is_what_it_was(store: ReferenceStore) -> None:
    first = store.commit(text("One.", "Two."))
    store.commit(text("One."))
    back = store.commit(text("One.", "Two.", confidence=0.75))
    assert (back.concepts, back.new_concepts, back.new_associations) == (first.concepts, 0, 1)
    view = store.view()
    assert said(store) == ["One.", "Two."] and view.pending() == []
    # What stands in the new source alone was told anew, as it is told there.
    assert view.evidence([(2, "mentions", 3)])[0] == [Evidence(2, 0.75, None, None)]
    assert view.within(as_of=1).evidence([(2, "mentions", 3)])[0] == [Evidence(2, 0.5, None, None)]
    assert view.within(as_of=2).evidence([(2, "mentions", 3)])[0] == []


def test_evidence_that_the_new_text_does_not_tell_ends(store: ReferenceStore) -> None:
    store.commit(text("One."))
    silent = text("One.", "Two.")
    silent.associations = []
    store.commit(silent)
    view = store.view()
    assert view.evidence([(1, "mentions", 2)])[0] == [] and view.find_entities(["nile"]) == [0]
    assert view.within(as_of=1).find_entities(["nile"]) == [2]
    # Where another source says it too it goes on.
    store.commit(text("One.", address="b"))
    store.commit(text("Two."))
    assert store.view().find_entities(["nile"]) == [2]


def test_parts_take_the_place_of_what_they_overlap_and_the_last_of_what_follows(
    store: ReferenceStore,
) -> None:
    for number in range(3):
        store.commit(text(f"Part {number}.", offset=7 * number, last=number == 2))
    assert store.commit(text("Part X.", offset=7, last=False)).retired_sources == 1
    assert said(store) == ["Part 0.", "Part 2.", "Part X."]
    shorter = store.commit(text("Part 0."))
    assert (shorter.new_sources, shorter.retired_sources, shorter.transaction) == (0, 2, 5)
    assert said(store) == ["Part 0."]
    assert store.commit(text("Part 0.")).transaction == 5


def test_of_several_texts_in_a_batch_the_last_stands(store: ReferenceStore) -> None:
    receipt = store.commit(both(text("One."), text("Two.")))
    assert (receipt.new_sources, receipt.retired_sources, receipt.new_concepts) == (2, 1, 1)
    assert receipt.concepts == [0, 1]
    assert store.view().sources_at("a") == [2]
    assert store.view().source_text(1) == "One."


def test_a_text_that_passes_gives_no_vector_to_what_goes_with_the_one_before(store: ReferenceStore) -> None:
    bare = text("One.")
    bare.vector_references, bare.vectors = [], None
    store.commit(bare)
    batch = both(text("One.", "Or so."), text("Two."))
    batch.vector_references, batch.vectors = [0], np.array([[3.0, 4.0]], np.float32)
    assert store.commit(batch).retired_sources == 2
    assert store.view().stats().vectors == 0 and not store.view().concepts([1])[0].has_vector


def test_what_a_forgotten_source_leaves_to_retired_ones_is_retired(store: ReferenceStore) -> None:
    store.commit(text("One."))
    store.commit(text("Two."))
    store.commit(text("One.", address="b"))
    forgotten = store.forget_sources([3])
    assert forgotten is not None
    assert (forgotten.sources, forgotten.statements, forgotten.staying, forgotten.evidence) == (1, 1, 1, 1)
    assert said(store) == ["Two."] and store.view().concepts([1])[0].text == "One."
    # Where it was said then is forgotten, and the other source was retired by then.
    assert store.view().within(as_of=3).evidence([(1, "mentions", 2)])[0] == []
    assert store.view().within(as_of=1).evidence([(1, "mentions", 2)])[0] == [Evidence(1, 0.5, None, None)]
    last = store.forget_sources([1])
    assert last is not None and (last.sources, last.statements) == (1, 0)
    assert store.view().find_entities(["Nile"]) == [2]
    assert store.verify().faults == []
    store.forget_sources([2])
    assert store.verify().checked == {"transactions": 6}


def test_the_past_says_what_the_present_said(store: ReferenceStore) -> None:
    asked = np.array([3, 4], np.float32)
    kept = []
    for sentences in (["One.", "Two."], ["Two.", "Three."], ["One."], ["Three.", "One."]):
        store.commit(text(*sentences))
        view = store.view()
        kept.append([view.search_vectors(asked, 9), view.neighbors([1, 2, 3])])
    for transaction, (ranking, edges) in enumerate(kept, start=1):
        view = store.view().within(as_of=transaction)
        found = view.search_vectors(asked, 9)
        assert (found[0].tolist(), found[1].tolist()) == (ranking[0].tolist(), ranking[1].tolist())
        assert view.neighbors([1, 2, 3]) == edges
