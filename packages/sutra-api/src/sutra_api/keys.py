"""The keys by which callers are known: random, kept as hashes alone, with a role and namespaces.

A key is told once, when it is made: `sutra_`, its public id, and a secret of 256 random bits. What is kept of
the secret is its SHA-256; a slow hash would protect a password, which somebody chose, and adds nothing to
random bits. Knows nothing of HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row
from typing import Literal, cast, get_args

from sutra_api.namespaces import checked_name
from sutra_api.state import State
from sutra_core.errors import InvalidValueError

__all__ = ["ADMIN_FILE", "EVERY_NAMESPACE", "ROLES", "Key", "Keys", "Role", "UnknownKeyError"]

Role = Literal["reader", "writer", "admin", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERY_NAMESPACE = "*"
ADMIN_FILE = "admin.key"
"""The file in the storage folder that holds the key of the administrator on this machine."""

_PREFIX = "sutra"
_FRESH_SECONDS = 1.0
NAME_MAX = 100


class UnknownKeyError(InvalidValueError, LookupError):
    """No key has this id."""

    code = "unknown_key"


@dataclass(frozen=True, slots=True)
class Key:
    """What is known of a key but its secret. Times are seconds since 1970 UTC."""

    id: str
    name: str
    role: Role
    namespaces: tuple[str, ...]
    created: float
    expires: float | None = None
    revoked: float | None = None

    def opens(self, namespace: str) -> bool:
        """Whether it is for this namespace."""
        return EVERY_NAMESPACE in self.namespaces or namespace in self.namespaces

    @property
    def opens_all(self) -> bool:
        """Whether it is for every namespace."""
        return EVERY_NAMESPACE in self.namespaces

    def is_valid(self, now: float) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class Keys:
    """The keys of a service. Safe to use from many threads; changes of other processes show in a second."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Key, bytes]] = {}
        self._version = -1
        self._looked = 0.0
        self.reload()

    def make(
        self,
        name: str,
        role: Role,
        namespaces: Sequence[str] = (EVERY_NAMESPACE,),
        expires: float | None = None,
    ) -> tuple[Key, str]:
        """A new key, and the only telling of it. Raises `InvalidValueError` for what no key can have."""
        if role not in ROLES:
            raise InvalidValueError(f"the role is {role!r}; allowed: {', '.join(ROLES)}")
        if not 0 < len(name.strip()) <= NAME_MAX or not name.isprintable():
            raise InvalidValueError(f"the key's name is {name!a}; give 1 to {NAME_MAX} printable characters")
        if not namespaces:
            raise InvalidValueError("the key has no namespaces; name some, or * for all")
        for each in namespaces:
            if each != EVERY_NAMESPACE:
                checked_name(each)
        now = time.time()
        if expires is not None and expires <= now:
            raise InvalidValueError("the key would have expired already; give a time to come")
        key = Key(secrets.token_hex(6), name.strip(), role, tuple(dict.fromkeys(namespaces)), now, expires)
        secret = secrets.token_urlsafe(32)
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (key.id, key.name, _hash(secret), role, " ".join(key.namespaces), now, expires),
            )
        self.reload()
        return key, f"{_PREFIX}_{key.id}_{secret}"

    def find(self, token: str) -> Key | None:
        """The key that this is, if it is one and valid; a wrong secret takes as long as a right one."""
        self._refresh()
        prefix, _, rest = token.partition("_")
        number, _, secret = rest.partition("_")
        key, kept = self._kept.get(number, (None, bytes(32)))
        same = hmac.compare_digest(kept, _hash(secret))
        if not same or key is None or prefix != _PREFIX or not key.is_valid(time.time()):
            return None
        return key

    def list(self) -> list[Key]:
        """All keys, the oldest first, revoked ones too."""
        self.reload()
        return sorted((key for key, _ in self._kept.values()), key=lambda key: (key.created, key.id))

    def revoke(self, key_id: str) -> Key:
        """Ends a key at once; one that has ended stays so. Raises `UnknownKeyError`."""
        with self._state.transaction() as connection:
            connection.execute(
                "UPDATE keys SET revoked = ? WHERE id = ? AND revoked IS NULL", (time.time(), key_id)
            )
        self.reload()
        if key_id not in self._kept:
            raise UnknownKeyError(f"no key has the id {key_id!a}; `sutra keys list` shows them")
        return self._kept[key_id][0]

    def reload(self) -> None:
        """Reads the keys anew."""
        with self._lock:
            self._version = self._state.version()
            self._looked = time.monotonic()
            rows = self._state.read("SELECT * FROM keys")
            self._kept = {row["id"]: (_key(row), bytes(row["hash"])) for row in rows}

    def write_admin(self, folder: Path) -> Path:
        """The file with the administrator's key on this machine; made, with its key, where it is not there.

        Only the owner may read it. A file whose key is no longer valid is written anew.
        """
        path = folder / ADMIN_FILE
        try:
            known = self.find(path.read_text(encoding="ascii").strip())
        except (OSError, UnicodeDecodeError):
            known = None
        if known is None or known.role != "admin":
            _, token = self.make("administrator on this machine", "admin")
            written = path.with_suffix(".new")
            written.unlink(missing_ok=True)
            with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(token + "\n")
                file.flush()
                os.fsync(file.fileno())
            written.replace(path)
        return path

    def _refresh(self) -> None:
        """Reads the keys again where another process has changed them, looking once a second."""
        if time.monotonic() - self._looked >= _FRESH_SECONDS:
            self._looked = time.monotonic()
            if self._state.version() != self._version:
                self.reload()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _key(row: Row) -> Key:
    return Key(
        row["id"],
        row["name"],
        cast("Role", row["role"]),
        tuple(row["namespaces"].split()),
        row["created"],
        row["expires"],
        row["revoked"],
    )
