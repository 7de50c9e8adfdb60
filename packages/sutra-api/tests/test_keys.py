"""Keys: told once, kept as hashes, ended for good."""

from __future__ import annotations

import hmac
import stat
import time
from pathlib import Path

import pytest

from sutra_api import keys as module
from sutra_api.keys import Keys, UnknownKeyError
from sutra_api.state import State
from sutra_core.errors import InvalidValueError


@pytest.fixture
def state(folder: Path) -> State:
    return State(folder / "k")


def test_a_key_is_found_by_its_token_alone(state: State) -> None:
    keys = Keys(state)
    key, token = keys.make("for tests", "writer", ["a", "b", "a"])
    assert keys.find(token) == key and key.namespaces == ("a", "b")
    assert keys.find(token + "x") is None and keys.find("") is None and keys.find("sutra__") is None
    assert key.opens("a") and not key.opens("c")


def test_nothing_that_is_kept_opens_anything(state: State) -> None:
    _, token = Keys(state).make("for tests", "admin")
    secret = token.split("_", 2)[2].encode()
    state.close()
    for path in state.path.parent.glob("service.db*"):
        assert secret not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_every_comparison_takes_all_bytes(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    keys = Keys(state)
    _, token = keys.make("for tests", "admin")
    monkeypatch.setattr(module.hmac, "compare_digest", spy)
    for tried in (token, token[:-1], "sutra_unknown_secret", "", "x"):
        keys.find(tried)
    assert compared == [(32, 32)] * 5


def test_a_revoked_key_and_one_that_has_expired_are_none(state: State) -> None:
    keys = Keys(state)
    key, token = keys.make("for tests", "reader")
    revoked = keys.revoke(key.id)
    assert revoked.revoked is not None and keys.find(token) is None
    assert keys.revoke(key.id) == revoked
    _, short = keys.make("for a moment", "reader", expires=time.time() + 0.05)
    assert keys.find(short)
    time.sleep(0.06)
    assert keys.find(short) is None
    assert [each.name for each in keys.list()] == ["for tests", "for a moment"]
    with pytest.raises(UnknownKeyError):
        keys.revoke("nobody")


def test_what_another_process_changes_shows(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FRESH_SECONDS", 0.0)
    keys, others = Keys(state), Keys(State(state.path.parent))
    key, token = others.make("from elsewhere", "reader")
    assert keys.find(token) == key
    others.revoke(key.id)
    assert keys.find(token) is None


@pytest.mark.parametrize(
    ("name", "role", "namespaces", "expires"),
    [
        ("", "reader", ["*"], None),
        ("a\nb", "reader", ["*"], None),
        ("n" * 101, "reader", ["*"], None),
        ("a", "king", ["*"], None),
        ("a", "reader", [], None),
        ("a", "reader", ["../x"], None),
        ("a", "reader", ["*"], 1.0),
    ],
)
def test_what_no_key_can_have_is_refused(
    state: State, name: str, role: module.Role, namespaces: list[str], expires: float | None
) -> None:
    with pytest.raises(InvalidValueError):
        Keys(state).make(name, role, namespaces, expires)


def test_the_administrators_file_is_for_its_owner_and_stays(state: State, folder: Path) -> None:
    keys = Keys(state)
    path = keys.write_admin(folder)
    token = path.read_text().strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = keys.find(token)
    assert found is not None and found.role == "admin"
    assert keys.write_admin(folder).read_text().strip() == token
    keys.revoke(found.id)
    assert keys.write_admin(folder).read_text().strip() != token
    path.write_bytes(b"\xff\xfe")
    assert keys.find(keys.write_admin(folder).read_text().strip())
