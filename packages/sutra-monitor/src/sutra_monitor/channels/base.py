"""What every channel is, what an alert looks like in it, and where its secrets come from.

No secret is ever part of a message, a key or a label.
"""

from __future__ import annotations

import hashlib
import json
import socket
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sutra_core.errors import SutraError
from sutra_monitor.alerts import Alert

__all__ = ["Channel", "ChannelError", "digest", "read_secret", "subject", "told"]


class ChannelError(SutraError):
    """An alert could not be handed over."""

    code = "channel_failed"


class Channel(Protocol):
    """One place that alerts go to."""

    @property
    def key(self) -> str:
        """What the channel is known by between runs."""
        ...

    @property
    def label(self) -> str:
        """What it is called in the log."""
        ...

    def send(self, alert: Alert) -> None:
        """Hands one alert over. Raises `ChannelError`."""
        ...


def told(alert: Alert) -> str:
    """An alert as JSON, with times that people can read."""
    values = asdict(alert)
    for name in ("raised", "at"):
        values[name] = datetime.fromtimestamp(values[name], UTC).isoformat(timespec="seconds")
    return json.dumps({"service": "sutra", "host": socket.gethostname(), **values}, ensure_ascii=False)


def subject(alert: Alert) -> str:
    """An alert in one line."""
    level = "OK" if alert.status == "cleared" else alert.level.upper()
    return f"SUTRA {level}: {alert.name} {alert.status}"


def digest(*parts: str) -> str:
    """A short name for what may hold a secret."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def read_secret(path: str) -> str:
    """What a file holds, without the end of its line. Raises `ChannelError`."""
    try:
        secret = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ChannelError(f"{path} cannot be read: {reason}") from None
    if not secret or not secret.isprintable():
        raise ChannelError(f"{path} holds no secret of one line")
    return secret
