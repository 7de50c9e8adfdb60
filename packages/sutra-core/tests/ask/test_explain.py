from __future__ import annotations

from dataclasses import asdict, replace

from sutra_core.ask.aggregate import Candidate
from sutra_core.ask.analyse import analyse
from sutra_core.ask.confidence import Parts
from sutra_core.ask.explain import RULES_VERSION, explain
from sutra_core.ask.proposal import Proposal

PARTS = asdict(Parts(0.9, 0, 1, 1, 1, 1, 0.7, 0))


def candidate(view, text: str, confidence: float) -> Candidate:
    (edge,) = view.neighbors([view.find_entities(["Marta Kovač"])[0]], relations=["born_in"])[0]
    (evidence,) = view.evidence([edge[:3]])[0]
    best = Proposal(text, edge.object, "fact", (evidence.statement,), 0.9, 1.0, ((edge, False),))
    return Candidate(best, (evidence.statement,), PARTS, confidence, ("elsewhere",))


def explained(view, candidates: list[Candidate], threshold: float = 0.35):
    question = analyse(view, "Where was Marta Kovač born?")
    return explain(view, question, candidates, num_paths=3, max_steps=4, threshold=threshold, embedder="e")


def test_the_first_candidate_is_the_answer_and_the_rest_are_alternatives(facts) -> None:
    answer = explained(facts, [candidate(facts, name, 0.9 - n / 9) for n, name in enumerate("ABCDEF")])
    assert (answer.text, answer.kind, answer.confidence) == ("A", "entity", 0.9)
    assert [each.text for each in answer.alternatives] == ["B", "C", "D"]
    assert answer.missing == ()
    assert answer.rules == RULES_VERSION
    assert answer.confidence_parts["similarity"] == 0.7


def test_the_typed_steps_are_the_first_path(facts) -> None:
    path = explained(facts, [candidate(facts, "Lenti", 0.9)]).paths[0]
    (step,) = path.steps
    assert (step.subject, step.relation, step.object, step.inverse) == (
        "Marta Kovač",
        "born_in",
        "Lenti",
        False,
    )
    assert step.evidence.text == "Marta Kovač was born in Lenti."
    assert abs(path.score - 0.9 * step.confidence) < 1e-6


def test_no_path_is_shown_twice(facts) -> None:
    answer = explained(facts, [candidate(facts, "Lenti", 0.9)])
    walks = [tuple((s.subject, s.relation, s.object) for s in path.steps) for path in answer.paths]
    assert len(walks) == len(set(walks))


def test_below_the_threshold_nothing_is_claimed(facts) -> None:
    answer = explained(facts, [candidate(facts, "Lenti", 0.3)])
    assert (answer.text, answer.kind, answer.confidence) == ("I don't know", "unknown", 0.3)
    assert answer.paths == ()
    assert answer.missing == ("elsewhere",)
    assert answer.alternatives[0].text == "Lenti"
    assert answer.citations[0].text == "Marta Kovač was born in Lenti."


def test_without_candidates_the_words_of_the_question_are_missing(facts) -> None:
    answer = explained(facts, [])
    assert (answer.confidence, answer.citations, answer.alternatives) == (0.0, (), ())
    assert set(answer.missing) == {"Marta", "Kovač", "born"}


def test_the_record_is_bound_to_its_id(facts) -> None:
    answer = explained(facts, [candidate(facts, "Lenti", 0.9)])
    assert answer.id == explained(facts, [candidate(facts, "Lenti", 0.9)]).id
    assert answer.id != explained(facts, [candidate(facts, "Lenti", 0.8)]).id
    assert len(answer.id) == 32
    assert replace(answer, id="").id != answer.id
