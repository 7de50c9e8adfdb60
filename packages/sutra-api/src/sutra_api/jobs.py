"""What is done in the background, as durable jobs: collections are learned, backups written, what older
rules derived is derived again, and what is known embedded again with another embedder. Their state outlives
the process.

One job of each kind is done at a time, while texts and questions of others go on; so no two backups of a
service meet in one place. What was learned stays learned, however a job ends; a job that was cut off, or
paused, goes on after what is known already. A backup begins again: until it is whole, the one before stands.
Deriving again begins again, too, and tells nothing a second time; embedding again goes on. Files wait
beside the state until their job has ended.
"""

from __future__ import annotations

import logging
import queue
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from sutra_api.about import about
from sutra_api.job import (
    ENDED,
    Job,
    JobConflictError,
    JobKind,
    JobRefusal,
    JobState,
    Running,
    UnknownJobError,
    job_of,
)
from sutra_api.namespaces import Namespaces
from sutra_api.state import State
from sutra_core.errors import SutraError
from sutra_core.learn import Item, Refusal
from sutra_core.learn.adapters import BadItem, FieldMap, collection_size, read_collection
from sutra_core.types import Wait

if TYPE_CHECKING:
    from sutra_core.config import EmbedderName

__all__ = ["BackupsOffError", "Jobs"]

_FOLDER = "uploads"
_log = logging.getLogger(__name__)


class BackupsOffError(SutraError):
    """The service has no place for backups."""

    code = "backups_off"


class _StoppedError(Exception):
    """A job is to end before it is done."""


class Jobs:
    """The jobs of a service, and the threads that do them. Safe to use from many threads.

    `backups` is the folder or the URL under which each namespace's backup lies, if there is to be any.
    """

    def __init__(
        self, state: State, namespaces: Namespaces, folder: Path, backups: str | None = None
    ) -> None:
        self._state = state
        self._namespaces = namespaces
        self._folder = folder / _FOLDER
        self._backups = backups
        self._lock = threading.RLock()
        self._live: dict[str, Job] = {}
        """The jobs that run, as they are at this moment."""
        self._wanted: dict[str, JobState] = {}
        """What a running job shall become."""
        self._closing = threading.Event()
        kinds: tuple[JobKind, ...] = get_args(JobKind)
        self._lines: dict[JobKind, queue.SimpleQueue[str | None]] = {
            kind: queue.SimpleQueue() for kind in kinds
        }
        self._threads = [
            threading.Thread(target=self._work, args=(line,), name=f"jobs: {kind}")
            for kind, line in self._lines.items()
        ]

    def start(self) -> None:
        """Begins with the jobs that were left, the oldest first; files that belong to none are removed."""
        rows = self._state.read("SELECT * FROM jobs WHERE state IN ('waiting', 'running') ORDER BY number")
        known = {row["id"] for row in self._state.read("SELECT id FROM jobs WHERE finished IS NULL")}
        for left in self._folder.iterdir() if self._folder.is_dir() else ():
            if left.name not in known:
                shutil.rmtree(left)
        for row in rows:
            self._lines[row["kind"]].put(row["id"])
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends the threads once what is being learned or derived again is durable, and between two objects of
        a backup; what they did goes on at the next start.
        """
        self._closing.set()
        for line in self._lines.values():
            line.put(None)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def new_folder(self) -> Path:
        """A new, empty folder for the files of a job to come."""
        folder = self._folder / secrets.token_hex(16)
        folder.mkdir(parents=True)
        return folder

    def add(
        self,
        namespace: str,
        folder: Path,
        prefix: str,
        format_name: str = "",
        fields: FieldMap | None = None,
        *,
        wait: Wait = "indexed",
    ) -> Job:
        """A job that learns the files of a folder from `new_folder`; `prefix` begins their addresses.
        It is done when it has what it is to `wait` for.

        Raises `UnknownFormatError`, and `InvalidValueError` where the format takes no `fields`.
        """
        size = collection_size(folder, format_name=format_name, fields=fields)
        fields = fields or FieldMap()
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, namespace, prefix, format, map, template, state, created, bytes_total,"
                " wait) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
                (
                    folder.name,
                    namespace,
                    prefix,
                    format_name,
                    fields.mapping,
                    fields.template,
                    time.time(),
                    size,
                    wait,
                ),
            )
        self._lines["learning"].put(folder.name)
        return self.get(namespace, folder.name)

    def add_backup(self, namespace: str, *, prune: bool) -> Job:
        """A job that writes what a namespace's backup lacks. Raises `BackupsOffError`."""
        self._place_of(namespace)
        return self._add("backup", namespace, prune=prune)

    def add_reindex(self, namespace: str) -> Job:
        """A job that derives again, by the present rules, what older ones derived in a namespace."""
        return self._add("reindex", namespace)

    def add_reembed(self, namespace: str, embedder: str) -> Job:
        """A job that embeds everything in a namespace again, with the embedder of a profile."""
        return self._add("reembed", namespace, embedder=embedder)

    def _add(self, kind: JobKind, namespace: str, *, prune: bool = False, embedder: str = "") -> Job:
        """A job without files."""
        job_id = secrets.token_hex(16)
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, kind, namespace, prune, embedder, state, created)"
                " VALUES (?, ?, ?, ?, ?, 'waiting', ?)",
                (job_id, kind, namespace, prune, embedder, time.time()),
            )
        self._lines[kind].put(job_id)
        return self.get(namespace, job_id)

    def get(self, namespace: str, job_id: str) -> Job:
        """A job as it is now. Raises `UnknownJobError`."""
        with self._lock:
            live = self._live.get(job_id)
        if live is not None and live.namespace == namespace:
            return live
        rows = self._state.read("SELECT * FROM jobs WHERE id = ? AND namespace = ?", job_id, namespace)
        if not rows:
            raise UnknownJobError(f"there is no job {job_id!a} in the namespace {namespace!r}")
        return job_of(rows[0])

    def list(self, namespace: str, after: int, limit: int) -> list[Job]:
        """The first `limit` jobs of a namespace numbered after `after`, the oldest first."""
        rows = self._state.read(
            "SELECT * FROM jobs WHERE namespace = ? AND number > ? ORDER BY number LIMIT ?",
            namespace,
            after,
            limit,
        )
        with self._lock:
            return [self._live.get(row["id"]) or job_of(row) for row in rows]

    def counts(self) -> dict[str, float]:
        """How many jobs are in each state."""
        rows = self._state.read("SELECT state, count(*) AS jobs FROM jobs GROUP BY state")
        return {row["state"]: row["jobs"] for row in rows}

    def refusals(self, namespace: str, job_id: str, after: int, limit: int) -> list[JobRefusal]:
        """What a job refused, after the first `after`, in the order of their places."""
        job = self.get(namespace, job_id)
        rows = self._state.read(
            "SELECT * FROM refusals WHERE job = ? ORDER BY rowid LIMIT ? OFFSET ?", job.number, limit, after
        )
        return [JobRefusal(row["location"], row["code"], row["reason"]) for row in rows]

    def pause(self, namespace: str, job_id: str) -> Job:
        """Stops a job where it is, to go on with it later."""
        return self._change(namespace, job_id, "paused", {"waiting", "running", "paused"})

    def resume(self, namespace: str, job_id: str) -> Job:
        """Goes on with a job that was paused or has failed. Raises `UnknownJobError`, `JobConflictError`."""
        job = self._change(namespace, job_id, "waiting", {"paused", "failed", "waiting", "running"})
        self._lines[job.kind].put(job_id)
        return job

    def remove(self, namespace: str, job_id: str) -> Job | None:
        """Cancels a job that has not ended; one that has ended is forgotten, and None."""
        job = self.get(namespace, job_id)
        if job.state in {"done", "cancelled"}:
            with self._state.transaction() as connection:
                connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
            return None
        return self._change(namespace, job_id, "cancelled", {"waiting", "running", "paused", "failed"})

    def remove_all(self, namespace: str) -> None:
        """Forgets the jobs of a namespace that is no more."""
        for row in self._state.read("SELECT id FROM jobs WHERE namespace = ?", namespace):
            with self._lock:
                if row["id"] in self._live:
                    self._wanted[row["id"]] = "cancelled"
            shutil.rmtree(self._folder / row["id"], ignore_errors=True)
        with self._state.transaction() as connection:
            connection.execute("DELETE FROM jobs WHERE namespace = ?", (namespace,))

    def _change(self, namespace: str, job_id: str, wanted: JobState, allowed: set[JobState]) -> Job:
        with self._lock:
            live = self._live.get(job_id)
            if live is not None and live.namespace == namespace:
                if wanted == "waiting":
                    self._wanted.pop(job_id, None)
                else:
                    self._wanted[job_id] = wanted
                return live
            job = self.get(namespace, job_id)
            if job.state not in allowed:
                raise JobConflictError(f"the job {job_id} is {job.state}, and cannot become {wanted}")
            finished = time.time() if wanted in ENDED else None
            with self._state.transaction() as connection:
                connection.execute(
                    "UPDATE jobs SET state = ?, finished = ?, code = NULL, reason = NULL WHERE id = ?",
                    (wanted, finished, job_id),
                )
            if finished is not None:
                shutil.rmtree(self._folder / job_id, ignore_errors=True)
            return self.get(namespace, job_id)

    # --- the threads ---

    def _work(self, line: queue.SimpleQueue[str | None]) -> None:
        while (job_id := line.get()) is not None and not self._closing.is_set():
            rows = self._state.read(
                "SELECT * FROM jobs WHERE id = ? AND state IN ('waiting', 'running')", job_id
            )
            if rows:
                try:
                    self._do(job_of(rows[0]))
                except SutraError as error:
                    # Its state cannot be written: it goes on when it is resumed, or at the next start.
                    _log.error("the job %s stopped: %s: %s", job_id, error.code, error)

    def _do(self, job: Job) -> None:
        begun = replace(job, state="running", bytes_done=0, refused=0)
        if job.kind == "reindex":
            begun = replace(begun, sources=0, sources_total=0)
        with self._lock:  # nobody pauses or cancels it between its being looked at and being shown
            with self._state.transaction() as connection:
                taken = connection.execute(
                    "UPDATE jobs SET state = 'running' WHERE id = ? AND state IN ('waiting', 'running')",
                    (job.id,),
                )
                connection.execute("DELETE FROM refusals WHERE job = ?", (job.number,))
            if not taken.rowcount:
                return
            self._live[job.id] = begun
        about(job=job.id)
        running = Running(begun, self._state, self._show)
        try:
            {
                "learning": self._learn,
                "backup": self._back_up,
                "reindex": self._reindex,
                "reembed": self._reembed,
            }[job.kind](running)
            with self._lock:
                state = self._wanted.pop(job.id, "running" if self._closing.is_set() else "done")
            ended = running.job
            running.ends("done" if ended.backup or ended.reindex or ended.reembed else state)
        except SutraError as error:
            running.fails(error.code, str(error))
        except Exception:  # noqa: BLE001  (a fault ends its job, and not the thread for all)
            _log.exception("the job %s failed", job.id)
            running.fails("internal_error", "a fault of the service; its log tells more")
        finally:
            try:
                running.keep()
                if running.job.state in {"done", "cancelled"}:
                    shutil.rmtree(self._folder / job.id, ignore_errors=True)
            finally:
                with self._lock:
                    self._live.pop(job.id, None)
                    self._wanted.pop(job.id, None)

    def _learn(self, running: Running) -> None:
        job = running.job
        folder = self._folder / job.id
        fields = FieldMap.parse(job.map, job.template)
        items = read_collection(folder, job.prefix, format_name=job.format, fields=fields)
        with self._namespaces.engine(job.namespace) as engine:
            engine.learn_items(
                self._stoppable(job.id, items),
                bytes_total=job.bytes_total,
                on_progress=running.progressed,
                on_refusal=lambda refusal: running.refused(_relative(refusal, folder)),
                on_learned=running.learned,
                wait=job.wait,
            )

    def _stoppable(self, job_id: str, items: Iterator[Item | BadItem]) -> Iterator[Item | BadItem]:
        for item in items:
            if self._stops(job_id):
                return
            yield item

    def _back_up(self, running: Running) -> None:
        """Writes a backup, which is told once it is whole; where it is to stop before, it is as it was."""
        job = running.job

        def go_on(bytes_written: int) -> None:
            running.wrote(bytes_written)
            if self._stops(job.id):
                raise _StoppedError

        place = self._place_of(job.namespace)
        try:
            with self._namespaces.engine(job.namespace) as engine:
                running.backed_up(engine.backup(place, prune=job.prune, on_progress=go_on))
        except _StoppedError:
            return

    def _reindex(self, running: Running) -> None:
        """Derives again what older rules derived; where it is to stop, it does between two transactions."""
        job = running.job

        def go_on(sources: int, total: int) -> None:
            running.read_again(sources, total)
            if self._stops(job.id):
                raise _StoppedError

        try:
            with self._namespaces.engine(job.namespace) as engine:
                running.derived_again(engine.reindex(on_progress=go_on))
        except _StoppedError:
            return

    def _reembed(self, running: Running) -> None:
        """Embeds a namespace again; where it is to stop, what is embedded stays."""
        job = running.job

        def go_on(statements: int, total: int) -> None:
            running.embedded_again(statements, total)
            if self._stops(job.id):
                raise _StoppedError

        try:
            with self._namespaces.engine(job.namespace) as engine:
                running.has_embedder(engine.reembed(cast("EmbedderName", job.embedder), on_progress=go_on))
        except _StoppedError:
            return

    def _place_of(self, namespace: str) -> str:
        if self._backups is None:
            raise BackupsOffError(
                "the service has no place for backups; set SUTRA_BACKUP_URL and start it again"
            )
        return f"{self._backups}/{namespace}"

    def _stops(self, job_id: str) -> bool:
        return self._closing.is_set() or job_id in self._wanted

    def _show(self, job: Job) -> None:
        with self._lock:
            self._live[job.id] = job


def _relative(refusal: Refusal, folder: Path) -> Refusal:
    """The refusal with places inside the uploaded folder."""
    inside = f"{folder}/"
    return replace(
        refusal, location=refusal.location.replace(inside, ""), reason=refusal.reason.replace(inside, "")
    )
