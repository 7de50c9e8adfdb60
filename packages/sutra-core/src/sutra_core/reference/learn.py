"""The rules of learning: what a batch adds to a state, and what it retires.

What a known source says was learned already, so its statements add nothing. A statement or entity is
stored only where a new source says it that stands: an entity, when an association that is learned here
needs it. One that is known, though it was retired, is what it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sutra_core.reference.retire import displaced_by, end_evidence, retire_sources, standing
from sutra_core.reference.state import (
    AssociationKey,
    SourceKey,
    State,
    StatementKey,
    Telling,
    name_key,
    source_key,
)
from sutra_core.reference.validate import refusal
from sutra_core.types import (
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
        self.known = [state.find_source(key) for key in self.source_keys]
        """Per source its number, 0 while it is new."""
        self.stands = standing(batch, self.source_keys)
        self.displaced = displaced_by(batch, state, self.known, self.stands)

    def learn(self) -> Receipt:
        """Applies the batch. Raises `InvalidBatchError` where it contradicts the state."""
        state, batch = self.state, self.batch
        new = [
            index
            for index, key in enumerate(self.source_keys)
            if not self.known[index] and key not in self.source_keys[:index]
        ]
        live = [source in new and self.stands[source] for source, *_ in batch.statements]
        self._check_known()
        said = {key for key, is_live in zip(self.keys, live, strict=True) if is_live}
        learned = self._plan_associations(live, said)
        vectors = self._plan_vectors(said)
        concepts, associations = len(state.concepts), 0
        before = dict(state.concepts), dict(state.tellings)
        if new or vectors or self.displaced or batch.known:
            state.transaction += 1
            touched = retire_sources(state, self.displaced)
            for index in new:
                self._learn_source(index)
            for reference, is_live in enumerate(live):
                if is_live:
                    self._learn_statement(reference)
            drafts = [batch.associations[index] for index in learned]
            needed = {draft[0] for draft in drafts} | {draft[2] for draft in drafts}
            for reference in sorted(needed):
                if 0 <= reference - len(self.texts) < len(self.names):
                    self._learn_entity(reference - len(self.texts))
            for statement in touched:
                if places := state.living_places(statement):
                    state.stand_at(statement, places[0])
            told = {index: self._key(index) for index in learned}
            end_evidence(state, touched, set(told.values()))
            self._end_outdated(told)
            alive = {key for (key, _), tellings in state.tellings.items() if tellings[-1].retired is None}
            for index, (key, statement) in told.items():
                self._learn_association(index, key, statement)
            associations = len({key for key, _ in told.values()} - alive)
            for reference, vector in vectors.items():
                self._learn_vector(reference, vector)
            if not (new or vectors or self.displaced) and before == (state.concepts, state.tellings):
                state.transaction -= 1
        references = range(len(self.texts) + len(self.names) + len(batch.known))
        return Receipt(
            transaction=state.transaction,
            concepts=[self._concept(reference) or 0 for reference in references],
            sources=self.known,
            new_sources=len(new),
            new_concepts=len(state.concepts) - concepts,
            new_associations=associations,
            retired_sources=len(self.displaced) + sum(not self.stands[index] for index in new),
        )

    def _concept(self, reference: int) -> int | None:
        if reference < len(self.texts):
            return self.state.statement_ids.get(self.keys[reference])
        if (name := reference - len(self.texts)) < len(self.names):
            return self.state.entity_ids.get(self.names[name])
        return self.batch.known[name - len(self.names)]

    def _identity(self, reference: int) -> tuple[str, StatementKey | str | int]:
        if known := self._concept(reference):
            return "known", known
        if reference < len(self.texts):
            return "statement", self.keys[reference]
        return "entity", self.names[reference - len(self.texts)]

    def _check_known(self) -> None:
        for index, number in enumerate(self.batch.known):
            if number in self.state.concepts and number not in self.state.supports:
                raise refusal("known", index, f"concept {number} is an entity, not a statement")

    def _lives(self, reference: int) -> bool:
        """Whether a statement that is known by its number stands in a source that stays."""
        places = self.state.supports.get(self.batch.known[reference - len(self.texts) - len(self.names)], ())
        living = (place for place in places if self.state.sources[place.source].retired is None)
        return any(place.source not in self.displaced for place in living)

    def _stands(self, reference: int, said: set[StatementKey]) -> bool:
        """Whether a concept is there in the end, or would be."""
        if reference >= len(self.texts) + len(self.names):
            return self._lives(reference)
        if reference >= len(self.texts) or self.keys[reference] in said:
            return True
        return self._is_told(reference) and self._stays(reference)

    def _plan_associations(self, live: list[bool], said: set[StatementKey]) -> list[int]:
        """The positions of the associations that are learned."""
        learned: list[int] = []
        for index, (subject, relation, object_, evidence, *_) in enumerate(self.batch.associations):
            if self._identity(subject) == self._identity(object_):
                raise refusal("association", index, "both ends are the same concept")
            name, kind = self.batch.relations[relation]
            if self.state.relations.get(name, kind) != kind:
                raise refusal("association", index, f"relation {name!r} is of another kind in this store")
            stand = all(self._stands(end, said) for end in (subject, object_))
            if stand and (live[evidence] if evidence < len(live) else self._lives(evidence)):
                learned.append(index)
        kinds: dict[str, AssociationKind] = {}
        for index, (name, kind) in enumerate(self.batch.relations):
            if kinds.setdefault(name, kind) != kind:
                raise refusal("relation", index, f"{name!r} is given two kinds")
        return learned

    def _is_told(self, reference: int) -> bool:
        """Whether the source of a statement stands in the end."""
        return self.stands[self.batch.statements[reference][0]]

    def _stays(self, reference: int) -> bool:
        """Whether a statement stands in a source of before that stays."""
        known = self.state.statement_ids.get(self.keys[reference])
        places = () if known is None else self.state.living_places(known)
        return any(place.source not in self.displaced for place in places)

    def _plan_vectors(self, said: set[StatementKey]) -> dict[int, Floats]:
        """The first vector of each statement that stands in the end and has none, by its reference."""
        wanted: dict[StatementKey, tuple[int, Floats]] = {}
        for row, reference in enumerate(self.batch.vector_references):
            assert self.batch.vectors is not None, "a validated batch has a vector for each reference"
            key = self.keys[reference]
            known = self.state.statement_ids.get(key)
            lacking = known is None or known not in self.state.vectors
            if lacking and (key in said or self._stays(reference)):
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
            retired=None if self.stands[index] else state.transaction,
        )
        state.next_source += 1
        state.sources[source.id] = source
        state.texts[source.id] = text
        markup = [(start, end) for of, start, end in self.batch.markup if of == index]
        if markup:
            state.markup[source.id] = tuple(markup)
        for again, key in enumerate(self.source_keys):
            if key == self.source_keys[index]:
                self.known[again] = source.id

    def _learn_statement(self, reference: int) -> None:
        state, key = self.state, self.keys[reference]
        position, start, end, sentence, passage = self.batch.statements[reference]
        place = Support(self.known[position], start, end)
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
        state.stand_at(known, state.living_places(known)[0])

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

    def _key(self, index: int) -> tuple[AssociationKey, int]:
        """The association that is told, and the statement that tells it."""
        subject, relation, object_, evidence, *_ = self.batch.associations[index]
        ends = self._concept(subject), self._concept(object_), self._concept(evidence)
        assert ends[0] and ends[1] and ends[2], "every concept of a learned association was learned before"
        return (ends[0], self.batch.relations[relation][0], ends[1]), ends[2]

    def _end_outdated(self, told: Mapping[int, tuple[AssociationKey, int]]) -> None:
        """Ends what older rules derived from statements that are known by number, where it is told again."""
        first: set[tuple[AssociationKey, int]] = set()
        for index, key in told.items():
            evidence, rules = self.batch.associations[index][3], self.batch.associations[index][-1]
            *before, last = self.state.tellings.get(key, (None,))
            by_number = evidence >= len(self.texts)
            if key not in first and by_number and last and last.is_outdated(rules):
                self.state.tellings[key] = (*before, last._replace(retired=self.state.transaction))
            first.add(key)

    def _learn_association(self, index: int, key: AssociationKey, statement: int) -> None:
        state = self.state
        _, relation, _, _, confidence, valid_from, valid_to, rules = self.batch.associations[index]
        name, kind = self.batch.relations[relation]
        state.relations.setdefault(name, kind)
        before = state.tellings.get((key, statement), ())
        if before and before[-1].retired is None:
            return
        piece = Evidence(statement, float(np.float32(confidence)), valid_from, valid_to)
        state.tellings[key, statement] = (*before, Telling(piece, state.transaction, rules=rules))

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
