"""What a caller is told when something goes wrong: `application/problem+json` (RFC 9457) with a stable code.

Every error of Sutra has one status here; what has none is a bug, and is told as one, without its details.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from sutra_api.limits import RateLimitedError
from sutra_core.errors import SutraError

__all__ = [
    "PROBLEM_TYPE",
    "STATUS",
    "AccessError",
    "ForbiddenError",
    "install_problems",
    "problem",
    "problem_of",
]

PROBLEM_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

STATUS: Mapping[str, int] = {
    "unauthenticated": 401,
    "forbidden": 403,
    "backup_missing": 404,
    "unknown_answer": 404,
    "unknown_concept": 404,
    "unknown_job": 404,
    "unknown_key": 404,
    "unknown_model": 404,
    "unknown_namespace": 404,
    "unknown_receipt": 404,
    "unknown_source": 404,
    "backup_conflict": 409,
    "backups_off": 409,
    "embedder_mismatch": 409,
    "history_mismatch": 409,
    "idempotency_key_in_use": 409,
    "job_conflict": 409,
    "namespace_exists": 409,
    "namespace_busy": 409,
    "read_only": 409,
    "reembed_under_way": 409,
    "store_follows": 409,
    "answer_erased": 410,
    "body_too_large": 413,
    "unknown_format": 415,
    "embedder_failed": 422,
    "empty_text": 422,
    "idempotency_key_mismatch": 422,
    "invalid_batch": 422,
    "invalid_file_name": 422,
    "invalid_text": 422,
    "invalid_value": 422,
    "unembeddable_text": 422,
    "unreadable": 422,
    "rate_limited": 429,
    "io_error": 503,
    "model_unavailable": 503,
    "store_closed": 503,
    "store_locked": 503,
    "too_busy": 503,
    "timeout": 504,
    "disk_full": 507,
    "no_space": 507,
}
"""The status of each code; 500 of those that are not here."""

_TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Who are you?",
    403: "Not for this key",
    404: "Not found",
    405: "Not this method",
    406: "Not in this form",
    408: "The request did not come to its end",
    409: "Not as things are",
    410: "Gone",
    413: "Too large",
    415: "Not this type of content",
    422: "Not allowed",
    429: "Too many requests",
    500: "A fault of the service",
    503: "Not now",
    504: "Took too long",
    507: "The disk is full",
}
_RETRY_SECONDS = 1


class AccessError(SutraError):
    """The caller has shown no key, or none that is valid."""

    code = "unauthenticated"


class ForbiddenError(SutraError):
    """The caller's key is not for this."""

    code = "forbidden"


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, object]] | None = None,
) -> JSONResponse:
    """The response that tells of a problem."""
    request.scope["problem"] = code
    content: dict[str, object] = {
        "type": f"urn:sutra:problem:{code}",
        "title": _TITLES.get(status, "A problem"),
        "status": status,
        "detail": _printable(detail),
        "code": code,
        "request_id": request.scope.get("request_id", ""),
    }
    if errors:
        content["errors"] = errors
    return JSONResponse(content, status, dict(headers or {}), PROBLEM_TYPE)


def install_problems(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(SutraError, problem_of)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _of_bug)


def problem_of(request: Request, error: Exception) -> JSONResponse:
    """The problem that an error of Sutra is."""
    raised = cast("SutraError", error)
    status = STATUS.get(raised.code, 500)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="sutra"'
    if isinstance(raised, RateLimitedError):
        headers |= {"Retry-After": str(raised.standing.reset), **raised.standing.headers()}
    elif status == 503:
        headers["Retry-After"] = str(_RETRY_SECONDS)
    if status == 500:
        _log.error("request %s: %s", request.scope.get("request_id"), raised, exc_info=raised)
    return problem(request, status, raised.code, str(raised), headers=headers)


def _of_request(request: Request, error: Exception) -> JSONResponse:
    """What of the request is not as the schema has it, each with its place; nothing of it is repeated."""
    raised = cast("RequestValidationError", error)
    found = [
        {"place": ".".join(str(part) for part in each["loc"]), "reason": str(each["msg"])}
        for each in cast("list[dict[str, Any]]", list(raised.errors()))
    ]
    unreadable = any(each["type"] == "json_invalid" for each in raised.errors())
    first = "; ".join(f"{each['place']}: {each['reason']}" for each in found[:3])
    errors: list[dict[str, object]] = [
        {key: _printable(value) for key, value in each.items()} for each in found[:100]
    ]
    if unreadable:
        return problem(request, 400, "invalid_json", first, errors=errors)
    return problem(request, 422, "invalid_request", first, errors=errors)


_HTTP_CODES: Mapping[int, str] = {
    400: "invalid_request",
    404: "unknown_route",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def _of_http(request: Request, error: Exception) -> JSONResponse:
    raised = cast("HTTPException", error)
    code = _HTTP_CODES.get(raised.status_code, "http_error")
    return problem(request, raised.status_code, code, str(raised.detail), headers=raised.headers)


def _of_bug(request: Request, error: Exception) -> JSONResponse:
    number = request.scope.get("request_id", "")
    _log.error("request %s failed", number, exc_info=error)
    detail = f"this is a fault of the service; its log tells more under the request {number}"
    return problem(request, 500, "internal_error", detail)


def _printable(text: str) -> str:
    """The text without halves of surrogate pairs, which no JSON can hold."""
    return text.encode(errors="backslashreplace").decode()
