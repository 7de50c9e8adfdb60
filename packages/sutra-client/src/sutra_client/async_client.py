"""`AsyncClient`: the verbs of `Client`, for asyncio.

Sends what the same verbs yield, waits, and adds nothing. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import httpx2

from sutra_client.calls import Call, Pause, Place, Step, Steps
from sutra_client.errors import ServiceUnavailableError, error_of
from sutra_client.files import HowRead
from sutra_client.job import Job
from sutra_client.monitoring import Monitoring, PersistenceTest
from sutra_client.settings import RETRIES, TIMEOUT_SECONDS, options
from sutra_client.verbs import (
    asking,
    backups,
    changes,
    collections,
    forgetting,
    jobs,
    learning,
    looking,
    monitoring,
    namespaces,
    receipts,
    reembedding,
    reindexing,
)
from sutra_client.verbs.namespaces import Health
from sutra_client.verbs.narrowing import Narrowing
from sutra_core.backup.report import BackupReport
from sutra_core.changes import Change
from sutra_core.filters import Filter
from sutra_core.results import ForgettingRecord
from sutra_core.search import SearchHit, SearchMode
from sutra_core.types import Association, Concept, Direction, Forgotten, Source, SourceDraft, Wait, Went

if TYPE_CHECKING:
    from sutra_core.ask import Answer
    from sutra_core.config import EmbedderName
    from sutra_core.engine import ConceptDetail, ConceptPaths, EngineStats
    from sutra_core.learn import LearnReport, Progress, ReembedReport, Refusal, ReindexReport
    from sutra_core.learn.adapters import FieldMap

__all__ = ["AsyncClient"]

_T = TypeVar("_T")


class AsyncClient:
    """A running service at `url`, as `Client` has it: the same parameters, verbs, results and errors.

    A verb that is cancelled ends; a job that it waited for goes on in the service.

        async with AsyncClient("https://sutra.example.org", api_key="sutra_…") as client:
            print((await client.ask("Where does the Aln rise?")).text)
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        namespace: str = "default",
        timeout: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
        verify: ssl.SSLContext | bool = True,
        folder: Path | None = None,
    ) -> None:
        self.url = url
        self.namespace = namespace
        self._place = Place(namespace, retries)
        self._folder = folder or Path()
        self._http = httpx2.AsyncClient(**options(url, api_key, timeout, verify))

    # --- learning ---

    async def learn(
        self,
        text: str,
        *,
        source: str | None = None,
        title: str = "",
        time: int | None = None,
        attributes: dict[str, str] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        return await self._do(learning.learn(self._place, text, source, title, time, attributes, wait))

    async def learn_batch(self, texts: Iterable[str | SourceDraft], *, wait: Wait = "indexed") -> LearnReport:
        return await self._do(learning.learn_batch(self._place, texts, wait))

    async def learn_collection(
        self,
        *paths: str | Path,
        format_name: str = "",
        fields: FieldMap | None = None,
        prefix: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        return await self._do(
            collections.learn_collection(
                self._place,
                paths,
                how=HowRead(format_name, fields),
                prefix=prefix,
                wait=wait,
                on_progress=on_progress,
                on_refusal=on_refusal,
            )
        )

    # --- forgetting ---

    async def forget(
        self,
        *,
        source: int | str | None = None,
        concept: int | str | None = None,
        before: datetime | None = None,
        link_only: bool = False,
        dry_run: bool = False,
    ) -> Forgotten:
        return await self._do(
            forgetting.forget(self._place, source, concept, before, link_only=link_only, dry_run=dry_run)
        )

    async def reindex(
        self, *, dry_run: bool = False, on_progress: Callable[[int, int], None] | None = None
    ) -> ReindexReport:
        return await self._do(reindexing.reindex(self._place, dry_run=dry_run, on_progress=on_progress))

    async def reembed(
        self, embedder: EmbedderName, *, on_progress: Callable[[int, int], None] | None = None
    ) -> ReembedReport:
        return await self._do(reembedding.reembed(self._place, embedder, on_progress=on_progress))

    async def purge(self) -> datetime:
        return await self._do(receipts.purge(self._place))

    async def receipt(self, transaction: int) -> ForgettingRecord | None:
        return await self._do(receipts.receipt(self._place, transaction))

    async def receipts(self) -> list[int]:
        return await self._do(receipts.receipts(self._place))

    async def went(self, transaction: int, text: str, *, title: str = "") -> Went:
        return await self._do(receipts.went(self._place, transaction, text, title))

    # --- asking ---

    async def ask(
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
        narrowing = Narrowing(as_of, holds_at, filter)
        how = asking.How(max_steps=max_steps, num_paths=num_paths, threshold=threshold)
        if on_step is None:
            return await self._do(asking.ask(self._place, question, narrowing, how))
        call = asking.asking(self._place, question, narrowing, how)
        async for event in self._events(call):
            if answer := asking.told(event, on_step):
                return answer
        raise ServiceUnavailableError("the service went away before it had answered")

    async def explain(self, answer_id: str) -> Answer:
        return await self._do(asking.explain(self._place, answer_id))

    async def search(
        self,
        query: str,
        *,
        mode: SearchMode = "all",
        k: int = 10,
        as_of: int | datetime | None = None,
        holds_at: datetime | None = None,
        filter: Filter | None = None,
    ) -> list[SearchHit]:
        narrowing = Narrowing(as_of, holds_at, filter)
        return await self._do(asking.search(self._place, query, narrowing, mode=mode, k=k))

    # --- looking ---

    async def get_concept(self, concept_id: int) -> ConceptDetail:
        return await self._do(looking.get_concept(self._place, concept_id))

    async def find_entity(self, name: str) -> Concept | None:
        return await self._do(looking.find_entity(self._place, name))

    async def neighbors(
        self,
        concept_id: int,
        *,
        direction: Direction = "both",
        relations: Sequence[str] | None = None,
        limit: int = 100,
        as_of: int | datetime | None = None,
        holds_at: datetime | None = None,
        filter: Filter | None = None,
    ) -> list[tuple[Association, Concept]]:
        narrowing = Narrowing(as_of, holds_at, filter)
        return await self._do(
            looking.neighbors(
                self._place, concept_id, narrowing, direction=direction, relations=relations, limit=limit
            )
        )

    async def paths(
        self, start: Sequence[int], end: Sequence[int], *, k: int = 5, max_steps: int = 6
    ) -> ConceptPaths:
        return await self._do(looking.paths(self._place, start, end, k=k, max_steps=max_steps))

    async def sources(
        self, *, address: str | None = None, after: int = 0, limit: int = 100, history: bool = False
    ) -> list[Source]:
        return await self._do(
            looking.sources(self._place, address=address, after=after, limit=limit, history=history)
        )

    async def get_source(self, source_id: int) -> Source:
        return await self._do(looking.get_source(self._place, source_id))

    async def source_text(self, source_id: int) -> str:
        return await self._do(looking.source_text(self._place, source_id))

    async def stats(self) -> EngineStats:
        return await self._do(looking.stats(self._place, self._folder))

    # --- jobs, namespaces, health, monitoring ---

    async def jobs(self) -> list[Job]:
        return await self._do(jobs.list_all(self._place))

    async def get_job(self, job_id: str) -> Job:
        return await self._do(jobs.get(self._place, job_id))

    async def pause_job(self, job_id: str) -> Job:
        return await self._do(jobs.pause(self._place, job_id))

    async def resume_job(self, job_id: str) -> Job:
        return await self._do(jobs.resume(self._place, job_id))

    async def cancel_job(self, job_id: str) -> Job:
        return await self._do(jobs.cancel(self._place, job_id))

    async def job_refusals(self, job_id: str) -> list[Refusal]:
        return await self._do(jobs.refusals(self._place, job_id))

    async def changes(
        self, since: int = 0, *, limit: int | None = None, wait: int = 0
    ) -> AsyncGenerator[Change]:
        if limit == 0:
            return
        count = 0
        async with aclosing(self._events(changes.watching(self._place, since, wait))) as events:
            async for event in events:
                yield changes.told(event)
                count += 1
                if count == limit:
                    return

    async def watch_job(self, job_id: str) -> AsyncGenerator[Job]:
        async for event in self._events(jobs.watching(self._place, job_id)):
            yield jobs.watched(event)

    async def namespaces(self) -> list[str]:
        return await self._do(namespaces.list_all(self._place))

    async def create_namespace(self, name: str) -> None:
        await self._do(namespaces.create(self._place, name))

    async def delete_namespace(self, name: str) -> None:
        await self._do(namespaces.delete(self._place, name))

    async def health(self) -> Health:
        return await self._do(namespaces.health(self._place))

    async def backup(self, *, prune: bool = False) -> BackupReport:
        return await self._do(backups.back_up(self._place, prune=prune))

    async def monitoring(self) -> Monitoring:
        return await self._do(monitoring.monitoring(self._place))

    async def test_persistence(self) -> PersistenceTest:
        return await self._do(monitoring.test_persistence(self._place))

    # --- its life ---

    async def close(self) -> None:
        """Lets go of the connections. Closing twice does nothing."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _do(self, steps: Steps[_T]) -> _T:
        """Does what a verb says, step by step; what goes wrong is told to it."""
        try:
            step = next(steps)
            while True:
                try:
                    response = await self._step(step)
                except httpx2.TransportError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(response)
        except StopIteration as end:
            return end.value

    async def _step(self, step: Step) -> httpx2.Response | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        return await self._send(step)

    async def _send(self, call: Call) -> httpx2.Response:
        with call.opened() as values:
            return await self._http.send(self._http.build_request(**values))

    async def _events(self, call: Call) -> AsyncGenerator[httpx2.ServerSentEvent]:
        """The events of a stream, as they come."""
        with call.opened() as values:
            request = self._http.build_request(**values)
            try:
                response = await self._http.send(request, stream=True)
                try:
                    if not response.is_success:
                        await response.aread()
                        raise error_of(response)
                    async for event in httpx2.EventSource(response):
                        yield event
                finally:
                    await response.aclose()
            except httpx2.TransportError as error:
                raise ServiceUnavailableError(f"the service went away: {error}") from error
