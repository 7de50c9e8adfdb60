"""The service of a folder: found where there is one, not believed where a file was left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from certificates import make_certificate
from serving_process import ServiceProcess

from sutra_api.keys import ADMIN_FILE
from sutra_api.presence import PRESENCE_FILE
from sutra_client import Client, ServiceUnavailableError, connect, running
from sutra_client.running import running_service
from sutra_core import ReasoningEngine
from sutra_core.errors import ConfigError, InvalidValueError


def test_service_and_client_mean_the_same_files() -> None:
    assert (running.PRESENCE_FILE, running.KEY_FILE) == (PRESENCE_FILE, ADMIN_FILE)


def test_a_running_service_is_found_and_opened_with_its_key(service: ServiceProcess) -> None:
    found = running_service(service.folder)
    assert found is not None
    assert (found.url, found.pid, found.certificate) == (service.url, service.process.pid, None)
    with found.client() as client:
        assert client.stats().storage_path == service.folder


def test_what_was_left_by_a_killed_service_is_not_believed(folder: Path) -> None:
    service = ServiceProcess(folder / "knowledge").ready()
    assert running_service(service.folder) is not None
    service.end(signal.SIGKILL)
    assert (service.folder / PRESENCE_FILE).exists()
    assert running_service(service.folder) is None
    with connect(service.folder) as engine:
        assert isinstance(engine, ReasoningEngine)


def _dead() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait(30)
    return child.pid


FALSE: dict[str, Any] = {
    "no JSON": "{",
    "no object": "[]",
    "nothing": "{}",
    "no number": {"pid": "1"},
    "no process": {"pid": 0},
    "no such process": {"pid": 2**70},
    "nobody listens": {"url": "http://127.0.0.1:1"},
    "no address": {"url": "knowledge"},
    "no certificate": {"certificate": "nowhere.pem", "url": "https://127.0.0.1:1"},
}


@pytest.mark.parametrize("told", FALSE.values(), ids=FALSE)
def test_a_file_that_does_not_hold_is_not_believed(service: ServiceProcess, folder: Path, told: Any) -> None:
    good = {"url": service.url, "pid": os.getpid(), "certificate": None}
    path = folder / PRESENCE_FILE
    path.write_text(json.dumps(good))
    assert running_service(folder) is not None
    path.write_text(told if isinstance(told, str) else json.dumps(good | told))
    assert running_service(folder) is None


def test_a_file_of_a_process_that_has_ended_is_not_believed(service: ServiceProcess, folder: Path) -> None:
    (folder / PRESENCE_FILE).write_text(json.dumps({"url": service.url, "pid": _dead()}))
    assert running_service(folder) is None


def test_no_file_is_no_service(folder: Path) -> None:
    assert running_service(folder) is None
    assert running_service(folder / "nowhere") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_key_that_cannot_be_read_is_told(service: ServiceProcess, folder: Path) -> None:
    (folder / PRESENCE_FILE).write_text(json.dumps({"url": service.url, "pid": os.getpid()}))
    (folder / ADMIN_FILE).touch(mode=0)
    found = running_service(folder)
    assert found is not None
    with pytest.raises(ConfigError, match="cannot be read"):
        found.client()


def test_connect_takes_a_folder_or_an_address(service: ServiceProcess, folder: Path) -> None:
    with connect(service.folder) as found, connect(service.url, api_key=service.key) as given:
        assert isinstance(found, Client) and isinstance(given, Client)
        assert found.stats().store == given.stats().store
    with connect(str(folder / "own")) as engine:
        assert isinstance(engine, ReasoningEngine)
        assert engine.config.storage_path == folder / "own"
    with pytest.raises(InvalidValueError, match="is a folder"):
        connect(folder, api_key="sutra_x_y")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_tls_is_checked_against_the_services_own_certificate(folder: Path) -> None:
    shown, key = make_certificate(folder, "example.org")
    other, _ = make_certificate(folder, "other.example.org")
    service = ServiceProcess(
        folder / "knowledge", API_TLS_CERTIFICATE=str(shown), API_TLS_PRIVATE_KEY=str(key)
    ).ready()
    try:
        found = running_service(service.folder)
        assert found is not None and found.certificate == shown
        with found.client() as client:
            assert client.stats().store.sources == 0
        with (
            Client(service.url, api_key=service.key, retries=0) as client,
            pytest.raises(ServiceUnavailableError, match="certificate"),
        ):
            client.stats()
        path = service.folder / PRESENCE_FILE
        path.write_text(json.dumps(json.loads(path.read_text()) | {"certificate": str(other)}))
        assert running_service(service.folder) is None
    finally:
        service.end()
