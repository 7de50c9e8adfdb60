"""`POST learn`, `learn/batch`, `learn/files`: texts that the next question finds; files in the background."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel

from sutra_api import learning as learned
from sutra_api.access import Caller, Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.jobs import Jobs
from sutra_api.once import IdempotencyKey
from sutra_api.problems import problem
from sutra_api.schemas.jobs import Job
from sutra_api.schemas.learning import Batch, BatchLearned, Refused, SourceRef, Text, TextLearned
from sutra_api.uploads import lay_out
from sutra_core.errors import InvalidValueError
from sutra_core.learn.adapters import FieldMap
from sutra_core.types import Wait

__all__ = ["router"]

router = APIRouter(tags=["learn"])
_Namespace = Annotated[str, Depends(namespace_of)]
_FORMAT = "The format of all of them, `json-lines` or `csv`; recognised where it is left out."
_MAP = "Which fields of a record are what: `text=body,title=headline,key=id,time=date`."
_TEMPLATE = "What the text of a record is made of: `{name} lives in {town}.`"
_Wait = Annotated[
    Wait,
    Query(
        description="What is waited for: `durable` (found by words and by the graph, while vectors come in "
        "the background), or `indexed` (found by meaning, too)."
    ),
]
_Writer = Annotated[Caller, Depends(Needs("write", counted="learn"))]


@router.post(
    "/learn",
    status_code=201,
    response_model=TextLearned,
    responses={200: {"model": TextLearned, "description": "It was known already."}},
)
async def learn(
    request: Request,
    body: Text,
    namespace: _Namespace,
    caller: _Writer,
    wait: _Wait = "indexed",
    key: IdempotencyKey = None,
) -> Response:
    """Learns one text. 201 when it has what it waits for, 200 when it was known already, to the byte."""
    service = service_of(request)

    async def work() -> Response:
        (found,) = await service.learning.learn(namespace, [_draft(body)], wait)
        if refusal := found.refusal:
            return problem(request, 422, refusal.code, f"the text was not learned: {refusal.reason}")
        known = all(each.known for each in found.sources)
        return _json(_told(found), 200 if known else 201)

    return await service.once.answer(request, caller.client, key, work)


@router.post("/learn/batch", status_code=201, response_model=BatchLearned)
async def learn_batch(
    request: Request,
    body: Batch,
    namespace: _Namespace,
    caller: _Writer,
    wait: _Wait = "indexed",
    key: IdempotencyKey = None,
) -> Response:
    """Learns up to 1,000 texts. What cannot be learned is told in its place; the others are learned."""
    service = service_of(request)

    async def work() -> Response:
        found = await service.learning.learn(namespace, [_draft(text) for text in body.texts], wait)
        refused = sum(each.refusal is not None for each in found)
        known = sum(each.refusal is None and all(one.known for one in each.sources) for each in found)
        told = BatchLearned(
            learned=len(found) - refused - known,
            known=known,
            refused=refused,
            retired=sum(one.retired for each in found for one in each.sources),
            texts=[_told(each) for each in found],
        )
        return _json(told, 201)

    return await service.once.answer(request, caller.client, key, work)


@router.post("/learn/files", status_code=202, response_model=Job)
async def learn_files(
    request: Request,
    namespace: _Namespace,
    caller: _Writer,
    files: Annotated[
        list[UploadFile], File(min_length=1, description="Files of any format; paths are kept.")
    ],
    prefix: Annotated[str, Form(max_length=200)] = "upload",
    format_name: Annotated[str, Query(alias="format", max_length=100, description=_FORMAT)] = "",
    mapping: Annotated[str, Query(alias="map", max_length=1000, description=_MAP)] = "",
    template: Annotated[str, Query(max_length=1000, description=_TEMPLATE)] = "",
    wait: _Wait = "indexed",
    key: IdempotencyKey = None,
) -> Response:
    """Learns files in the background; 202 with the job, once the files are kept.

    `prefix` begins the addresses of their sources: `upload/notes.md`. The job is done when it has what it is
    to `wait` for; `indexed` of it tells when all has its vectors.
    """
    service = service_of(request)
    if not prefix.isprintable():
        raise InvalidValueError("the prefix holds what is no printable character")
    fields = FieldMap.parse(mapping, template)
    folder, digest = await service.gate.run_at_once(LOOKING, lambda: _kept(service.jobs, files))
    added = False

    async def work() -> Response:
        nonlocal added
        await service.gate.run(LOOKING, lambda: service.namespaces.check(namespace))
        job = await service.gate.run(
            LOOKING, lambda: service.jobs.add(namespace, folder, prefix, format_name, fields, wait=wait)
        )
        added = True
        return _json(Job.of(job), 202)

    said = "\0".join((prefix, format_name, mapping, template, wait)).encode()
    try:
        return await service.once.answer(request, caller.client, key, work, digest + said)
    finally:
        if not added:
            await service.gate.run_at_once(LOOKING, lambda: shutil.rmtree(folder))


def _kept(jobs: Jobs, files: Sequence[UploadFile]) -> tuple[Path, bytes]:
    """A new folder with the files, and their digest."""
    folder = jobs.new_folder()
    try:
        return folder, lay_out(folder, [(each.filename, each.file) for each in files])
    except BaseException:
        shutil.rmtree(folder)
        raise


def _json(told: BaseModel, status: int) -> Response:
    return Response(told.model_dump_json(), status, media_type="application/json")


def _draft(text: Text) -> learned.SourceDraft:
    digest = hashlib.sha256(text.text.encode(errors="surrogatepass")).hexdigest()
    return text.draft(f"text:{digest[:16]}")


def _told(found: learned.TextLearned) -> TextLearned:
    refusal = found.refusal
    return TextLearned(
        sources=[SourceRef.model_validate(each) for each in found.sources],
        refused=Refused(code=refusal.code, reason=refusal.reason) if refusal else None,
    )
