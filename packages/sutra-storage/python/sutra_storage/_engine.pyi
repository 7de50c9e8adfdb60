"""The compiled part of `sutra_storage`."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import final

import numpy as np
from numpy.typing import NDArray

from sutra_storage.types import (
    Association,
    AssociationKind,
    Batch,
    Change,
    Concept,
    Direction,
    EntityType,
    Evidence,
    Floats,
    ForgettingReceipt,
    Forgotten,
    GraphPaths,
    Ids,
    Preparation,
    Receipt,
    SalvageReport,
    Source,
    StoreStats,
    Support,
    Unit,
    VerifyReport,
    Walk,
    Went,
)

__all__ = [
    "Engine",
    "ReadView",
    "Reader",
    "Reading",
    "change_forgets",
    "decode_change",
    "detect_language",
    "embedder_of",
    "language_code",
    "leave_out",
    "migrate",
    "name_key",
    "read_questions",
    "relation_kind",
    "salvage",
    "stop_words",
    "title_name",
    "word_cuts",
]

@final
class Engine:
    """One open store with its indexes; safe to use from many threads.

    Opens the store of `folder`, making both if need be. A store of another embedder raises
    `EmbedderMismatchError`, one that another process has open `StoreLockedError`. `check_pages`
    verifies the checksum of every page of `storage.dat` first; at most `cache_bytes` (16 MiB) of it stay
    in memory, and less where the process has many stores open, which share 64 MiB. `read_only` writes
    nothing at all: what would be written raises `ReadOnlyError`. Recorded answers are kept for
    `answer_seconds` (30 days), and the newest `answer_bytes` (512 MiB) of them. After a write that failed
    half-way the next call opens the folder again.

    `fresh_max` (50,000) concepts are searched by looking at all of them before they are settled, in the
    background, into files that are mapped; these are written anew once more than `removed_max` (1,000) of
    their rows were removed, which is looked at after every `cleanup_commits` (5) commits. A search for k
    vectors scores (10 k + 100) × `search_breadth` (100) / 100 at full precision, and k at least. The
    checksums of the last `checked_vectors` (0) that searches read and found right are not computed again.
    """

    def __new__(
        cls,
        folder: str | PathLike[str],
        *,
        fingerprint: str,
        dimension: int,
        check_pages: bool = False,
        cache_bytes: int = ...,
        read_only: bool = False,
        answer_seconds: int = ...,
        answer_bytes: int = ...,
        fresh_max: int = ...,
        removed_max: int = ...,
        cleanup_commits: int = ...,
        search_breadth: int = ...,
        checked_vectors: int = ...,
    ) -> Engine: ...
    def settle(self) -> None:
        """Waits until all that was learned is settled into files, as far as it is to be."""
    def view(self) -> ReadView: ...
    def commit(self, batch: Batch) -> Receipt: ...
    def forget_sources(self, sources: Sequence[int], *, dry_run: bool = False) -> Forgotten | None:
        """Forgets sources, as one transaction, with all that they alone said, and says what went.

        None where none of them is known. No view that is taken from then on has any of it. With `dry_run` it
        only says what would go.
        """

    def forget_before(self, before: int, *, dry_run: bool = False) -> Forgotten | None:
        """Forgets every source that was learned before a time, in microseconds since 1970-01-01 UTC."""

    def forget_retired(self, before: int, *, dry_run: bool = False) -> Forgotten | None: ...
    def forget_concept(
        self, concept: int, *, link_only: bool = False, dry_run: bool = False
    ) -> Forgotten | None:
        """Forgets a statement, wherever it is said, or an entity with all statements and titles that name it.

        The bytes become blanks. With `link_only` an entity alone goes, and the words that name it stay. None
        where there is no such concept.
        """

    def changes_since(self, since: int, limit: int) -> list[Change]:
        """The first `limit` transactions after one, in order: fewer where they are large, none at the end.

        Raises `InvalidValueError` for a transaction that is not there yet.
        """

    def apply_changes(self, changes: Sequence[bytes]) -> int:
        """Makes changes of another store durable and visible, all or none; the last transaction then.

        They follow on the last transaction of this store, and come with all up to the greatest `settled`
        among them. A new, empty store takes over the history that they belong to. Raises
        `InvalidChangeError`, `HistoryMismatchError` and `EmbedderMismatchError`, which leave the store as
        it was.
        """

    def restore_changes(self, changes: Sequence[bytes], later: Sequence[bytes]) -> int:
        """Ends a store that followed another one; the last transaction then.

        Applies the last changes, though others belong with them, forgets what the `later` ones forgot, as far
        as it is here, and begins a new history. Raises as `apply_changes` does.
        """

    def put_answer(
        self, answer_id: str, record: bytes, sources: Sequence[int] = ..., transaction: int = ...
    ) -> None: ...
    def get_answer(self, answer_id: str) -> bytes | None: ...
    def give_vectors(self, statements: Sequence[int], vectors: Floats, *, read: int) -> int:
        """Gives statements that wait for one a vector each, and says how many did; others stay.

        So do those of whose sources something was blanked after `read`, the transaction of the view in which
        their words were read.
        """

    def prepare_model(self, fingerprint: str, dimension: int) -> Preparation:
        """Begins to prepare the model of another embedder, or goes on with it.

        Every statement waits for a vector of it then. The store learns and answers meanwhile. One of a
        third embedder is given up.
        """

    def preparation(self) -> Preparation | None:
        """The model that is prepared, if one is."""

    def unprepared(self, *, after: int = 0, limit: int = 1000) -> list[int]:
        """The first `limit` statements after one that wait for a vector of it, by rising number."""

    def give_prepared(self, statements: Sequence[int], vectors: Floats, *, read: int) -> int:
        """Makes vectors of it ready, as `give_vectors` does, and says how many."""

    def give_up_preparation(self) -> bool:
        """Gives it up, and says whether there was one."""

    def use_prepared(self) -> None:
        """Has it take the place of the model in use, in a new history, and goes on with its vectors.

        The files are written anew for that. Views of before may be read for another minute, and have the
        vectors that they had.
        """

    def retire_outdated(self, rules: int) -> int:
        """Retires the evidence that rules before this version derived; the number of pieces."""

    def purge(self) -> int:
        """Writes the store's files anew, without anything that was forgotten, and tells when it was done.

        In microseconds since 1970 UTC. Views of the old files may be read for another minute, then they end.
        Raises `NoSpaceError` where there is no room for another store beside this one.
        """

    def receipt(self, transaction: int) -> ForgettingReceipt | None:
        """What is known of the transaction that forgot something; None where it forgot nothing."""

    def went(self, transaction: int, text: str, *, title: str = "") -> Went | None:
        """As what a text is among what a transaction forgot; None where it forgot nothing.

        Raises `InvalidValueError` for a text that is empty, `StoreIOError` where `store.key` is missing.
        """

    def receipts(self, *, after: int = 0) -> list[tuple[int, int]]:
        """The transactions after one that forgot something, each with when, in µs since 1970 UTC."""

    def transaction_at(self, time: int) -> int:
        """The last transaction made at or before a time, in µs since 1970 UTC; 0 where there is none."""

    def purged(self) -> int:
        """The last transaction of which nothing that it forgot is in the store's files; 0 for none."""

    def verify(self, *, deep: bool = True) -> VerifyReport:
        """Reads everything and checks every reference and every hash.

        Without `deep` the files of vectors, the chain of transactions, and what the last 100 learned.
        """

    def close(self) -> None: ...

@final
class ReadView:
    """One immutable state of the store; see `sutra_core.types.ReadView`."""

    @property
    def transaction(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    def stats(self) -> StoreStats: ...
    def concepts(self, ids: Sequence[int] | Ids) -> list[Concept]: ...
    def sources(self, ids: Sequence[int]) -> list[Source]: ...
    def source_text(self, source: int) -> str: ...
    def statements_in(self, source: int) -> list[tuple[int, int, int, bool, bool]]: ...
    def markup(self, source: int) -> list[tuple[int, int]]: ...
    def outdated(self, rules: int) -> int: ...
    def sources_after(self, after: int, limit: int, *, retired: bool = False) -> list[Source]: ...
    def find_source(self, address: str, offset: int, text: str) -> int: ...
    def sources_at(self, address: str, *, retired: bool = False) -> list[int]: ...
    def supports(self, ids: Sequence[int] | Ids, *, limit: int | None = None) -> list[list[Support]]: ...
    def find_entities(self, names: Sequence[str]) -> list[int]: ...
    def search_vectors(
        self, query: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> tuple[Ids, Floats]: ...
    def search_vectors_each(
        self, queries: Floats, k: int, *, unit: Unit = "passage", exact: bool = False
    ) -> list[tuple[Ids, Floats]]: ...
    def languages(self) -> dict[str, int]: ...
    def in_language(self, language: str) -> ReadView: ...
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
    ) -> ReadView: ...
    def search_words(self, query: str, k: int, *, unit: Unit = "passage") -> tuple[Ids, Floats]: ...
    def search_words_each(
        self, queries: Sequence[str], k: int, *, unit: Unit = "passage"
    ) -> list[tuple[Ids, Floats]]: ...
    def score_words(self, queries: Sequence[str], ids: Sequence[int] | Ids) -> Floats: ...
    def word_weights(self, texts: Sequence[str]) -> list[dict[str, float]]: ...
    def near_words(self, words: Sequence[str], *, limit: int = 3) -> list[list[tuple[str, int]]]: ...
    def vectors(self, ids: Sequence[int] | Ids) -> Floats: ...
    def pending(self, *, after: int = 0, limit: int = 1000) -> list[int]: ...
    def neighbors(
        self,
        ids: Sequence[int] | Ids,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> list[list[Association]]: ...
    def expand(
        self,
        ids: Sequence[int] | Ids,
        relation: str,
        *,
        direction: Direction = "out",
        limit: int | None = None,
    ) -> list[list[int]]: ...
    def expand_each(self, walks: Sequence[Walk]) -> list[list[list[int]]]: ...
    def degrees(
        self, ids: Sequence[int] | Ids, relation: str, *, direction: Direction = "out"
    ) -> list[int]: ...
    def evidence(
        self, associations: Sequence[tuple[int, str, int]], *, limit: int | None = None
    ) -> list[list[Evidence]]: ...
    def pagerank(
        self,
        seeds: Mapping[int, float],
        *,
        damping: float = 0.5,
        k: int = 100,
        weights: Mapping[str, float] | None = None,
    ) -> tuple[Ids, Floats]: ...
    def paths(
        self,
        sources: Sequence[int],
        targets: Sequence[int],
        *,
        k: int = 5,
        max_steps: int = 6,
        weights: Mapping[str, float] | None = None,
    ) -> GraphPaths: ...
    def reach(
        self,
        ids: Sequence[int] | Ids,
        steps: int,
        *,
        direction: Direction = "out",
        relations: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> tuple[Ids, NDArray[np.uint32], bool]:
        """The concepts at most `steps` steps away, without those of `ids`, each with how many steps.

        The nearest first, equally near ones by rising number. Names that were never learned match nothing.
        The last is set where two million associations were looked at: there may be more then.
        """

    def shortest_path(
        self,
        source: int,
        target: int,
        *,
        direction: Direction = "out",
        relations: Sequence[str] | None = None,
        max_steps: int = 16,
    ) -> GraphPaths:
        """A path of the fewest steps, or none; of no steps from a concept to itself."""

@final
class Reader:
    """Reads texts by rule: sentences, passages, mentions, relations.

    It also recognises `known_names`: as whole words, the longest first. Holds nothing else and can
    be shared by threads. `language` is a BCP 47 tag; relations are found in English alone.
    """

    def __new__(cls, known_names: Sequence[str] = ...) -> Reader: ...
    def read(self, text: str, title: str = "", language: str = "en") -> Reading: ...
    def read_known(
        self,
        text: str,
        sentences: Sequence[tuple[int, int]],
        passages: Sequence[tuple[int, int]],
        title: str = "",
        language: str = "en",
    ) -> Reading:
        """Reads a text whose sentences and passages are known: byte ranges, in order and apart.

        What stands in a passage and in none of its sentences is cut by rule. Other ranges raise `ValueError`.
        """

@final
class Reading:
    """What the rules found in one text. Ranges are bytes of its UTF-8.

    `sentences`: (start, end). `passages`: (start, end, first sentence, one past the last).
    `mentions`: (sentence, start, end, name, entity type). `relations`: (sentence, subject, relation,
    kind, object, object's type, confidence, valid from, valid to).
    """

    @property
    def sentences(self) -> list[tuple[int, int]]: ...
    @property
    def passages(self) -> list[tuple[int, int, int, int]]: ...
    @property
    def mentions(self) -> list[tuple[int, int, int, str, EntityType]]: ...
    @property
    def relations(
        self,
    ) -> list[
        tuple[
            int,
            str,
            str,
            AssociationKind,
            str,
            EntityType,
            float,
            int | None,
            int | None,
        ]
    ]: ...

def change_forgets(data: bytes) -> bool:
    """Whether a change took anything away that others had learned; raises `InvalidChangeError`."""

def decode_change(data: bytes) -> Change:
    """What the bytes of a change say of themselves; raises `InvalidChangeError` where they are none."""

def detect_language(text: str) -> str | None:
    """The language of a text (ISO 639), or None where it cannot be told."""

def embedder_of(folder: str | PathLike[str], *, read_only: bool = False) -> tuple[str, int] | None:
    """Fingerprint and dimension of the store in a folder; `None` when there is no store yet."""

def language_code(tag: str) -> str:
    """The code (ISO 639-1, "und" for any other) of a BCP 47 tag's language; English where it is none."""

def leave_out(groups: Sequence[str]) -> None:
    """Reads without these groups of hand-written knowledge from now on, in the whole process.

    For measuring what each is worth: "cues" (of questions), "patterns" (of relations), "lexicon" (names and
    their kinds, words for works and events), "guesses" (of what sort a name is). Once, before anything is
    read: `RuntimeError` after that, `ValueError` for any other name.
    """

def migrate(folder: str | PathLike[str]) -> int | None:
    """Brings a folder's store to the present format, whole or not at all, and tells its format before.

    `None` where there is no store, or nothing to do.
    """

def name_key(name: str) -> str:
    """The form in which names are compared: NFKC, lower case, single blanks."""

def read_questions(questions: Sequence[str]) -> list[tuple[EntityType | None, list[str], bool]]:
    """What each question asks for: expected type, relations it names, whether it wants yes or no."""

def relation_kind(relation: str) -> AssociationKind:
    """Which kind the reading rules give to a relation of this name; "semantic" where they have none."""

def salvage(
    folder: str | PathLike[str],
    into: str | PathLike[str],
    *,
    older: bool = False,
    embedder: tuple[str, int] | None = None,
) -> SalvageReport:
    """Takes all that can be read out of the damaged store in a folder into a new one, in a new folder.

    The damaged folder is only read. `older` takes the state before the last commit where that which it left
    cannot be read: all comes back that this commit forgot. `embedder` (fingerprint, dimension) is that of the
    new store where the damaged one does not tell its own. Raises `StoreCorruptError` where nothing can be
    taken, `InvalidValueError` where `into` holds anything, `StoreLockedError`, `UnsupportedFormatError`,
    `DiskFullError`, `StoreIOError`.
    """

def stop_words(language: str) -> list[str]:
    """The function words of a language (ISO 639-1), which say nothing of what a text is about."""

def title_name(title: str) -> str:
    """The name in a title, as mentions are written: without a leading article and a closing bracket."""

def word_cuts(text: str) -> list[int]:
    """The characters at which a word of a script without blanks begins or ends, rising."""
