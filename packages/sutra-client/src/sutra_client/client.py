"""`Client`: the verbs of `ReasoningEngine`, answered by a running service.

Sends what the verbs yield, waits, and adds nothing. Safe to use from many threads.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
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

__all__ = ["Client"]

_T = TypeVar("_T")


class Client:
    """A running service at `url`, in one namespace, known by a key.

    Every verb takes and returns what the same verb of `ReasoningEngine` does, and raises its errors;
    `ServiceError` for what only a service refuses, `ServiceUnavailableError` where nobody answers. Requests
    that fail for the moment are sent again, up to `retries` times; learning or forgetting twice what was sent
    twice is prevented by the service. `timeout` is in seconds, for each try. `verify` is how the service's
    certificate is checked: by the authorities of this machine, or by a context of one's own. `folder` is
    where the service's store is, if it is on this machine; statistics tell it.

        with Client("https://sutra.example.org", api_key="sutra_…") as client:
            print(client.ask("Where does the Aln rise?").text)
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
        self._http = httpx2.Client(**options(url, api_key, timeout, verify))

    # --- learning ---

    def learn(
        self,
        text: str,
        *,
        source: str | None = None,
        title: str = "",
        time: int | None = None,
        attributes: dict[str, str] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        """Learns one text; the next question finds it. The report does not count concepts.

        With `wait="durable"` the service need not wait for its vectors: until they are there, words and the
        graph find it.
        """
        return self._do(learning.learn(self._place, text, source, title, time, attributes, wait))

    def learn_batch(self, texts: Iterable[str | SourceDraft], *, wait: Wait = "indexed") -> LearnReport:
        """Learns many texts; those that cannot be learned are in the report's `refused`."""
        return self._do(learning.learn_batch(self._place, texts, wait))

    def learn_collection(
        self,
        *paths: str | Path,
        format_name: str = "",
        fields: FieldMap | None = None,
        prefix: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        wait: Wait = "indexed",
    ) -> LearnReport:
        """Sends files and folders of this machine, and waits until the service has learned them.

        `format_name` says of which format they are, `fields` which fields of their records are what.
        `prefix` begins the addresses in the place of the folder's own path. Ctrl-C cancels the job; what it
        has learned stays, and the report says `interrupted`.
        """
        return self._do(
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

    def forget(
        self,
        *,
        source: int | str | None = None,
        concept: int | str | None = None,
        before: datetime | None = None,
        link_only: bool = False,
        dry_run: bool = False,
    ) -> Forgotten:
        """Forgets one of three, at once from every search and answer; `dry_run` only says what would go.

        A `source`, by its number, or all of an address; all that was learned `before` a time; or a `concept`,
        by its number or the name of an entity, which with `link_only` goes alone. The key has to be an
        administrator's.
        """
        return self._do(
            forgetting.forget(self._place, source, concept, before, link_only=link_only, dry_run=dry_run)
        )

    def reindex(
        self, *, dry_run: bool = False, on_progress: Callable[[int, int], None] | None = None
    ) -> ReindexReport:
        """Lets the service derive again, by its rules, what older rules derived, and waits; `dry_run` counts.

        It is a job: Ctrl-C cancels it, and what it derived by then stays. `on_progress` is told now and then
        how many sources of all are read. After a restart of the service the job begins again, and the report
        is of what was left then. For an administrator, of this namespace alone.
        """
        return self._do(reindexing.reindex(self._place, dry_run=dry_run, on_progress=on_progress))

    def reembed(
        self, embedder: EmbedderName, *, on_progress: Callable[[int, int], None] | None = None
    ) -> ReembedReport:
        """Lets the service embed everything again with the embedder of a profile, and use it, and waits.

        Learning and asking go on meanwhile. It is a job: Ctrl-C cancels it, and what it embedded by then
        stays; done again, it goes on there. `on_progress` is told now and then how many statements of all are
        embedded. For an administrator, of this namespace alone.
        """
        return self._do(reembedding.reembed(self._place, embedder, on_progress=on_progress))

    def purge(self) -> datetime:
        """Takes what was forgotten from the files of the store, too, and tells when that was done.

        The key has to be an administrator's; for receipts an auditor's will do.
        """
        return self._do(receipts.purge(self._place))

    def receipt(self, transaction: int) -> ForgettingRecord | None:
        """The receipt of the transaction that forgot something; None where it forgot nothing."""
        return self._do(receipts.receipt(self._place, transaction))

    def receipts(self) -> list[int]:
        """The transactions that forgot something, in order."""
        return self._do(receipts.receipts(self._place))

    def went(self, transaction: int, text: str, *, title: str = "") -> Went:
        """As what a text is among what a transaction forgot: a statement, a passage under the `title`, the
        name of an entity, or the whole text of a source. See `ReasoningEngine.went`.
        """
        return self._do(receipts.went(self._place, transaction, text, title))

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
        """Answers from what was learned, or says that it does not know."""
        narrowing = Narrowing(as_of, holds_at, filter)
        how = asking.How(max_steps=max_steps, num_paths=num_paths, threshold=threshold)
        if on_step is None:
            return self._do(asking.ask(self._place, question, narrowing, how))
        call = asking.asking(self._place, question, narrowing, how)
        for event in self._events(call):
            if answer := asking.told(event, on_step):
                return answer
        raise ServiceUnavailableError("the service went away before it had answered")

    def explain(self, answer_id: str) -> Answer:
        """An earlier answer as it was recorded."""
        return self._do(asking.explain(self._place, answer_id))

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
        """The best passages for a query; `k` is at most 1,000."""
        narrowing = Narrowing(as_of, holds_at, filter)
        return self._do(asking.search(self._place, query, narrowing, mode=mode, k=k))

    # --- looking ---

    def get_concept(self, concept_id: int) -> ConceptDetail:
        """A concept, every place where it stands, and its other names."""
        return self._do(looking.get_concept(self._place, concept_id))

    def find_entity(self, name: str) -> Concept | None:
        """The entity of this name, if there is one."""
        return self._do(looking.find_entity(self._place, name))

    def neighbors(
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
        """A concept's associations, strongest first, each with the concept at its other end."""
        narrowing = Narrowing(as_of, holds_at, filter)
        return self._do(
            looking.neighbors(
                self._place, concept_id, narrowing, direction=direction, relations=relations, limit=limit
            )
        )

    def paths(
        self, start: Sequence[int], end: Sequence[int], *, k: int = 5, max_steps: int = 6
    ) -> ConceptPaths:
        """The `k` best paths without loops from any concept of `start` to any of `end`."""
        return self._do(looking.paths(self._place, start, end, k=k, max_steps=max_steps))

    def sources(
        self, *, address: str | None = None, after: int = 0, limit: int = 100, history: bool = False
    ) -> list[Source]:
        """The first `limit` sources with a number greater than `after`, by rising number.

        With `history` earlier versions are among them, with an `address` only those of this address.
        """
        return self._do(
            looking.sources(self._place, address=address, after=after, limit=limit, history=history)
        )

    def get_source(self, source_id: int) -> Source:
        """A source without its text."""
        return self._do(looking.get_source(self._place, source_id))

    def source_text(self, source_id: int) -> str:
        """The whole text of a source, verbatim."""
        return self._do(looking.source_text(self._place, source_id))

    def stats(self) -> EngineStats:
        """Counts, figures and health of the namespace."""
        return self._do(looking.stats(self._place, self._folder))

    # --- jobs, namespaces, health, monitoring ---

    def jobs(self) -> list[Job]:
        """The jobs of the namespace, the oldest first."""
        return self._do(jobs.list_all(self._place))

    def get_job(self, job_id: str) -> Job:
        """How far a job is."""
        return self._do(jobs.get(self._place, job_id))

    def pause_job(self, job_id: str) -> Job:
        """Stops a job where it is, to go on with it later."""
        return self._do(jobs.pause(self._place, job_id))

    def resume_job(self, job_id: str) -> Job:
        """Goes on with a job that was paused, or has failed."""
        return self._do(jobs.resume(self._place, job_id))

    def cancel_job(self, job_id: str) -> Job:
        """Cancels a job; what it has learned stays. One that has ended stays as it is."""
        return self._do(jobs.cancel(self._place, job_id))

    def job_refusals(self, job_id: str) -> list[Refusal]:
        """The items that a job refused."""
        return self._do(jobs.refusals(self._place, job_id))

    def changes(self, since: int = 0, *, limit: int | None = None, wait: int = 0) -> Iterator[Change]:
        """The transactions after `since`, in order, for an engine to `follow`; at most `limit`.

        It ends with the last one, or once `wait` seconds (86,400 at most) have brought no other.
        """
        events = self._events(changes.watching(self._place, since, wait))
        yield from map(changes.told, islice(events, limit))

    def watch_job(self, job_id: str) -> Iterator[Job]:
        """A job as it goes on, until it has ended or rests."""
        for event in self._events(jobs.watching(self._place, job_id)):
            yield jobs.watched(event)

    def namespaces(self) -> list[str]:
        """The namespaces that the key is for."""
        return self._do(namespaces.list_all(self._place))

    def create_namespace(self, name: str) -> None:
        """Makes a new, empty namespace."""
        self._do(namespaces.create(self._place, name))

    def delete_namespace(self, name: str) -> None:
        """Deletes a namespace with all that it holds."""
        self._do(namespaces.delete(self._place, name))

    def health(self) -> Health:
        """Whether the service can answer yet."""
        return self._do(namespaces.health(self._place))

    def backup(self, *, prune: bool = False) -> BackupReport:
        """Lets the service back the namespace up where it is configured to (`SUTRA_BACKUP_URL`), and waits.

        With `prune` what was forgotten since goes out of what is there. It is a job: Ctrl-C cancels it, and
        the backup stays as it was. For an administrator.
        """
        return self._do(backups.back_up(self._place, prune=prune))

    def monitoring(self) -> Monitoring:
        """What the service measures of itself, over all namespaces; for an auditor or an administrator."""
        return self._do(monitoring.monitoring(self._place))

    def test_persistence(self) -> PersistenceTest:
        """Lets the service learn, close, open and ask again, in a namespace that is gone afterwards."""
        return self._do(monitoring.test_persistence(self._place))

    # --- its life ---

    def close(self) -> None:
        """Lets go of the connections. Closing twice does nothing."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _do(self, steps: Steps[_T]) -> _T:
        """Does what a verb says, step by step; what goes wrong is told to it."""
        try:
            step = next(steps)
            while True:
                try:
                    response = self._step(step)
                except (httpx2.TransportError, KeyboardInterrupt) as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(response)
        except StopIteration as end:
            return end.value

    def _step(self, step: Step) -> httpx2.Response | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        return self._send(step)

    def _send(self, call: Call) -> httpx2.Response:
        with call.opened() as values:
            return self._http.send(self._http.build_request(**values))

    def _events(self, call: Call) -> Iterator[httpx2.ServerSentEvent]:
        """The events of a stream, as they come."""
        with call.opened() as values:
            request = self._http.build_request(**values)
            try:
                response = self._http.send(request, stream=True)
                try:
                    if not response.is_success:
                        response.read()
                        raise error_of(response)
                    yield from httpx2.EventSource(response)
                finally:
                    response.close()
            except httpx2.TransportError as error:
                raise ServiceUnavailableError(f"the service went away: {error}") from error
