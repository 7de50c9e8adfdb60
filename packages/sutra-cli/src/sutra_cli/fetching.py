"""What an address holds, fetched as a stream within bounds.

Only http and https, only where the caller allowed it, with no key and no cookie. The service never does this.
"""

from __future__ import annotations

import mimetypes
import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from urllib.parse import unquote

import httpx2

from sutra_cli.spool import Spooled, spooled
from sutra_core.errors import SutraError

__all__ = ["FETCH_BYTES", "FetchError", "FetchNotAllowedError", "fetched", "is_address"]

FETCH_BYTES = 64 << 20
"""The most bytes that are fetched, where the caller does not say."""

SECONDS_MAX = 30.0
REDIRECTS_MAX = 5

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.()+@-]")


class FetchNotAllowedError(SutraError):
    """An address was given, and fetching was not allowed."""

    code = "fetch_not_allowed"


class FetchError(SutraError, OSError):
    """An address could not be fetched, or holds more than may be."""

    code = "fetch_failed"


def is_address(text: str) -> bool:
    """Whether it is the address of something elsewhere, and no path.

    >>> is_address("https://sutra.example.org/rivers.html"), is_address("notes/rivers.html")
    (True, False)
    """
    return bool(_ADDRESS.match(text))


@contextmanager
def fetched(address: str, *, allowed: bool, bytes_max: int = FETCH_BYTES) -> Generator[Spooled]:
    """A file with what the address holds; its own address is that to which redirects led.

    Raises `FetchNotAllowedError`, `FetchError`, and `DiskFullError`.
    """
    if not allowed:
        raise FetchNotAllowedError(f"{address} would be fetched; allow that with --allow-fetch")
    until = time.monotonic() + SECONDS_MAX
    try:
        with (
            httpx2.Client(follow_redirects=False, timeout=SECONDS_MAX, trust_env=False) as client,
            _answered(client, address, until) as response,
        ):
            url = str(response.url.copy_with(fragment=None))
            with spooled(_file_name(response), _pieces(response, bytes_max, until)) as file:
                response.close()
                yield Spooled(file, url, url)
    except (httpx2.TransportError, httpx2.DecodingError) as error:
        raise FetchError(f"{address} cannot be fetched: {error or type(error).__name__}") from error


@contextmanager
def _answered(client: httpx2.Client, address: str, until: float) -> Generator[httpx2.Response]:
    """The answer at the end of all redirects."""
    seen: set[str] = set()
    for _ in range(REDIRECTS_MAX + 1):
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL as error:
            raise FetchError(f"{address!r} is no address: {error}") from error
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
            raise FetchError(f"{address!r} is not fetched; give one that begins with http:// or https://")
        if str(url) in seen:
            raise FetchError(f"{address} leads back to itself; nothing is there")
        seen.add(str(url))
        _check_time(address, until)
        with client.stream("GET", url) as response:
            if response.has_redirect_location:
                address = str(url.join(response.headers["location"]))
                continue
            if response.status_code != 200:
                raise FetchError(
                    f"{address} answered {response.status_code} {response.reason_phrase}".strip()
                )
            yield response
            return
    raise FetchError(f"more than {REDIRECTS_MAX} redirects lead on; the last one to {address}")


def _pieces(response: httpx2.Response, bytes_max: int, until: float) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > bytes_max:
            raise FetchError(
                f"{response.url} holds more than {bytes_max} bytes; allow more with --fetch-bytes"
            )
        _check_time(str(response.url), until)
        yield piece


def _check_time(address: str, until: float) -> None:
    if time.monotonic() > until:
        raise FetchError(f"{address} took more than {SECONDS_MAX:g} s; fetch it by other means")


def _file_name(response: httpx2.Response) -> str:
    """The last part of the address; its suffix is that of the type of its content where it has none."""
    last = PurePosixPath(unquote(response.url.path)).name
    name = _UNSAFE.sub("_", last).lstrip(".")[-100:] or "index"
    if PurePosixPath(name).suffix:
        return name
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return name + (mimetypes.guess_extension(kind) or "")
