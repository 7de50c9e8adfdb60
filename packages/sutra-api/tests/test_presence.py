"""How a service says where it is."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from sutra_api.presence import Presence, local_url


@pytest.mark.parametrize(
    ("host", "tls", "url"),
    [
        ("0.0.0.0", False, "http://127.0.0.1:8000"),
        ("::", False, "http://[::1]:8000"),
        ("127.0.0.1", True, "https://127.0.0.1:8000"),
        ("192.0.2.1", True, "https://192.0.2.1:8000"),
        ("2001:db8::1", False, "http://[2001:db8::1]:8000"),
    ],
)
def test_the_address_is_one_that_this_machine_reaches(host: str, tls: bool, url: str) -> None:
    assert local_url(host, 8000, tls=tls) == url


def test_the_file_takes_the_place_of_one_that_was_left(folder: Path) -> None:
    (folder / "service.json").write_text("left by a crash")
    (folder / "service.new").write_text("left by a crash")
    presence = Presence(folder, "https://127.0.0.1:1", Path("c.pem"))
    presence.write()
    told = json.loads(presence.path.read_text())
    assert (told["url"], told["pid"]) == ("https://127.0.0.1:1", os.getpid())
    assert told["certificate"] == str(folder / "c.pem")
    assert stat.S_IMODE(presence.path.stat().st_mode) == 0o600
    presence.remove()
    presence.remove()
    assert list(folder.iterdir()) == []
