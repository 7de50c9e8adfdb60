"""What is learned before which question is asked, and which questions stand for all."""

from __future__ import annotations

from collections import Counter

from answers.schedule import Step, sampled, scoped, stores
from common import Document
from evaluation_sets import question


def document(name: str, **meta: object) -> Document:
    return Document(name, "", f"Text of {name}.", meta)


def test_a_set_without_scopes_is_one_store() -> None:
    documents, questions = [document("a"), document("b")], [question("q"), question("r")]
    assert not scoped(documents)
    assert stores(documents, questions, whole=False) == [[Step(tuple(documents), tuple(questions))]]


def test_each_scope_has_its_own_documents_and_questions() -> None:
    one, two, unasked = document("1", scope="x"), document("2", scope="y"), document("3", scope="z")
    of_y, of_x = question("q", meta={"scope": "y"}), question("r", meta={"scope": "x"})
    assert scoped([one])
    assert stores([one, two, unasked], [of_y, of_x], whole=False) == [
        [Step((two,), (of_y,))],
        [Step((one,), (of_x,))],
    ]


def test_a_question_knows_only_what_stands_before_it() -> None:
    lines = [document(str(n), scope="x", line=n) for n in (4, 1, 2, 7)]
    heading = document("heading", scope="x")
    late, early, same = (
        question(name, meta={"scope": "x", "before": before})
        for name, before in (("late", 5), ("early", 2), ("same", 2))
    )
    (steps,) = stores([*lines, heading], [late, early, same], whole=False)
    assert [[each.id for each in step.documents] for step in steps] == [["1", "heading"], ["4", "2"]]
    assert [[each.id for each in step.questions] for step in steps] == [["early", "same"], ["late"]]


def test_a_question_without_a_line_is_asked_last_of_all() -> None:
    lines = [document(str(n), scope="x", line=n) for n in (1, 9)]
    last, early = question("last", meta={"scope": "x"}), question("early", meta={"scope": "x", "before": 5})
    (steps,) = stores(lines, [last, early], whole=False)
    assert steps == [Step((lines[0],), (early,)), Step((lines[1],), (last,))]


def test_the_whole_set_knows_no_scopes_and_no_lines() -> None:
    documents = [document("1", scope="x", line=9), document("2", scope="y", line=1)]
    questions = [question("q", meta={"scope": "y", "before": 1}), question("r", meta={"scope": "x"})]
    assert stores(documents, questions, whole=True) == [[Step(tuple(documents), tuple(questions))]]


def test_a_sample_has_every_type_in_its_share_and_keeps_the_order() -> None:
    kinds = ["who", "when", "who", "when", "why"] * 10  # every fifth alone would all be of one type
    questions = [question(str(n), kind=kind) for n, kind in enumerate(kinds)]
    some = sampled(questions, 10)
    assert Counter(each.kind for each in some) == {"who": 4, "when": 4, "why": 2}
    assert [int(each.id) for each in some] == sorted(int(each.id) for each in some)
    assert sampled(questions, 50) == sampled(questions, None) == questions
    assert len(sampled(questions, 49)) == 49
