"""`POST backups`: what a namespace did, written under the place that the service is configured with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from sutra_api.access import Needs, namespace_of, service_of
from sutra_api.gate import LOOKING
from sutra_api.schemas.backups import Backup, BackupRequest
from sutra_core.errors import SutraError

__all__ = ["router"]

router = APIRouter(tags=["operate"], dependencies=[Depends(Needs("admin"))])


class BackupsOffError(SutraError):
    """The service has no place for backups."""

    code = "backups_off"


@router.post("/backups")
async def back_up(
    request: Request, wanted: BackupRequest, namespace: Annotated[str, Depends(namespace_of)]
) -> Backup:
    """Writes what the namespace's backup lacks, and reads it back. Learning and asking go on meanwhile.

    One that takes longer than a request may goes on; ask again to hear of it.
    """
    service = service_of(request)
    root = service.config.backup_url
    if root is None:
        raise BackupsOffError("the service has no place for backups; set SUTRA_BACKUP_URL and start it again")
    place = f"{root}/{namespace}"
    report = await service.work(LOOKING, namespace, lambda engine: engine.backup(place, prune=wanted.prune))
    return Backup(
        transaction=report.transaction,
        added=report.added,
        rewritten=list(report.rewritten),
        segments=report.segments,
        bytes=report.bytes,
        bytes_written=report.bytes_written,
    )
