"""An answer written in Markdown, and drawn as a Mermaid flowchart. Adds nothing to what the record holds.

What a text or a name holds is shown and never obeyed: whatever the two formats would take for their own is
escaped.
"""

from __future__ import annotations

import re

from sutra_core.ask.answer import Answer, AnswerStep, Citation

__all__ = ["as_markdown", "as_mermaid"]

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")
_LABEL_MAX = 120


def as_markdown(answer: Answer) -> str:
    """The answer as CommonMark."""
    lines = [f"## {_plain(answer.question)}", "", f"**{_plain(answer.text)}**", ""]
    lines += [f"- confidence {answer.confidence:.2f}"]
    if answer.kind in {"list", "count"}:
        lines.append("- as far as is known")
    if answer.read_as:
        lines.append("- read as: " + ", ".join(_plain(read) for _, read in answer.read_as))
    if answer.missing:
        lines.append("- not found: " + ", ".join(map(_plain, answer.missing)))
    if answer.citations:
        lines += ["", f"### {'Nearest evidence' if answer.kind == 'unknown' else 'Evidence'}", ""]
        lines += [_cited(number, each) for number, each in enumerate(answer.citations, 1)]
    if answer.reading and answer.kind != "unknown":
        read = answer.reading
        window = f"{read.window[: read.start]}«{read.window[read.start : read.end]}»{read.window[read.end :]}"
        shown = window if read.end else read.window
        lines += ["", "### Reading", "", f"> {_plain(shown)}", ""]
        lines.append(f"margin {read.score:.1f}, {read.agreeing} windows agree, {read.disagreeing} disagree")
    for number, path in enumerate(answer.paths, 1):
        lines += ["", f"### Path {number} ({path.score:.2f})", ""]
        lines += [f"{place}. {_stepped(step)}" for place, step in enumerate(path.steps, 1)]
    if answer.other_times:
        lines += ["", "### Other times", ""]
        lines += [
            f"- {'earlier' if each.earlier else 'later'}: {_plain(each.text)} ({_place(each.citation)})"
            for each in answer.other_times
        ]
    if answer.alternatives:
        lines += ["", "### Alternatives", ""]
        lines += [f"- {_plain(each.text)} ({each.confidence:.2f})" for each in answer.alternatives]
    if answer.without_best:
        left = answer.without_best
        lines += ["", f"Without {_plain(left.address)}: {_plain(left.text)} ({left.confidence:.2f})"]
    if asked_of := answer.asked_of():
        lines += ["", *(f"- {_plain(each)}" for each in asked_of)]
    lines += ["", f"Answer `{answer.id}`, transaction {answer.transaction}"]
    return "\n".join(lines) + "\n"


def as_mermaid(answer: Answer) -> str:
    """The answer as a flowchart: the question, its paths or its evidence, and the answer."""
    lines = ["flowchart TD", f"  question[{_label(answer.question)}]"]
    lines.append(f"  answer([{_label(f'{answer.text} ({answer.confidence:.2f})')}])")
    for number, path in enumerate(answer.paths, 1):
        before = "question"
        for place, step in enumerate(path.steps, 1):
            start, end = (step.object, step.subject) if step.inverse else (step.subject, step.object)
            if place == 1:
                before = f"p{number}n0"
                lines += [f"  {before}[{_label(start)}]", f"  question --> {before}"]
            here = f"p{number}n{place}"
            arrow = (
                f"{before} <--|{_label(step.relation)}| {here}"
                if step.inverse
                else (f"{before} -->|{_label(step.relation)}| {here}")
            )
            lines += [f"  {here}[{_label(end)}]", f"  {arrow}"]
            before = here
        lines.append(f"  {before} --> answer")
    for number, citation in enumerate(answer.citations, 1):
        lines += [
            f"  c{number}>{_label(citation.text)}]",
            f"  c{number} -.->|{_label(_where(citation))}| answer",
        ]
        if not answer.paths:
            lines.append(f"  question --> c{number}")
    return "\n".join(lines) + "\n"


def _cited(number: int, citation: Citation) -> str:
    title = f"**{_plain(citation.title)}**: " if citation.title else ""
    return f"{number}. {title}{_plain(citation.text)} ({_place(citation)})"


def _place(citation: Citation) -> str:
    return f"{_plain(citation.address)}, bytes {citation.start} to {citation.end}"


def _where(citation: Citation) -> str:
    return f"{citation.address}, bytes {citation.start} to {citation.end}"


def _stepped(step: AnswerStep) -> str:
    return (
        f"{_plain(step.subject)} → *{_plain(step.relation)}* → {_plain(step.object)}, "
        f"by {_plain(step.evidence.text)} ({_place(step.evidence)})"
    )


def _plain(text: str) -> str:
    """A text on one line, with nothing in it that Markdown reads."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _label(text: str) -> str:
    """A text as a quoted label of Mermaid, shortened; what it would read is written by its number."""
    text = " ".join(text.split())
    text = text if len(text) <= _LABEL_MAX else text[: _LABEL_MAX - 1].rstrip() + "…"
    shown = "".join(each if each.isalnum() or each in " ,.:;…-()" else f"#{ord(each)};" for each in text)
    return f'"{shown}"'
