"""Sending a call until it is answered: which failures are tried again, and how long is waited between.

Waits grow by doubling, with jitter, so that many clients do not come back all at once; what the service says
(`Retry-After`) counts where it is longer. Both are bounded.
"""

from __future__ import annotations

import random

import httpx2

from sutra_client.calls import Call, Pause, Place, Steps
from sutra_client.errors import ServiceUnavailableError, code_of, error_of

__all__ = ["WAIT_SECONDS_MAX", "answered", "pause_before"]

WAIT_SECONDS_MAX = 60.0
"""The longest wait between two tries; a service that asks for more is not asked again."""

_FIRST_SECONDS = 0.25
_STATUSES = frozenset({429, 503, 504})
_LASTING = frozenset({"model_unavailable", "store_closed", "store_locked"})
"""Not now, and not in a minute."""
_UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def answered(place: Place, call: Call) -> Steps[httpx2.Response]:
    """The response to a call, which is no error.

    Raises `ServiceUnavailableError`, and what `error_of` makes of a problem.
    """
    tried = 0
    while True:
        told: float | None = None
        try:
            response = yield call
        except httpx2.TransportError as error:
            failure: Exception = ServiceUnavailableError(_said(error))
            failure.__cause__ = error
            again = call.repeatable or isinstance(error, _UNSENT)
            # An address that cannot be one, or a certificate that is not believed, will not do later either.
            again = again and not isinstance(error, httpx2.UnsupportedProtocol)
        else:
            assert response is not None, "a call is answered by a response"
            if response.is_success or response.status_code in call.expected:
                return response
            failure = error_of(response)
            again = _comes_back(call, response)
            told = _told_seconds(response)
        wait = pause_before(tried, told)
        if not again or tried >= place.retries or wait is None:
            raise failure
        tried += 1
        yield Pause(wait)


def pause_before(tried: int, told: float | None) -> float | None:
    """Seconds until the next try after `tried` earlier ones; None where the service asks for too many."""
    if told is not None and told > WAIT_SECONDS_MAX:
        return None
    grown = min(WAIT_SECONDS_MAX, _FIRST_SECONDS * 2.0**tried)
    jittered = grown * random.uniform(0.5, 1.0)  # noqa: S311  (keeps clients apart, and nothing secret)
    return max(jittered, told or 0.0)


def _comes_back(call: Call, response: httpx2.Response) -> bool:
    """Whether the same call may do later."""
    code = code_of(response)
    if response.status_code == 409:
        return code == "idempotency_key_in_use"
    if response.status_code == 504 and not call.repeatable:
        return False
    return response.status_code in _STATUSES and code not in _LASTING


def _told_seconds(response: httpx2.Response) -> float | None:
    """What `Retry-After` says in seconds; a date in it is not read."""
    told = response.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else None


def _said(error: httpx2.TransportError) -> str:
    """What happened, and to which address."""
    what = str(error) or type(error).__name__
    try:
        url = error.request.url
    except RuntimeError:
        return f"the service cannot be reached: {what}"
    return f"the service at {url.scheme}://{url.netloc.decode()} cannot be reached: {what}"
