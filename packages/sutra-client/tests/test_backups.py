"""`backup`: the service writes it, and both clients hear what was written."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from serving_process import ServiceProcess

from sutra_client import AsyncClient, Client, ServiceError
from sutra_client.verbs import backups
from sutra_core.backup import check
from sutra_core.backup.report import BackupReport
from sutra_core.errors import HistoryMismatchError


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
            assert [(job.kind, job.state) for job in client.jobs()] == [("backup", "done")] * 2
            assert [job.backup for job in client.jobs()] == [first, expected]
        assert check(tmp_path / "kept" / "default").clean
    finally:
        service.end()


def test_a_service_without_a_place_refuses(own: Client) -> None:
    with pytest.raises(ServiceError) as caught:
        own.backup()
    assert (caught.value.code, caught.value.status) == ("backups_off", 409)


def test_the_error_for_which_a_backup_fails_is_raised(tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path / "knowledge", BACKUP_URL=str(tmp_path / "kept")).ready()
    try:
        with Client(service.url, api_key=service.key, namespace="passing") as client:
            for again in (False, True):
                client.create_namespace("passing")
                client.learn("The Aln rises at Alham.")
                if again:
                    with pytest.raises(
                        HistoryMismatchError, match=r"the job \w+ failed: .* name a new place"
                    ):
                        client.backup()
                else:
                    client.backup()
                client.delete_namespace("passing")
    finally:
        service.end()


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_backup_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: bool) -> None:
    service = ServiceProcess(tmp_path / "knowledge", BACKUP_URL=str(tmp_path / "kept")).ready()
    get = backups.jobs.get

    def asked(place: Any, job_id: str) -> Any:
        """Nobody has told yet that it is done."""
        if interrupted:
            monkeypatch.setattr(backups.jobs, "get", get)
            raise KeyboardInterrupt
        job = yield from get(place, job_id)
        return dataclasses.replace(job, state="cancelled", backup=None)

    monkeypatch.setattr(backups.jobs, "get", asked)
    try:
        with Client(service.url, api_key=service.key) as client:
            client.learn("The Aln rises at Alham.")
            if interrupted:
                with pytest.raises(KeyboardInterrupt):
                    client.backup()
            else:
                with pytest.raises(ServiceError) as caught:
                    client.backup()
                assert caught.value.code == "job_cancelled"
            (job,) = client.jobs()
            assert job.kind == "backup" and job.state in {"done", "cancelled"}
    finally:
        service.end()
