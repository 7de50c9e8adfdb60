"""ask, explain, search."""

from __future__ import annotations

import json
import re

from sutra_client.calls import Call, Place, Steps
from sutra_client.results import json_of, read
from sutra_client.sending import answered
from sutra_core.ask import Answer
from sutra_core.errors import UnknownAnswerError
from sutra_core.search import SearchHit
from sutra_core.types import SearchMode

__all__ = ["ask", "explain", "search"]

_ID = re.compile(r"[A-Za-z0-9]{1,100}")


def ask(
    place: Place, question: str, *, max_steps: int, num_paths: int, threshold: float | None
) -> Steps[Answer]:
    """The answer to a question."""
    body = {
        "question": question,
        "max_steps": max_steps,
        "num_paths": num_paths,
        "threshold": threshold,
    }
    response = yield from answered(place, Call("POST", place.path("reason"), body=body))
    return read(Answer, json_of(response))


def explain(place: Place, answer_id: str) -> Steps[Answer]:
    """An earlier answer as it was recorded."""
    if not _ID.fullmatch(answer_id):
        raise UnknownAnswerError(
            f"no answer is kept under {answer_id!a}; take the id that an answer came with"
        )
    call = Call("GET", place.path("answers", answer_id, "explain"), params={"format": "json"})
    response = yield from answered(place, call)
    return Answer.from_json(json.dumps(json_of(response)))


def search(place: Place, query: str, *, mode: SearchMode, k: int) -> Steps[list[SearchHit]]:
    """The best passages for a query."""
    body = {"query": query, "mode": mode, "k": k}
    response = yield from answered(place, Call("POST", place.path("search"), body=body))
    return read(list[SearchHit], json_of(response).get("hits"))
