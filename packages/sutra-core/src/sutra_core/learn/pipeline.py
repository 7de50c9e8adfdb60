"""The steps of learning, in the order in which a text takes them.

    adapters    file → items                                   learn/adapters/
    cut         a long text → its parts                        learn/adapters/parts.py
    skip        what is known already, or under way            learn/under_way.py
    reading     item → sentences, passages, entities, relations    learn/reading.py
    concepts    readings → one batch of concepts and associations  learn/concepts.py
    vectors     passages and sentences → vectors               learn/vectors.py
    commit      batch → one durable transaction                learn/commit.py

The next batch is read and embedded while the last one is written. A batch is small enough to be durable
soon (`pace.py`). When learning stops, for whatever reason, what was acknowledged stays, and the next run
carries on after it: known sources are skipped before anything costly is done with them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from time import perf_counter
from typing import cast

from sutra_core.embed import Embedder, UnembeddableTextError
from sutra_core.errors import InternalError, InvalidBatchError
from sutra_core.languages import with_language
from sutra_core.learn.adapters import BadItem, Item
from sutra_core.learn.adapters.parts import cut_draft
from sutra_core.learn.commit import BackgroundCommitter
from sutra_core.learn.pace import BATCH_SECONDS, Pace
from sutra_core.learn.reading import ReadItem, read_item
from sutra_core.learn.report import Learned, LearnReport, Progress, Refusal
from sutra_core.learn.under_way import Met, UnderWay
from sutra_core.learn.vectors import EmbeddedBatch, embed_items
from sutra_core.turns import TURNS
from sutra_core.types import Batch, KnowledgeStore, ReadView, Receipt, SourceDraft

__all__ = ["learn"]

PROGRESS_SECONDS = 0.5
"""How often progress is told while nothing is committed."""

# A source's time is kept as a signed number of 64 bits.
TIME_LIMIT = 1 << 63


def learn(
    store: KnowledgeStore,
    embedder: Embedder | None,
    items: Iterable[Item | BadItem],
    *,
    batch_size: int,
    bytes_total: int = 0,
    lending: Callable[[], AbstractContextManager[Embedder | None]] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
    on_learned: Callable[[Learned], None] | None = None,
    on_step: Callable[[str, float], None] | None = None,
    report: LearnReport | None = None,
) -> LearnReport:
    """Learns a stream of items, at most `batch_size` texts in a transaction, and says what it did.

    Without an `embedder` nothing gets a vector: it is found by words and by graph, not by meaning. `lending`
    gives one for each batch in its place, which is held until the batch is durable.

    `on_progress` is called after every commit, and about twice a second while items are passed over,
    `on_refusal` for every item that is refused, `on_learned` for every one that is durable (each part of a
    long one), all as it happens, one call at a time, from this thread or the one that commits; `on_step` with
    the name and the seconds of each step, which these threads take at the same time. An interrupt
    (Ctrl-C) ends learning cleanly: the report says so. Any other error is raised once the batch that is being
    written has been acknowledged. `report`, empty, is filled and returned: it says what was done even where
    an error is raised.
    """
    filled = report or LearnReport()
    told = _Told(on_progress, on_refusal, on_learned, on_step)
    lending = lending or (lambda: nullcontext(embedder))
    return _Learning(store, lending, batch_size, bytes_total, told, filled).run(items)


@dataclass(frozen=True, slots=True)
class _Told:
    """Who is told what."""

    progress: Callable[[Progress], None] | None
    refusal: Callable[[Refusal], None] | None
    learned: Callable[[Learned], None] | None
    step: Callable[[str, float], None] | None


class _Learning:
    """One run: the counters and the steps around them."""

    def __init__(
        self,
        store: KnowledgeStore,
        lending: Callable[[], AbstractContextManager[Embedder | None]],
        batch_size: int,
        bytes_total: int,
        told: _Told,
        report: LearnReport,
    ) -> None:
        self._store = store
        self._lending = lending
        self._batch_size = batch_size
        self._bytes_total = bytes_total
        self._bytes_done = 0
        self._tell = told
        self._started = self._told = perf_counter()
        self._pace = Pace()
        # The committing thread counts too: this guards the report, what is under way, and the callbacks.
        self._lock = threading.RLock()
        self._report = report
        self._under_way = UnderWay()

    def run(self, items: Iterable[Item | BadItem]) -> LearnReport:
        report = self._report
        try:
            with BackgroundCommitter(self._store, self._acknowledge, self._refuse_read) as committer:
                for group in self._groups(items):
                    with ExitStack() as lent:
                        embedder = lent.enter_context(self._lending())
                        embedded = self._prepare(group, embedder)
                        if embedded.items:
                            committer.submit(embedded, lent)
        except KeyboardInterrupt:
            report.interrupted = True
        except Exception:
            report.failed = len(self._under_way)
            raise
        finally:
            report.seconds = perf_counter() - self._started
        report.transaction = report.transaction or self._store.view().transaction
        self._tell_progress()
        return report

    def _groups(self, items: Iterable[Item | BadItem]) -> Iterator[list[Item]]:
        """The items that are new, by batches."""
        group: list[Item] = []
        size = 0
        began = clock = perf_counter()
        for item in self._pieces(items):
            if self._is_new(item):
                began = began if group else perf_counter()
                group.append(item)
                size += len(item.draft.text.encode())
            full = len(group) >= self._batch_size or size >= self._pace.batch_bytes
            if full or (group and perf_counter() - began >= BATCH_SECONDS):
                self._spend("adapters", clock)
                yield group
                group, size = [], 0
                clock = perf_counter()
        self._spend("adapters", clock)
        if group:
            yield group

    def _pieces(self, items: Iterable[Item | BadItem]) -> Iterator[Item]:
        """Every item that a store can hold, a long one in parts."""
        for item in items:
            self._bytes_done = max(self._bytes_done, item.bytes_done)
            if isinstance(item, BadItem):
                self._refuse(Refusal(item.location, item.reason, item.code))
            elif fault := _fault(item.draft):
                self._refuse(Refusal(item.location, fault, "invalid_text"))
            elif item.prose is not None:
                yield replace(item, draft=_plain(item.draft))
            else:
                for draft in cut_draft(_plain(item.draft)):
                    yield replace(item, draft=draft)
            if perf_counter() - self._told >= PROGRESS_SECONDS:
                self._tell_progress()

    def _is_new(self, item: Item) -> bool:
        """Whether an item is neither known nor under way; it is under way then."""
        draft, location = item.draft, item.location
        with self._lock:
            met = self._under_way.meet(draft, location)
            if met is Met.SAME:
                return False
            # What was under way and is no more is durable, and in this view.
            view = self._store.view()
            known = view.find_source(draft.address, draft.offset, draft.text) if met is Met.NOTHING else 0
            if known and not _ends_early(view, draft):
                self._report.sources_known += 1
                if self._tell.learned:
                    self._tell.learned(Learned(location, known, True, 0, 0, view.transaction, 0))
                return False
            self._under_way.add(draft, location)
            return True

    def _prepare(self, group: list[Item], embedder: Embedder | None) -> EmbeddedBatch:
        started = clock = perf_counter()
        read: list[ReadItem] = []
        for item in group:
            TURNS.give_way()
            try:
                found = read_item(item)
            except InternalError as error:
                self._refuse_pending(item.draft, str(error), error.code)
                continue
            if any(character.isalnum() for character in found.readable.decode()):
                read.append(found)
            else:
                self._refuse_pending(item.draft, "its text has no words", "empty_text")
        clock = self._spend("reading", clock)
        embedded, unembeddable = embed_items(embedder, read)
        self._spend("vectors", clock)
        for item, reason in unembeddable:
            self._refuse_pending(item.draft, reason, UnembeddableTextError.code)
        self._pace.prepared(sum(len(item.data) for item in read), perf_counter() - started)
        return embedded

    def _acknowledge(self, batch: Batch, receipt: Receipt, seconds: float) -> None:
        """Counts a batch that is durable. Runs in the committing thread."""
        new = _new_sources(receipt)
        with self._lock:
            report = self._report
            report.sources += receipt.new_sources
            report.sources_known += len(batch.sources) - receipt.new_sources
            report.sources_retired += receipt.retired_sources
            places = [self._under_way.settle(draft) for draft in batch.sources]
            report.sources_known += sum(map(len, places)) - len(places)
            report.sentences += sum(sentence for source, *_, sentence, _ in batch.statements if source in new)
            report.passages += sum(passage for source, *_, passage in batch.statements if source in new)
            report.concepts += receipt.new_concepts
            report.associations += receipt.new_associations
            report.transaction = receipt.transaction
            self._spent("commit", seconds)
            if self._tell.learned:
                retired = _retired(self._store.view(), batch, receipt)
                for learned in _learned(batch, receipt, places, new, retired):
                    self._tell.learned(learned)
            self._tell_progress()

    def _refuse_read(self, item: ReadItem, error: InvalidBatchError) -> None:
        """What the store refuses. Runs in the committing thread."""
        self._refuse_pending(item.draft, error.reason, error.code)

    def _refuse_pending(self, draft: SourceDraft, reason: str, code: str) -> None:
        """What comes again meanwhile fares as the first of its kind did."""
        with self._lock:
            for location in self._under_way.settle(draft):
                self._refuse(Refusal(location, reason, code))

    def _refuse(self, refusal: Refusal) -> None:
        with self._lock:
            self._report.refuse(refusal)
            if self._tell.refusal:
                self._tell.refusal(refusal)

    def _tell_progress(self) -> None:
        with self._lock:
            self._told = perf_counter()
            report = self._report
            if self._tell.progress:
                self._tell.progress(
                    Progress(
                        self._bytes_done,
                        self._bytes_total,
                        report.sources + report.sources_known,
                        report.sentences,
                        report.refused_count,
                        self._told - self._started,
                    )
                )

    def _spend(self, stage: str, since: float) -> float:
        now = perf_counter()
        self._spent(stage, now - since)
        return now

    def _spent(self, stage: str, seconds: float) -> None:
        with self._lock:
            stages = self._report.stage_seconds
            stages[stage] = stages.get(stage, 0.0) + seconds
        if self._tell.step:
            self._tell.step(stage, seconds)


def _plain(draft: SourceDraft) -> SourceDraft:
    """The draft with its language, and with attributes in a dictionary of its own."""
    return replace(draft, attributes=with_language(draft.attributes, draft.text))


def _ends_early(view: ReadView, draft: SourceDraft) -> bool:
    """Whether a text that is known ends before what was learned from its address."""
    if not draft.last:
        return False
    sources = view.sources(view.sources_at(draft.address))
    return any(source.offset > draft.offset for source in sources)


def _misuse(
    text: object, address: object, title: object, attributes: object, offset: object, time: object
) -> str | None:
    """What of a source is not even of the right type."""
    if not all(isinstance(word, str) for word in (text, address, title)):
        return "its text, address and title are not all strings"
    pairs = cast(Mapping[object, object], attributes).items() if isinstance(attributes, Mapping) else None
    if pairs is None or not all(isinstance(word, str) for pair in pairs for word in pair):
        return "its attributes do not map strings to strings"
    if not isinstance(offset, int) or not 0 <= offset < TIME_LIMIT:
        return f"its offset, {offset!r}, is not a number of bytes"
    if time is not None and not isinstance(time, int):
        return f"its time, {time!r}, is not a number of microseconds"
    return None


def _fault(draft: SourceDraft) -> str | None:
    """Why no store can hold a source, or None: an address of nothing, a time out of range, no Unicode."""
    if fault := _misuse(draft.text, draft.address, draft.title, draft.attributes, draft.offset, draft.time):
        return fault
    if not draft.address.strip():
        return "its address is empty; say where the text comes from"
    if draft.time is not None and not -TIME_LIMIT <= draft.time < TIME_LIMIT:
        return f"its time, {draft.time}, is not a number of microseconds in 64 bits"
    try:
        for text in (draft.text, draft.address, draft.title, *draft.attributes, *draft.attributes.values()):
            text.encode()
    except UnicodeEncodeError as error:
        return f"character {error.start} of {error.object[:40]!a} is half of a surrogate pair"
    return None


def _retired(view: ReadView, batch: Batch, receipt: Receipt) -> Counter[int]:
    """How many sources a batch has retired, by the position of the last source of their address in it."""
    if not receipt.retired_sources:
        return Counter()
    last = {draft.address: position for position, draft in enumerate(batch.sources)}
    return Counter(
        {
            position: sum(source.retired == receipt.transaction for source in view.sources(of_address))
            for address, position in last.items()
            if (of_address := view.sources_at(address, retired=True))
        }
    )


def _learned(
    batch: Batch, receipt: Receipt, places: list[list[str]], new: set[int], retired: Counter[int]
) -> Iterator[Learned]:
    """What became durable by one commit; where a text came again, it was known then."""
    sentences, passages = Counter[int](), Counter[int]()
    for source, _, _, sentence, passage in batch.statements:
        sentences[source] += sentence
        passages[source] += passage
    for position, (source, locations) in enumerate(zip(receipt.sources, places, strict=True)):
        first, *again = locations
        known = position not in new
        counts = (0, 0) if known else (sentences[position], passages[position])
        yield Learned(first, source, known, *counts, receipt.transaction, retired[position])
        for location in again:
            yield Learned(location, source, True, 0, 0, receipt.transaction, 0)


def _new_sources(receipt: Receipt) -> set[int]:
    """The positions, in a batch, of the sources that are new: ids grow, so theirs are the greatest."""
    first = {source: position for position, source in reversed(list(enumerate(receipt.sources)))}
    newest = sorted(first)[len(first) - receipt.new_sources :]
    return {first[source] for source in newest}
