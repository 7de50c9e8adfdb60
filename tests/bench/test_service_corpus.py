"""The texts and questions of the load: none of them twice."""

from __future__ import annotations

from itertools import islice

from service.corpus import questions, short_texts, texts


def test_no_text_comes_twice() -> None:
    for drafts in (texts, short_texts):
        found = list(islice(drafts(0), 2000))
        assert len({draft.address for draft in found}) == len({draft.text for draft in found}) == 2000
        assert next(drafts(1999)) == found[1999]


def test_no_question_is_asked_twice() -> None:
    for known in (7, 455, 7927):
        found = list(questions(known))
        assert len(found) > 7 * known
        assert len(set(found)) == len(found)


def test_questions_go_on_after_those_that_were_asked() -> None:
    assert list(questions(50, 30)) == list(questions(50))[30:]
