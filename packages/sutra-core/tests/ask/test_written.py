"""Answers in Markdown and as flowcharts: all that they rest on, and nothing of it taken for mark-up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sutra_core.ask import Answer, answer_question, as_markdown, as_mermaid

QUESTION = "Where was Marta Kovač born?"


@pytest.fixture
def answer(facts, embedder) -> Answer:
    return answer_question(facts, embedder, QUESTION)


def test_markdown_has_the_answer_its_sources_and_its_paths(answer: Answer) -> None:
    shown = as_markdown(answer)
    assert f"**{answer.text}**" in shown and f"confidence {answer.confidence:.2f}" in shown
    assert "### Evidence" in shown and "### Path 1" in shown and "*born\\_in*" in shown
    assert f"bytes {answer.citations[0].start} to {answer.citations[0].end}" in shown
    assert answer.id in shown


def test_a_flowchart_leads_from_the_question_to_the_answer(answer: Answer) -> None:
    lines = as_mermaid(answer).splitlines()
    assert lines[0] == "flowchart TD"
    assert any("born#95;in" in line for line in lines)
    assert lines.count("  p1n1 --> answer") == 1


def test_what_is_not_known_shows_the_nearest_evidence(facts, embedder) -> None:
    unknown = answer_question(facts, embedder, QUESTION, threshold=1.0)
    assert "### Nearest evidence" in as_markdown(unknown)
    assert "question --> c1" in as_mermaid(replace(unknown, paths=()))


def test_nothing_of_a_text_is_taken_for_mark_up(answer: Answer) -> None:
    odd = replace(answer, text='a <b> [c](d) `e` *f* "g"\n# h | #59;')
    markdown, mermaid = as_markdown(odd), as_mermaid(odd)
    assert "\\<b\\> \\[c\\]\\(d\\) \\`e\\` \\*f\\*" in markdown and "\n# h" not in markdown
    assert "a #60;b#62;" in mermaid and '"g"' not in mermaid and "#35;59;" in mermaid
