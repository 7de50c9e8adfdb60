"""The phases of the load: each drives the service in its own way, prints a table and returns its figures."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import uvloop
from common import print_table
from service.bare import Bare, apart, ask, embed
from service.client import Figures, Request, connected, drive, offer
from service.corpus import Drafts, queries, questions, short_texts, texts
from service.program import Program

from sutra_core.types import SourceDraft

__all__ = ["PHASES", "Load", "facts", "idle", "learn", "mixed", "reason", "repeated", "search"]

CLIENTS = 100
THREADS = 2
"""Of the bare engine."""
REPEATED = 50
SETTLED_SECONDS = 3.0
LEARNED_SHARE = 10
"""One request in so many learns, in the mixed load."""
MIXED_FIRST = 10_000_000
"""The number of the first text that the mixed load learns: beyond those of the other phases."""
OFFERED = 0.6
"""The mixed load, as a share of the capacity."""
PHASES = ("idle", "reason", "repeated", "search", "learn", "facts", "mixed")


@dataclass(slots=True)
class Load:
    """What the phases work with. `known` texts are in the store; `seconds` bound a phase."""

    known: int
    seconds: float
    minutes: float
    connections: int
    copy: Path
    """Another copy of the store, for the bare engine."""
    capacity: float = 0.0
    """Questions a second."""
    asked: int = 0
    """How many of the questions were asked."""

    def questions(self, count: int) -> Iterator[str]:
        """So many questions that were not asked before."""
        self.asked += count
        return islice(questions(self.known, self.asked - count), count)


def idle(_: Load, program: Program) -> dict[str, Any]:
    """Memory before the first request, and how long the start took."""
    time.sleep(SETTLED_SECONDS)
    found = {
        "start_seconds": round(program.seconds, 2),
        "rss_mb": round(program.memory(), 1),
        "rss_anonymous_mb": round(program.memory("RssAnon"), 1),
    }
    print_table("idle, embedder and reader open", ["", ""], [[name, value] for name, value in found.items()])
    return found


def reason(load: Load, program: Program) -> dict[str, Any]:
    """Questions, none of them twice, beside the bare engine on the same questions."""

    def bare(skip: int) -> Bare:
        return apart(ask, load.copy, load.known, skip, load.seconds / 2, THREADS)

    asked = (_question(each) for each in questions(load.known))
    figures, told = _compared(load, program, f"questions, {CLIENTS} clients", asked, bare)
    load.capacity, load.asked = figures.rate, figures.sent
    told["p95_by_mean"] = round(figures.milliseconds(95) / (figures.milliseconds_mean or 1), 2)
    print(f"p95 is {told['p95_by_mean']:.2f} times the mean")
    return told


def repeated(load: Load, program: Program) -> dict[str, Any]:
    """A few questions again and again: their answers are kept."""
    asked = cycle([_question(each) for each in load.questions(REPEATED)])
    _driven(load, program, asked, seconds=0.0)
    return _simple(load, program, f"repeated questions, {CLIENTS} clients", asked)


def search(load: Load, program: Program) -> dict[str, Any]:
    """Searches by words."""
    asked = (Request("/v1/search", {"query": each, "mode": "words"}) for each in queries(load.known))
    return _simple(load, program, f"searches by words, {CLIENTS} clients", asked)


def learn(load: Load, program: Program) -> dict[str, Any]:
    """Single texts, each acknowledged when it is durable, beside the bare embedder on such texts."""
    return _learning(load, program, texts)


def facts(load: Load, program: Program) -> dict[str, Any]:
    """The same with the shortest of texts."""
    return _learning(load, program, short_texts)


def mixed(load: Load, program: Program) -> dict[str, Any]:
    """Nine questions to one text, over many connections, at a share of the capacity; with its memory."""
    assert load.capacity, "the mixed load needs the capacity: run the phase reason, or give --capacity"
    rate = OFFERED * load.capacity
    memory: list[float] = []
    asked, learned = questions(load.known, load.asked), map(_learned, short_texts(MIXED_FIRST))

    def requests() -> Iterator[Request]:
        for number, question in enumerate(asked):
            yield next(learned) if number % LEARNED_SHARE == LEARNED_SHARE - 1 else _question(question)

    before = program.memory()
    figures = uvloop.run(
        offer(
            program.url,
            program.token,
            load.connections,
            rate,
            60 * load.minutes,
            requests(),
            lambda: memory.append(round(program.memory(), 1)),
        )
    )
    memory.append(round(program.memory(), 1))
    missing = _missing(program, figures)
    _table(
        f"mixed, {load.connections} connections, {rate:.1f} requests/s offered", [_row("service", figures)]
    )
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(figures.statuses.items()))
    print(f"statuses {counts}; memory {before:.0f} MB before, {memory[0]:.0f} MB after a minute, ", end="")
    print(
        f"{memory[-1]:.0f} MB at the end; acknowledged {len(figures.acknowledged)}, missing {missing}; ",
        end="",
    )
    print(f"connections opened {figures.opened}")
    return figures.told() | {
        "connections_opened": figures.opened,
        "offered": round(rate, 2),
        "rss_mb": [round(before, 1), *memory],
        "acknowledged": len(figures.acknowledged),
        "missing": missing,
    }


def _question(text: str) -> Request:
    return Request("/v1/reason", {"question": text})


def _learned(draft: SourceDraft) -> Request:
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    body = {"text": draft.text, "source": draft.address, "title": draft.title}
    return Request("/v1/learn", body, f"{draft.address} {digest}")


def _learning(load: Load, program: Program, drafts: Drafts) -> dict[str, Any]:
    first = load.known if drafts is texts else 0

    def bare(skip: int) -> Bare:
        return apart(embed, drafts, first + skip, load.seconds / 2)

    words = sum(len(draft.text.split()) for draft in islice(drafts(first), 100)) / 100
    title = f"single texts of {words:.0f} words, {CLIENTS} clients"
    figures, told = _compared(load, program, title, map(_learned, drafts(first)), bare)
    told["missing"] = _missing(program, figures)
    print(f"acknowledged {len(figures.acknowledged)}, missing {told['missing']}")
    return told


def _simple(load: Load, program: Program, title: str, requests: Iterator[Request]) -> dict[str, Any]:
    figures, processor = _driven(load, program, requests)
    _table(title, [_row("service", figures, processor)])
    return figures.told() | {"processor_ms": processor}


def _compared(
    load: Load,
    program: Program,
    title: str,
    requests: Iterator[Request],
    bare: Callable[[int], Bare],
) -> tuple[Figures, dict[str, Any]]:
    """The service between two halves of what works without it, lest a machine that slows down counts."""
    first = bare(0)
    figures, processor = _driven(load, program, requests)
    whole = first + bare(first.done)
    _table(
        title, [_row("service", figures, processor), ["without it", whole.rate, *"-----", whole.processor_ms]]
    )
    share = figures.rate / whole.rate
    share_of_processor = whole.processor_ms / processor
    print(f"the service does {100 * share:.0f} % of what is done without it, ", end="")
    print(f"{100 * share_of_processor:.0f} % by the processor's time; ", end="")
    return figures, figures.told() | {
        "processor_ms": processor,
        "share_of_bare": round(share, 3),
        "share_of_bare_by_processor": round(share_of_processor, 3),
        "bare_per_second": round(whole.rate, 2),
        "bare_processor_ms": round(whole.processor_ms, 2),
    }


def _driven(
    load: Load, program: Program, requests: Iterator[Request], seconds: float | None = None
) -> tuple[Figures, float]:
    """The figures, and how many milliseconds of processor time the service took for a request."""
    used = program.processor_seconds()
    figures = uvloop.run(
        drive(program.url, program.token, CLIENTS, load.seconds if seconds is None else seconds, requests)
    )
    return figures, round(1000 * (program.processor_seconds() - used) / figures.sent, 2)


def _missing(program: Program, figures: Figures) -> int:
    """How many of the texts that were acknowledged are not there, to the byte."""
    return len(set(figures.acknowledged) - uvloop.run(_kept(program)))


async def _kept(program: Program) -> set[str]:
    kept: set[str] = set()
    cursor = ""
    async with connected(program.url, program.token) as connection:
        while True:
            status, body = await connection.send(Request(f"/v1/sources?limit=1000{cursor}"))
            assert status == 200, body
            page = json.loads(body)
            kept.update(f"{each['address']} {each['sha256']}" for each in page["items"])
            if page["cursor"] is None:
                return kept
            cursor = f"&cursor={page['cursor']}"


def _row(name: str, figures: Figures, processor: float | str = "-") -> list[object]:
    return [
        name,
        figures.rate,
        figures.errors,
        figures.busy,
        figures.milliseconds_mean,
        figures.milliseconds(50),
        figures.milliseconds(95),
        processor,
    ]


def _table(title: str, rows: list[list[object]]) -> None:
    print_table(
        title, ["", "a second", "errors", "busy (503)", "mean ms", "p50 ms", "p95 ms", "processor ms"], rows
    )
