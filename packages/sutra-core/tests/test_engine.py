"""`ReasoningEngine` from outside, over the engine on disk and the reference store in memory.

Answers are judged on plainly taught facts alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from store_contents import contents
from word_embedder import WordEmbedder

import sutra_core.shared
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.embed import profile_named
from sutra_core.errors import (
    EmbedderMismatchError,
    InvalidValueError,
    ModelUnavailableError,
    StoreClosedError,
    StoreLockedError,
    UnknownAnswerError,
    UnknownConceptError,
    UnknownFormatError,
    UnknownSourceError,
)
from sutra_core.learn import Progress, Refusal
from sutra_core.learn.adapters import UnreadableError
from sutra_core.search import SearchMode
from sutra_core.types import Direction, SourceDraft

FACTS = [
    SourceDraft("curie", "Marie Curie was born in Warsaw. She lived in Paris.", "Marie Curie", 0, 1_000_000),
    SourceDraft("ibm", "International Business Machines (IBM) was founded by Charles Flint.", "IBM"),
    SourceDraft("aln", "The Aln rises at Alham. The Aln flows into the sea.", "Aln"),
]
QUESTION = "Where was Marie Curie born?"

Opener = Callable[..., ReasoningEngine]


@pytest.fixture(autouse=True)
def settings_from_code_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SUTRA_STORAGE_PATH", raising=False)


@pytest.fixture(params=["engine", "reference"])
def use_rust(request: pytest.FixtureRequest) -> bool:
    return request.param == "engine"


@pytest.fixture
def open_engine(use_rust: bool, tmp_path: Path) -> Iterator[Opener]:
    """`open_engine(**settings)`: an engine over the test's folder; closed when the test ends."""
    opened: list[ReasoningEngine] = []

    def make(embedder: Any = None, **settings: Any) -> ReasoningEngine:
        config = ReasoningEngineConfig(
            storage_path=tmp_path / "store", use_rust_storage=use_rust, batch_size=2, **settings
        )
        opened.append(ReasoningEngine(config, embedder=embedder or WordEmbedder()))
        return opened[-1]

    yield make
    for engine in opened:
        engine.close()


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    """An engine that was taught the facts."""
    engine = open_engine()
    assert engine.learn_batch(FACTS).sources == 3
    return engine


def entity(engine: ReasoningEngine, name: str) -> int:
    (found,) = engine.view().find_entities([name])
    assert found, name
    return found


# --- learning ---


def test_one_text_is_found_by_the_next_search(open_engine: Opener) -> None:
    engine = open_engine()
    report = engine.learn(
        "The Tyne is wide.", source="rivers", title="Tyne", time=5, attributes={"kind": "river"}
    )
    assert (report.sources, report.sentences, report.interrupted) == (1, 1, False)
    assert engine.search("Tyne", mode="words")[0].address == "rivers"
    (source,) = engine.view().sources([1])
    assert (source.title, source.time, source.attributes) == ("Tyne", 5, {"kind": "river"})


def test_a_text_without_a_source_is_its_own(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("The Tyne is wide.")
    assert engine.learn("The Tyne is wide.").sources_known == 1
    assert engine.learn("The Tees is wide.").sources == 1
    first, second = engine.view().sources([1, 2])
    assert first.address != second.address


def test_a_batch_takes_texts_and_drafts_and_refuses_by_position(open_engine: Opener) -> None:
    engine = open_engine()
    report = engine.learn_batch(
        ["The Tyne is wide.", "?!", FACTS[0], "half a \ud800 pair", "The Tees is long."]
    )
    assert report.sources == 3
    refused = {refusal.location: refusal.code for refusal in report.refused}
    assert refused == {"text 1": "empty_text", "text 3": "invalid_text"}
    assert report.transaction == 2  # five texts, of which four stood: two commits of two


def test_a_source_of_nothing_is_refused_like_any_other(open_engine: Opener) -> None:
    report = open_engine().learn("The Tyne is wide.", source="")
    assert (report.sources, [refusal.code for refusal in report.refused]) == (0, ["invalid_text"])


def test_what_failed_counts_in_the_error_rate(open_engine: Opener) -> None:
    def broken() -> Iterator[str]:
        yield from ["The Tyne is wide.", "The Tees is long.", "half a \ud800 pair"]
        raise OSError("the drive was pulled out")

    engine = open_engine()
    with pytest.raises(OSError, match="pulled out"):
        engine.learn_batch(broken())
    # Two learned, one refused, and the call that failed.
    assert engine.stats().metrics["learning_error_rate"] == pytest.approx(2 / 4)


def test_a_collection_is_learned_with_progress_and_refusals(open_engine: Opener, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("The Tyne is wide.")
    (folder / "b.jsonl").write_text('{"text": "The Tees is long."}\nbroken\n{"text": "The Wear is old."}\n')
    (folder / "c.bin").write_bytes(b"\0\1")
    engine = open_engine()
    told: list[Progress] = []
    refused: list[Refusal] = []
    report = engine.learn_collection(folder, on_progress=told.append, on_refusal=refused.append)
    assert (report.sources, report.refused) == (3, refused)
    assert [refusal.code for refusal in refused] == ["invalid_json", "unknown_format"]
    assert refused[0].location.endswith("b.jsonl:2")
    assert told[-1].sources == 3
    assert told[-1].bytes_done == told[-1].bytes_total > 0
    assert engine.learn_collection(str(folder)).sources_known == 3


def test_a_collection_that_is_missing_or_of_no_format_is_an_error(
    open_engine: Opener, tmp_path: Path
) -> None:
    engine = open_engine()
    with pytest.raises(UnreadableError):
        engine.learn_collection(tmp_path / "nowhere")
    (tmp_path / "file.bin").write_bytes(b"\0\1")
    with pytest.raises(UnknownFormatError):
        engine.learn_collection(tmp_path / "file.bin")
    assert engine.stats().store.sources == 0


@pytest.mark.parametrize("denied", ["stat", "iterdir"])
def test_a_folder_that_may_not_be_read_is_an_error(
    open_engine: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: str
) -> None:
    engine = open_engine()
    (tmp_path / "closed").mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, denied, refuse)
        with pytest.raises(UnreadableError, match="closed cannot be read: Permission denied"):
            engine.learn_collection(tmp_path / "closed")
    for path in ("n" * 1000, "a\0b"):
        with pytest.raises(UnreadableError, match="cannot be read"):
            engine.learn_collection(path)


# --- asking ---


def test_what_was_taught_plainly_is_answered_from_its_bytes(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn_batch(FACTS)
    answer = engine.ask(QUESTION)
    assert (answer.text, answer.kind) == ("Warsaw", "entity")
    assert answer.confidence >= 0.9
    citation = answer.citations[0]
    assert (citation.address, citation.start, citation.end) == ("curie", 0, 31)
    assert citation.text == "Marie Curie was born in Warsaw."
    assert len(answer.paths) >= 1


def test_what_was_taught_plainly_is_answered_with_a_reader_too(engine: ReasoningEngine) -> None:
    answer = engine.ask(QUESTION)
    assert (answer.text, answer.kind, answer.citations[0].address) == ("Warsaw", "entity", "curie")


def test_nothing_is_known_before_anything_was_taught(open_engine: Opener) -> None:
    answer = open_engine().ask(QUESTION)
    assert (answer.kind, answer.text, answer.confidence) == ("unknown", "I don't know", 0)
    assert answer.citations == ()


def test_below_the_threshold_the_answer_is_unknown(open_engine: Opener) -> None:
    engine = open_engine(answer_threshold=1.0)
    engine.learn_batch(FACTS)
    assert engine.ask(QUESTION).kind == "unknown"
    assert engine.ask(QUESTION, threshold=0.5).text == "Warsaw"


def test_num_paths_bounds_what_is_shown(engine: ReasoningEngine) -> None:
    assert engine.ask(QUESTION, num_paths=0).paths == ()
    assert len(engine.ask(QUESTION, num_paths=1).paths) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_steps": 0},
        {"num_paths": -1},
        {"threshold": 1.5},
        {"threshold": -0.1},
        {"threshold": float("nan")},
    ],
)
def test_values_out_of_range_are_misuse(engine: ReasoningEngine, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="allowed"):
        engine.ask(QUESTION, **wrong)


@pytest.mark.parametrize("text", ["", " \t\n", "what \ud800"])
def test_a_question_needs_words(engine: ReasoningEngine, text: str) -> None:
    with pytest.raises(InvalidValueError, match="question"):
        engine.ask(text)
    with pytest.raises(InvalidValueError, match="query"):
        engine.search(text)


@pytest.mark.parametrize(
    ("question", "read_as"),
    [
        ("Where was Marie Cruie born?", (("Cruie", "Curie"),)),
        ("Wehre was marie curei born?", (("Wehre", "Where"), ("curei", "curie"))),
        (QUESTION, ()),
    ],
)
def test_slips_are_read_as_the_words_they_are_slips_of(
    engine: ReasoningEngine, question: str, read_as: tuple[tuple[str, str], ...]
) -> None:
    answer = engine.ask(question)
    assert (answer.text, answer.question, answer.read_as) == ("Warsaw", question, read_as)
    assert answer.citations == engine.ask(QUESTION).citations
    assert engine.explain(answer.id) == answer


def test_words_learned_after_a_view_are_not_near_in_it(engine: ReasoningEngine) -> None:
    before = engine.view()
    engine.learn("A zeppelin flies over the Aln.")
    assert before.near_words("zeppelni") == []
    assert engine.view().near_words("zeppelni") == [("zeppelin", 1)]


def test_an_answer_is_explained_as_it_was_recorded(open_engine: Opener, use_rust: bool) -> None:
    engine = open_engine()
    engine.learn_batch(FACTS)
    answers = [engine.ask(QUESTION), engine.ask("What is the height of the Eiffel Tower?")]
    assert [engine.explain(answer.id) for answer in answers] == answers
    engine.learn("Marie Curie was born in Kraków.", source="another")
    assert [engine.explain(answer.id) for answer in answers] == answers
    if use_rust:
        engine.close()
        engine = open_engine()
        assert [engine.explain(answer.id) for answer in answers] == answers


@pytest.mark.parametrize("answer_id", ["", "0" * 32, "\ud800"])
def test_an_unknown_answer_is_an_error(engine: ReasoningEngine, answer_id: str) -> None:
    with pytest.raises(UnknownAnswerError):
        engine.explain(answer_id)


def test_a_cached_answer_is_given_until_something_is_learned(open_engine: Opener) -> None:
    class Counting(WordEmbedder):
        calls = 0

        def encode(self, texts: Any) -> Any:
            type(self).calls += 1
            return super().encode(texts)

    engine = open_engine(Counting())
    first = engine.ask(QUESTION)
    calls = Counting.calls
    assert first.kind == "unknown"
    assert engine.ask(QUESTION) is first
    assert Counting.calls == calls
    engine.learn_batch(FACTS)
    assert engine.ask(QUESTION).text == "Warsaw"
    assert engine.ask(QUESTION, num_paths=0).paths == ()


def test_the_same_question_at_the_same_state_is_one_record(open_engine: Opener) -> None:
    engine = open_engine(cache_max_size=0)
    engine.learn_batch(FACTS)
    first, second = engine.ask(QUESTION), engine.ask(QUESTION)
    assert first.id == second.id
    engine.learn("The Corse flows into the Aln.")
    assert engine.ask(QUESTION).id != first.id


def test_a_cache_of_no_answers_keeps_none(open_engine: Opener) -> None:
    engine = open_engine(cache_max_size=0)
    engine.learn_batch(FACTS)
    first, second = engine.ask(QUESTION), engine.ask(QUESTION)
    assert first is not second
    assert replace(first, timings_ms={}) == replace(second, timings_ms={})


# --- searching and looking ---


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_every_search_finds_and_cites(engine: ReasoningEngine, mode: SearchMode) -> None:
    hits = engine.search("Marie Curie Warsaw", mode=mode, k=2)
    assert 1 <= len(hits) <= 2
    assert hits[0].address == "curie"
    assert all(before.score >= after.score for before, after in pairwise(hits))
    text = engine.view().source_text(engine.view().concepts([hits[0].concept])[0].source)
    assert text.encode()[hits[0].start : hits[0].end].decode() == hits[0].text


def test_search_by_words_and_graph_needs_no_model(
    open_engine: Opener, use_rust: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: object) -> None:
        raise ModelUnavailableError("no model here")

    monkeypatch.setattr(sutra_core.shared, "open_embedder", unavailable)
    config = ReasoningEngineConfig(storage_path=tmp_path / "other", use_rust_storage=use_rust)
    with ReasoningEngine(config) as engine:
        assert engine.search("Curie", mode="words") == engine.search("Curie", mode="graph") == []
        assert engine.stats().embedder == "all-MiniLM-L6-v2"
        assert engine.verify().clean
        for needs_it in (lambda: engine.search("Curie"), lambda: engine.learn("The Tyne is wide.")):
            with pytest.raises(ModelUnavailableError):
                needs_it()


def test_a_concept_says_where_it_stands(engine: ReasoningEngine) -> None:
    engine.learn("It is said: The Aln rises at Alham.", source="another")
    said = "The Aln rises at Alham."
    (hit,) = [hit for hit in engine.search("Alham", mode="words") if hit.address == "aln"]
    sentences = [other for edge, other in engine.neighbors(hit.concept, relations=["contains"])]
    assert said in [sentence.text for sentence in sentences]
    for sentence in sentences:
        detail = engine.get_concept(sentence.id)
        for place, source in detail.supports:
            text = engine.view().source_text(source.id).encode()
            assert text[place.start : place.end].decode() == detail.concept.text
        assert detail.supports[0][1].address == "aln"


def test_both_names_of_one_thing_are_aliases(engine: ReasoningEngine) -> None:
    long, short = "International Business Machines", "IBM"
    assert engine.get_concept(entity(engine, long)).aliases == (short,)
    assert engine.get_concept(entity(engine, short)).aliases == (long,)
    detail = engine.get_concept(entity(engine, "Marie Curie"))
    assert (detail.aliases, detail.supports) == ((), ())


def test_neighbors_come_with_the_concept_at_the_other_end(engine: ReasoningEngine) -> None:
    curie, warsaw = entity(engine, "Marie Curie"), entity(engine, "Warsaw")
    walks: list[tuple[int, Direction, int]] = [
        (curie, "out", warsaw),
        (warsaw, "in", curie),
        (warsaw, "both", curie),
    ]
    for concept, direction, other in walks:
        ((edge, end),) = engine.neighbors(concept, direction=direction, relations=["born_in"])
        assert (edge.subject, edge.object, end.id) == (curie, warsaw, other)
    assert engine.neighbors(curie, direction="in", relations=["born_in"]) == []
    everything = engine.neighbors(curie)
    assert len(everything) > 2
    assert engine.neighbors(curie, limit=2) == everything[:2]
    confidences = [edge.confidence for edge, _ in everything]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize("concept", [0, -1, 10_000, 1 << 64])
def test_an_unknown_concept_is_an_error(engine: ReasoningEngine, concept: int) -> None:
    with pytest.raises(UnknownConceptError):
        engine.get_concept(concept)
    with pytest.raises(UnknownConceptError):
        engine.neighbors(concept)


def test_a_view_does_not_change(engine: ReasoningEngine) -> None:
    view = engine.view()
    before = contents(view, ids=True)
    engine.learn("The Tyne is wide.", source="new")
    assert contents(view, ids=True) == before
    assert engine.view().transaction == view.transaction + 1


@pytest.mark.parametrize(("metrics", "health"), [(True, True), (False, True), (True, False), (False, False)])
def test_stats_measure_what_the_configuration_wants(
    open_engine: Opener, use_rust: bool, metrics: bool, health: bool
) -> None:
    engine = open_engine(metrics=metrics, health_checks=health)
    engine.learn_batch(FACTS)
    engine.ask(QUESTION)
    stats = engine.stats()
    assert stats.store == engine.view().stats()
    assert stats.store.sources == 3
    assert stats.embedder == "WordEmbedder"
    measured = {"concepts_learned_per_second", "learning_latency_p95", "learning_error_rate"}
    measured |= {"query_latency_p95", "query_confidence_avg", "query_error_rate"}
    assert set(stats.metrics) == (measured if metrics else set())
    checked = {"disk_space_free_gb", "storage_file_size_mb"} if health and use_rust else set()
    assert set(stats.health) == checked


def test_verify_reads_everything(engine: ReasoningEngine) -> None:
    report = engine.verify()
    assert report.clean
    assert report.checked["sources"] == 3
    assert report.checked["statements"] == engine.stats().store.statements


# --- its life ---


def test_closing_twice_does_nothing_and_using_it_afterwards_is_an_error(engine: ReasoningEngine) -> None:
    answer = engine.ask(QUESTION)
    engine.close()
    engine.close()
    uses: list[Callable[[], object]] = [
        lambda: engine.learn("The Tyne is wide."),
        lambda: engine.ask(QUESTION),
        lambda: engine.explain(answer.id),
        lambda: engine.search("Curie"),
        lambda: engine.get_concept(1),
        lambda: engine.neighbors(1),
        engine.view,
        engine.stats,
        engine.verify,
    ]
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()


MISUSES: list[tuple[Callable[[Any], object], str]] = [
    (lambda engine: engine.learn(None), "the text is None, of type NoneType; give a string"),
    (lambda engine: engine.learn(5), "the text is 5, of type int; give a string"),
    (lambda engine: engine.learn(b"bytes"), "the text is b'bytes', of type bytes; give a string"),
    (lambda engine: engine.ask(None), "the question is None, of type NoneType; give a string"),
    (lambda engine: engine.search(None), "the query is None, of type NoneType; give a string"),
    (lambda engine: engine.explain(3), "the answer's id is 3, of type int; give the id"),
    (lambda engine: engine.get_concept("hat"), "the concept is 'hat', of type str; give its number"),
    (lambda engine: engine.get_concept(True), "the concept is True, of type bool; give its number"),
    (lambda engine: engine.learn("One.", source=7), "the source is 7, of type int; give a string"),
    (lambda engine: engine.learn("One.", title=None), "the title is None, of type NoneType; give a string"),
    (lambda engine: engine.learn("One.", time="x"), "the time is 'x', of type str; give microseconds"),
    (lambda engine: engine.learn("One.", attributes=[("a", "b")]), "give a dictionary of strings"),
    (
        lambda engine: engine.neighbors(1, relations="text"),
        "the relations is 'text', of type str; give a list",
    ),
    (lambda engine: engine.neighbors(1, relations=[7]), "the relation is 7, of type int; give its name"),
    (lambda engine: engine.neighbors("x"), "the concept is 'x', of type str; give its number"),
    (lambda engine: engine.neighbors(1.5), "the concept is 1.5, of type float; give its number"),
    (lambda engine: engine.learn_batch("one string"), "the batch is 'one string', of type str; give a list"),
    (lambda engine: engine.learn_batch(FACTS[0]), "of type SourceDraft; give a list"),
    (lambda engine: engine.learn_batch(None), "the batch is None, of type NoneType; give a list"),
    (lambda engine: engine.learn_batch(["It is old."] * 5 + [3]), "text 5 of the batch is 3, of type int"),
    (lambda engine: engine.learn_batch(iter([3])), "text 0 of the batch is 3, of type int"),
    (lambda engine: engine.learn_collection(5), "the path is 5, of type int; give the path"),
    (lambda _: ReasoningEngine("/path"), "the config is '/path', of type str; give a ReasoningEngineConfig"),  # pyright: ignore[reportArgumentType]
    (lambda _: ReasoningEngine(""), "the config is '', of type str; give a ReasoningEngineConfig"),  # pyright: ignore[reportArgumentType]
]


@pytest.mark.parametrize(("misuse", "says"), MISUSES)
def test_what_is_of_another_type_is_misuse(
    engine: ReasoningEngine, misuse: Callable[[Any], object], says: str
) -> None:
    before = contents(engine.view(), ids=True)
    with pytest.raises(InvalidValueError) as caught:
        misuse(engine)
    assert caught.value.code == "invalid_value"
    assert says in str(caught.value)
    assert contents(engine.view(), ids=True) == before


def test_a_number_of_any_kind_names_a_concept(engine: ReasoningEngine) -> None:
    assert engine.get_concept(np.int64(1)) == engine.get_concept(1)  # pyright: ignore[reportArgumentType]


def test_an_error_inside_the_context_closes_it(open_engine: Opener) -> None:
    engine = open_engine()
    with pytest.raises(ZeroDivisionError), engine:
        raise ZeroDivisionError
    with pytest.raises(StoreClosedError):
        engine.view()


def test_what_was_learned_is_there_after_reopening(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch(FACTS)
        before = contents(engine.view(), ids=True)
        answer = engine.ask(QUESTION)
    with ReasoningEngine(config, embedder=WordEmbedder(), check_pages=True) as engine:
        assert contents(engine.view(), ids=True) == before
        assert replace(engine.ask(QUESTION), timings_ms={}) == replace(answer, timings_ms={})
        assert engine.learn_batch(FACTS).sources_known == 3


def test_the_reference_store_keeps_nothing_on_disk(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store", use_rust_storage=False)
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        engine.learn_batch(FACTS)
    assert not (tmp_path / "store").exists()


def test_a_folder_is_one_engines_at_a_time(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    with ReasoningEngine(config, embedder=WordEmbedder()), pytest.raises(StoreLockedError):
        ReasoningEngine(config, embedder=WordEmbedder())
    ReasoningEngine(config, embedder=WordEmbedder()).close()


def test_another_embedder_than_the_stores_is_refused(tmp_path: Path) -> None:
    class Other(WordEmbedder):
        fingerprint = "ab" * 32

    class Longer(WordEmbedder):
        dimension = 65

    config = ReasoningEngineConfig(storage_path=tmp_path / "store")
    ReasoningEngine(config, embedder=WordEmbedder()).close()
    for wrong in (Other(), Longer(), None):
        with pytest.raises(EmbedderMismatchError):
            ReasoningEngine(config, embedder=wrong)
    ReasoningEngine(config, embedder=WordEmbedder()).close()


def test_another_dimension_than_the_stores_is_refused(tmp_path: Path) -> None:
    accurate = ReasoningEngineConfig(storage_path=tmp_path / "store", vector_dimension=768)
    with ReasoningEngine(accurate) as engine:
        assert engine.stats().store.dimension == 768
    with pytest.raises(EmbedderMismatchError, match="768"):
        ReasoningEngine(ReasoningEngineConfig(storage_path=tmp_path / "store", vector_dimension=384))
    with ReasoningEngine(ReasoningEngineConfig(storage_path=tmp_path / "store")) as engine:
        assert engine.stats().embedder == profile_named("accurate").model


def test_the_environment_configures_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTRA_STORAGE_PATH", str(tmp_path / "there"))
    monkeypatch.setenv("SUTRA_USE_RUST_STORAGE", "false")
    with ReasoningEngine(embedder=WordEmbedder()) as engine:
        assert engine.config.storage_path == tmp_path / "there"
        assert engine.stats().store.bytes_on_disk == 0
        engine.learn_batch(FACTS)
        assert engine.ask(QUESTION).text == "Warsaw"


# --- asking beside learning ---


def test_questions_asked_beside_learning_are_answered_from_what_is_durable(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn_batch(FACTS)
    texts = [f"Station {n} lies on Line {n % 7}. Its keeper is Keeper {n}." for n in range(200)]
    learning = threading.Thread(target=engine.learn_batch, args=(texts,))
    learning.start()
    transactions: list[int] = []
    while learning.is_alive() or not transactions:
        answer = engine.ask(QUESTION)
        assert (answer.text, answer.citations[0].address) == ("Warsaw", "curie")
        transactions.append(answer.transaction)
    learning.join()
    assert transactions == sorted(transactions)
    assert engine.ask(QUESTION).transaction == engine.view().transaction
    view = engine.view()
    assert all(view.concepts(view.search_words(text, 1)[0].tolist())[0].text == text for text in texts)


def test_sources_are_listed_and_read_by_their_numbers(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn_batch(["Oaks are old.", "Elms are tall."])
    first, second = engine.sources()
    assert engine.sources(after=first.id, limit=1) == [second] and engine.sources(limit=0) == []
    assert engine.get_source(second.id) == second and engine.source_text(second.id) == "Elms are tall."
    for number in (0, -1, second.id + 1, 1 << 64):
        with pytest.raises(UnknownSourceError):
            engine.get_source(number)
    for refused in ({"after": -1}, {"limit": 10_001}, {"limit": True}):
        with pytest.raises(InvalidValueError):
            engine.sources(**refused)


def test_paths_lead_from_one_concept_to_another(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("Marie Curie was born in Warsaw.")
    start, end = engine.view().find_entities(["Marie Curie", "Warsaw"])
    found = engine.paths([start], [end], k=1)
    (path,) = found.paths
    assert [node.text for node in path.nodes] == ["Marie Curie", "Warsaw"]
    assert [step.association.relation for step in path.steps] == ["born_in"] and not found.exhausted
    with pytest.raises(UnknownConceptError):
        engine.paths([start], [10**9])
    with pytest.raises(InvalidValueError):
        engine.paths([start], [end], k=0)


def test_each_step_of_asking_is_told_once(open_engine: Opener) -> None:
    engine = open_engine()
    engine.learn("Marie Curie was born in Warsaw.")
    steps: list[str] = []
    engine.ask("Where was Marie Curie born?", on_step=steps.append)
    assert steps[0] == "analyse" and steps[-1] == "explain"
    steps.clear()
    engine.ask("Where was Marie Curie born?", on_step=steps.append)
    assert steps == []
