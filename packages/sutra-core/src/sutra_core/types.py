"""The two interfaces that every store keeps, and the types that they speak in.

This module performs no I/O and holds no logic. `KnowledgeStore` and `ReadView` are kept by the Rust
engine (`sutra_storage`) and by the pure-Python `sutra_core.reference`, which the tests hold against
each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

from sutra_storage.types import (
    Association,
    AssociationKind,
    Batch,
    Concept,
    ConceptKind,
    Direction,
    EntityType,
    Evidence,
    Floats,
    ForgettingReceipt,
    Forgotten,
    GraphPath,
    GraphPaths,
    Ids,
    PathStep,
    Preparation,
    Receipt,
    Role,
    Source,
    SourceDraft,
    StoreStats,
    Support,
    TextKind,
    Unit,
    VerifyReport,
    Walk,
    Went,
)

__all__ = [
    "Association",
    "AssociationKind",
    "Batch",
    "Concept",
    "ConceptKind",
    "Direction",
    "EntityType",
    "Evidence",
    "Floats",
    "ForgettingReceipt",
    "Forgotten",
    "GraphPath",
    "GraphPaths",
    "Ids",
    "KnowledgeStore",
    "PathStep",
    "Preparation",
    "ReadView",
    "Receipt",
    "Role",
    "SearchMode",
    "Source",
    "SourceDraft",
    "StoreStats",
    "Support",
    "TextKind",
    "Unit",
    "VerifyReport",
    "Wait",
    "Walk",
    "Went",
]

SearchMode = Literal["meaning", "words", "graph", "all"]
Wait = Literal["durable", "indexed"]
"""What learning waits for: that all is durable, found by words and graph; or that it has its vectors, too."""


@runtime_checkable
class ReadView(Protocol):
    """One immutable state of the store. Nothing that is learned afterwards shows in it.

    What is looked up at once is answered in its order. Where concepts are looked at (`concepts`, `supports`,
    `vectors`, `neighbors`), an id that does not exist raises `UnknownConceptError`; where they are walked or
    scored, it matches nothing. Rankings
    are sorted by falling score, equal scores by rising id. A view ends with its store: afterwards
    it raises `StoreClosedError`.
    """

    @property
    def transaction(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """That of the embedder whose vectors it has; a question is embedded by the same one."""
        ...

    def stats(self) -> StoreStats: ...

    def concepts(self, ids: Sequence[int] | Ids) -> list[Concept]:
        """The concepts with these ids, in this order."""
        ...

    def sources(self, ids: Sequence[int]) -> list[Source]: ...

    def source_text(self, source: int) -> str:
        """The whole verbatim text of a source."""
        ...

    def statements_in(self, source: int) -> list[tuple[int, int, int, bool, bool]]:
        """The statements of a source, by start: number, first byte, one past the last, and whether it is
        a sentence or a passage anywhere."""
        ...

    def markup(self, source: int) -> list[tuple[int, int]]:
        """What of a source's text is markup: ranges of bytes, in order."""
        ...

    def outdated(self, rules: int) -> int:
        """How many pieces of evidence were derived by rules before this version."""
        ...

    def sources_after(self, after: int, limit: int, *, retired: bool = False) -> list[Source]:
        """The first `limit` sources with an id greater than `after`, by rising id."""
        ...

    def find_source(self, address: str, offset: int, text: str) -> int:
        """The source that was learned exactly so, to the last byte; 0 where there is none."""
        ...

    def sources_at(self, address: str, *, retired: bool = False) -> list[int]:
        """The sources of an address, by rising offset: the parts of a long text."""
        ...

    def supports(self, ids: Sequence[int] | Ids, *, limit: int | None = None) -> list[list[Support]]:
        """For each statement where it stands, the first `limit` by source and start; empty for an entity."""
        ...

    def find_entities(self, names: Sequence[str]) -> list[int]:
        """The entity of each name (compared by name key), 0 where there is none."""
        ...

    def search_vectors(
        self, query: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> tuple[Ids, Floats]:
        """The `k` nearest passages or sentences to a query `[dimension]`, by cosine in [-1, 1]."""
        ...

    def search_vectors_each(
        self, queries: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> list[tuple[Ids, Floats]]:
        """`search_vectors` of each row of `[queries, dimension]`, in one call."""
        ...

    def languages(self) -> dict[str, int]:
        """How many passages are in each language, by its code (ISO 639-1, "und" for any other)."""
        ...

    def in_language(self, language: str) -> ReadView:
        """The same state, asked in a language (a BCP 47 tag): what takes a text takes its words as words
        of it, so that they find passages in that language by every form. A view is asked in English
        until it is told otherwise."""
        ...

    def within(
        self,
        *,
        sources: Sequence[int] | None = None,
        attributes: Mapping[str, str] | None = None,
        since: int | None = None,
        until: int | None = None,
        as_of: int | None = None,
        holds_at: int | None = None,
        kinds: Sequence[AssociationKind] | None = None,
    ) -> ReadView:
        """The same state narrowed to what some sources say; whatever is not given admits all.

        Admitted are `sources` by number, with all of these `attributes`, whose own time lies from `since`
        to before `until`, learned by the transaction `as_of` and not retired by then. No search finds
        anything else, and associations, of these `kinds`, are what the evidence of these sources makes them,
        as far as it holds at `holds_at` (times are microseconds since 1970 UTC). What is looked up by its
        number is found as before; words weigh what they weigh in all passages. It reads all that these
        sources say.
        """
        ...

    def search_words(self, query: str, k: int, *, unit: Unit = "passage") -> tuple[Ids, Floats]:
        """The `k` best passages (title and text) or entities (names) by BM25."""
        ...

    def search_words_each(
        self, queries: Sequence[str], k: int, *, unit: Unit = "passage"
    ) -> list[tuple[Ids, Floats]]:
        """`search_words` of each query, in one call."""
        ...

    def score_words(self, queries: Sequence[str], ids: Sequence[int] | Ids) -> Floats:
        """BM25 `[len(queries), len(ids)]` of the given passages, 0 where no word matches."""
        ...

    def word_weights(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The analysed terms of each text, each with its inverse document frequency over passages."""
        ...

    def near_words(self, words: Sequence[str], *, limit: int = 3) -> list[list[tuple[str, int]]]:
        """For each word the `limit` words of passages that it may be a slip of.

        Each with how many passages have it.

        Best first: fewest edits, then most passages, then by letters. An edit exchanges, adds or drops a
        letter, or swaps two neighbours; one is allowed from 4 letters on, two from 8. Words are in lower
        case, without marks; a passage has a word that it has in another form, and every passage has "the"
        and its like. None for a word that some passage has, for "the" and its like, and for digits.
        """
        ...

    def vectors(self, ids: Sequence[int] | Ids) -> Floats:
        """The stored vectors `[len(ids), dimension]`, unit length; a row of zeros where there is none."""
        ...

    def pending(self, *, after: int = 0, limit: int = 1000) -> list[int]:
        """The first `limit` statements after one that wait for a vector, by rising number."""
        ...

    def neighbors(
        self,
        ids: Sequence[int] | Ids,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> list[list[Association]]:
        """For each concept its `limit` strongest associations, equal ones by subject, relation, object."""
        ...

    def expand(
        self,
        ids: Sequence[int] | Ids,
        relation: str,
        *,
        direction: Direction = "out",
        limit: int | None = None,
    ) -> list[list[int]]:
        """For each concept, those at the other end of its associations of one relation, by rising id.

        Of more than `limit` for one concept, those of its strongest associations, of equally strong ones
        those of lowest id.
        """
        ...

    def expand_each(self, walks: Sequence[Walk]) -> list[list[list[int]]]:
        """`expand` of each walk, in one call: concepts, relation, direction, limit."""
        ...

    def degrees(self, ids: Sequence[int] | Ids, relation: str, *, direction: Direction = "out") -> list[int]:
        """For each concept, how many associations of one relation it has; for "both", out and in added."""
        ...

    def evidence(
        self, associations: Sequence[tuple[int, str, int]], *, limit: int | None = None
    ) -> list[list[Evidence]]:
        """What supports each association (subject, relation, object), the first `limit` by statement id.

        Nothing for one that does not exist.
        """
        ...

    def pagerank(
        self,
        seeds: Mapping[int, float],
        *,
        damping: float = 0.5,
        k: int = 100,
        weights: Mapping[str, float] | None = None,
    ) -> tuple[Ids, Floats]:
        """Personalised PageRank over the undirected graph; `weights` multiplies relations (default 1)."""
        ...

    def paths(
        self,
        sources: Sequence[int],
        targets: Sequence[int],
        *,
        k: int = 5,
        max_steps: int = 6,
        weights: Mapping[str, float] | None = None,
    ) -> GraphPaths:
        """The `k` best loop-free paths from any source to any target, at most `max_steps` long.

        `exhausted` says that the search was cut off before it had looked at all that might be better.
        """
        ...


@runtime_checkable
class KnowledgeStore(Protocol):
    """A store: commits change it one transaction at a time, views read it."""

    def view(self) -> ReadView:
        """The state after the last acknowledged commit."""
        ...

    def commit(self, batch: Batch) -> Receipt:
        """Makes a batch durable and visible, or raises and leaves everything as it was."""
        ...

    def forget_sources(self, sources: Sequence[int], *, dry_run: bool = False) -> Forgotten | None:
        """Forgets sources, as one transaction, with all that they alone said, and says what went.

        None where none of them is known. With `dry_run` it only says what would go.
        """
        ...

    def forget_before(self, before: int, *, dry_run: bool = False) -> Forgotten | None:
        """Forgets every source that was learned before a time, in microseconds since 1970-01-01 UTC.

        None where there is none.
        """
        ...

    def forget_retired(self, before: int, *, dry_run: bool = False) -> Forgotten | None:
        """Drops what was retired before a time, in microseconds since 1970-01-01 UTC."""
        ...

    def forget_concept(
        self, concept: int, *, link_only: bool = False, dry_run: bool = False
    ) -> Forgotten | None:
        """Forgets a statement, wherever it is said, or an entity with all statements and titles that name it.

        The bytes become blanks, and the text stays as long as it was; what else a passage says stays. With
        `link_only` an entity alone goes, and the words that name it stay. None where there is no such
        concept.
        """
        ...

    def give_vectors(self, statements: Sequence[int], vectors: Floats, *, read: int) -> int:
        """Gives statements that wait for one a vector `[len(statements), dimension]`; the number that did.

        Those of whose sources something was blanked after `read`, the transaction of the view in which their
        words were read, wait on.
        """
        ...

    def retire_outdated(self, rules: int) -> int:
        """Retires the evidence that rules before this version derived; the number of pieces."""
        ...

    def purge(self) -> int:
        """Takes what was forgotten from the store's files too, and tells when.

        In microseconds since 1970 UTC. Views that are older may be read for another minute.
        """
        ...

    def receipt(self, transaction: int) -> ForgettingReceipt | None:
        """What is known of the transaction that forgot something; None where it forgot nothing."""
        ...

    def went(self, transaction: int, text: str, *, title: str = "") -> Went | None:
        """As what a text is among what a transaction forgot; None where it forgot nothing.

        Compared as it is given, and without white space at its ends. Raises `InvalidValueError` for a text
        that is empty, `StoreIOError` where the store's secret is missing.
        """
        ...

    def receipts(self, *, after: int = 0) -> list[tuple[int, int]]:
        """The transactions after one that forgot something, each with when, in µs since 1970 UTC."""
        ...

    def transaction_at(self, time: int) -> int:
        """The last transaction made at or before a time, in µs since 1970 UTC; 0 where there is none."""
        ...

    def purged(self) -> int:
        """The last transaction of which nothing that it forgot is in the store's files; 0 for none."""
        ...

    def put_answer(
        self, answer_id: str, record: bytes, sources: Sequence[int] = (), transaction: int = 0
    ) -> None:
        """Keeps an answer, read from a transaction's state, until something that it cites is forgotten.

        Durable within a second, and when the store is closed.
        """
        ...

    def get_answer(self, answer_id: str) -> bytes | None:
        """A recorded answer that is still kept; raises `AnswerErasedError` for one that was erased."""
        ...

    def verify(self, *, deep: bool = True) -> VerifyReport:
        """Reads everything and checks every reference and every hash; without `deep` a part that is quick."""
        ...

    def close(self) -> None: ...
