"""Texts of many clients learned together: what comes while a batch is learned is the next batch.

So each client waits for two batches at most, and all share the embedder's threads and one commit. A client is
answered when all of its texts have what it waits for; a text that cannot be learned is refused by itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field

from sutra_api.about import ABOUT, JOINED, about
from sutra_api.gate import LEARNING, Gate
from sutra_api.namespaces import Namespaces
from sutra_core.learn import Item, Learned, Refusal
from sutra_core.types import SourceDraft, Wait

__all__ = ["Learning", "TextLearned"]

# So many batches of a namespace are learned at once: one is embedded while the other is written.
_AT_ONCE = 2

_Line = tuple[str, Wait]
"""Texts of one namespace whose clients wait for the same."""


@dataclass(slots=True)
class TextLearned:
    """What became of one text: its sources in the store (a long text has several), or why it was refused."""

    sources: list[Learned] = field(default_factory=list[Learned])
    refusal: Refusal | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it was learned or refused."""
        return bool(self.sources) or self.refusal is not None


@dataclass(slots=True)
class _Waiting:
    drafts: Sequence[SourceDraft]
    context: Context
    done: asyncio.Future[list[TextLearned]]


class Learning:
    """The texts that wait to be learned, by namespace and what their clients wait for.

    Belongs to the event loop's thread.
    """

    def __init__(self, namespaces: Namespaces, gate: Gate, batch_size: int) -> None:
        self._namespaces = namespaces
        self._gate = gate
        self._batch_size = batch_size
        self._waiting: dict[_Line, deque[_Waiting]] = defaultdict(deque)
        self._running: dict[_Line, set[asyncio.Task[None]]] = defaultdict(set)

    async def learn(
        self, namespace: str, drafts: Sequence[SourceDraft], wait: Wait = "indexed"
    ) -> list[TextLearned]:
        """What became of each text, once it is durable or has its vectors, too.

        Raises `BusyError`, `UnknownNamespaceError`, what learning raises, and `TimeoutExceededError`: then
        the texts are learned all the same, and who sends them again is told that they are known.
        """
        self._gate.enter()
        try:
            waiting = _Waiting(drafts, copy_context(), asyncio.get_running_loop().create_future())
            line = namespace, wait
            self._waiting[line].append(waiting)
            self._begin(line)
            return await self._gate.in_time(waiting.done)
        finally:
            self._gate.leave()

    async def finish(self) -> None:
        """Waits until all that was accepted is learned."""
        while running := [task for tasks in self._running.values() for task in tasks]:
            await asyncio.wait(running)

    def _begin(self, line: _Line) -> None:
        running = self._running[line]
        while self._waiting[line] and len(running) < _AT_ONCE:
            batch = self._next(self._waiting[line])
            task = asyncio.create_task(self._learn(*line, batch), context=batch[0].context)
            running.add(task)
            task.add_done_callback(lambda done: self._ended(line, done))
        if not running:
            del self._running[line], self._waiting[line]

    def _ended(self, line: _Line, task: asyncio.Task[None]) -> None:
        self._running[line].discard(task)
        self._begin(line)

    def _next(self, line: deque[_Waiting]) -> list[_Waiting]:
        """The clients whose texts are the next batch: one at least, and as many as fill it."""
        taken = [line.popleft()]
        size = len(taken[0].drafts)
        while line and size + len(line[0].drafts) <= self._batch_size:
            size += len(line[0].drafts)
            taken.append(line.popleft())
        return taken

    async def _learn(self, namespace: str, wait: Wait, batch: list[_Waiting]) -> None:
        about(requests=[each.context.get(ABOUT, {}).get("request") for each in batch])
        JOINED.set([each.context for each in batch[1:]])
        texts = [[TextLearned() for _ in each.drafts] for each in batch]
        error: BaseException | None = None
        try:
            await self._gate.run_at_once(LEARNING, lambda: self._learn_now(namespace, wait, batch, texts))
        except BaseException as raised:  # noqa: BLE001  (told to every client whose texts are not durable)
            error = raised
        for waiting, found in zip(batch, texts, strict=True):
            if waiting.done.done():
                continue  # its client has gone
            if error is not None and not all(text.is_settled for text in found):
                waiting.done.set_exception(error)
            else:
                waiting.done.set_result(found)

    def _learn_now(
        self, namespace: str, wait: Wait, batch: Sequence[_Waiting], texts: Sequence[Sequence[TextLearned]]
    ) -> None:
        place = {
            f"{client}:{number}": text
            for client, found in enumerate(texts)
            for number, text in enumerate(found)
        }

        def learned(each: Learned) -> None:
            place[each.location].sources.append(each)

        def refused(each: Refusal) -> None:
            place[each.location].refusal = each

        with self._namespaces.engine(namespace) as engine:
            engine.learn_items(_items(batch), on_learned=learned, on_refusal=refused, wait=wait)


def _items(batch: Iterable[_Waiting]) -> Iterator[Item]:
    for client, waiting in enumerate(batch):
        for number, draft in enumerate(waiting.drafts):
            yield Item(draft, None, f"{client}:{number}", 0)
