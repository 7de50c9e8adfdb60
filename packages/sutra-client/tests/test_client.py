"""Each verb of the client against the same verb of an engine that was taught the same texts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from both import TEXTS, Both
from serving_process import ServiceProcess

from sutra_client import Client, ServiceError, ServiceUnavailableError
from sutra_core import ReasoningEngine
from sutra_core.ask import Answer
from sutra_core.errors import (
    AnswerErasedError,
    InvalidValueError,
    UnknownAnswerError,
    UnknownConceptError,
    UnknownReceiptError,
    UnknownSourceError,
)
from sutra_core.filters import Filter
from sutra_core.types import SourceDraft

QUESTION = "Where was Marie Curie born?"
Knows = ReasoningEngine | Client


def untimed(answer: Answer) -> Answer:
    return dataclasses.replace(answer, timings_ms={})


def entity(both: Both, name: str) -> int:
    found = both.client.find_entity(name)
    assert found is not None
    return found.id


@pytest.mark.parametrize(
    ("question", "options"),
    [
        (QUESTION, {}),
        (QUESTION, {"num_paths": 0}),
        (QUESTION, {"threshold": 1.0}),
        ("Where does the river that flows into the sea rise?", {"max_steps": 2}),
        ("Who is the king of Poland?", {}),
        (QUESTION, {"as_of": 1, "holds_at": datetime(2012, 1, 1, tzinfo=UTC)}),
        (
            "Where does the Aln rise?",
            {
                "filter": Filter(
                    ["rivers.txt", 4],
                    since=datetime(2023, 1, 1, tzinfo=UTC),
                    until=datetime(2024, 1, 1, tzinfo=UTC),
                )
            },
        ),
        (QUESTION, {"filter": Filter(attributes={"by": "K"})}),
    ],
)
def test_an_answer_is_the_engines(both: Both, question: str, options: dict[str, Any]) -> None:
    mine, theirs = (knows.ask(question, **options) for knows in (both.client, both.engine))
    assert untimed(mine) == untimed(theirs)
    assert mine.citations


def test_an_answer_is_explained_as_it_was_given(both: Both) -> None:
    answer = both.client.ask(QUESTION)
    assert both.client.explain(answer.id) == answer
    assert answer.text == "Warsaw"


@pytest.mark.parametrize("mode", ["meaning", "words", "graph", "all"])
def test_a_search_finds_what_the_engine_finds(both: Both, mode: Any) -> None:
    mine, theirs = (knows.search("the Aln rises", mode=mode, k=2) for knows in (both.client, both.engine))
    assert mine == theirs and mine
    assert type(mine[0]) is type(theirs[0])


@pytest.mark.parametrize(
    "narrowed",
    [
        {"as_of": 0},
        {"as_of": datetime(2001, 1, 1, tzinfo=UTC)},
        {"filter": Filter(["again.txt"])},
        {"filter": Filter([])},
    ],
    ids=["nothing yet", "long ago", "one", "none"],
)
def test_a_part_is_searched_as_the_engine_does(both: Both, narrowed: dict[str, Any]) -> None:
    mine, theirs = (
        knows.search("the Aln rises", mode="words", **narrowed) for knows in (both.client, both.engine)
    )
    assert mine == theirs
    assert bool(mine) == (narrowed.get("filter") == Filter(["again.txt"]))


def test_an_answer_of_a_part_is_explained_so(both: Both) -> None:
    wanted = Filter(["curie.txt", 1], {"by": "K"}, until=datetime(2030, 1, 1, tzinfo=UTC))
    answer = both.client.ask(QUESTION, as_of=1, filter=wanted)
    assert (answer.as_of, answer.filter) == (1, wanted)
    assert both.client.explain(answer.id) == answer
    steps: list[str] = []
    assert both.client.ask(QUESTION, as_of=1, filter=wanted, on_step=steps.append) == answer


LOOKS: list[tuple[str, Callable[[Knows, Both], Any]]] = [
    ("sources", lambda knows, _: knows.sources()),
    ("sources after one", lambda knows, _: knows.sources(after=1, limit=2)),
    ("no sources", lambda knows, _: knows.sources(limit=0)),
    ("all versions", lambda knows, _: knows.sources(history=True)),
    ("of an address", lambda knows, _: knows.sources(address="again.txt", history=True, limit=1)),
    ("source", lambda knows, _: knows.get_source(2)),
    ("text", lambda knows, _: knows.source_text(2)),
    ("entity", lambda knows, both: knows.get_concept(entity(both, "Warsaw"))),
    ("neighbours", lambda knows, both: knows.neighbors(entity(both, "Warsaw"))),
    ("neighbours in", lambda knows, both: knows.neighbors(entity(both, "Warsaw"), direction="in", limit=2)),
    (
        "of a relation",
        lambda knows, both: knows.neighbors(entity(both, "Warsaw"), relations=["born_in", "is_a"]),
    ),
    ("of nothing yet", lambda knows, both: knows.neighbors(entity(both, "Warsaw"), as_of=0)),
    ("now", lambda knows, both: knows.neighbors(entity(both, "Warsaw"), holds_at=datetime.now(UTC))),
    (
        "of sources",
        lambda knows, both: knows.neighbors(
            entity(both, "Alham"), filter=Filter([1, "again.txt"], until=None)
        ),
    ),
    (
        "of kinds",
        lambda knows, both: knows.neighbors(
            entity(both, "Warsaw"), filter=Filter(kinds=["semantic", "causal"])
        ),
    ),
    ("of no kind", lambda knows, both: knows.search("Warsaw", mode="words", filter=Filter(kinds=[]))),
    ("of no source", lambda knows, both: knows.neighbors(entity(both, "Alham"), filter=Filter([]))),
    (
        "of an attribute",
        lambda knows, both: knows.neighbors(entity(both, "Warsaw"), filter=Filter(attributes={"by": "K"})),
    ),
    ("of no relation", lambda knows, both: knows.neighbors(entity(both, "Warsaw"), relations=[])),
    (
        "paths",
        lambda knows, both: knows.paths([entity(both, "Marie Curie")], [entity(both, "Warsaw")], max_steps=3),
    ),
    ("no paths", lambda knows, both: knows.paths([entity(both, "Marie Curie")], [])),
]


@pytest.mark.parametrize("look", [look for _, look in LOOKS], ids=[name for name, _ in LOOKS])
def test_looking_shows_what_the_engine_shows(both: Both, look: Callable[[Knows, Both], Any]) -> None:
    mine, theirs = look(both.client, both), look(both.engine, both)
    assert mine == theirs
    assert type(mine) is type(theirs)


def test_every_concept_is_the_engines(both: Both) -> None:
    count = both.engine.stats().store.concepts
    details = [(both.client.get_concept(each), both.engine.get_concept(each)) for each in range(1, count + 1)]
    assert [mine for mine, _ in details] == [theirs for _, theirs in details]
    assert max(len(mine.supports) for mine, _ in details) == 2


def test_statistics_count_the_same(both: Both) -> None:
    mine, theirs = both.client.stats(), both.engine.stats()
    assert mine.store._replace(bytes_on_disk=0) == theirs.store._replace(bytes_on_disk=0)
    assert mine.embedder == theirs.embedder
    assert set(mine.health) == set(theirs.health)


REFUSED: dict[str, tuple[type[Exception], Callable[[Any], Any]]] = {
    "concept": (UnknownConceptError, lambda knows: knows.get_concept(10**9)),
    "concept beyond JSON": (UnknownConceptError, lambda knows: knows.get_concept(2**60)),
    "negative concept": (UnknownConceptError, lambda knows: knows.neighbors(-1)),
    "path": (UnknownConceptError, lambda knows: knows.paths([10**9], [1])),
    "source": (UnknownSourceError, lambda knows: knows.get_source(10**9)),
    "text of a source": (UnknownSourceError, lambda knows: knows.source_text(0)),
    "answer": (UnknownAnswerError, lambda knows: knows.explain("0" * 32)),
    "answer's path": (UnknownAnswerError, lambda knows: knows.explain("a/../b")),
    "answer no Unicode": (UnknownAnswerError, lambda knows: knows.explain("\udcff")),
    "empty": (InvalidValueError, lambda knows: knows.ask("")),
    "blank": (InvalidValueError, lambda knows: knows.ask("   ")),
    "no Unicode": (InvalidValueError, lambda knows: knows.ask("\udcff")),
    "too long": (InvalidValueError, lambda knows: knows.ask("x" * 2001)),
    "threshold": (InvalidValueError, lambda knows: knows.ask("x", threshold=2)),
    "mode": (InvalidValueError, lambda knows: knows.search("x", mode="smell")),
    "k": (InvalidValueError, lambda knows: knows.search("x", k=0)),
    "limit": (InvalidValueError, lambda knows: knows.sources(limit=-1)),
    "later transaction": (InvalidValueError, lambda knows: knows.ask("x", as_of=10**9)),
    "transaction beyond JSON": (InvalidValueError, lambda knows: knows.neighbors(1, as_of=2**60)),
    "no zone": (InvalidValueError, lambda knows: knows.search("x", holds_at=datetime(2024, 5, 1))),  # noqa: DTZ001
    "no filter": (InvalidValueError, lambda knows: knows.ask("x", filter={"sources": [1]})),
    "filter's source": (UnknownSourceError, lambda knows: knows.ask("x", filter=Filter(["nowhere"]))),
    "filter's number": (UnknownSourceError, lambda knows: knows.neighbors(1, filter=Filter([2**60]))),
    "filter's address": (UnknownSourceError, lambda knows: knows.ask("x", filter=Filter(["\udcff"]))),
    "batch of one text": (InvalidValueError, lambda knows: knows.learn_batch("one text")),
    "batch of numbers": (InvalidValueError, lambda knows: knows.learn_batch([1])),
    "forget nothing": (InvalidValueError, lambda knows: knows.forget()),
    "forget two things": (InvalidValueError, lambda knows: knows.forget(source=1, concept=1)),
    "forget a source alone": (InvalidValueError, lambda knows: knows.forget(source=1, link_only=True)),
    "forget a truth": (InvalidValueError, lambda knows: knows.forget(source=True)),
    "forget before a day": (InvalidValueError, lambda knows: knows.forget(before=datetime(2024, 5, 1))),  # noqa: DTZ001
    "forget before a text": (InvalidValueError, lambda knows: knows.forget(before="2024-05-01")),
    "forget source": (UnknownSourceError, lambda knows: knows.forget(source=10**9)),
    "forget source 0": (UnknownSourceError, lambda knows: knows.forget(source=0)),
    "forget source beyond JSON": (UnknownSourceError, lambda knows: knows.forget(source=2**60)),
    "forget address": (UnknownSourceError, lambda knows: knows.forget(source="nowhere")),
    "forget no address": (UnknownSourceError, lambda knows: knows.forget(source="")),
    "forget address no Unicode": (UnknownSourceError, lambda knows: knows.forget(source="\udcff")),
    "forget concept": (UnknownConceptError, lambda knows: knows.forget(concept=-1)),
    "forget statement alone": (UnknownConceptError, lambda knows: knows.forget(concept=1, link_only=True)),
    "forget entity": (UnknownConceptError, lambda knows: knows.forget(concept="Nobody")),
    "forget entity no Unicode": (UnknownConceptError, lambda knows: knows.forget(concept="\udcff")),
    "receipt of no number": (InvalidValueError, lambda knows: knows.receipt("1")),
    "receipt of a negative number": (InvalidValueError, lambda knows: knows.receipt(-1)),
    "went without a text": (InvalidValueError, lambda knows: knows.went(1, " ")),
    "went of no text": (InvalidValueError, lambda knows: knows.went(1, 1)),
    "went of no Unicode": (InvalidValueError, lambda knows: knows.went(1, "\udcff")),
    "went under no title": (InvalidValueError, lambda knows: knows.went(1, "Graz", title=None)),
    "went of no number": (InvalidValueError, lambda knows: knows.went("1", "Graz")),
    "went of no receipt": (UnknownReceiptError, lambda knows: knows.went(1, "Graz")),
    "went of a receipt beyond JSON": (UnknownReceiptError, lambda knows: knows.went(2**60, "Graz")),
    "no paths": (InvalidValueError, lambda knows: knows.learn_collection()),
}


@pytest.mark.parametrize(("error", "call"), REFUSED.values(), ids=REFUSED)
def test_what_the_engine_refuses_the_client_refuses_alike(
    both: Both, error: type[Exception], call: Callable[[Any], Any]
) -> None:
    for knows in (both.client, both.engine):
        with pytest.raises(error) as raised:
            call(knows)
        assert type(raised.value) is error


def test_what_would_be_forgotten_is_what_the_engine_would_forget(both: Both) -> None:
    # Answers to earlier questions are still being written: the size of the file says nothing of it.
    before = both.client.stats().store._replace(bytes_on_disk=0)
    for wanted in (
        {"source": 2},
        {"source": "again.txt"},
        {"concept": "warsaw"},
        {"concept": entity(both, "Warsaw")},
        {"concept": 1},
        {"concept": "Warsaw", "link_only": True},
        {"before": datetime.now(UTC)},
        {"before": datetime(2000, 1, 1, tzinfo=UTC)},
    ):
        options: Any = wanted
        mine, theirs = (knows.forget(**options, dry_run=True) for knows in (both.client, both.engine))
        # The two were asked different questions.
        assert mine._replace(answers=0) == theirs._replace(answers=0), wanted
        assert type(mine) is type(theirs)
    assert both.client.stats().store._replace(bytes_on_disk=0) == before


def test_what_is_forgotten_is_gone(own: Client) -> None:
    own.learn_batch(TEXTS)
    answer = own.ask(QUESTION)
    assert own.forget(concept="Marie Curie").answers == 1
    with pytest.raises(AnswerErasedError):
        own.explain(answer.id)
    assert own.find_entity("Marie Curie") is None
    (curie,) = [each for each in own.sources() if each.address == "curie.txt"]
    assert curie.redacted and "Curie" not in own.source_text(curie.id)
    assert own.forget(source="rivers.txt").staying == 1
    assert own.forget(source=curie.id).sources == 1
    with pytest.raises(UnknownSourceError):
        own.get_source(curie.id)
    assert own.forget(before=datetime.now(UTC)).sources == 2
    assert own.stats().store.concepts == 0


def test_what_is_forgotten_is_purged_and_receipts_tell_of_it(own: Client, service: ServiceProcess) -> None:
    own.learn_batch(TEXTS)
    assert own.receipts() == []
    now = datetime.now(UTC)
    forgotten = [own.forget(source="curie.txt"), own.forget(before=now)]
    numbers = [each.transaction for each in forgotten]
    assert own.receipts() == numbers
    first = own.receipt(numbers[0])
    assert first is not None and first.purged is None and first.hashes
    assert (first.what, len(first.numbers), first.forgotten) == ("sources", 1, forgotten[0])
    second = own.receipt(numbers[1])
    assert second is not None
    assert (second.what, second.numbers, second.before) == ("before", (), now)
    purged = own.purge()
    # Whoever still reads the old files may hold them for a moment.
    deadline = monotonic() + 60
    while [getattr(own.receipt(each), "purged", None) for each in numbers] != [purged, purged]:
        assert monotonic() < deadline
        sleep(0.05)
    assert first.time < second.time < purged
    for nothing in (0, numbers[-1] + 1, 2**60):
        assert own.receipt(nothing) is None
    elsewhere = Client(service.url, api_key=service.key, namespace="nowhere")
    with elsewhere, pytest.raises(ServiceError) as raised:
        elsewhere.receipt(numbers[0])
    assert raised.value.code == "unknown_namespace"


def test_a_text_is_learned_and_found(own: Client) -> None:
    report = own.learn("The Tyne is long.", source="tyne.txt", title="Tyne", time=7, attributes={"a": "b"})
    assert (report.sources, report.sentences, report.passages, report.refused) == (1, 1, 1, [])
    (source,) = own.sources()
    assert (source.address, source.title, source.time, source.attributes) == (
        "tyne.txt",
        "Tyne",
        7,
        {"a": "b", "language": "en"},
    )
    again = own.learn("The Tyne is long.", source="tyne.txt", title="Tyne", time=7, attributes={"a": "b"})
    assert (again.sources, again.sources_known, again.transaction) == (0, 1, report.transaction)


def test_a_text_without_a_source_is_its_own_as_in_the_engine(both: Both, own: Client) -> None:
    own.learn_batch(["Oaks are old.", SourceDraft("a.txt", "Elms are tall.")])
    own.learn("Oaks are old.", title="")
    assert [source.address for source in own.sources()] == ["text:" + OAKS, "a.txt"]


OAKS = "ac5061b8864bc35b"


def test_a_text_need_not_wait_for_its_vector(own: Client, tmp_path: Path) -> None:
    assert own.learn("The Tyne is long.", source="tyne.txt", wait="durable").sources == 1
    assert own.learn_batch(["Oaks are old."], wait="durable").sources == 1
    (tmp_path / "elms.txt").write_text("Elms are tall.")
    assert own.learn_collection(tmp_path / "elms.txt", wait="durable").sources == 1
    assert own.search("Tyne", mode="words")[0].address == "tyne.txt"
    assert own.learn_batch(["Oaks are old."], wait="indexed").sources_known == 1
    assert own.learn_collection(tmp_path / "elms.txt", wait="indexed").sources_known == 1
    stats = own.stats()
    assert stats.store.vectors_pending == 0
    assert stats.backlog and stats.backlog.watermark == stats.store.transaction


def test_a_batch_of_any_length_is_learned_and_what_is_no_text_refused_in_its_place(own: Client) -> None:
    texts = [f"The oak number {number} is old." for number in range(120)]
    report = own.learn_batch([*texts, "", "half \udcff", SourceDraft("t", "Late.", time=2**62), "?!"])
    assert (report.sources, report.refused_count) == (120, 4)
    assert report.refused_by == {"empty_text": 2, "invalid_text": 2}
    assert [(each.location, each.code) for each in report.refused] == [
        ("text 120", "empty_text"),
        ("text 121", "invalid_text"),
        ("text 122", "invalid_text"),
        ("text 123", "empty_text"),
    ]
    assert own.stats().store.sources == 120


def test_what_only_a_service_refuses_has_its_code_status_and_request(both: Both) -> None:
    with Client(both.service.url, api_key="sutra_x_y") as client, pytest.raises(ServiceError) as raised:
        client.stats()
    assert (raised.value.code, raised.value.status) == ("unauthenticated", 401)
    assert len(raised.value.request_id) == 32
    elsewhere = Client(both.service.url, api_key=both.service.key, namespace="nowhere")
    with elsewhere, pytest.raises(ServiceError) as raised:
        elsewhere.stats()
    assert raised.value.code == "unknown_namespace"


def test_an_error_of_the_engine_says_which_request_it_was(both: Both) -> None:
    with pytest.raises(UnknownConceptError) as raised:
        both.client.get_concept(10**9)
    assert both.service.url in raised.value.__notes__[0]


def test_where_nobody_listens_is_told(both: Both) -> None:
    with (
        Client("http://127.0.0.1:1", api_key="x", retries=0) as client,
        pytest.raises(ServiceUnavailableError, match=r"http://127\.0\.0\.1:1 cannot be reached"),
    ):
        client.stats()


@pytest.mark.parametrize("url", ["", "knowledge", "ftp://127.0.0.1", "http://", "https://\n"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidValueError, match="the URL is"):
        Client(url)


@pytest.mark.parametrize("key", ["", " ", "schlüssel", "a\nb"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidValueError, match="key"):
        Client("http://127.0.0.1:1", api_key=key)


def test_namespaces_are_made_listed_and_deleted(both: Both) -> None:
    both.client.create_namespace("short-lived")
    assert {"default", "short-lived"} <= set(both.client.namespaces())
    with pytest.raises(ServiceError) as raised:
        both.client.create_namespace("short-lived")
    assert raised.value.code == "namespace_exists"
    both.client.delete_namespace("short-lived")
    assert "short-lived" not in both.client.namespaces()


def test_health_is_told_without_a_key(service: ServiceProcess) -> None:
    with Client(service.url) as client:
        assert client.health() in {"ready", "starting"}


def test_a_namespace_holds_its_own_alone(both: Both, own: Client) -> None:
    assert own.stats().store.sources == 0
    assert both.client.stats().store.sources == len(TEXTS)


def test_steps_are_told_as_the_service_takes_them(both: Both) -> None:
    steps: list[str] = []
    question = "Which trees are as old as the hills of Graz?"
    answer = both.client.ask(question, on_step=steps.append)
    assert steps[0] == "analyse" and steps[-1] == "explain"
    assert both.client.ask(question) == answer == both.client.explain(answer.id)


def test_a_problem_on_the_way_is_raised(both: Both) -> None:
    with pytest.raises(InvalidValueError):
        both.client.ask(" ", on_step=print)
