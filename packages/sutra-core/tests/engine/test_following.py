"""`changes` and `follow`: one engine tells what it does, another does the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from taught import FACTS, QUESTION, Named, entity
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.changes import Change
from sutra_core.errors import ConfigError, HistoryMismatchError, InvalidChangeError, InvalidValueError
from sutra_core.types import SourceDraft


def told(engine: ReasoningEngine) -> dict[str, Any]:
    """All that an engine can say, but for its place and its measurements."""
    view = engine.view()
    stats = engine.stats().store._asdict()
    del stats["bytes_on_disk"]
    said: dict[str, Any] = {"transaction": view.transaction, "stats": stats}
    said["sources"] = [(source, engine.source_text(source.id)) for source in engine.sources()]
    searches = [
        (words, mode) for words in ("Aln", "Warsaw", "Paris") for mode in ("words", "meaning", "graph")
    ]
    said["searches"] = [engine.search(words, mode=mode) for words, mode in searches]  # type: ignore[arg-type]
    names = [name for name in ("Aln", "Marie Curie", "Warsaw", "IBM") if view.find_entities([name]) != [0]]
    concepts = [entity(engine, name) for name in names]
    said["concepts"] = [engine.get_concept(each) for each in concepts]
    said["neighbors"] = [engine.neighbors(each) for each in concepts]
    said["evidence"] = [
        view.evidence([edge[:3]])[0] for each in concepts for edge, _ in engine.neighbors(each)
    ]
    answers = [engine.ask(question, threshold=0.0) for question in (QUESTION, "Where does the Aln rise?")]
    said["answers"] = [(answer.text, answer.confidence, answer.citations) for answer in answers]
    assert engine.verify().clean
    return said


def test_a_follower_says_the_same_through_learning_forgetting_and_restarts(named: Named) -> None:
    leader, follower = named("leader"), named("follower")
    assert list(leader.changes()) == [] and follower.follow([]) == 0
    leader.learn_batch(FACTS)
    asked = follower.ask(QUESTION, threshold=0.0)
    assert not asked.citations
    assert follower.follow(leader.changes()) == leader.view().transaction == 2
    assert told(follower) == told(leader)
    assert follower.ask(QUESTION, threshold=0.0).text == "Warsaw"

    leader.forget(source="curie")
    assert follower.follow(leader.changes(2)) == 3
    assert told(follower) == told(leader)
    assert "Warsaw" not in follower.ask(QUESTION, threshold=0.0).to_json()

    leader, follower = named("leader"), named("follower")
    leader.learn("Marie Curie lived in Paris. She was born in Warsaw.", source="letter")
    leader.forget(source="aln")
    for change in leader.changes(3):
        follower.follow(change.data)
    assert told(follower) == told(leader)
    # One that starts late gets what is left, and can be followed itself.
    late, last = named("late"), named("last")
    assert late.follow(leader.changes()) == 5
    assert last.follow(late.changes()) == 5
    assert told(late) == told(last) == told(leader)
    assert [each.data for each in last.changes()] == [each.data for each in leader.changes()]


def test_a_change_says_when_and_how_much(named: Named) -> None:
    engine = named("leader")
    before = datetime.now(UTC)
    engine.learn("The Aln rises at Alham.", source="aln")
    engine.learn("The Venn rises at Alham.", source="venn")
    engine.forget(source="aln")
    first, second, third = engine.changes()
    assert before <= first.time < second.time < third.time <= datetime.now(UTC)
    assert [each.transaction for each in (first, second, third)] == [1, 2, 3]
    assert (first.learned_sources, second.learned_sources, third.learned_sources) == (1, 1, 0)
    assert first.learned_concepts > second.learned_concepts > third.learned_concepts == 0
    assert (first.forgotten_sources, third.forgotten_sources) == (0, 1) and third.forgotten_concepts > 0
    # Something of the first was forgotten since; its words are gone.
    assert first.settled == 3 and b"The Aln" not in first.data and b"The Venn" in second.data
    assert Change.decode(second.data) == second
    assert list(engine.changes(1, limit=1)) == [second] and list(engine.changes(limit=0)) == []
    with pytest.raises(InvalidValueError, match="since is"):
        engine.changes(4)
    with pytest.raises(InvalidValueError, match="limit is -1"):
        engine.changes(limit=-1)


def test_more_changes_than_are_fetched_at_once(named: Named) -> None:
    leader, follower = named("leader"), named("follower")
    for number in range(150):
        leader.learn_batch([SourceDraft(f"{number}-{part}", f"Fact {number}-{part}.") for part in range(4)])
    assert [each.transaction for each in leader.changes()] == list(range(1, 301))
    assert len(list(leader.changes(limit=290))) == 290
    assert follower.follow(leader.changes()) == 300
    assert follower.stats().store.sources == 600


def test_what_does_not_follow_is_refused(named: Named) -> None:
    leader, follower = named("leader"), named("follower")
    leader.learn_batch(FACTS)
    first, second = leader.changes()
    with pytest.raises(InvalidChangeError, match="the next one is transaction 1"):
        follower.follow(second)
    with pytest.raises(InvalidChangeError, match="damaged"):
        follower.follow(first.data[:-1])
    with pytest.raises(InvalidValueError, match="the change is 7"):
        follower.follow([7])  # type: ignore[list-item]
    leader.forget(source="curie")
    thinner = next(leader.changes())
    with pytest.raises(InvalidChangeError, match="all up to transaction 3"):
        follower.follow(thinner)
    assert follower.view().transaction == 0
    # What came before the one that is refused stays.
    with pytest.raises(InvalidChangeError, match="the next one is transaction 2"):
        follower.follow([first, first])
    assert follower.view().transaction == 1
    other = named("other")
    other.learn("The Venn is long.")
    with pytest.raises(HistoryMismatchError, match="new, empty folder"):
        other.follow(second)


def test_the_reference_store_says_that_it_cannot(tmp_path: Path) -> None:
    config = ReasoningEngineConfig(storage_path=tmp_path, use_rust_storage=False)
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine:
        for call in (engine.changes, lambda: engine.follow([])):
            with pytest.raises(ConfigError, match="use_rust_storage"):
                call()
