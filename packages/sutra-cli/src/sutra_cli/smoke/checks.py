"""The checks of a live service, in the order in which they are made.

All that is learned goes into a namespace of the test's own, which is removed whatever happens; a namespace
that the test has not made is never removed. Prints nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import httpx2

from sutra_cli.smoke.outcome import (
    LOG,
    CheckFailedError,
    CheckResult,
    HiddenError,
    action_for,
    expect,
    outcome,
    said,
)
from sutra_client import Client, ServiceError
from sutra_client.errors import error_of
from sutra_client.settings import options
from sutra_core.errors import InvalidValueError, SutraError
from sutra_core.types import SourceDraft

if TYPE_CHECKING:
    from sutra_core.ask import Answer

__all__ = ["CHECKS", "SmokeTest"]

TEXT = "Priya Raman leads the Falcon project."
QUESTION = "Who leads the Falcon project?"
ANSWER = "Priya Raman"
SOURCE = "smoke/falcon.txt"
_TIMEOUT_SECONDS = 30.0
_RETRIES = 2
_READY_SECONDS = 60.0
_READY_PAUSE = 0.5

_NEEDS: dict[str, str] = {
    "alive": "",
    "ready": "alive",
    "metrics": "alive",
    "keys": "alive",
    "namespace": "ready",
    "learn": "namespace",
    "stream": "learn",
    "ask": "learn",
    "explain": "ask",
    "search": "learn",
    "again": "learn",
    "remove": "namespace",
}
CHECKS: tuple[str, ...] = tuple(_NEEDS)
"""The names of the checks; each is skipped where the one that it needs was not passed."""


class SmokeTest:
    """The checks of the service at `url`, with the key of an administrator.

    Without a `namespace` the test's own has a name that nobody else has. Raises `InvalidValueError` for what
    is no address or no key.
    """

    def __init__(self, url: str, key: str | None, namespace: str | None = None) -> None:
        self.namespace = namespace or f"smoke-{secrets.token_hex(8)}"
        self._own_name = namespace is None
        self._url = url
        self._raw = httpx2.Client(**options(url, key, _TIMEOUT_SECONDS, True))
        self._client = Client(
            url, api_key=key, namespace=self.namespace, timeout=_TIMEOUT_SECONDS, retries=_RETRIES
        )
        self._made: Literal["no", "perhaps", "yes"] = "no"
        self._answer: Answer | None = None
        self._passed: set[str] = set()

    def run(self, tell: Callable[[CheckResult], None], load: Callable[[], None] | None = None) -> bool:
        """Makes the checks, and tells of each; whether none failed.

        `load` is done in the namespace before it is removed, where all went well.
        """
        good = True

        def told(name: str, check: Callable[[], None]) -> None:
            nonlocal good
            result = self._result(name, check)
            good = good and result.status != "failed"
            tell(result)

        try:
            for name in CHECKS[:-1]:
                told(name, getattr(self, f"_{name}"))
            if load and good:
                load()
        finally:
            told(CHECKS[-1], self._remove)
            self._raw.close()
            self._client.close()
        return good

    def _result(self, name: str, check: Callable[[], None]) -> CheckResult:
        needed = _NEEDS[name]
        if name == "remove":
            if self._made == "no":
                return CheckResult(name, "skipped", message="it was not made")
        elif needed and needed not in self._passed:
            return CheckResult(name, "skipped", message=f"it needs what {needed} checks")
        started = time.perf_counter()
        status, message, action = outcome(check)
        if status == "ok":
            self._passed.add(name)
        return CheckResult(name, status, time.perf_counter() - started, message, action)

    # --- the checks ---

    def _alive(self) -> None:
        response = self._get("/healthz")
        expect(response.status_code == 200, f"/healthz answered {response.status_code}", "unexpected_answer")
        expect(_json(response).get("status") == "alive", "/healthz is not Sutra's", "unexpected_answer")

    def _ready(self) -> None:
        end = time.monotonic() + _READY_SECONDS
        while self._client.health() != "ready":
            if time.monotonic() >= end:
                raise CheckFailedError(
                    f"it has not been ready for {_READY_SECONDS:g} seconds",
                    f"{LOG}, which tells what it opens",
                )
            time.sleep(_READY_PAUSE)

    def _metrics(self) -> None:
        response = self._get("/metrics")
        ours = response.headers.get("content-type", "").startswith("application/problem+json")
        if response.status_code == 404 and not ours:
            raise HiddenError("a proxy keeps /metrics for the inside; ask the service's own address for it")
        if not response.is_success:
            raise error_of(response)
        expect("\nsutra_build_info{" in response.text, "/metrics has no figures", "unexpected_answer")

    def _keys(self) -> None:
        for key, what in ((None, "no key"), (f"sutra_{secrets.token_hex(16)}", "a key that nobody made")):
            with Client(self._url, api_key=key, timeout=_TIMEOUT_SECONDS, retries=0) as stranger:
                try:
                    stranger.namespaces()
                except ServiceError as error:
                    if error.status == 401:
                        continue
                    if error.code == "rate_limited":
                        raise HiddenError("too many wrong keys came from here within a minute") from error
                    raise
            raise CheckFailedError(
                f"{what} was let in",
                "set SUTRA_API_AUTHENTICATION to on; look what the proxy adds",
            )

    def _namespace(self) -> None:
        try:
            self._made = "perhaps" if self._own_name else "no"
            self._client.create_namespace(self.namespace)
        except SutraError as error:
            if isinstance(error, InvalidValueError) or (
                isinstance(error, ServiceError) and 400 <= error.status < 500
            ):
                self._made = "no"
            raise
        self._made = "yes"
        names = self._client.namespaces()
        expect(self.namespace in names, "it was made, and is not among the namespaces")

    def _learn(self) -> None:
        report = self._client.learn_batch([SourceDraft(SOURCE, TEXT)])
        if report.refused:
            first = report.refused[0]
            raise CheckFailedError(
                f"the text was refused: {first.code}: {first.reason}", action_for(first.code)
            )
        expect(report.sources == 1, "the text was not learned as a new one")

    def _stream(self) -> None:
        steps: list[str] = []
        # The first to be asked: of an answer that is kept there are no steps.
        answer = self._client.ask(QUESTION, on_step=steps.append)
        _check_answer(answer)
        expect(bool(steps), "no step was told before the answer", "unexpected_answer")

    def _ask(self) -> None:
        answer = self._client.ask(QUESTION)
        _check_answer(answer)
        self._answer = answer

    def _explain(self) -> None:
        assert self._answer is not None, "it was asked before"
        found = self._client.explain(self._answer.id)
        expect(found == self._answer, "the answer is explained as another one than was given")

    def _search(self) -> None:
        hits = self._client.search(QUESTION)
        expect(any(hit.address == SOURCE for hit in hits), "the text that was learned is not found")

    def _again(self) -> None:
        path = f"/v1/namespaces/{self.namespace}/learn"
        response = self._raw.post(path, json={"text": TEXT, "source": SOURCE})
        if not response.is_success:
            raise error_of(response)
        expect(response.status_code == 200, f"the same text was answered {response.status_code}, not 200")

    def _remove(self) -> None:
        try:
            self._client.delete_namespace(self.namespace)
        except ServiceError as error:
            if error.code != "unknown_namespace" or self._made == "yes":
                raise _left(self.namespace, error) from error
        except SutraError as error:
            raise _left(self.namespace, error) from error
        if self.namespace in self._client.namespaces():
            raise _left(self.namespace, None)

    def _get(self, path: str) -> httpx2.Response:
        return self._raw.get(path)


def _check_answer(answer: Answer) -> None:
    if answer.kind == "unknown":
        raise CheckFailedError(
            f"what was learned is not known ({answer.confidence:.2f})",
            "look at SUTRA_ANSWER_THRESHOLD, and run `sutra models fetch`, which checks the models",
        )
    expect(ANSWER in answer.text, "the answer is not the one that was learned")
    sources = {(citation.address, citation.text) for citation in answer.citations}
    expect((SOURCE, TEXT) in sources, "the answer does not cite what it was learned from")


def _json(response: httpx2.Response) -> dict[str, object]:
    found: object = response.json()
    if not isinstance(found, dict):
        raise ValueError("no object")
    return {str(key): value for key, value in found.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _left(namespace: str, error: SutraError | None) -> CheckFailedError:
    why = f"{said(error)}; " if error else ""
    return CheckFailedError(
        f"{why}the namespace {namespace} is still there", f"remove it: DELETE /v1/namespaces/{namespace}"
    )
