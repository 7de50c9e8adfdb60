"""The steps of learning, in the order in which a text takes them.

    adapters    file → items                                   learn/adapters/
    skip        what is known already                          here
    reading     item → sentences, passages, entities, relations    learn/reading.py
    concepts    readings → one batch of concepts and associations  learn/concepts.py
    vectors     passages and sentences → vectors               learn/vectors.py
    commit      batch → one durable transaction                learn/commit.py

The next batch is read and embedded while the last one is written. When learning stops, for whatever
reason, what was acknowledged stays, and the next run carries on after it: known sources are skipped
before anything costly is done with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from sutra_core.embed import Embedder
from sutra_core.learn.adapters import BadItem, Item
from sutra_core.learn.commit import BackgroundCommitter
from sutra_core.learn.reading import ReadItem, read_item
from sutra_core.learn.report import LearnReport, Progress, Refusal
from sutra_core.learn.vectors import embed_items
from sutra_core.types import Batch, KnowledgeStore, Receipt, SourceDraft

__all__ = ["learn"]

# However many texts a batch may have, it is committed when it has this many bytes of text.
BATCH_BYTES_MAX = 1 << 20

# A source's time is kept as a signed number of 64 bits.
TIME_LIMIT = 1 << 63


def learn(
    store: KnowledgeStore,
    embedder: Embedder,
    items: Iterable[Item | BadItem],
    *,
    batch_size: int,
    bytes_total: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
    on_refusal: Callable[[Refusal], None] | None = None,
) -> LearnReport:
    """Learns a stream of items, `batch_size` texts in a transaction, and says what it did.

    `on_progress` is called after every commit, `on_refusal` for every item that is refused, both as
    it happens. An interrupt (Ctrl-C) ends learning cleanly: the report says so. Any other error is
    raised once the batch that is being written has been acknowledged.
    """
    return _Learning(store, embedder, batch_size, bytes_total, on_progress, on_refusal).run(items)


class _Learning:
    """One run: the counters and the steps around them."""

    def __init__(
        self,
        store: KnowledgeStore,
        embedder: Embedder,
        batch_size: int,
        bytes_total: int,
        on_progress: Callable[[Progress], None] | None,
        on_refusal: Callable[[Refusal], None] | None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._batch_size = batch_size
        self._bytes_total = bytes_total
        self._bytes_done = 0
        self._on_progress = on_progress
        self._on_refusal = on_refusal
        self._started = time.perf_counter()
        self._report = LearnReport()
        self._in_flight: set[tuple[str, int, str]] = set()

    def run(self, items: Iterable[Item | BadItem]) -> LearnReport:
        report = self._report
        try:
            with BackgroundCommitter(self._store, self._acknowledge) as committer:
                for group in self._groups(items):
                    batch = self._prepare(group)
                    if batch.sources:
                        committer.submit(batch)
                        self._in_flight = {_identity(draft) for draft in batch.sources}
        except KeyboardInterrupt:
            report.interrupted = True
        report.seconds = time.perf_counter() - self._started
        report.transaction = report.transaction or self._store.view().transaction
        self._tell_progress()
        return report

    def _groups(self, items: Iterable[Item | BadItem]) -> Iterator[list[Item]]:
        """The items that are new, by batches."""
        group: list[Item] = []
        size = 0
        clock = time.perf_counter()
        for item in items:
            self._bytes_done = max(self._bytes_done, item.bytes_done)
            if isinstance(item, BadItem):
                self._refuse(Refusal(item.location, item.reason, item.code))
                continue
            draft = item.draft
            if fault := _fault(draft):
                self._refuse(Refusal(item.location, fault, "invalid_text"))
                continue
            identity = _identity(draft)
            if identity in self._in_flight or self._store.view().knows_source(*identity):
                self._report.sources_known += 1
                continue
            group.append(item)
            size += len(draft.text.encode())
            if len(group) >= self._batch_size or size >= BATCH_BYTES_MAX:
                clock = self._spend("adapters", clock)
                yield group
                group, size = [], 0
                clock = time.perf_counter()
        self._spend("adapters", clock)
        if group:
            yield group

    def _prepare(self, group: list[Item]) -> Batch:
        clock = time.perf_counter()
        read: list[ReadItem] = []
        refused: list[Refusal] = []
        firsts, repeats = _apart(group)
        for item in firsts:
            found = read_item(item)
            if any(character.isalnum() for character in found.readable.decode()):
                read.append(found)
            else:
                refused.append(Refusal(item.location, "its text has no words", "empty_text"))
        clock = self._spend("reading", clock)
        batch, unembeddable = embed_items(self._embedder, read)
        self._spend("vectors", clock)
        for refusal in refused + unembeddable:
            self._refuse(refusal)
        self._count_repeats(batch, repeats, {each.location: each for each in refused + unembeddable})
        return batch

    def _count_repeats(
        self, batch: Batch, repeats: list[tuple[Item, Item]], refused: dict[str, Refusal]
    ) -> None:
        """What comes again in one batch fares as the first of its kind did: known, or refused."""
        learned = {_identity(draft) for draft in batch.sources}
        for item, first in repeats:
            if _identity(item.draft) in learned:
                self._report.sources_known += 1
            else:
                why = refused[first.location]
                self._refuse(Refusal(item.location, why.reason, why.code))

    def _acknowledge(self, batch: Batch, receipt: Receipt, seconds: float) -> None:
        """Counts a batch that is durable. Runs in the committing thread."""
        report = self._report
        report.sources += receipt.new_sources
        report.sources_known += len(batch.sources) - receipt.new_sources
        new = _new_sources(receipt)
        report.sentences += sum(sentence for source, *_, sentence, _ in batch.statements if source in new)
        report.passages += sum(passage for source, *_, passage in batch.statements if source in new)
        report.concepts += receipt.new_concepts
        report.associations += receipt.new_associations
        report.transaction = receipt.transaction
        stages = report.stage_seconds
        stages["commit"] = stages.get("commit", 0.0) + seconds
        self._tell_progress()

    def _refuse(self, refusal: Refusal) -> None:
        self._report.refused.append(refusal)
        if self._on_refusal:
            self._on_refusal(refusal)

    def _tell_progress(self) -> None:
        if self._on_progress:
            report = self._report
            self._on_progress(
                Progress(
                    self._bytes_done,
                    self._bytes_total,
                    report.sources + report.sources_known,
                    report.sentences,
                    len(report.refused),
                    time.perf_counter() - self._started,
                )
            )

    def _spend(self, stage: str, since: float) -> float:
        now = time.perf_counter()
        seconds = self._report.stage_seconds
        seconds[stage] = seconds.get(stage, 0.0) + now - since
        return now


def _identity(draft: SourceDraft) -> tuple[str, int, str]:
    return draft.address, draft.offset, draft.text


def _apart(group: list[Item]) -> tuple[list[Item], list[tuple[Item, Item]]]:
    """The items of a group without repeats, and each repeat with the first of its kind."""
    firsts: dict[tuple[str, int, str], Item] = {}
    repeats: list[tuple[Item, Item]] = []
    for item in group:
        identity = _identity(item.draft)
        if identity in firsts:
            repeats.append((item, firsts[identity]))
        else:
            firsts[identity] = item
    return list(firsts.values()), repeats


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


def _new_sources(receipt: Receipt) -> set[int]:
    """The positions, in a batch, of the sources that are new: ids grow, so theirs are the greatest."""
    first = {source: position for position, source in reversed(list(enumerate(receipt.sources)))}
    newest = sorted(first)[len(first) - receipt.new_sources :]
    return {first[source] for source in newest}
