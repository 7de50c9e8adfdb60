"""The rules of learning: what a batch adds to a state.

What a known source says was learned already, so its statements add nothing. A statement or entity is
stored only where a new source says it: an entity, when an association that is learned here needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sutra_core.reference.state import AssociationKey, SourceKey, State, StatementKey, name_key, source_key
from sutra_core.reference.validate import refusal
from sutra_core.types import (
    Association,
    AssociationKind,
    Batch,
    Concept,
    EntityType,
    Evidence,
    Floats,
    Receipt,
    Role,
    Source,
    Support,
)

CONFIDENCE_MAX = np.float32(0.99)
"""The most that evidence can amount to."""


def reinforce(confidence: float, evidence: float) -> float:
    """Noisy-or, capped, in the single precision in which confidences are stored."""
    one = np.float32(1)
    united = one - (one - np.float32(confidence)) * (one - np.float32(evidence))
    return float(min(united, CONFIDENCE_MAX))


def united(pieces: Iterable[Evidence]) -> float:
    """The confidence of all of these together."""
    confidence = 0.0
    for piece in pieces:
        confidence = reinforce(confidence, piece.confidence)
    return confidence


def stored_vector(vector: Floats) -> Floats:
    """A vector as it is stored: of unit length, rounded to half precision."""
    exact = vector.astype(np.float64)
    unit = (exact / np.sqrt((exact * exact).sum())).astype(np.float32)
    stored = unit.astype(np.float16).astype(np.float32)
    stored.setflags(write=False)
    return stored


class Learning:
    """One batch, which was validated, on its way into a state that nobody else holds."""

    def __init__(self, state: State, batch: Batch) -> None:
        self.state = state
        self.batch = batch
        self.source_keys: list[SourceKey] = [
            source_key(source.address, source.offset, source.text) for source in batch.sources
        ]
        texts = [source.text.encode() for source in batch.sources]
        self.texts = [texts[source][start:end].decode() for source, start, end, _, _ in batch.statements]
        self.keys: list[StatementKey] = [
            (batch.sources[source].title if passage else "", text)
            for (source, _, _, _, passage), text in zip(batch.statements, self.texts, strict=True)
        ]
        self.names = [name_key(name) for name, _ in batch.entities]

    def learn(self) -> Receipt:
        """Applies the batch. Raises `InvalidBatchError` where it contradicts the state."""
        state, batch = self.state, self.batch
        source_is_new = [
            key not in state.source_ids and key not in self.source_keys[:index]
            for index, key in enumerate(self.source_keys)
        ]
        statement_is_live = [source_is_new[source] for source, *_ in batch.statements]
        said = {key for key, live in zip(self.keys, statement_is_live, strict=True) if live}
        learned = self._plan_associations(statement_is_live, said)
        vectors = self._plan_vectors(said)
        before = len(state.sources), len(state.concepts), len(state.associations)
        if any(source_is_new) or vectors:
            state.transaction += 1
            for index, new in enumerate(source_is_new):
                if new:
                    self._learn_source(index)
            for reference, live in enumerate(statement_is_live):
                if live:
                    self._learn_statement(reference)
            drafts = [batch.associations[index] for index in learned]
            needed = {draft[0] for draft in drafts} | {draft[2] for draft in drafts}
            for reference in sorted(needed):
                if reference >= len(batch.statements):
                    self._learn_entity(reference - len(batch.statements))
            for index in learned:
                self._learn_association(index)
            for reference, vector in vectors.items():
                self._learn_vector(reference, vector)
        references = range(len(self.texts) + len(self.names))
        return Receipt(
            transaction=state.transaction,
            concepts=[self._concept(reference) or 0 for reference in references],
            sources=[state.source_ids[key] for key in self.source_keys],
            new_sources=len(state.sources) - before[0],
            new_concepts=len(state.concepts) - before[1],
            new_associations=len(state.associations) - before[2],
        )

    def _concept(self, reference: int) -> int | None:
        if reference < len(self.texts):
            return self.state.statement_ids.get(self.keys[reference])
        return self.state.entity_ids.get(self.names[reference - len(self.texts)])

    def _identity(self, reference: int) -> tuple[str, StatementKey | str]:
        if reference < len(self.texts):
            return "statement", self.keys[reference]
        return "entity", self.names[reference - len(self.texts)]

    def _plan_associations(self, statement_is_live: list[bool], said: set[StatementKey]) -> list[int]:
        """The positions of the associations that are learned."""
        learned: list[int] = []
        for index, (subject, relation, object_, evidence, _, _, _) in enumerate(self.batch.associations):
            if self._identity(subject) == self._identity(object_):
                raise refusal("association", index, "both ends are the same concept")
            name, kind = self.batch.relations[relation]
            if self.state.relations.get(name, kind) != kind:
                raise refusal("association", index, f"relation {name!r} is of another kind in this store")
            stand = all(
                end >= len(self.texts) or self._concept(end) is not None or self.keys[end] in said
                for end in (subject, object_)
            )
            if statement_is_live[evidence] and stand:
                learned.append(index)
        kinds: dict[str, AssociationKind] = {}
        for index, (name, kind) in enumerate(self.batch.relations):
            if kinds.setdefault(name, kind) != kind:
                raise refusal("relation", index, f"{name!r} is given two kinds")
        return learned

    def _plan_vectors(self, said: set[StatementKey]) -> dict[int, Floats]:
        """The first vector of each statement that is, or becomes, known and has none, by its reference."""
        wanted: dict[StatementKey, tuple[int, Floats]] = {}
        for row, reference in enumerate(self.batch.vector_references):
            assert self.batch.vectors is not None, "a validated batch has a vector for each reference"
            key = self.keys[reference]
            known = self.state.statement_ids.get(key)
            lacking = key in said if known is None else known not in self.state.vectors
            if lacking:
                wanted.setdefault(key, (reference, self.batch.vectors[row]))
        return dict(wanted.values())

    def _learn_source(self, index: int) -> None:
        state, draft = self.state, self.batch.sources[index]
        text = draft.text.encode()
        source = Source(
            id=state.next_source,
            address=draft.address,
            offset=draft.offset,
            title=draft.title,
            sha256=self.source_keys[index][2],
            length=len(text),
            time=draft.time,
            attributes=dict(draft.attributes),
            learned=state.transaction,
        )
        state.next_source += 1
        state.sources[source.id] = source
        state.texts[source.id] = text
        state.source_ids[self.source_keys[index]] = source.id

    def _learn_statement(self, reference: int) -> None:
        state, key = self.state, self.keys[reference]
        position, start, end, sentence, passage = self.batch.statements[reference]
        place = Support(state.source_ids[self.source_keys[position]], start, end)
        played: tuple[tuple[Role, bool], ...] = (("sentence", sentence), ("passage", passage))
        met = {role for role, plays in played if plays}
        known = state.statement_ids.get(key)
        if known is None:
            known = self._add_concept(
                Concept(
                    id=state.next_concept,
                    kind="statement",
                    text=key[1],
                    entity_type=None,
                    roles=tuple(role for role, _ in played if role in met),
                    source=place.source,
                    start=place.start,
                    end=place.end,
                    learned=state.transaction,
                    has_vector=False,
                )
            )
            state.statement_ids[key] = known
        concept = state.concepts[known]
        roles = tuple(role for role, _ in played if role in met or role in concept.roles)
        state.concepts[known] = concept._replace(roles=roles)
        state.supports[known] = tuple(sorted({*state.supports.get(known, ()), place}))

    def _learn_entity(self, index: int) -> None:
        state = self.state
        name, entity_type = self.batch.entities[index]
        known = state.entity_ids.get(self.names[index])
        if known is None:
            state.entity_ids[self.names[index]] = self._add_concept(_entity(state, name, entity_type))
        elif state.concepts[known].entity_type == "thing":
            state.concepts[known] = state.concepts[known]._replace(entity_type=entity_type)

    def _add_concept(self, concept: Concept) -> int:
        self.state.next_concept += 1
        self.state.concepts[concept.id] = concept
        return concept.id

    def _learn_association(self, index: int) -> None:
        state = self.state
        draft = self.batch.associations[index]
        subject, relation, object_, statement, confidence, valid_from, valid_to = draft
        ends = self._concept(subject), self._concept(object_), self._concept(statement)
        assert ends[0] and ends[1] and ends[2], "every concept of a learned association was learned before"
        name, kind = self.batch.relations[relation]
        state.relations.setdefault(name, kind)
        key: AssociationKey = (ends[0], name, ends[1])
        pieces = state.evidence.get(key, ())
        if any(piece.statement == ends[2] for piece in pieces):
            return
        piece = Evidence(ends[2], float(np.float32(confidence)), valid_from, valid_to)
        state.evidence[key] = tuple(sorted((*pieces, piece), key=lambda piece: piece.statement))
        state.given[key, piece.statement] = state.transaction
        old = state.associations.get(key)
        united = reinforce(old.confidence if old else 0.0, piece.confidence)
        state.associations[key] = Association(ends[0], name, ends[1], kind, united, len(pieces) + 1)

    def _learn_vector(self, reference: int, vector: Floats) -> None:
        known = self._concept(reference)
        assert known, "a statement whose vector is stored was learned before"
        give_vector(self.state, known, vector)


def give_vector(state: State, statement: int, vector: Floats) -> None:
    """Keeps a statement's vector in a state that nobody else holds."""
    state.vectors[statement] = stored_vector(vector)
    state.concepts[statement] = state.concepts[statement]._replace(has_vector=True)


def _entity(state: State, name: str, entity_type: EntityType) -> Concept:
    return Concept(
        id=state.next_concept,
        kind="entity",
        text=name,
        entity_type=entity_type,
        roles=(),
        source=0,
        start=0,
        end=0,
        learned=state.transaction,
        has_vector=False,
    )
