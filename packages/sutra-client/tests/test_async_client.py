"""The asynchronous client against the blocking one: each verb the same, and the same failures tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from both import TEXTS, Both

from sutra_client import AsyncClient, Client, ServiceError, ServiceUnavailableError, async_client
from sutra_core.errors import InvalidValueError, UnknownConceptError
from sutra_core.filters import Filter

QUESTION = "Where was Marie Curie born?"
Verb = Callable[[Any], Any]

LOOKS: dict[str, Verb] = {
    "search": lambda client: client.search("the Aln rises", k=2),
    "concept": lambda client: client.get_concept(1),
    "entity": lambda client: client.find_entity("Warsaw"),
    "neighbours": lambda client: client.neighbors(1, limit=3),
    "paths": lambda client: client.paths([1], [2]),
    "sources": lambda client: client.sources(after=1),
    "source": lambda client: client.get_source(2),
    "text": lambda client: client.source_text(2),
    "jobs": lambda client: client.jobs(),
    "health": lambda client: client.health(),
}


def asked(like: Client, verb: Callable[[AsyncClient], Awaitable[Any]], **options: Any) -> Any:
    """What a verb gives of an asynchronous client that is as the blocking one is."""

    async def run() -> Any:
        key = like._http.headers["Authorization"].removeprefix("Bearer ")
        async with AsyncClient(like.url, api_key=key, namespace=like.namespace, **options) as client:
            return await verb(client)

    return asyncio.run(run())


@pytest.mark.parametrize("verb", LOOKS.values(), ids=LOOKS)
def test_every_look_shows_the_same(both: Both, verb: Verb) -> None:
    assert asked(both.client, verb) == verb(both.client)


def test_an_answer_is_explained(both: Both) -> None:
    answer = asked(both.client, lambda client: client.ask(QUESTION))
    assert answer.text == "Warsaw"
    assert asked(both.client, lambda client: client.explain(answer.id)) == both.client.explain(answer.id)
    # Recording the answer makes the files grow meanwhile.
    stats = asked(both.client, lambda client: client.stats())
    here = both.client.stats().store
    assert stats.store._replace(bytes_on_disk=0) == here._replace(bytes_on_disk=0)


def test_texts_and_files_are_learned_and_jobs_watched(own: Client, folder: Path) -> None:
    (folder / "oaks.txt").write_text("Oaks are old.")
    assert asked(own, lambda client: client.learn("Elms are tall.", source="elms")).sources == 1
    assert asked(own, lambda client: client.learn_batch(["Elms are green.", ""])).refused_count == 1
    shown: list[Any] = []
    report = asked(own, lambda client: client.learn_collection(folder / "oaks.txt", on_progress=shown.append))
    assert (report.sources, shown[-1].sentences) == (1, 1)
    (job,) = own.jobs()

    async def watched(client: AsyncClient) -> list[Any]:
        return [each async for each in client.watch_job(job.id)]

    assert asked(own, watched) == [job]
    assert asked(own, lambda client: client.cancel_job(job.id)) == job
    assert asked(own, lambda client: client.job_refusals(job.id)) == []
    assert {each.address for each in own.sources()} >= {"elms", str(folder / "oaks.txt")}


def test_what_is_forgotten_is_what_the_blocking_client_would_forget(own: Client) -> None:
    own.learn_batch(TEXTS)
    for wanted in ({"source": "rivers.txt"}, {"concept": "Graz"}, {"before": datetime.now(UTC)}):
        options: Any = wanted
        would = own.forget(**options, dry_run=True)
        assert asked(own, lambda client, options=options: client.forget(**options)) == would
    assert own.sources() == []


def test_what_is_purged_is_told_as_by_the_blocking_client(own: Client) -> None:
    own.learn_batch(TEXTS)
    number = own.forget(source="rivers.txt").transaction
    purged = asked(own, lambda client: client.purge())
    assert asked(own, lambda client: client.receipts()) == own.receipts() == [number]
    record = asked(own, lambda client: client.receipt(number))
    assert record == own.receipt(number) and record.purged == purged
    for text in (TEXTS[0].text, "Graz", "Nobody said this."):
        went = asked(own, lambda client, text=text: client.went(number, text, title="Rivers"))
        assert went == own.went(number, text, title="Rivers")


def test_steps_are_told(both: Both) -> None:
    steps: list[str] = []
    question = "Which oaks are as old as the hills of Graz?"
    answer = asked(both.client, lambda client: client.ask(question, on_step=steps.append))
    assert steps[-1] == "explain" and answer == both.client.ask(question)


def test_a_part_is_asked(both: Both) -> None:
    by_k = Filter(attributes={"by": "K"})
    question = "Where was Marie Curie born?"
    answer = asked(both.client, lambda client: client.ask(question, as_of=1, filter=by_k))
    assert answer == both.client.ask(question, as_of=1, filter=by_k) and answer.filter == by_k
    hits = asked(both.client, lambda client: client.search("Warsaw", mode="words", filter=by_k))
    assert hits == both.engine.search("Warsaw", mode="words", filter=by_k) != []
    found = asked(both.client, lambda client: client.neighbors(1, as_of=0))
    assert found == both.engine.neighbors(1, as_of=0) == []


def test_namespaces_are_made_and_deleted(both: Both) -> None:
    asked(both.client, lambda client: client.create_namespace("for-a-moment"))
    assert "for-a-moment" in asked(both.client, lambda client: client.namespaces())
    asked(both.client, lambda client: client.delete_namespace("for-a-moment"))
    assert "for-a-moment" not in both.client.namespaces()


def test_what_is_refused_is_raised(both: Both) -> None:
    with pytest.raises(UnknownConceptError):
        asked(both.client, lambda client: client.get_concept(10**9))
    with pytest.raises(InvalidValueError):
        asked(both.client, lambda client: client.ask(""))
    for verb in (lambda client: client.get_job("0" * 32), lambda client: anext(client.watch_job("0" * 32))):
        with pytest.raises(ServiceError) as raised:
            asked(both.client, verb)
        assert raised.value.code == "unknown_job"


def test_where_nobody_listens_is_tried_again_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    class Clock:
        @staticmethod
        async def sleep(seconds: float) -> None:
            waits.append(seconds)

    async def run() -> None:
        monkeypatch.setattr(async_client, "asyncio", Clock)
        async with AsyncClient("http://127.0.0.1:1", retries=3) as client:
            with pytest.raises(ServiceUnavailableError, match=r"127\.0\.0\.1:1 cannot be reached"):
                await client.stats()

    asyncio.run(run())
    assert len(waits) == 3


def test_questions_are_asked_at_once(both: Both) -> None:
    async def many(client: AsyncClient) -> list[Any]:
        return await asyncio.gather(*(client.ask(QUESTION) for _ in range(8)))

    assert {answer.text for answer in asked(both.client, many)} == {"Warsaw"}
