"""`POST purge`, `GET receipts`, `GET receipts/{transaction}`, `POST receipts/{transaction}/went`: what was
forgotten leaves the files, and what is known of it then.

Purging needs an administrator of the namespace, as forgetting does; receipts hold nothing of what went, and
auditors may look at them, too. A text that is asked about comes in a body, and is in no address or log.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.paging import Cursor, Limit, page, position
from sutra_api.schemas.base import Page
from sutra_api.schemas.forgetting import Purged, Receipt, ReceiptEntry, Went, WentText
from sutra_core import ReasoningEngine
from sutra_core.forgetting import unknown_receipt

__all__ = ["router"]

router = APIRouter(tags=["forget"])
_Transaction = Annotated[int, Path(ge=0, le=2**53 - 1, examples=[41])]
_Namespace = Annotated[str, Depends(namespace_of)]


@router.post("/purge", dependencies=[Depends(Needs("admin"))])
async def purge(request: Request, namespace: _Namespace) -> Purged:
    """Writes the files of the store anew, without anything that was forgotten. Questions are answered
    meanwhile, and what is learned waits.
    """
    purged = await service_of(request).change(namespace, lambda engine: engine.purge())
    return Purged(purged=purged)


@router.get("/receipts", dependencies=[Depends(Needs("audit"))])
async def list_receipts(
    request: Request, namespace: _Namespace, cursor: Cursor = None, limit: Limit = 100
) -> Page[ReceiptEntry]:
    """The transactions that forgot something, the oldest first."""
    start = position("receipts", cursor)

    def look(engine: ReasoningEngine) -> list[ReceiptEntry]:
        found = [number for number in engine.receipts() if number > start][: limit + 1]
        return [ReceiptEntry.model_validate(engine.receipt(number)) for number in found]

    entries = await service_of(request).work(LOOKING, namespace, look)
    return page("receipts", entries, limit, lambda entry: entry.transaction)


@router.get("/receipts/{transaction}", dependencies=[Depends(Needs("audit"))])
async def get_receipt(request: Request, transaction: _Transaction, namespace: _Namespace) -> Receipt:
    """The receipt of a transaction that forgot something."""
    service = service_of(request)
    found = await service.work(LOOKING, namespace, lambda engine: engine.receipt(transaction))
    if found is None:
        raise unknown_receipt(transaction)
    return Receipt.model_validate(found)


@router.post("/receipts/{transaction}/went", dependencies=[Depends(Needs("audit"))])
async def went(request: Request, transaction: _Transaction, asked: WentText, namespace: _Namespace) -> Went:
    """As what a text is among what a transaction forgot: a statement, a passage under its title, the name of
    an entity, the whole text of a source. It is compared as it is given, and without white space at its ends.
    """

    def look(engine: ReasoningEngine) -> Went:
        return Went.model_validate(engine.went(transaction, asked.text, title=asked.title))

    return await service_of(request).work(LOOKING, namespace, look)
