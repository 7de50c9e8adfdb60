"""`<storage>/service.json`: says to programs on this machine that a service has the folder open, and where.

It is there from when the service answers until it begins to end. After a crash it may stay: who reads it
asks the service before believing it. Holds no secret; only the owner may read it.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path

__all__ = ["PRESENCE_FILE", "Presence", "local_url"]

PRESENCE_FILE = "service.json"
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (what is listened on, told as one address)


def local_url(host: str, port: int, *, tls: bool) -> str:
    """The address by which a program on this machine reaches what listens there."""
    reached = _WILDCARDS.get(host, host)
    name = f"[{reached}]" if ":" in reached else reached
    return f"{'https' if tls else 'http'}://{name}:{port}"


class Presence:
    """The file of a service: written when it can be reached, removed when it ends.

    `certificate` is the file with what the service shows in TLS, for those who verify it on this machine.
    """

    def __init__(self, folder: Path, url: str, certificate: Path | None = None) -> None:
        self.path = folder / PRESENCE_FILE
        self._url = url
        self._certificate = certificate

    def write(self) -> None:
        """Writes the file; it is there whole or not at all."""
        now = datetime.now(timezone.utc)  # noqa: UP017  (one name with the rest of the service)
        content = {
            "url": self._url,
            "pid": os.getpid(),
            "started": now.isoformat(timespec="seconds"),
            "certificate": str(self._certificate.absolute()) if self._certificate else None,
        }
        written = self.path.with_suffix(".new")
        written.unlink(missing_ok=True)
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(content) + "\n")
        written.replace(self.path)

    def remove(self) -> None:
        """Removes the file; doing it twice does nothing."""
        self.path.unlink(missing_ok=True)
