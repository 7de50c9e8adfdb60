"""`sutra keys`: made, listed and revoked beside the service, which takes them as they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from serving_process import ServiceProcess

from sutra_api import keys as service_keys
from sutra_api.keys import Keys
from sutra_api.state import State
from sutra_cli.keys import Role
from sutra_client import Client, ServiceError

Sutra = Callable[..., Any]


def test_the_roles_are_the_services() -> None:
    assert Role == service_keys.Role


def test_a_key_is_printed_once_and_nowhere_kept(sutra: Sutra, folder: Path) -> None:
    done = sutra("keys", "make", "a desk", "--role", "reader")
    token = done.out.strip()
    assert (done.code, done.out) == (0, f"{token}\n") and token.startswith("sutra_")
    assert token not in done.err and "reader of every namespace" in done.err
    listed = sutra("keys", "list").out + sutra("keys", "list", "--json").out
    assert "a desk" in listed and token.rsplit("_", 1)[1] not in listed
    found = Keys(State(folder / "knowledge")).find(token)
    assert found is not None and (found.name, found.role) == ("a desk", "reader")


def test_a_key_has_its_namespaces_and_its_end(sutra: Sutra) -> None:
    options = ["--namespace", "here", "--namespace", "there", "--expires", "30"]
    made = sutra("keys", "make", "a [red] desk", "--role", "writer", *options, "--json").json
    assert (made["namespaces"], made["role"], made["state"]) == (["here", "there"], "writer", "valid")
    ends = datetime.fromisoformat(made["expires"]) - datetime.fromisoformat(made["created"])
    assert round(ends.total_seconds() / 86400) == 30
    (listed,) = sutra("keys", "list", "--json").json
    assert listed == {name: value for name, value in made.items() if name != "token"}
    row = sutra("keys", "list").out.splitlines()[1]
    assert "a [red] desk" in row and "here, there" in row and "valid until" in row


def test_a_key_is_revoked_by_its_id(sutra: Sutra) -> None:
    made = sutra("keys", "make", "a desk", "--role", "admin", "--json").json
    done = sutra("keys", "revoke", made["id"])
    assert (done.code, done.out) == (0, f"key {made['id']}, 'a desk': admin of every namespace, is revoked\n")
    again = sutra("keys", "revoke", made["id"], "--json").json
    assert (again["state"], sutra("keys", "list", "--json").json) == ("revoked", [again])
    unknown = sutra("keys", "revoke", "0" * 12)
    assert (unknown.code, unknown.out, len(unknown.errors)) == (1, "", 1)
    assert unknown.errors[0].startswith("error[unknown_key]: ")


@pytest.mark.parametrize(
    "arguments",
    [["", "--role", "reader"], ["x", "--role", "reader", "--namespace", "No!"], ["x\n", "--role", "admin"]],
    ids=["no name", "no namespace", "not printable"],
)
def test_what_no_key_can_have_is_one_line(sutra: Sutra, arguments: list[str]) -> None:
    done = sutra("keys", "make", *arguments)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[invalid_value]: ")
    assert sutra("keys", "list").out == "no keys\n"


@pytest.mark.parametrize("command", [["list"], ["revoke", "x"]], ids=["list", "revoke"])
def test_looking_where_no_service_was_makes_no_file(sutra: Sutra, folder: Path, command: list[str]) -> None:
    done = sutra("keys", *command, "--storage", "mistyped")
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[store_missing]: ")
    assert list(folder.iterdir()) == []


def test_a_running_service_takes_new_keys_and_refuses_revoked_ones(sutra: Sutra, folder: Path) -> None:
    service = ServiceProcess(folder / "knowledge").ready()
    try:
        made = sutra("keys", "make", "a desk", "--role", "reader", "--json").json
        with Client(service.url, api_key=made["token"]) as client:
            assert _becomes(client, "")
            with pytest.raises(ServiceError) as raised:
                client.learn("Oaks are old.")
            assert raised.value.code == "forbidden"
            sutra("keys", "revoke", made["id"])
            assert _becomes(client, "unauthenticated")
        assert [key["name"] for key in sutra("keys", "list", "--json").json] == [
            "administrator on this machine",
            "a desk",
        ]
    finally:
        service.end()


def _becomes(client: Client, code: str) -> bool:
    """Whether the service soon answers, or refuses with this code."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = ""
        try:
            client.stats()
        except ServiceError as error:
            found = error.code
        if found == code:
            return True
        time.sleep(0.05)
    return False
