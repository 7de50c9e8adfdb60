"""Reading again what is known, by newer rules: what older ones derived is derived anew.

Statements stay what and where they are, with their numbers and vectors; so does what a format links, which
no rule derived. Everything else between concepts is told again with the version of the present rules, and
what older rules had derived and these do not is retired at the end, so that nothing is missing meanwhile.
A run that was interrupted is done again from its beginning: what was told by then is told no second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

from sutra_core.learn import concepts
from sutra_core.learn.concepts import BatchBuilder
from sutra_core.learn.reading import ReadItem, read_again
from sutra_core.learn.report import ReindexReport
from sutra_core.turns import TURNS
from sutra_core.types import Batch, KnowledgeStore, ReadView, Source, SourceDraft

__all__ = ["Numbers", "known_item", "numbers_of", "reindex"]

_PAGE = 256
_BATCH_BYTES = 1 << 20
"""How much text is read for one transaction."""

_Span = tuple[int, int]
Numbers = dict[tuple[int, int, bool], int]
"""Statements by first byte, one past the last, and whether they are passages there."""


def reindex(
    store: KnowledgeStore,
    *,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> ReindexReport:
    """Derives again what rules before the present ones derived, and says what came of it.

    With `dry_run` it only counts. `on_progress` is called after every transaction with the sources that are
    done and the number of all.
    """
    started, rules = perf_counter(), concepts.RULES
    view = store.view()
    outdated, total = view.outdated(rules), view.stats().sources
    if dry_run or not outdated:
        return ReindexReport(rules, outdated, 0, 0, view.transaction, perf_counter() - started)
    done = 0
    for view, sources in _portions(store):
        store.commit(_told_again(view, sources, rules))
        done += len(sources)
        if on_progress:
            on_progress(done, max(done, total))
    retired = store.retire_outdated(rules)
    transaction = store.view().transaction
    return ReindexReport(rules, outdated, done, retired, transaction, perf_counter() - started)


def _portions(store: KnowledgeStore) -> Iterator[tuple[ReadView, list[Source]]]:
    """The living sources, as many as make one transaction, each time with a view of the present state."""
    after = 0
    while page := (view := store.view()).sources_after(after, _PAGE):
        portion: list[Source] = []
        size = 0
        for source in page:
            if portion and size + source.length > _BATCH_BYTES:
                break
            portion.append(source)
            size += source.length
        after = portion[-1].id
        yield view, portion


def _told_again(view: ReadView, sources: list[Source], rules: int) -> Batch:
    """What the rules find in sources that are known, about their statements by number."""
    builder = BatchBuilder(rules)
    places: list[Numbers] = []
    for source in sources:
        TURNS.give_way()
        item, numbers = known_item(view, source)
        builder.add(item)
        places.append(numbers)
    found = builder.finish()
    return _by_number(found, numbers_of(found, places))


def numbers_of(batch: Batch, places: Sequence[Numbers]) -> list[int | None]:
    """The number of each statement of a batch, whose sources have their statements at these places."""
    return [
        places[source].get((start, end, is_passage)) for source, start, end, _, is_passage in batch.statements
    ]


def known_item(view: ReadView, source: Source) -> tuple[ReadItem, Numbers]:
    """A source that is known, read again, and the numbers of its statements."""
    statements = view.statements_in(source.id)
    places = {(start, end, False): number for number, start, end, sentence, _ in statements if sentence}
    passages: list[_Span] = []
    reach = 0
    for number, start, end, sentence, passage in sorted(statements, key=lambda each: (each[1], -each[2])):
        # A sentence of this source may be all that another one says.
        if passage and not (sentence and (source.title or end <= reach)):
            places[start, end, True] = number
            passages.append((start, end))
        reach = max(reach, end)
    sentences = [(start, end) for start, end, is_passage in places if not is_passage]
    draft = SourceDraft(
        address=source.address,
        text=view.source_text(source.id),
        title=source.title,
        attributes=source.attributes,
    )
    item = read_again(draft, _apart(sentences), _apart(passages), view.markup(source.id))
    return item, places


def _apart(spans: list[_Span]) -> list[_Span]:
    """Spans in order, without those that begin within another."""
    apart: list[_Span] = []
    for span in sorted(spans):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _by_number(found: Batch, numbers: list[int | None]) -> Batch:
    """The same batch about statements that are known; what it says of others is left out."""
    statements, entities = len(numbers), len(found.entities)
    known = [(reference, number) for reference, number in enumerate(numbers) if number is not None]
    references = {reference: entities + position for position, (reference, _) in enumerate(known)}
    references |= {statements + position: position for position in range(entities)}
    batch = Batch(entities=found.entities, relations=found.relations, known=[number for _, number in known])
    for subject, relation, object_, evidence, sure, since, until, rules in found.associations:
        if {subject, object_, evidence} <= references.keys():
            ends = references[subject], relation, references[object_], references[evidence]
            batch.associations.append((*ends, sure, since, until, rules))
    return batch
