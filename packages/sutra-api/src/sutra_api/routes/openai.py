"""`POST chat/completions`, `POST embeddings`, `GET models`: for clients written for OpenAI's API.

No language model: the user's last message is asked as a question, and the answer is what a source says. Its
citations and confidence come as the field `sutra`.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import ASKING, LOOKING
from sutra_api.schemas.asking import Citation
from sutra_api.schemas.openai import (
    CHAT_MODEL,
    ChatRequest,
    Choice,
    Completion,
    Embedding,
    Embeddings,
    EmbeddingsRequest,
    EmbeddingsUsage,
    Model,
    Models,
    Said,
    Told,
    Usage,
)
from sutra_core import ReasoningEngine
from sutra_core.ask import Answer
from sutra_core.embed import PassageText
from sutra_core.errors import InvalidValueError, SutraError
from sutra_core.types import Floats

__all__ = ["router"]

router = APIRouter(tags=["openai"])
_Namespace = Annotated[str, Depends(namespace_of)]


class UnknownModelError(SutraError, LookupError):
    """No model has this name."""

    code = "unknown_model"


@router.post(
    "/chat/completions",
    dependencies=[Depends(Needs("read", counted="reason"))],
    response_model=Completion,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def complete_chat(request: Request, body: ChatRequest, namespace: _Namespace) -> Response:
    """Answers the user's last message, or refuses in plain words; as one document or as a stream."""
    if body.model != CHAT_MODEL:
        raise _unknown(body.model)
    question = next((each.text for each in reversed(body.messages) if each.role == "user"), "")
    answer = await service_of(request).work(ASKING, namespace, lambda engine: engine.ask(question))
    completion = _completion(answer)
    if body.stream:
        usage = body.stream_options is not None and body.stream_options.include_usage
        return StreamingResponse(_chunks(completion, usage=usage), media_type="text/event-stream")
    return Response(completion.model_dump_json(), media_type="application/json")


@router.post("/embeddings", dependencies=[Depends(Needs("read", counted="search"))])
async def embed(request: Request, body: EmbeddingsRequest, namespace: _Namespace) -> Embeddings:
    """The vectors of texts, by the namespace's own embedder."""
    texts = [body.input] if isinstance(body.input, str) else body.input

    def work(engine: ReasoningEngine) -> tuple[str, Floats]:
        name = engine.embedder_name
        if body.model not in {"", name}:
            raise _unknown(body.model)
        if body.dimensions not in {None, engine.embedder.dimension}:
            raise InvalidValueError(
                f"dimensions is {body.dimensions}; allowed: {engine.embedder.dimension}, the embedder's"
            )
        # Not as questions, which some embedders embed in another way than what they are to be found by.
        vectors, _ = engine.embedder.encode_passages([PassageText("", text) for text in texts])
        return name, vectors

    name, vectors = await service_of(request).work(ASKING, namespace, work)
    words = sum(len(text.split()) for text in texts)
    return Embeddings(
        data=[
            Embedding(index=at, embedding=_written(vector, body.encoding_format))
            for at, vector in enumerate(vectors)
        ],
        model=name,
        usage=EmbeddingsUsage(prompt_tokens=words, total_tokens=words),
    )


@router.get("/models", dependencies=[Depends(Needs("read"))])
async def list_models(request: Request, namespace: _Namespace) -> Models:
    """What can be asked, and what embeds."""
    return Models(data=[Model(id=name) for name in await _names(request, namespace)])


@router.get("/models/{model:path}", dependencies=[Depends(Needs("read"))])
async def get_model(
    request: Request,
    model: Annotated[str, Path(max_length=200, examples=[CHAT_MODEL])],
    namespace: _Namespace,
) -> Model:
    """One of them."""
    if model not in await _names(request, namespace):
        raise _unknown(model)
    return Model(id=model)


async def _names(request: Request, namespace: str) -> tuple[str, str]:
    service = service_of(request)
    return CHAT_MODEL, await service.work(LOOKING, namespace, lambda engine: engine.embedder_name)


def _unknown(model: str) -> UnknownModelError:
    return UnknownModelError(f"there is no model {model!a}; GET /v1/models lists those that there are")


def _completion(answer: Answer) -> Completion:
    prompt, said = len(answer.question.split()), len(answer.text.split())
    return Completion(
        id=f"chatcmpl-{answer.id}",
        created=int(time.time()),
        model=CHAT_MODEL,
        choices=[Choice(message=Said(content=_in_words(answer)))],
        usage=Usage(prompt_tokens=prompt, completion_tokens=said, total_tokens=prompt + said),
        sutra=Told(
            answer=answer.id,
            kind=answer.kind,
            confidence=answer.confidence,
            citations=[Citation.model_validate(each) for each in answer.citations],
        ),
    )


def _in_words(answer: Answer) -> str:
    """The answer, or why there is none."""
    if answer.kind != "unknown":
        return answer.text
    missing = f" Nothing says anything of: {', '.join(answer.missing)}." if answer.missing else ""
    return f"{answer.text}: nothing that was learned answers this surely enough.{missing}"


def _chunks(completion: Completion, *, usage: bool) -> Iterator[bytes]:
    """The completion as the events of a stream: the role, the words, the end, and `[DONE]`."""
    whole = completion.model_dump(mode="json")
    base = {
        "id": whole["id"],
        "object": "chat.completion.chunk",
        "created": whole["created"],
        "model": whole["model"],
    }
    content = completion.choices[0].message.content
    for delta, reason in (
        ({"role": "assistant", "content": ""}, None),
        ({"content": content}, None),
        ({}, "stop"),
    ):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        more = {"sutra": whole["sutra"]} if reason else {}
        yield _event({**base, "choices": [choice], **more})
    if usage:
        yield _event({**base, "choices": [], "usage": whole["usage"]})
    yield format_sse_event(data_str="[DONE]")


def _event(chunk: dict[str, object]) -> bytes:
    return format_sse_event(data_str=json.dumps(chunk, ensure_ascii=False))


def _written(vector: Floats, form: str) -> list[float] | str:
    if form == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return [float(each) for each in np.asarray(vector, np.float32)]
