"""How a client connects: its address, its key, its patience. Opens no connection."""

from __future__ import annotations

import ssl
from importlib.metadata import version
from typing import Any

import httpx2

from sutra_core.errors import InvalidValueError

__all__ = ["RETRIES", "TIMEOUT_SECONDS", "is_address", "options"]

TIMEOUT_SECONDS = 70.0
"""A little longer than the service itself works on a request, so that it is the one to say so."""
RETRIES = 4
_CONNECT_SECONDS = 10.0


def is_address(place: str) -> bool:
    """Whether this is a URL of a service, and no path of a folder."""
    return place.startswith(("http://", "https://"))


def options(url: str, api_key: str | None, timeout: float, verify: ssl.SSLContext | bool) -> dict[str, Any]:
    """What a client of httpx2 is made with. Raises `InvalidValueError` for what is no address or no key."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise InvalidValueError(f"the URL is {url!a}: {error}") from error
    if not is_address(url) or not parsed.host:
        raise InvalidValueError(f"the URL is {url!a}; give one such as https://sutra.example.org")
    headers = {"User-Agent": f"sutra-client/{version('sutra-client')}"}
    if api_key is not None:
        if not api_key.isascii() or not api_key.isprintable() or not api_key.strip():
            raise InvalidValueError("the key is empty, or holds what no key holds; give it as it was made")
        headers["Authorization"] = f"Bearer {api_key.strip()}"
    # A proxy of the environment is for other machines: what listens here is asked directly.
    local = parsed.host in {"localhost", "127.0.0.1", "::1"}
    return {
        "base_url": parsed,
        "headers": headers,
        "timeout": httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS)),
        "verify": verify,
        "trust_env": not local,
        "follow_redirects": False,
    }
