"""`ReasoningEngine`: learn, ask, explain. The one object that the service, the command line and users hold.

It joins the steps of `learn` and `ask` over one store and one embedder, and adds no step of its
own. Safe to use from many threads: views are immutable, commits are grouped.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, get_args

from sutra_core.arguments import (
    NUMBER_MAX,
    check_number,
    check_type,
    check_words,
    is_unicode,
)
from sutra_core.ask import Answer, answer_question, rank_passages, threshold_of
from sutra_core.behind import Behind, follows
from sutra_core.cache import AnswerCache
from sutra_core.config import ReasoningEngineConfig
from sutra_core.embed import Embedder
from sutra_core.errors import (
    InvalidValueError,
    ReadOnlyError,
    StoreClosedError,
    StoreIOError,
    UnknownAnswerError,
)
from sutra_core.filters import Filter
from sutra_core.history import History
from sutra_core.looking import PATHS_MAX, STEPS_MAX, Looking
from sutra_core.machine import machine_figures
from sutra_core.metrics import Metrics
from sutra_core.models_in_use import ModelsInUse
from sutra_core.narrowing import NarrowedViews, Narrowing, narrowing_of
from sutra_core.observing import LearningWatch, Observer, Observers, QuestionWatch
from sutra_core.pending import embed_sources
from sutra_core.purging import ExpiryClock, PurgeClock
from sutra_core.reader import Reader
from sutra_core.remodelling import Remodelling
from sutra_core.results import ConceptDetail, ConceptPath, ConceptPaths, EngineStats
from sutra_core.search import SearchHit, SearchMode, search
from sutra_core.shared import MissingReaderWarning, Shared
from sutra_core.spot_check import spot_check
from sutra_core.store import open_store, profile_for
from sutra_core.texts import check_text, items_of, own_address
from sutra_core.turns import TURNS
from sutra_core.types import (
    KnowledgeStore,
    ReadView,
    SourceDraft,
    VerifyReport,
    Wait,
)

if TYPE_CHECKING:
    from sutra_core.backup import BackupReport, Place
    from sutra_core.learn import Item, Learned, LearnReport, Progress, Refusal
    from sutra_core.learn.adapters import BadItem, FieldMap

# What learns imports `learn`, and a backup `backup`: their libraries take longer to load than a question.

__all__ = [
    "ConceptDetail",
    "ConceptPath",
    "ConceptPaths",
    "EngineStats",
    "MissingReaderWarning",
    "ReasoningEngine",
    "UnrecordedAnswerWarning",
]


_T = TypeVar("_T")

HITS_MAX = 10_000
_READ_AGAIN = 2


class UnrecordedAnswerWarning(UserWarning):
    """An answer was given, but could not be recorded: `explain` will not find it."""


class ReasoningEngine(History, Remodelling, Looking):
    """A knowledge engine over one storage folder.

    `config` defaults to the environment's (see `ReasoningEngineConfig.from_environment`). `embedder`
    replaces the configured profile's; its fingerprint must be the store's. `reader` replaces the
    configured one, and is the caller's to close. Engines of one process can have models and cached answers
    `shared`, which is the caller's to close too. An `observer` is told of each batch, question and
    forgetting, unless the configuration switches metrics off. Use the engine as a context manager, or call
    `close`. With `read_only` nothing is written, so that a folder on a read-only file system can be asked
    too: there has to be a store, answers are not recorded, and what learns or forgets raises `ReadOnlyError`.

        with ReasoningEngine(config) as engine:
            engine.learn("The Aln rises at Alham.", source="rivers")
            answer = engine.ask("Where does the Aln rise?")

    Raises `StoreLockedError` when another process has the folder open. Every method raises
    `InvalidValueError` for an argument of another type than it takes. A full disk raises `DiskFullError`
    from what learns; questions are still answered, and what is learned after there is room is kept.
    """

    def __init__(
        self,
        config: ReasoningEngineConfig | None = None,
        *,
        embedder: Embedder | None = None,
        reader: Reader | None = None,
        shared: Shared | None = None,
        observer: Observer | None = None,
        check_pages: bool = False,
        read_only: bool = False,
    ) -> None:
        if config is not None:
            check_type("config", config, ReasoningEngineConfig, "a ReasoningEngineConfig, or None")
        self.config = config or ReasoningEngineConfig.from_environment()
        self.read_only = read_only
        self._reader = reader
        self._shared = shared or Shared(self.config)
        self._shares = shared is not None
        whose = embedder or profile_for(self.config, read_only=read_only)
        self._models = ModelsInUse(self._shared, whose)
        self._remodelling = threading.Lock()
        store = open_store(self.config, whose, check_pages=check_pages, read_only=read_only)
        self._store: KnowledgeStore | None = store
        self._metrics = Metrics()
        told = [self._metrics, *([observer] if observer else [])]
        self._observer = Observers(told if self.config.metrics else [])
        self._whole: bool | None = None
        """Whether the last verification found everything whole."""
        self._answers = AnswerCache(self._shared.answers)
        self._narrowed = NarrowedViews()
        self._purges = PurgeClock(self.config.purge_hours, self.purge)
        self._expiry = ExpiryClock(self.expire)
        writes = not read_only and not follows(self.config.storage_path)
        self._behind = Behind(self._opened, self._model, self._moved_on, writes=writes)
        if not read_only:
            self._purges.look(store)
            self._expiry.start()
            self._behind.open(store)

    # --- learning ---

    def learn(
        self,
        text: str,
        *,
        source: str | None = None,
        title: str = "",
        time: int | None = None,
        attributes: Mapping[str, str] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        """Learns one text, a long one in parts; the next question finds it.

        `source` says where it comes from: another text that is learned from there takes the place of this
        one, and what both say stays what it is. Without it the text is its own source, so learning it
        twice changes nothing. `time` is the document's own, in microseconds since 1970 UTC. `wait` is that of
        `learn_items`.
        """
        check_type("text", text, str, "a string")
        check_type("source", source, str | None, "a string that says where the text comes from, or None")
        check_type("title", title, str, "a string")
        check_type("time", time, int | None, "microseconds since 1970 UTC, a whole number, or None")
        check_type("attributes", attributes, Mapping | None, "a dictionary of strings, or None")
        address = own_address(text) if source is None else source
        return self.learn_batch([SourceDraft(address, text, title, 0, time, attributes or {})], wait=wait)

    def learn_batch(self, texts: Iterable[str | SourceDraft], *, wait: Wait = "indexed") -> LearnReport:
        """Learns many texts, `batch_size` in a transaction; `wait` is that of `learn_items`.

        A text that cannot be learned is in the report's `refused` with its position in `texts` and
        the reason; the others are learned. An interrupt (Ctrl-C) is raised again once the batch that was
        being written is durable. What is no text at all is misuse: with a list or a
        tuple nothing is learned then, from a stream what came before it.
        """
        one = isinstance(texts, str | bytes | SourceDraft)
        check_type("batch", texts, () if one else Iterable, "a list of strings or SourceDrafts")
        if isinstance(texts, list | tuple):
            for position, text in enumerate(texts):
                check_text(position, text)
        report = self.learn_items(items_of(texts), wait=wait)
        if report.interrupted:
            raise KeyboardInterrupt
        return report

    def learn_collection(
        self,
        *paths: str | Path,
        format_name: str = "",
        fields: FieldMap | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        """Learns files and folders, one or several, of any format (`docs/guide/formats.md`).

        What is known already is skipped, so a run that was interrupted carries on where it was.
        `format_name` says of which format the files are; `fields` which of a record's fields are its text,
        title, key and time. Raises `UnreadableError`, `UnknownFormatError` and `InvalidValueError` for a
        collection itself, before anything is learned; single items that cannot be learned are in the report.
        """
        from sutra_core.learn.adapters import read_collections

        items, bytes_total = read_collections(paths, format_name=format_name, fields=fields)
        return self.learn_items(
            items, bytes_total=bytes_total, on_progress=on_progress, on_refusal=on_refusal, wait=wait
        )

    def learn_items(
        self,
        items: Iterable[Item | BadItem],
        *,
        bytes_total: int = 0,
        on_progress: Callable[[Progress], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        on_learned: Callable[[Learned], None] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        """Learns whatever an adapter yields, as a stream; see `learn_collection`.

        With `wait="indexed"` everything is found by meaning, too, when this returns, and a text that the
        embedder refuses is refused. With `wait="durable"` everything is durable and found by its words and
        the graph; vectors come behind, in the background, also where another process goes on with the
        folder, and no model is needed for it. What the embedder refuses then stays without (`stats`).

        `on_progress` is called after every commit and about twice a second between them, `on_refusal` for
        every item that is refused, `on_learned` for every one that is durable, a long one in parts; one call
        at a time, from this thread or the one that commits.
        """
        from sutra_core.learn import LearnReport, learn

        if self.read_only:
            place = self.config.storage_path
            raise ReadOnlyError(f"{place} was opened for reading only; open it for writing to learn")
        if wait not in get_args(Wait):
            raise InvalidValueError(f'wait is {wait!a}; allowed: "durable", "indexed"')
        store = self._opened()
        self._lead()
        report = LearnReport()
        watch = LearningWatch(report, self._observer)

        known: list[int] = []

        def on_source(learned: Learned) -> None:
            if learned.known and wait == "indexed":
                known.append(learned.source)
            if on_learned:
                on_learned(learned)

        def on_commit(progress: Progress) -> None:
            watch.look()
            if on_progress:
                on_progress(progress)

        try:
            learn(
                store,
                None,
                items,
                lending=self._models.used if wait == "indexed" else None,
                batch_size=self.config.batch_size,
                bytes_total=bytes_total,
                on_progress=on_commit,
                on_refusal=on_refusal,
                on_learned=on_source,
                on_step=watch.step,
                report=report,
            )
        except Exception:
            watch.look(failed=max(1, report.failed))
            raise
        finally:
            self._narrowed.clear()
            if wait == "durable":
                self._behind.wake()
        watch.look()
        if known:
            # They may have been learned without waiting.
            with self._models.used() as embedder:
                self._moved_on(embed_sources(store, embedder, known))
        return report

    # --- asking ---

    def ask(
        self,
        question: str,
        *,
        max_steps: int = 6,
        num_paths: int = 3,
        threshold: float | None = None,
        as_of: int | datetime | None = None,
        holds_at: datetime | None = None,
        filter: Filter | None = None,
        on_step: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answers from what was learned, or says that it does not know.

        It can be asked of what was learned by then, `as_of` a transaction, or the last one at or before a
        time; of the facts of the graph that hold at a time, `holds_at`, as far as they say when; and of
        what the sources of a `filter` say. All that are given apply, and the answer tells them. What was
        forgotten is gone at every date.

        `max_steps` bounds the steps of a path, `num_paths` how many are shown. `threshold` (0 to 1, by
        default the configuration's, else the fitted one) is the confidence below which the answer is
        "I don't know". The answer is kept under its id for `explain`; where that fails (the disk is full),
        an `UnrecordedAnswerWarning` says so. `on_step` is called, from this thread, with the name of each
        step that has been taken, and with none where the answer was known.
        """
        check_words("question", question)
        check_number("max_steps", max_steps, 1, STEPS_MAX)
        check_number("num_paths", num_paths, 0, PATHS_MAX)
        if threshold is None:
            threshold = self.config.answer_threshold
        if threshold is None:
            threshold = threshold_of(self.reader)
        check_type("threshold", threshold, int | float, "a number from 0 to 1")
        if not 0 <= threshold <= 1:
            raise InvalidValueError(f"threshold is {threshold}; allowed: 0 to 1")
        watch = QuestionWatch(self._observer, on_step)

        def answered(store: KnowledgeStore) -> Answer:
            view = store.view()
            narrowing = narrowing_of(store, view, as_of, holds_at, filter)
            return self._answer(view, narrowing, question, max_steps, num_paths, threshold, watch.step)

        try:
            answer = self._read(answered)
        except Exception:
            watch.failed()
            raise
        watch.answered(answer)
        return answer

    def _answer(
        self,
        view: ReadView,
        narrowing: Narrowing | None,
        question: str,
        max_steps: int,
        num_paths: int,
        threshold: float,
        on_step: Callable[[str], None],
    ) -> Answer:
        """The answer from one state, out of the cache or new and then recorded."""
        key = (view.fingerprint, question, max_steps, num_paths, threshold, narrowing)
        answer = self._answers.get(view.transaction, key)
        if answer is not None:
            return answer
        with TURNS.question():
            answer = answer_question(
                self._narrowed.narrowed(view, narrowing),
                self._models.of(view),
                question,
                max_steps=max_steps,
                num_paths=num_paths,
                threshold=threshold,
                reader=self.reader,
                on_step=on_step,
            )
        if narrowing:
            answer = narrowing.marked(answer, self._opened())
        self._record(answer, narrowing.addressed(view) if narrowing else [])
        self._answers.put(view.transaction, key, answer)
        return answer

    def _record(self, answer: Answer, addressed: Sequence[int]) -> None:
        if self.read_only:
            return
        try:
            record = answer.to_json().encode()
            cited = [*answer.sources(), *addressed]
            self._opened().put_answer(answer.id, record, cited, answer.transaction)
        except StoreIOError as error:
            message = f"answer {answer.id} is given but not recorded: {error}"
            warnings.warn(UnrecordedAnswerWarning(message), stacklevel=4)

    def explain(self, answer_id: str) -> Answer:
        """An earlier answer as it was recorded: same paths, same sources.

        Answers are kept for `answer_retention` days. Raises `UnknownAnswerError` when none is kept under
        this id.
        """
        check_type("answer's id", answer_id, str, "the id that an answer came with, a string")
        record = None
        if is_unicode(answer_id):
            record = self._read(lambda store: store.get_answer(answer_id))
        if record is None:
            raise UnknownAnswerError(
                f"no answer is kept under {answer_id!a}; take the id that an answer came with "
                f"(answers are kept for {self.config.answer_retention} days, and none is recorded read-only)"
            )
        return Answer.from_json(record.decode())

    def search(
        self,
        query: str,
        *,
        mode: SearchMode = "all",
        k: int = 10,
        as_of: int | datetime | None = None,
        holds_at: datetime | None = None,
        filter: Filter | None = None,
    ) -> list[SearchHit]:
        """The best passages for a query, by `meaning`, `words`, `graph`, or `all` of them.

        `words` and `graph` need no embedder. By all of them a query that ends in a question mark is read,
        too, where there is a reader: the passage in which it finds the answer moves up. `as_of`, `holds_at`
        and `filter` are those of `ask`.
        """
        check_words("query", query)
        check_number("k", k, 1, HITS_MAX)
        needs_vectors = mode in ("meaning", "all")
        reader = self.reader if mode == "all" and query.rstrip().endswith("?") else None
        rank_all = partial(rank_passages, reader=reader)

        def found(store: KnowledgeStore) -> list[SearchHit]:
            view = self._view_of(store, as_of, holds_at, filter)
            embedder = self._models.of(view) if needs_vectors else None
            return search(view, embedder, query, mode, k, rank_all)

        with TURNS.question():
            return self._read(found)

    def _view_of(
        self,
        store: KnowledgeStore,
        as_of: int | datetime | None,
        holds_at: datetime | None,
        narrowed_by: Filter | None,
    ) -> ReadView:
        """The present state, narrowed to what is asked of it."""
        view = store.view()
        return self._narrowed.narrowed(view, narrowing_of(store, view, as_of, holds_at, narrowed_by))

    def backup(
        self, place: Place, *, prune: bool = False, on_progress: Callable[[int], None] | None = None
    ) -> BackupReport:
        """Writes what a place (a folder, or a URL such as s3://bucket/prefix) lacks, and reads it back.

        Learning goes on meanwhile. With `prune` what was forgotten since goes out of what is there.
        `on_progress` is told the bytes written so far; what it raises ends the backup, which then stays as it
        was. `restore` of `sutra_core.backup` makes a store of it. Raises as `sutra_core.backup.backup` does.
        """
        from sutra_core.backup import backup
        from sutra_core.backup.known import note_backup

        whose = self._models.now
        report = backup(
            self._opened(), whose.fingerprint, whose.dimension, place, prune=prune, on_progress=on_progress
        )
        if isinstance(place, str | Path) and report.transaction and not self.read_only:
            is_new = prune or report.added == report.transaction
            note_backup(self.config.storage_path, str(place), report.transaction, written_anew=is_new)
        return report

    # --- its state ---

    def stats(self) -> EngineStats:
        """Counts, figures and health."""
        view = self.view()
        store = view.stats()
        metrics = self._metrics.read() if self.config.metrics else {}
        health: dict[str, float] = {}
        if self.config.health_checks and self.config.use_rust_storage:
            health = machine_figures(self.config.storage_path)
            health["storage_file_size_mb"] = store.bytes_on_disk / 1e6
        if self.config.health_checks and self._whole is not None:
            health["checksum_validation_status"] = float(self._whole)
        backlog = self._behind.backlog(view)
        return EngineStats(store, self.config.storage_path, self.embedder_name, metrics, health, backlog)

    def verify(self, *, deep: bool = True, sample: int | None = None) -> VerifyReport:
        """Reads everything that is stored, checks every reference, recomputes every hash.

        Quick are: without `deep`, the files of vectors, the chain of transactions and what the last 100
        learned; with `sample`, so many sources and concepts, drawn at random.
        """
        check_number("sample", 1 if sample is None else sample, 1, NUMBER_MAX)
        if sample is not None:
            return self._read(lambda store: spot_check(store.view(), sample))
        report = self._read(lambda store: store.verify(deep=deep))
        if deep or not report.clean:
            self._whole = report.clean
        return report

    # --- its life ---

    @property
    def embedder_name(self) -> str:
        """What the embedder is called; it need not be opened for that."""
        return self._models.name

    @property
    def embedder(self) -> Embedder:
        """The embedder, opened when it is first needed; `ModelUnavailableError` without its model."""
        return self._models.embedder()

    @property
    def reader(self) -> Reader | None:
        """What reads answers out of passages, opened when it is first needed.

        None where `SUTRA_READER` is off, and where there is no reader on this machine, which is warned of
        once (`MissingReaderWarning`). Raises `ReaderError` when the configured one is none.
        """
        return self._reader or self._shared.reader()

    def close(self) -> None:
        """Makes recorded answers durable and lets go of the folder. Closing twice does nothing."""
        self._purges.stop()
        self._expiry.stop()
        self._behind.stop()
        store, self._store = self._store, None
        if store is not None:
            store.close()
        self._answers.clear()
        self._narrowed.clear()
        if not self._shares:
            self._shared.close()

    def __enter__(self) -> ReasoningEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> KnowledgeStore:
        if self._store is None:
            raise StoreClosedError("the engine is closed; open another one")
        return self._store

    def _model(self) -> Embedder:
        return self.embedder

    def _read(self, call: Callable[[KnowledgeStore], _T]) -> _T:
        """What `call` reads; again, a few times, when a store that failed was opened again under it."""
        for _ in range(_READ_AGAIN):
            with suppress(StoreIOError, StoreClosedError):
                return call(self._opened())
            self._narrowed.clear()
        try:
            return call(self._opened())
        except StoreClosedError as error:
            self._opened()
            raise StoreIOError(
                "the store fails again and again while it is read; look at its disk, and ask again"
            ) from error
