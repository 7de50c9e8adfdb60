"""What the service refuses, as the exceptions that the engine raises for the same.

    SutraError
    ├── the error of sutra_core.errors with the problem's code
    ├── ServiceError              any other problem, with its code, its status and the request's id
    └── ServiceUnavailableError   nobody answers

Makes no request, and tries none again.
"""

from __future__ import annotations

from typing import Any, cast

import httpx2

from sutra_core import errors
from sutra_core.errors import InvalidValueError, SutraError

__all__ = ["ServiceError", "ServiceUnavailableError", "code_of", "error_for", "error_of"]


class ServiceUnavailableError(SutraError, ConnectionError):
    """The service cannot be reached, or went away in the middle of a request."""

    code = "service_unavailable"


class ServiceError(SutraError):
    """The service tells of a problem that the engine does not have.

    `code` is the problem's, the same in every release; `status` the response's; by `request_id` the service's
    log knows the request.
    """

    code = "service_error"

    def __init__(self, message: str, *, code: str, status: int, request_id: str = "") -> None:
        super().__init__(message)
        vars(self)["code"] = code  # its own, in the place of the class's
        self.status = status
        self.request_id = request_id


_BY_CODE: dict[str, type[SutraError]] = {
    kind.code: kind
    for kind in (cast("type[SutraError]", getattr(errors, name)) for name in errors.__all__)
    # Its three parts are not told one by one; and the root is no error of its own.
    if kind not in {errors.InvalidBatchError, SutraError}
} | {
    # What the engine refuses as a value, the service may refuse as a field, or as no JSON.
    "invalid_request": InvalidValueError,
    "invalid_json": InvalidValueError,
}


def error_of(response: httpx2.Response) -> SutraError:
    """The error that a response tells of, which has been read."""
    told = _problem(response)
    code = str(told.get("code", "http_error"))
    number = str(told.get("request_id", "")) or response.headers.get("x-request-id", "")
    message = str(told.get("detail", "")) or f"{response.url} answered {response.status_code}"
    error = error_for(code, message, response.status_code, number)
    if not isinstance(error, ServiceError):
        error.add_note(f"request {number} of the service at {response.url}")
    return error


def error_for(code: str, message: str, status: int, request_id: str = "") -> SutraError:
    """The error with this code, the engine's where it has one."""
    kind = _BY_CODE.get(code)
    if kind is None:
        return ServiceError(message, code=code, status=status, request_id=request_id)
    return kind(message)


def code_of(response: httpx2.Response) -> str:
    """The code of the problem that a response tells of; empty where it tells of none."""
    return str(_problem(response).get("code", ""))


def _problem(response: httpx2.Response) -> dict[str, Any]:
    if not response.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    try:
        told: object = response.json()
    except ValueError:
        return {}
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}
