"""What a check found, told as why and what to do. Makes no check, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx2

from sutra_client import ServiceError, ServiceUnavailableError
from sutra_core.errors import SutraError

__all__ = [
    "LOG",
    "CheckFailedError",
    "CheckResult",
    "HiddenError",
    "Status",
    "action_for",
    "expect",
    "outcome",
    "said",
]

Status = Literal["ok", "failed", "skipped"]

_ACTIONS: dict[str, str] = {
    "disk_full": "make room on the disk of the storage folder",
    "forbidden": "give a key of the role admin for all namespaces, such as admin.key in the storage folder",
    "internal_error": "the service's log tells more under the id of the request",
    "model_unavailable": "run `sutra models fetch` as the user of the service, and start it again",
    "namespace_exists": "name another one, or leave --namespace out",
    "rate_limited": "wait a minute; SUTRA_RATE_LIMIT_LEARN and SUTRA_RATE_LIMIT_REASON are the limits",
    "service_unavailable": "look whether it runs, at its log, and at address, proxy and certificate",
    "timeout": "look what else it is doing (sutra_requests_waiting), and at SUTRA_API_SECONDS_MAX",
    "too_busy": "it has more to do than it can; try again when fewer requests wait",
    "unauthenticated": "give a valid key with --api-key-file; `sutra keys list` tells which there are",
    "unexpected_answer": "look whether the address is the service's, and what stands in front of it",
}
LOG = "look at the service's log"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: why it was not passed, and what to do. `seconds` is how long it took."""

    name: str
    status: Status
    seconds: float = 0.0
    message: str = ""
    action: str = ""


class CheckFailedError(SutraError):
    """A check was not passed."""

    code = "check_failed"

    def __init__(self, message: str, action: str = LOG) -> None:
        super().__init__(message)
        self.action = action


class HiddenError(SutraError):
    """What a check looks at is kept from here on purpose, so that it says nothing."""

    code = "hidden"


def outcome(check: Callable[[], None]) -> tuple[Status, str, str]:
    """How a check ended, why, and what to do."""
    try:
        check()
    except HiddenError as error:
        return "skipped", str(error), ""
    except CheckFailedError as error:
        return "failed", str(error), error.action
    except SutraError as error:
        return "failed", said(error), action_for(error.code)
    except httpx2.TransportError as error:
        code = ServiceUnavailableError.code
        return "failed", f"{code}: {str(error) or type(error).__name__}", action_for(code)
    except (LookupError, ValueError) as error:
        # What came is not what any release of the service answers.
        code = "unexpected_answer"
        return "failed", f"{code}: what came cannot be read ({type(error).__name__})", action_for(code)
    return "ok", "", ""


def expect(right: bool, message: str, code: str = "") -> None:
    """Raises `CheckFailedError` where something is not right; what to do follows from the code."""
    if not right:
        raise CheckFailedError(message, action_for(code))


def said(error: SutraError) -> str:
    """The code and the words of an error, with the id by which the log knows the request."""
    number = error.request_id if isinstance(error, ServiceError) else ""
    notes = [f"request {number}"] if number else getattr(error, "__notes__", [])
    return f"{error.code}: {error}" + "".join(f" ({note})" for note in notes)


def action_for(code: str) -> str:
    """What to do about an error with this code."""
    return _ACTIONS.get(code, LOG)
