"""Examples from evaluation sets to fit on, and the questions of the halves to report on.

Which half a question is in is `bench/split.py`'s word. Nothing of a half to report on becomes an example, and
nothing that the judge is fitted on: a reader is surer of what it was fitted on than of anything else, and a
judge that saw it there would trust it too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from common import Document, Question, read_set
from fit.reader.examples import NEITHER, NO, YES, Example, Passage
from split import Half, half, low_byte

FITTED = ("hotpotqa_fit500", "musique_fit786")
"""The evaluation sets that are there to fit on: half of each for the reader, half for the judge."""
REPORTED = ("squad2_dev", "nq_qed_dev")
"""The sets whose other half the reader is scored on."""

_RANGES_MAX = 6
_STEP = re.compile(r"#(\d)")
_UNREADABLE = ">>"


def is_judges(question: Question) -> bool:
    """Whether a question of a set to fit on is the judge's: one in two, by a hash of its id."""
    return low_byte("judge:", question.id)


def read_fit_half(name: str) -> Iterator[Example]:
    """Yields the examples of the reader's half of a set to fit on; raises `common.MissingSetError`."""
    documents, questions = read_set(name)
    known = {document.id: document for document in documents}
    for question in questions:
        if half(name, question) != "fit" or is_judges(question):
            continue
        if len(question.gold) > 1:
            yield from _two_passages(name, question, known)
        else:
            yield from _one_passage(name, question, known)
        yield from _steps(name, question, known)


def read_report_half(name: str, part: Half = "report") -> list[tuple[Question, Document]]:
    """The questions to report on, each with the passage that it was written from; or those of the other half.

    By the other half a reader may be chosen, as long as it was not fitted on it.
    """
    documents, questions = read_set(name)
    known = {document.id: document for document in documents}
    asked = [each for each in questions if half(name, each) == part]
    return [(each, known[place]) for each in asked if (place := _place(each)) in known]


def occurrences(text: str, answers: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Where the answers stand in the text as whole words, the first answer's places first; at most six.

    >>> occurrences("In 1973 and 19731.", ("1973",))
    ((3, 7),)
    """
    found: dict[tuple[int, int], None] = {}
    for answer in answers:
        if not answer.strip():
            continue
        for match in re.finditer(rf"(?<!\w){re.escape(answer.strip())}(?!\w)", text):
            found[match.span()] = None
    return tuple(found)[:_RANGES_MAX]


def _place(question: Question) -> str:
    return next(iter(question.gold), "") or str(question.meta.get("near_passage", ""))


def _one_passage(name: str, question: Question, known: dict[str, Document]) -> Iterator[Example]:
    document = known.get(_place(question))
    if document is None:
        return
    ranges = occurrences(document.text, question.answers) if question.answerable else ()
    if question.answerable and not ranges:
        return
    yield Example(
        f"{name}:{question.id}",
        name,
        f"{name}:{question.passage or document.id}",
        question.text,
        (Passage(document.title, document.text, ranges),),
    )


def _two_passages(name: str, question: Question, known: dict[str, Document]) -> Iterator[Example]:
    gold = [known[each] for each in sorted(question.gold) if each in known]
    verdict = {"yes": YES, "no": NO}.get("|".join(question.answers), NEITHER)
    passages = [
        Passage(each.title, each.text, () if verdict != NEITHER else occurrences(each.text, question.answers))
        for each in gold
    ]
    # What holds the answer comes last, as in a chain: the bridge, then where it leads.
    passages.sort(key=lambda each: bool(each.answers))
    passages = passages[-2:]
    if len(passages) < 2 or (verdict == NEITHER and not passages[-1].answers):
        return
    if all(passage.answers for passage in passages):
        passages[0] = Passage(passages[0].title, passages[0].text, passages[0].answers[:2])
    offered = [known[each] for each in question.meta.get("candidates", ()) if each in known]
    others = tuple(
        Passage(each.title, each.text)
        for each in offered
        if each.id not in question.gold and not occurrences(each.text, question.answers)
    )
    yield Example(
        f"{name}:{question.id}",
        name,
        f"{name}:{question.id}",
        question.text,
        tuple(passages),
        verdict,
        others=others,
    )


def _steps(name: str, question: Question, known: dict[str, Document]) -> Iterator[Example]:
    """The steps that are questions in plain words, with earlier answers put where they are referred to."""
    steps = question.meta.get("steps", ())
    for number, step in enumerate(steps):
        document = known.get(step["gold"])
        if _UNREADABLE in step["question"] or document is None:
            continue
        ranges = occurrences(document.text, (str(step["answer"]),))
        if not ranges:
            continue
        asked = _STEP.sub(lambda match: str(steps[int(match[1]) - 1]["answer"]), step["question"])
        yield Example(
            f"{name}:{question.id}:{number}",
            name,
            f"{name}:{question.id}",
            asked.strip(),
            (Passage(document.title, document.text, ranges),),
        )
