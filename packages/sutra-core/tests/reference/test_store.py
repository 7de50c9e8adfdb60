"""The rules of learning, each on the smallest batch that shows it."""

from __future__ import annotations

import numpy as np
import pytest

from sutra_core.errors import (
    EmbedderMismatchError,
    InvalidBatchError,
    InvalidValueError,
    StoreClosedError,
    UnknownConceptError,
)
from sutra_core.reference import ReferenceStore, ReferenceView
from sutra_core.reference.state import State
from sutra_core.types import Batch, EntityType, KnowledgeStore, ReadView, SourceDraft, Support

NILE = "The Nile — a river — flows north."


def batch(address: str = "a", text: str = NILE, confidence: float = 0.5) -> Batch:
    """One sentence that is a passage, which mentions one entity."""
    return Batch(
        sources=[SourceDraft(address, text)],
        statements=[(0, 0, len(text.encode()), True, True)],
        entities=[("Nile", "thing")],
        relations=[("mentions", "semantic")],
        associations=[(0, 0, 1, 0, confidence, None, None, 0)],
        vector_references=[0],
        vectors=np.array([[3.0, 4.0]], np.float32),
    )


@pytest.fixture
def store() -> ReferenceStore:
    return ReferenceStore(fingerprint="f", dimension=2)


def test_it_keeps_both_interfaces(store: ReferenceStore) -> None:
    assert isinstance(store, KnowledgeStore)
    assert isinstance(store.view(), ReadView)


def test_what_is_learned_is_found_at_once_and_not_in_older_views(store: ReferenceStore) -> None:
    before = store.view()
    receipt = store.commit(batch())
    assert (receipt.transaction, receipt.concepts, receipt.sources) == (1, [1, 2], [1])
    assert (receipt.new_sources, receipt.new_concepts, receipt.new_associations) == (1, 2, 1)
    view = store.view()
    statement, entity = view.concepts([1, 2])
    assert (statement.text, statement.roles, statement.has_vector) == (NILE, ("sentence", "passage"), True)
    assert (entity.text, entity.entity_type, entity.source) == ("Nile", "thing", 0)
    assert view.vectors([1, 2]) == pytest.approx(np.array([[0.6, 0.8], [0, 0]]), abs=1e-3)
    assert view.find_entities(["ＮＩＬＥ ", "Aswan"]) == [2, 0]
    assert view.source_text(1) == NILE
    assert view.find_source("a", 0, NILE) == 1
    assert view.find_source("a", 1, NILE) == 0
    assert before.stats() == ReferenceView(State(), 2, "").stats()


def test_the_same_source_again_changes_nothing(store: ReferenceStore) -> None:
    first = store.commit(batch())
    again = store.commit(batch(confidence=0.9))
    assert (again.transaction, again.concepts, again.sources) == (1, first.concepts, first.sources)
    assert (again.new_sources, again.new_concepts, again.new_associations) == (0, 0, 0)
    assert store.view().neighbors([1])[0][0].confidence == 0.5


def test_another_source_adds_support_and_no_evidence(store: ReferenceStore) -> None:
    store.commit(batch())
    receipt = store.commit(batch(address="b"))
    view = store.view()
    assert (receipt.transaction, receipt.concepts, receipt.new_sources) == (2, [1, 2], 1)
    length = len(NILE.encode())
    assert view.supports([1]) == [[Support(1, 0, length), Support(2, 0, length)]]
    assert [piece.statement for piece in view.evidence([(1, "mentions", 2)])[0]] == [1]


def test_evidence_of_another_statement_strengthens(store: ReferenceStore) -> None:
    text = "Egypt gave it. Egypt has it."
    twice = Batch(
        sources=[SourceDraft("a", text)],
        statements=[(0, 0, 14, True, False), (0, 15, 28, True, False)],
        entities=[("Nile", "thing"), ("Egypt", "place")],
        relations=[("located_in", "compositional")],
        associations=[
            (2, 0, 3, 0, 0.5, 7, None, 0),
            (2, 0, 3, 1, 0.6, None, 9, 0),
            (2, 0, 3, 1, 1.0, None, None, 0),
        ],
    )
    store.commit(twice)
    view = store.view()
    (association,) = view.neighbors([3])[0]
    assert association.confidence == pytest.approx(0.8)
    assert association.evidence_count == 2
    pieces = view.evidence([(3, "located_in", 4)])[0]
    assert [(piece.statement, piece.valid_from, piece.valid_to) for piece in pieces] == [
        (1, 7, None),
        (2, None, 9),
    ]
    assert store.verify().faults == []


def test_confidence_never_reaches_certainty(store: ReferenceStore) -> None:
    store.commit(batch(confidence=1.0))
    assert store.view().neighbors([1])[0][0].confidence == float(np.float32(0.99))


def test_roles_unite_and_only_an_unknown_type_is_replaced(store: ReferenceStore) -> None:
    sentence = batch()
    sentence.statements = [(0, 0, len(NILE.encode()), True, False)]
    store.commit(sentence)
    assert store.view().search_words("north", 5)[0].size == 0
    types: tuple[tuple[str, EntityType], ...] = (("b", "place"), ("c", "work"))
    for address, entity_type in types:
        other = batch(address)
        other.entities = [("NILE", entity_type)]
        store.commit(other)
    statement, entity = store.view().concepts([1, 2])
    assert statement.roles == ("sentence", "passage")
    assert (entity.text, entity.entity_type) == ("Nile", "place")
    assert store.view().search_words("north", 5)[0].tolist() == [1]


def test_an_entity_without_association_is_not_stored(store: ReferenceStore) -> None:
    alone = batch()
    alone.associations = []
    assert store.commit(alone).concepts == [1, 0]
    assert store.view().stats().entities == 0


def test_a_vector_may_come_after_its_statement_and_stays(store: ReferenceStore) -> None:
    bare = batch()
    bare.vector_references, bare.vectors = [], None
    store.commit(bare)
    assert store.commit(batch()).transaction == 2
    turned = batch()
    turned.vectors = np.array([[1.0, 0.0]], np.float32)
    assert store.commit(turned).transaction == 2
    assert store.view().vectors([1])[0] == pytest.approx([0.6, 0.8], abs=1e-3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sources", [SourceDraft(" ", NILE)]),
        ("statements", [(1, 0, 3, True, False)]),
        ("statements", [(0, 0, 99, True, False)]),
        ("statements", [(0, 0, 10, True, False)]),
        ("statements", [(0, 3, 4, True, False)]),
        ("statements", [(0, 0, 3, False, False)]),
        ("entities", [("\u3000", "thing")]),
        ("relations", [("", "semantic")]),
        ("relations", [("mentions", "semantic"), ("mentions", "causal")]),
        ("associations", [(0, 0, 0, 0, 0.5, None, None, 0)]),
        ("associations", [(0, 0, 2, 0, 0.5, None, None, 0)]),
        ("associations", [(0, 1, 1, 0, 0.5, None, None, 0)]),
        ("associations", [(0, 0, 1, 1, 0.5, None, None, 0)]),
        ("associations", [(0, 0, 1, 0, 0.0, None, None, 0)]),
        ("associations", [(0, 0, 1, 0, 1.1, None, None, 0)]),
        ("vector_references", [1]),
        ("vector_references", [0, 0]),
        ("vectors", np.array([[0.0, 0.0]], np.float32)),
        ("vectors", np.array([[np.nan, 0.0]], np.float32)),
    ],
)
def test_a_batch_that_contradicts_itself_is_refused_whole(
    store: ReferenceStore, field: str, value: object
) -> None:
    wrong = batch()
    setattr(wrong, field, value)
    with pytest.raises(InvalidBatchError):
        store.commit(wrong)
    assert store.view().stats().sources == 0


def test_what_contradicts_the_store_is_refused(store: ReferenceStore) -> None:
    store.commit(batch())
    causal = batch("b")
    causal.relations = [("mentions", "causal")]
    with pytest.raises(InvalidBatchError, match="another kind"):
        store.commit(causal)
    longer = batch("b")
    longer.vectors = np.ones((1, 3), np.float32)
    with pytest.raises(EmbedderMismatchError):
        store.commit(longer)
    assert store.view().transaction == 1


def test_misuse_of_a_view_is_named(store: ReferenceStore) -> None:
    store.commit(batch())
    view = store.view()
    for ask in (view.concepts, view.vectors):
        with pytest.raises(UnknownConceptError):
            ask([3])
    with pytest.raises(UnknownConceptError):
        view.neighbors([0])
    with pytest.raises(InvalidValueError):
        view.search_vectors(np.ones(3, np.float32), 1)
    with pytest.raises(InvalidValueError):
        view.search_words("nile", 1, unit="sentence")
    with pytest.raises(InvalidValueError):
        view.pagerank({1: 1.0}, damping=1.0)


def test_vectors_are_ranked_within_their_unit(store: ReferenceStore) -> None:
    store.commit(batch())
    words = batch("b", "North it flows. South it comes.")
    words.statements = [(0, 0, 15, True, False), (0, 16, 31, False, True)]
    words.associations, words.entities = [], []
    words.vector_references, words.vectors = [0, 1], np.array([[1, 0], [0, 1]], np.float32)
    store.commit(words)
    ids, scores = store.view().search_vectors(np.array([0, 2], np.float32), 5)
    assert ids.tolist() == [4, 1]
    assert scores == pytest.approx([1.0, 0.8], abs=1e-3)
    assert store.view().search_vectors(np.array([0, 2], np.float32), 1, unit="sentence")[0].tolist() == [1]


def test_answers_are_kept_until_the_store_is_closed(store: ReferenceStore) -> None:
    store.put_answer("x", b"record")
    assert (store.get_answer("x"), store.get_answer("y")) == (b"record", None)
    view = store.view()
    store.close()
    store.close()
    assert view.transaction == 0
    for use in (store.view, store.verify, lambda: store.commit(Batch()), lambda: store.get_answer("x")):
        with pytest.raises(StoreClosedError):
            use()
