"""Who calls, and what they may: a key from the request, its role, its namespaces, its limits.

Every route names the permission that it needs; there is no route without one, but for health and the
documentation. What a key may not see looks the same whether it is there or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import Path, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from sutra_api.keys import Key, Role
from sutra_api.limits import Standing
from sutra_api.namespaces import DEFAULT, NAMESPACE_PATTERN
from sutra_api.problems import AccessError, ForbiddenError
from sutra_api.service import Service

__all__ = [
    "Caller",
    "Needs",
    "Permission",
    "in_default",
    "in_named",
    "is_known",
    "namespace_of",
    "service_of",
]

Permission = Literal["read", "write", "audit", "admin"]
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    "reader": frozenset({"read"}),
    "writer": frozenset({"read", "write"}),
    "auditor": frozenset({"audit"}),
    "admin": frozenset({"read", "write", "audit", "admin"}),
}

_bearer = HTTPBearer(auto_error=False, description="A key from `sutra keys`.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `key` is None where the service asks for none."""

    key: Key | None
    address: str

    @property
    def client(self) -> str:
        """By what its requests are counted."""
        return f"key {self.key.id}" if self.key else f"address {self.address}"

    def may(self, *permissions: Permission) -> bool:
        """Whether its role has one of these."""
        return self.key is None or not PERMISSIONS[self.key.role].isdisjoint(permissions)

    def opens(self, namespace: str) -> bool:
        """Whether it may enter a namespace."""
        return self.key is None or self.key.opens(namespace)

    def enter(self, namespace: str) -> None:
        """Raises `ForbiddenError` where it may not enter a namespace."""
        if not self.opens(namespace):
            raise ForbiddenError(f"this key is not for the namespace {namespace!r}")


def service_of(request: Request) -> Service:
    """The service that answers this request."""
    return cast("Service", request.app.state.service)


async def in_named(
    request: Request,
    namespace: Annotated[str, Path(pattern=NAMESPACE_PATTERN, examples=["default"])],
) -> None:
    """Takes the namespace that the address names."""
    request.state.namespace = namespace


async def in_default(request: Request) -> None:
    """Takes the default namespace."""
    request.state.namespace = DEFAULT


async def namespace_of(request: Request) -> str:
    """The namespace that the request is about; nothing where its name is none, which ends the request."""
    return cast("str", getattr(request.state, "namespace", ""))


def is_known(service: Service, scope: Scope) -> bool:
    """Whether a request comes with a valid key, before any of it is read; or needs none."""
    if service.config.api_authentication == "off":
        return True
    headers = dict(scope["headers"])
    scheme, _, bearer = headers.get(b"authorization", b"").partition(b" ")
    token = bearer.strip() if scheme.lower() == b"bearer" else headers.get(b"x-api-key", b"")
    return service.keys.find(token.decode("latin-1")) is not None


class Needs:
    """A dependency: the caller has one of these permissions for the namespace, and is within its limit.

    `counted` is the kind of request that is counted, if any.
    """

    def __init__(self, *permissions: Permission, counted: str | None = None) -> None:
        self._permissions = permissions
        self._counted = counted

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)] = None,
        header: Annotated[str | None, Security(_header)] = None,
    ) -> Caller:
        """The caller; raises `AccessError`, `ForbiddenError`, `RateLimitedError`."""
        service = service_of(request)
        address = request.client.host if request.client else "nowhere"
        caller = _caller(service, address, bearer.credentials if bearer else header)
        request.scope["caller"] = caller.client
        if not caller.may(*self._permissions):
            role = caller.key.role if caller.key else ""
            raise ForbiddenError(
                f"the role {role} may not do this; it needs the permission {' or '.join(self._permissions)}"
            )
        namespace: str | None = getattr(request.state, "namespace", None)
        if namespace is not None:
            caller.enter(namespace)
        if self._counted:
            _tell(request, service.limits.count(self._counted, caller.client))
        return caller


def _caller(service: Service, address: str, token: str | None) -> Caller:
    if service.config.api_authentication == "off":
        return Caller(None, address)
    key = service.keys.find(token) if token else None
    if key is None:
        service.limits.count("unauthenticated", f"address {address}")
        shown = "the key is not valid, or has ended" if token else "no key was sent"
        raise AccessError(f"{shown}; send one as `Authorization: Bearer …` or `X-API-Key: …`")
    return Caller(key, address)


def _tell(request: Request, standing: Standing | None) -> None:
    """Puts where the client stands into the response's headers."""
    if standing is not None:
        request.scope.setdefault("reply_headers", []).extend(standing.headers().items())
