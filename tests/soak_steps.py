"""The steps of a soak: what is drawn at random, and how one is taken, by the engine and by the reference.

A step is drawn from a seeded chance and from what the reference knows, so that most of them concern something
that is there. Times in a step lie between two acknowledged transactions: both stores decide the same by them.
"""

from __future__ import annotations

import random
import time
from typing import Any, NamedTuple

import numpy as np
from oracle import (
    ADDRESSES,
    CONFIDENCES,
    DIMENSION,
    FINGERPRINT,
    FOREIGN,
    KINDS,
    LANGUAGES,
    NAMES,
    RELATIONS,
    SENTENCES,
    TYPES,
    WORDS,
    add_source,
)

from sutra_core.errors import SutraError
from sutra_core.reference import ReferenceStore
from sutra_core.reference.view import ReferenceView
from sutra_core.types import Batch, SourceDraft

CHANGES = {
    "learn": 40,
    "reread": 4,
    "forget_sources": 8,
    "forget_concept": 6,
    "forget_before": 1,
    "forget_retired": 2,
    "retire_outdated": 2,
    "give_vectors": 8,
    "put_answer": 5,
    "purge": 3,
}
"""What changes the store, each with how often it is drawn."""
TIMED = {"forget_before", "forget_retired"}
"""What takes a time."""
UPKEEP = {"settle": 6, "verify": 4, "close": 4}
"""What leaves everything that the store says as it is."""


class Step(NamedTuple):
    """One step: what is done, and with what."""

    what: str
    arguments: tuple[Any, ...] = ()


class Knowledge:
    """What the reference knows of the steps that were acknowledged, and what else a step is drawn from."""

    def __init__(self) -> None:
        self.reference = ReferenceStore(fingerprint=FINGERPRINT, dimension=DIMENSION)
        self.last_concept = 0
        self.times = [time.time_ns() // 1000]
        self.answers = dict[str, tuple[bytes, tuple[int, ...]]]()
        self.said = set[str]()

    @property
    def transaction(self) -> int:
        return self.reference.view().transaction

    def take(self, step: Step) -> object:
        """Takes a step that was acknowledged; its outcome."""
        outcome = take(self.reference, step)
        if step.what == "put_answer":
            self.answers[step.arguments[0]] = (step.arguments[1], step.arguments[2])
        if step.what in ("learn", "reread"):
            self.said.update(draft.text for draft in step.arguments[0].sources)
            self.last_concept = max([self.last_concept, *getattr(outcome, "concepts", [])])
        self.times.append(time.time_ns() // 1000)
        return outcome

    def lose(self, answer_id: str) -> None:
        """An answer went before it was durable."""
        reference = vars(self.reference)
        self.answers.pop(answer_id)
        reference["_answers"].pop(answer_id)
        reference["_erased"].discard(answer_id)

    def carried(self) -> dict[str, Any]:
        """What another process needs to have the same reference."""
        left_out = ("_writing", "_view")
        return {name: value for name, value in vars(self.reference).items() if name not in left_out}


def carried_over(carried: dict[str, Any]) -> ReferenceStore:
    """The reference that another process had."""
    reference = ReferenceStore(fingerprint=FINGERPRINT, dimension=DIMENSION)
    vars(reference).update(carried)
    vars(reference)["_view"] = ReferenceView(carried["_state"], DIMENSION, FINGERPRINT)
    return reference


def take(store: Any, step: Step) -> object:
    """Takes a step of `CHANGES`: what the store returned, or the code of its error."""
    try:
        match step.what:
            case "learn" | "reread":
                return store.commit(*step.arguments)
            case "forget_sources" | "forget_before" | "forget_retired":
                forget = getattr(store, step.what)
                told = forget(*step.arguments, dry_run=True)
                assert told == forget(*step.arguments), "a dry run told something else"
                return told
            case "forget_concept":
                concept, alone = step.arguments
                told = store.forget_concept(concept, link_only=alone, dry_run=True)
                forgotten = store.forget_concept(concept, link_only=alone)
                assert told == forgotten, "a dry run told something else"
                return forgotten
            case "give_vectors":
                statements, vectors, read = step.arguments
                return store.give_vectors(statements, vectors, read=read)
            case "purge":
                store.purge()
                return None
            case _:
                return getattr(store, step.what)(*step.arguments)
    except SutraError as error:
        return error.code


def drawn(chance: random.Random, known: Knowledge) -> Step:
    """The next step."""
    shares = CHANGES | UPKEEP
    what = chance.choices(list(shares), list(shares.values()))[0]
    view = known.reference.view()
    match what:
        case "learn":
            return Step(what, (_batch(chance),))
        case "reread":
            return Step(what, (_reread(chance, known.last_concept),))
        case "forget_sources":
            sources = [source.id for source in view.sources_after(0, 1000, retired=True)] or [1]
            return Step(what, (sorted(set(chance.choices(sources, k=chance.randint(1, 3)))),))
        case "forget_concept":
            return Step(what, (chance.randint(1, known.last_concept + 1), chance.random() < 0.5))
        case "forget_before":
            return Step(what, (known.times[len(known.times) // 3],))
        case "forget_retired":
            return Step(what, (chance.choice(known.times),))
        case "retire_outdated":
            return Step(what, (chance.randint(1, 3),))
        case "give_vectors":
            waiting = view.pending()
            few = sorted(chance.sample(waiting, min(len(waiting), chance.randint(1, 12)))) or [1]
            return Step(what, (few, _vectors(chance, len(few)), view.transaction))
        case "put_answer":
            sources = [source.id for source in view.sources_after(0, 1000)]
            cited = tuple(chance.sample(sources, min(len(sources), 2)))
            record = f"An answer says {chance.choice(NAMES)}.".encode()
            return Step(what, (f"a{chance.randint(1, 30)}", record, cited, view.transaction))
        case _:
            return Step(what)


def _batch(chance: random.Random) -> Batch:
    batch = Batch()
    for _ in range(chance.randint(1, 4)):
        sentences = [_sentence(chance) for _ in range(chance.randint(1, 5))]
        draft = SourceDraft(
            address=chance.choice([*ADDRESSES, "d.txt", f"{chance.randint(1, 20)}.txt"]),
            text=" ".join(sentences),
            title=chance.choice(["", "", "Rivers", "A bridge"]),
            offset=chance.choice([0, 0, 0, 20]),
            time=1_000_000 * chance.randint(0, 2),
            last=chance.random() < 0.7,
        )
        add_source(batch, sentences, draft, chance.choice(LANGUAGES) if chance.random() < 0.3 else "")
    _add_names(batch, chance)
    concepts = len(batch.statements) + len(batch.entities)
    for _ in range(chance.randint(0, 8)):
        subject, object_ = chance.sample(range(concepts), 2)
        evidence = chance.randrange(len(batch.statements))
        _associate(batch, chance, subject, object_, evidence)
    batch.markup = [(source, 0, 1) for source in range(len(batch.sources)) if chance.random() < 0.3]
    references = range(len(batch.statements))
    batch.vector_references = [number for number in references if chance.random() < 0.7]
    batch.vectors = _vectors(chance, len(batch.vector_references))
    return batch


def _reread(chance: random.Random, last: int) -> Batch:
    few = sorted({chance.randint(1, last + 1) for _ in range(3)})
    batch = Batch(known=few, vectors=_vectors(chance, 0))
    _add_names(batch, chance)
    entities = len(batch.entities)
    for _ in range(chance.randint(1, 5)):
        subject, object_ = chance.sample(range(entities + len(few)), 2)
        _associate(batch, chance, subject, object_, chance.randrange(entities, entities + len(few)))
    return batch


def _add_names(batch: Batch, chance: random.Random) -> None:
    names = [*NAMES, *(f"Keeper {number}" for number in range(6))]
    for name in chance.sample(names, chance.randint(1, 4)):
        batch.entities.append((name, chance.choice(TYPES)))  # type: ignore[arg-type]
    batch.relations = list(zip(RELATIONS, KINDS, strict=True))  # type: ignore[arg-type]


def _associate(batch: Batch, chance: random.Random, subject: int, object_: int, evidence: int) -> None:
    confidence, rules = chance.choice(CONFIDENCES), chance.randint(0, 3)
    batch.associations.append(
        (subject, chance.randrange(len(RELATIONS)), object_, evidence, confidence, None, None, rules)
    )


def _sentence(chance: random.Random) -> str:
    if chance.random() < 0.3:
        return chance.choice(SENTENCES)
    return " ".join(chance.choices([*WORDS, *FOREIGN, *NAMES], k=chance.randint(1, 5))) + "."


def _vectors(chance: random.Random, count: int) -> np.ndarray:
    return np.random.default_rng(chance.randrange(2**32)).normal(size=(count, DIMENSION)).astype(np.float32)
