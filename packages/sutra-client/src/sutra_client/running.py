"""The service that has a folder open on this machine, found by the file that it writes there.

A file is believed only where its process lives and answers. Reads the folder, and writes nothing.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sutra_core.errors import ConfigError

if TYPE_CHECKING:
    import ssl

    from sutra_client.client import Client

__all__ = ["KEY_FILE", "PRESENCE_FILE", "RunningService", "running_service"]

PRESENCE_FILE = "service.json"
KEY_FILE = "admin.key"
_ASK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunningService:
    """Where a service of this machine can be reached; `certificate` is what it shows in TLS."""

    folder: Path
    url: str
    pid: int
    certificate: Path | None

    def client(self, namespace: str = "default") -> Client:
        """A client with the administrator's key. Raises `ConfigError` where the files cannot be read."""
        from sutra_client.client import Client

        path = self.folder / KEY_FILE
        try:
            key = path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            key = None  # the service asks for none
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"a service has {self.folder} open at {self.url}, and its key in {path} cannot be read: "
                f"{error}; run this as the user of the service"
            ) from error
        return Client(self.url, api_key=key, namespace=namespace, verify=self.trust(), folder=self.folder)

    def trust(self) -> ssl.SSLContext | bool:
        """How its certificate is checked: it has to be the one that its own file holds, whatever the name.

        The service is reached by an address of this machine, which certificates do not have.
        """
        import ssl

        if self.certificate is None:
            return True
        try:
            text = self.certificate.read_text(encoding="ascii")
            first, end = text.index(ssl.PEM_HEADER), text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.load_verify_locations(cadata=text[first:end])
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the service's certificate {self.certificate} cannot be read: {error}"
            ) from error
        return context


def running_service(folder: Path) -> RunningService | None:
    """The service that has this folder open, or None: no file, a dead process, or nobody who answers."""
    path = folder / PRESENCE_FILE
    try:
        told: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    values = cast("dict[str, Any]", told)
    url, pid, certificate = values.get("url"), values.get("pid"), values.get("certificate")
    if not isinstance(url, str) or not isinstance(pid, int) or not _lives(pid):
        return None
    found = RunningService(folder, url, pid, Path(certificate) if isinstance(certificate, str) else None)
    return found if _answers(found) else None


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


def _answers(service: RunningService) -> bool:
    """Whether what listens there says that it lives, as a service does."""
    import httpx2

    from sutra_client.settings import options

    try:
        with httpx2.Client(**options(service.url, None, _ASK_SECONDS, service.trust())) as client:
            told: object = client.get("/healthz").json()
    except (httpx2.HTTPError, ValueError, ConfigError):
        return False
    return told == {"status": "alive"}
