"""`backup`: the service writes it, and both clients hear what was written."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from serving_process import ServiceProcess

from sutra_client import AsyncClient, Client, ServiceError
from sutra_core.backup import check
from sutra_core.backup.report import BackupReport


def test_the_service_backs_up_what_it_learned(tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path / "knowledge", BACKUP_URL=str(tmp_path / "kept")).ready()
    try:
        with Client(service.url, api_key=service.key) as client:
            client.learn("The Aln rises at Alham.")
            first = client.backup()
            assert first.added == first.transaction == 1 and first.bytes_written == first.bytes > 0

            async def asked() -> BackupReport:
                async with AsyncClient(service.url, api_key=service.key) as other:
                    return await other.backup(prune=True)

            expected = BackupReport(1, 0, (), first.segments, first.bytes, 0)
            assert asyncio.run(asked()) == expected
        assert check(tmp_path / "kept" / "default").clean
    finally:
        service.end()


def test_a_service_without_a_place_refuses(own: Client) -> None:
    with pytest.raises(ServiceError) as caught:
        own.backup()
    assert (caught.value.code, caught.value.status) == ("backups_off", 409)
