"""Step: readings to concepts and associations, as one batch.

Structure is made of associations like everything else, each with the statement that shows it as its
evidence: a passage *contains* sentences and is *about* what its source's title names, a passage is
*next* to the one before, a sentence *mentions* entities. What the relation rules found goes between
entities, with the sentence as evidence; so does what the format itself links. A label (a heading, a cell
of a table) is part of its passage, and no statement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from sutra_core.embed import PassageText
from sutra_core.learn.adapters import Link
from sutra_core.learn.reading import ReadItem
from sutra_core.types import AssociationKind, Batch, EntityType
from sutra_storage import name_key, relation_kind, title_name

__all__ = ["BatchBuilder"]

RULES = 1
"""The version of the rules that derive associations; whoever changes what they derive counts it up."""

_CONTAINS = ("contains", "compositional", 0.99)
_ABOUT = ("about", "semantic", 0.95)
_MENTIONS = ("mentions", "semantic", 0.9)
_NEXT = ("next", "temporal", 0.5)


@dataclass(slots=True)
class _Named:
    """What one item names: (passage, title), (sentence, name, type), relations between names, and links.

    A link stands between the name that it begins at and the statement that shows it.
    """

    abouts: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    mentions: list[tuple[int, str, EntityType]] = field(default_factory=list[tuple[int, str, EntityType]])
    relations: list[tuple[str, str, AssociationKind, str, EntityType, int, float, int | None, int | None]] = (
        field(
            default_factory=list[
                tuple[str, str, AssociationKind, str, EntityType, int, float, int | None, int | None]
            ]
        )
    )
    links: list[tuple[str, Link, int]] = field(default_factory=list[tuple[str, Link, int]])


class BatchBuilder:
    """Collects read items into one `Batch`, and lists the passages whose vectors it needs.

    `passages[i]` belongs to the references `passage_references[i]`: the passage's own first, then
    those of its sentences in the order of `PassageText.sentences`. `passage_counts[i]` of them are the
    `i`-th item's. What a format links is given, all else derived by `rules`.
    """

    def __init__(self, rules: int = RULES) -> None:
        self.batch = Batch()
        self._rules = rules
        self.passages: list[PassageText] = []
        self.passage_references: list[tuple[int, list[int]]] = []
        self.passage_counts: list[int] = []
        self._identities: list[tuple[str, bytes]] = []
        self._named: list[_Named] = []
        self._relations: dict[str, int] = {}
        self._entities: dict[str, int] = {}

    def add(self, item: ReadItem) -> None:
        """Adds an item's source, statements, entities and associations."""
        source = len(self.batch.sources)
        self.batch.sources.append(item.draft)
        self.batch.markup += [(source, start, end) for start, end in item.markup]
        named = _Named()
        self._named.append(named)
        of_sentence: dict[int, int] = {}
        previous: int | None = None
        before, first_statement = len(self.passages), len(self.batch.statements)
        # Each look at a reading makes a new list.
        sentences = item.reading.sentences
        for start, end, first, last in item.reading.passages:
            spoken = [n for n in range(first, last) if _has_words(item, sentences[n])]
            if not spoken:
                continue
            ranges = {n: sentences[n] for n in spoken if not _within(sentences[n], item.labels)}
            passage = self._add_passage(item, source, (start, end), ranges, of_sentence)
            if previous is not None:
                self._associate(previous, _NEXT, passage, previous)
            previous = passage
        self.passage_counts.append(len(self.passages) - before)
        if item.links:
            self._link(item, first_statement, named)
        for number, _, _, name, kind in item.reading.mentions:
            if number in of_sentence:
                named.mentions.append((of_sentence[number], name, kind))
        for number, subject, relation, kind, object_, type_, sure, since, until in item.reading.relations:
            if number in of_sentence:
                named.relations.append(
                    (subject, relation, kind, object_, type_, of_sentence[number], sure, since, until)
                )

    def finish(self) -> Batch:
        """The batch, with its entities after all of its statements.

        Names come item by item: what is written first does not depend on what shares the batch.
        """
        for named in self._named:
            for passage, name in named.abouts:
                self._associate(passage, _ABOUT, self._entity(name, "thing"), passage)
            for sentence, name, kind in named.mentions:
                self._associate(sentence, _MENTIONS, self._entity(name, kind), sentence)
            for subject, relation, kind, object_, type_, evidence, sure, since, until in named.relations:
                if name_key(subject) == name_key(object_):
                    continue
                ends = self._entity(subject, "thing"), self._entity(object_, type_)
                number = self._relation(relation, kind)
                self.batch.associations.append(
                    (ends[0], number, ends[1], evidence, sure, since, until, self._rules)
                )
            for name, link, evidence in named.links:
                if name_key(name) == name_key(link.target):
                    continue
                ends = self._entity(name, "thing"), self._entity(link.target, "thing")
                # One relation is of one kind: where the rules read it too, theirs.
                kind = relation_kind(link.relation)
                number = self._relation(link.relation, link.kind if kind == "semantic" else kind)
                self.batch.associations.append(
                    (ends[0], number, ends[1], evidence, link.confidence, None, None, 0)
                )
        return self.batch

    def _link(self, item: ReadItem, first: int, named: _Named) -> None:
        """Gives each link the shortest statement at its place, else the next one, else the last."""
        statements = sorted(
            (start, end, number)
            for number, (_, start, end, *_) in enumerate(self.batch.statements[first:], first)
        )
        if not statements:
            return
        starts = [start for start, *_ in statements]
        for link in item.links:
            name = link.subject or item.draft.title
            if not name.strip() or not link.target.strip():
                continue
            after = bisect_right(starts, link.at)
            holding = [each for each in statements[:after] if link.at < each[1]]
            nearest = min(after, len(statements) - 1)
            shown = min(holding, key=lambda each: each[1] - each[0]) if holding else statements[nearest]
            named.links.append((name, link, shown[2]))

    def _add_passage(
        self,
        item: ReadItem,
        source: int,
        span: tuple[int, int],
        spoken: dict[int, tuple[int, int]],
        of_sentence: dict[int, int],
    ) -> int:
        """A passage and its sentences (`spoken`: by number, where each stands); one that is a single
        sentence and has no title is one statement."""
        start, end = span
        ranges = list(spoken.values())
        if ranges == [span] and not item.draft.title:
            passage = self._statement(item, source, span, sentence=True, passage=True)
            of_sentence.update(dict.fromkeys(spoken, passage))
            references: list[int] = []
        else:
            passage = self._statement(item, source, span, sentence=False, passage=True)
            references = [
                self._statement(item, source, place, sentence=True, passage=False) for place in ranges
            ]
            of_sentence.update(zip(spoken, references, strict=True))
            for sentence in references:
                self._associate(passage, _CONTAINS, sentence, passage)
        relative = [(a - start, b - start) for a, b in ranges] if references else []
        text = item.readable[start:end].decode()
        self.passages.append(PassageText(item.draft.title, text, relative))
        self.passage_references.append((passage, references))
        title = item.draft.title.strip()
        # "Heat (1995 film)" is about "Heat (1995 film)", and about "Heat".
        for name in dict.fromkeys(filter(None, (title, title_name(title)))):
            self._named[-1].abouts.append((passage, name))
        return passage

    def _statement(
        self, item: ReadItem, source: int, span: tuple[int, int], *, sentence: bool, passage: bool
    ) -> int:
        self.batch.statements.append((source, *span, sentence, passage))
        title = item.draft.title if passage else ""
        self._identities.append((title, item.data[span[0] : span[1]]))
        return len(self.batch.statements) - 1

    def _associate(
        self, subject: int, relation: tuple[str, AssociationKind, float], object_: int, evidence: int
    ) -> None:
        name, kind, confidence = relation
        statements = len(self._identities)
        if max(subject, object_) < statements and self._identities[subject] == self._identities[object_]:
            return  # one concept: a text that repeats itself
        number = self._relation(name, kind)
        self.batch.associations.append(
            (subject, number, object_, evidence, confidence, None, None, self._rules)
        )

    def _relation(self, name: str, kind: AssociationKind) -> int:
        number = self._relations.setdefault(name, len(self._relations))
        if number == len(self.batch.relations):
            self.batch.relations.append((name, kind))
        return number

    def _entity(self, name: str, kind: EntityType) -> int:
        """The reference of an entity; a type is learned from whichever mention tells it first."""
        entities = self.batch.entities
        position = self._entities.setdefault(name_key(name), len(entities))
        if position == len(entities):
            entities.append((name, kind))
        elif entities[position][1] == "thing" and kind != "thing":
            entities[position] = (entities[position][0], kind)
        return len(self.batch.statements) + position


def _within(span: tuple[int, int], labels: Sequence[tuple[int, int]]) -> bool:
    """Whether a sentence stands in a label; labels are in order and apart."""
    position = bisect_right(labels, span[0], key=lambda label: label[0])
    return position > 0 and span[0] < labels[position - 1][1]


def _has_words(item: ReadItem, span: tuple[int, int]) -> bool:
    return any(character.isalnum() for character in item.readable[span[0] : span[1]].decode())
