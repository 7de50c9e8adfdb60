"""ask, explain, search."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypedDict, cast

import httpx2

from sutra_client.calls import Call, Place, Steps
from sutra_client.errors import error_for
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_client.verbs.narrowing import Narrowing
from sutra_core.ask import Answer
from sutra_core.errors import UnknownAnswerError
from sutra_core.search import SearchHit
from sutra_core.types import SearchMode

__all__ = ["How", "ask", "asking", "explain", "search", "told"]

_ID = re.compile(r"[A-Za-z0-9]{1,100}")


class How(TypedDict):
    """How a question is asked."""

    max_steps: int
    num_paths: int
    threshold: float | None


def ask(place: Place, question: str, narrowing: Narrowing, how: How) -> Steps[Answer]:
    """The answer to a question."""
    body = {"question": question, **how, **narrowing.body()}
    response = yield from answered(place, Call("POST", place.path("reason"), body=body))
    return read(Answer, json_of(response))


def asking(place: Place, question: str, narrowing: Narrowing, how: How) -> Call:
    """The call whose response tells each step as it is taken, and then the answer."""
    body = {"question": question, **how, **narrowing.body()}
    return Call("POST", place.path("reason", "stream"), body=body)


def told(event: httpx2.ServerSentEvent, on_step: Callable[[str], None]) -> Answer | None:
    """The answer that an event brings; of a step `on_step` is told, and None. Raises what a problem is."""
    found = cast("dict[str, Any]", event.json())
    if event.event == "answer":
        return read(Answer, found)
    if event.event == "problem":
        raise error_for(found["code"], found["detail"], found["status"], found["request_id"])
    on_step(str(found["step"]))
    return None


def explain(place: Place, answer_id: str) -> Steps[Answer]:
    """An earlier answer as it was recorded."""
    if not _ID.fullmatch(answer_id):
        raise UnknownAnswerError(
            f"no answer is kept under {answer_id!a}; take the id that an answer came with"
        )
    call = Call("GET", place.path("answers", answer_id, "explain"), params={"format": "json"})
    response = yield from answered(place, call)
    return Answer.from_json(json.dumps(json_of(response)))


def search(
    place: Place, query: str, narrowing: Narrowing, *, mode: SearchMode, k: int
) -> Steps[list[SearchHit]]:
    """The best passages for a query."""
    body = {"query": query, "mode": mode, "k": k, **narrowing.body()}
    response = yield from answered(place, Call("POST", place.path("search"), body=body))
    return read(list[SearchHit], json_of(response).get("hits"))
