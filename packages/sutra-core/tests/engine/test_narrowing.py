"""`as_of`, `holds_at` and `filter`: what of a store is asked, and what an answer says of that."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from taught import QUESTION, Named, Opener, entity

from sutra_core import ReasoningEngine
from sutra_core.ask import Answer, as_markdown
from sutra_core.errors import AnswerErasedError, InvalidValueError, UnknownSourceError
from sutra_core.filters import Filter
from sutra_core.types import AssociationKind, SearchMode, SourceDraft

MODES: tuple[SearchMode, ...] = ("meaning", "words", "graph", "all")
DAY = 86_400_000_000
DRAFTS = [
    SourceDraft("curie", "Marie Curie was born in Warsaw. She lived in Paris.", "Marie Curie"),
    SourceDraft("aln", "The Aln rises at Alham. The Aln flows into the sea.", "Aln", 0, 10 * DAY),
    SourceDraft("works", "Mara Holt worked for Venn Works from 2001 to 2009.", "Mara Holt", 0, 20 * DAY),
    SourceDraft(
        "press",
        "Mara Holt worked for Aln Press from 2010 until 2014. The Aln rises at Alham.",
        "Mara Holt's years",
        attributes={"author": "Ben Carr", "kind": "letter"},
    ),
    SourceDraft(
        "rival", "Marie Curie was born in Krakow.", "Another life", 0, 30 * DAY, {"author": "Ben Carr"}
    ),
]
QUESTIONS = [QUESTION, "Where does the Aln rise?", "Who did Mara Holt work for?", "Where is Krakow?"]


def taught(engine: ReasoningEngine) -> ReasoningEngine:
    for draft in DRAFTS:
        engine.learn_batch([draft])
    return engine


@pytest.fixture
def engine(open_engine: Opener) -> ReasoningEngine:
    return taught(open_engine(reader="off"))


WORKED = [
    SourceDraft("weak", "Mara Holt lived and worked for Venn Works."),
    SourceDraft("strong", "Mara Holt worked for Venn Works from 2001 to 2009."),
    SourceDraft(
        "again", "She was born in Alham. Mara Holt worked for Venn Works from 2001 to 2009.", "Mara Holt"
    ),
]


def year(number: int) -> datetime:
    return datetime(number, 6, 1, tzinfo=UTC)


def test_as_of_a_transaction_is_what_a_store_with_no_more_says(named: Named) -> None:
    grown = taught(named("grown"))
    for last in range(len(DRAFTS) + 1):
        small = named(f"after {last}")
        small.follow(grown.changes(limit=last))
        for question in QUESTIONS:
            mine = grown.ask(question, threshold=0.0, as_of=last)
            theirs = small.ask(question, threshold=0.0)
            assert (mine.text, mine.kind) == (theirs.text, theirs.kind), (question, last)
            assert (mine.citations, mine.sources()) == (theirs.citations, theirs.sources())
            assert (mine.transaction, mine.as_of, theirs.as_of) == (len(DRAFTS), last, None)
            for mode in MODES:
                hits = grown.search(question, mode=mode, k=50, as_of=last)
                expected = small.search(question, mode=mode, k=50)
                assert {hit._replace(score=0) for hit in hits} == {hit._replace(score=0) for hit in expected}
        for name in ("Mara Holt", "Alham", "Marie Curie"):
            (number,) = small.view().find_entities([name])
            known = grown.neighbors(entity(grown, name), as_of=last)
            assert known == (small.neighbors(number) if number else [])


def test_before_anything_was_learned_nothing_is_known(engine: ReasoningEngine) -> None:
    for as_of in (0, datetime(2001, 1, 1, tzinfo=UTC)):
        answer = engine.ask(QUESTION, as_of=as_of)
        assert (answer.kind, answer.as_of, answer.citations) == ("unknown", 0, ())
        assert "as of transaction 0" in answer.to_text().splitlines()
        assert all(engine.search(QUESTION, mode=mode, as_of=as_of) == [] for mode in MODES)
        assert engine.neighbors(entity(engine, "Marie Curie"), as_of=as_of) == []


def test_a_time_is_that_of_the_last_transaction_by_then(open_engine: Opener) -> None:
    engine = open_engine(reader="off")
    engine.learn_batch(DRAFTS[:1])
    between = datetime.now(UTC)
    engine.learn_batch(DRAFTS[4:])
    assert engine.ask(QUESTION, as_of=between).as_of == 1
    assert engine.ask(QUESTION, as_of=between.astimezone(timezone(timedelta(hours=9)))).as_of == 1
    later = engine.ask(QUESTION, as_of=datetime.max.replace(tzinfo=UTC))
    assert later.as_of == 2
    assert engine.search("Krakow", mode="words", as_of=between) == []
    assert len(engine.search("Krakow", mode="words", as_of=later.as_of)) == 1


def test_holds_at_picks_the_fact_of_the_time(engine: ReasoningEngine) -> None:
    asked = "Who did Mara Holt work for?"
    assert engine.ask(asked, holds_at=year(2005)).text == "Venn Works"
    assert engine.ask(asked, holds_at=year(2012)).text == "Aln Press"
    number = entity(engine, "Mara Holt")

    def held(time: datetime | None) -> list[str]:
        found = engine.neighbors(number, relations=["works_for"], holds_at=time)
        return sorted(other.text for _, other in found)

    assert [held(time) for time in (None, year(2000), year(2005), year(2012), year(2020))] == [
        ["Aln Press", "Venn Works"],
        [],
        ["Venn Works"],
        ["Aln Press"],
        [],
    ]
    # From the first instant of its stretch to before its end.
    bound = datetime(2010, 1, 1, tzinfo=UTC)
    assert held(bound) == ["Aln Press"] and held(bound - timedelta(microseconds=1)) == ["Venn Works"]


@pytest.mark.parametrize(
    ("wanted", "addresses"),
    [
        (Filter(), {"curie", "aln", "works", "press", "rival"}),
        (Filter(sources=["rival", 2]), {"rival", "aln"}),
        (Filter(sources=[]), set()),
        (Filter(attributes={"author": "Ben Carr"}), {"press", "rival"}),
        (Filter(attributes={"author": "Ben Carr", "kind": "letter"}), {"press"}),
        (Filter(attributes={"author": "ben carr"}), set()),
        (Filter(since=datetime(1970, 1, 21, tzinfo=UTC)), {"works", "rival"}),
        (Filter(until=datetime(1970, 1, 21, tzinfo=UTC)), {"aln"}),
        (Filter(["works", "press"], {}, datetime(1970, 1, 1, tzinfo=UTC)), {"works"}),
    ],
    ids=["all", "listed", "none", "attribute", "two", "capitals", "since", "until", "both"],
)
def test_a_filter_admits_sources(engine: ReasoningEngine, wanted: Filter, addresses: set[str]) -> None:
    for mode in ("words", "meaning"):
        asked = "Marie Curie Aln Mara Holt Krakow"
        hits = engine.search(asked, mode=mode, k=50, filter=wanted)
        # A sentence of two sources is told where it was learned first.
        assert {hit.address for hit in hits} == addresses
    cited = engine.ask(QUESTION, threshold=0.0, filter=wanted).citations
    assert bool(cited) == bool(addresses)
    born = engine.neighbors(entity(engine, "Marie Curie"), relations=["born_in"], filter=wanted)
    towns = {"curie": "Warsaw", "rival": "Krakow"}
    assert {other.text for _, other in born} == {towns[each] for each in addresses & set(towns)}


def test_all_that_are_given_apply(engine: ReasoningEngine) -> None:
    by_carr = Filter(attributes={"author": "Ben Carr"})
    mara = entity(engine, "Mara Holt")

    def works(**narrowed: object) -> list[str]:
        found = engine.neighbors(mara, relations=["works_for"], **narrowed)  # type: ignore[arg-type]
        return [other.text for _, other in found]

    assert works(filter=by_carr) == ["Aln Press"]
    assert works(filter=by_carr, as_of=3) == []
    assert works(filter=by_carr, as_of=4, holds_at=year(2012)) == ["Aln Press"]
    assert works(filter=by_carr, as_of=4, holds_at=year(2005)) == []


@pytest.mark.parametrize(
    ("narrowed", "address"),
    [
        ({"as_of": 1}, "weak"),
        ({"filter": Filter(["weak"])}, "weak"),
        ({"filter": Filter(["strong"])}, "strong"),
        ({"filter": Filter(["again"])}, "again"),
        ({"holds_at": year(2020)}, "weak"),
    ],
)
def test_nothing_is_cited_from_elsewhere(
    open_engine: Opener, narrowed: dict[str, object], address: str
) -> None:
    engine = open_engine(reader="off")
    for draft in WORKED:
        engine.learn_batch([draft])
    answer = engine.ask("Who did Mara Holt work for?", threshold=0.0, **narrowed)  # type: ignore[arg-type]
    assert (answer.text, answer.citations[0].address) == ("Venn Works", address)
    (shown,) = [path for path in answer.paths if path.steps[0].relation == "works_for"]
    assert shown.steps[0].evidence.address == address
    if "holds_at" not in narrowed:
        assert {citation.address for citation in answer.citations} == {address}
        assert answer.sources() == [[each.address for each in WORKED].index(address) + 1]
    hits = engine.search("Mara Holt worked", mode="words", k=9, **narrowed)  # type: ignore[arg-type]
    assert address in {hit.address for hit in hits}


def test_an_answer_says_what_it_was_asked_of_and_is_recorded_so(engine: ReasoningEngine) -> None:
    zone = timezone(timedelta(hours=2))
    wanted = Filter(["works", 4], {"author": "Ben Carr"}, None, datetime(2030, 1, 1, tzinfo=zone))
    answer = engine.ask(
        QUESTION, threshold=0.0, as_of=4, holds_at=datetime(2012, 1, 1, tzinfo=zone), filter=wanted
    )
    assert (answer.as_of, answer.holds_at, answer.filter) == (
        4,
        datetime(2011, 12, 31, 22, tzinfo=UTC),
        wanted,
    )
    assert answer.forgettings_after == 0
    assert engine.explain(answer.id) == answer == Answer.from_json(answer.to_json())
    told = answer.to_text().splitlines()[-4:]
    assert told[:3] == [
        "as of transaction 4",
        "what holds at 2011-12-31T22:00:00+00:00",
        "from sources: works, 4; author=Ben Carr; until 2029-12-31T22:00:00+00:00",
    ]
    assert "- as of transaction 4" in as_markdown(answer).splitlines()
    record = json.loads(answer.to_json())
    assert record["filter"]["sources"] == ["works", 4]
    whole = engine.ask(QUESTION)
    assert whole.asked_of() == [] and whole.filter is None
    assert len({whole.id, answer.id, engine.ask(QUESTION, as_of=4).id, engine.ask(QUESTION, as_of=5).id}) == 4


def test_what_was_forgotten_is_gone_at_every_date_and_that_is_said(engine: ReasoningEngine) -> None:
    assert engine.ask(QUESTION, threshold=0.0, as_of=4).text == "Warsaw"
    engine.forget(source="curie")
    engine.forget(source="works")
    answer = engine.ask(QUESTION, threshold=0.0, as_of=4)
    assert "Warsaw" not in answer.to_json()
    assert (answer.as_of, answer.forgettings_after, answer.transaction) == (4, 2, 7)
    assert "without what was forgotten after it (2 times)" in answer.to_text().splitlines()
    assert engine.ask(QUESTION, as_of=6).forgettings_after == 1
    assert engine.ask(QUESTION, as_of=7).forgettings_after == engine.ask(QUESTION).forgettings_after == 0
    assert engine.explain(answer.id) == answer


def test_an_answer_that_names_an_address_goes_with_it(engine: ReasoningEngine) -> None:
    answer = engine.ask("What is a heron?", filter=Filter(sources=["rival"]))
    assert "rival" in answer.to_json()
    assert engine.forget(source="rival").answers >= 1
    with pytest.raises(AnswerErasedError):
        engine.explain(answer.id)


def test_a_narrowed_answer_is_kept_under_its_narrowing_alone(engine: ReasoningEngine) -> None:
    steps: list[str] = []

    def asked(**narrowed: object) -> tuple[str, bool]:
        steps.clear()
        answer = engine.ask(QUESTION, threshold=0.0, on_step=steps.append, **narrowed)  # type: ignore[arg-type]
        return answer.text, not steps

    rival = Filter(sources=["rival"])
    curie = Filter(sources=["curie"])
    assert asked(filter=curie) == ("Warsaw", False)
    assert asked(filter=rival) == ("Krakow", False)
    assert asked(filter=Filter(sources=["rival"])) == ("Krakow", True)
    assert asked(filter=curie) == ("Warsaw", True)
    whole = asked()
    assert not whole[1] and asked(filter=Filter()) == (whole[0], True)
    assert asked(as_of=4) == ("Warsaw", False)
    assert asked(as_of=4) == ("Warsaw", True)
    engine.learn("The Venn is a river.", source="venn")
    assert asked(filter=rival) == ("Krakow", False)


def test_a_view_that_is_kept_is_of_the_present_state(engine: ReasoningEngine) -> None:
    by_carr = Filter(attributes={"author": "Ben Carr"})
    assert engine.search("herons", mode="words", filter=by_carr) == []
    engine.learn("Herons stand in the Aln.", source="birds", attributes={"author": "Ben Carr"})
    (hit,) = engine.search("herons", mode="words", filter=by_carr)
    engine.purge()
    assert engine.search("herons", mode="words", filter=by_carr) == [hit]
    engine.forget(source="birds")
    assert engine.search("herons", mode="words", filter=by_carr) == []
    engine.purge()
    assert engine.search("herons", mode="words", filter=by_carr) == []


@pytest.mark.parametrize(
    ("narrowed", "told"),
    [
        ({"as_of": 6}, "as_of is 6, a transaction that is not there yet; allowed: 0 to 5"),
        ({"as_of": -1}, "as_of is -1; allowed: 0 to"),
        ({"as_of": True}, "the as_of is True, of type bool; give the number of a transaction"),
        ({"as_of": "2024-05-01"}, "the as_of is '2024-05-01', of type str"),
        ({"as_of": datetime(2024, 5, 1)}, "the as_of 2024-05-01 00:00:00 has no time zone"),  # noqa: DTZ001
        ({"holds_at": datetime(2024, 5, 1)}, "the holds_at 2024-05-01 00:00:00 has no"),  # noqa: DTZ001
        ({"holds_at": 7}, "the holds_at is 7, of type int; give a datetime"),
        ({"holds_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=9)))}, "is beyond the calendar"),
        ({"filter": {"sources": [1]}}, "the filter is .*; give a Filter"),
    ],
)
def test_what_none_can_be_is_refused(engine: ReasoningEngine, narrowed: dict[str, object], told: str) -> None:
    calls = [
        lambda: engine.ask(QUESTION, **narrowed),  # type: ignore[arg-type]
        lambda: engine.search(QUESTION, mode="words", **narrowed),  # type: ignore[arg-type]
        lambda: engine.neighbors(1, **narrowed),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(InvalidValueError, match=told):
            call()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"sources": "rival"}, "the filter's sources is 'rival', of type str; give a list"),
        ({"sources": [1.5]}, "the filter's source is 1.5, of type float"),
        ({"sources": [True]}, "the filter's source is True"),
        ({"sources": range(10_001)}, "the filter lists 10001 sources; list at most 10000"),
        ({"attributes": [("a", "b")]}, "the filter's attributes is"),
        ({"attributes": {"n": 1}}, "the filter's attribute is 1, of type int"),
        ({"attributes": {"n": "\udcff"}}, "not Unicode text"),
        ({"since": datetime(2024, 5, 1)}, "the filter's since 2024-05-01 00:00:00 has no"),  # noqa: DTZ001
        ({"until": "now"}, "the filter's until is 'now'"),
        ({"kinds": "causal"}, "the filter's kinds is 'causal', of type str; give a list of semantic, causal"),
        ({"kinds": ["causal", "casual"]}, "the filter's kind is 'casual'; allowed: semantic, causal"),
    ],
)
def test_what_no_filter_can_be_is_refused(fields: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidValueError, match=told):
        Filter(**fields)  # type: ignore[arg-type]


def test_associations_of_some_kinds_count(engine: ReasoningEngine) -> None:
    kinds = {edge.kind for edge, _ in engine.neighbors(entity(engine, "Mara Holt"))}
    assert "semantic" in kinds

    def told(*wanted: AssociationKind) -> set[str]:
        found = engine.neighbors(entity(engine, "Mara Holt"), filter=Filter(kinds=wanted))
        return {edge.kind for edge, _ in found}

    assert told("semantic") == {"semantic"}
    assert told("causal") == told() == set()
    assert told("semantic", "causal", "temporal", "hierarchical", "compositional") == kinds
    # What is found by its words is of no kind.
    assert engine.search("Aln rises", mode="words", filter=Filter(kinds=[]))
    answer = engine.ask(QUESTION, filter=Filter(kinds=["causal"]), threshold=0)
    assert answer.filter == Filter(kinds=["causal"])
    assert "associations that are causal" in as_markdown(answer)
    assert engine.explain(answer.id) == answer


def test_an_unknown_source_is_told(engine: ReasoningEngine) -> None:
    for unknown in (0, 9, -1, 1 << 70, "nowhere", "\udcff"):
        with pytest.raises(UnknownSourceError, match="there is no source"):
            engine.ask(QUESTION, filter=Filter(sources=[1, unknown]))
