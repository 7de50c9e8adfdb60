"""Alerts arrive: by HTTP, by e-mail, by a command; nowhere they may not go, and with no secret told."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from certificates import make_certificate
from monitoring import FakeClock
from receiving import MailServer, WebhookServer, listening

from sutra_monitor.alerts import Alert
from sutra_monitor.channels import ChannelError, CommandChannel, EmailChannel, WebhookChannel
from sutra_monitor.channels.addresses import checked_addresses
from sutra_monitor.database import Database
from sutra_monitor.outbox import Outbox
from sutra_monitor.settings import CommandSettings, EmailSettings, WebhookSettings

ALERT = Alert(
    "here", "disk_space_free_gb", "raised", "critical", "disk_space_free_gb is 3.1 (< 5)", 0.0, 60.0
)
TOLD = {
    "service": "sutra",
    "host": socket.gethostname(),
    "target": "here",
    "name": "disk_space_free_gb",
    "status": "raised",
    "level": "critical",
    "message": "disk_space_free_gb is 3.1 (< 5)",
    "raised": "1970-01-01T00:00:00+00:00",
    "at": "1970-01-01T00:01:00+00:00",
}


@pytest.fixture
def web() -> Iterator[WebhookServer]:
    web = WebhookServer()
    with listening(web.server):
        yield web


@pytest.fixture
def mail() -> Iterator[MailServer]:
    mail = MailServer()
    with listening(mail.server):
        yield mail


def webhook(web: WebhookServer, host: str = "127.0.0.1", **more: Any) -> WebhookChannel:
    settings = {"url": f"http://{host}:{web.port}/hook/key-in-path", "allow_private": True, **more}
    return WebhookChannel(WebhookSettings(**settings))


def email(mail: MailServer, **more: Any) -> EmailChannel:
    settings: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": mail.port,
        "from": "sutra@example.org",
        "to": ["a@example.org", "b@example.org"],
        "starttls": False,
        "allow_private": True,
    }
    return EmailChannel(EmailSettings.model_validate({**settings, **more}))


def test_a_webhook_gets_the_alert(web: WebhookServer, folder: Path) -> None:
    (folder / "token").write_text("the-token\n")
    webhook(web, "localhost", bearer_token_file=str(folder / "token")).send(ALERT)
    assert web.alerts == [TOLD]
    assert web.paths == ["/hook/key-in-path"]
    assert web.headers[0]["Authorization"] == "Bearer the-token"
    assert web.headers[0]["Host"] == f"localhost:{web.port}"


def test_a_webhook_follows_no_redirect(web: WebhookServer) -> None:
    web.status, web.location = 302, "/elsewhere"
    with pytest.raises(ChannelError, match="it answered 302"):
        webhook(web).send(ALERT)
    assert len(web.paths) == 1


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_webhook_that_refuses_has_failed(web: WebhookServer, status: int) -> None:
    web.status = status
    with pytest.raises(ChannelError, match=f"it answered {status}"):
        webhook(web).send(ALERT)


def test_private_addresses_are_refused_unless_they_are_meant(web: WebhookServer, mail: MailServer) -> None:
    with pytest.raises(ChannelError, match=r"127\.0\.0\.1, which is no public address; allow_private"):
        webhook(web, allow_private=False).send(ALERT)
    with pytest.raises(ChannelError, match="allow_private"):
        email(mail, allow_private=False).send(ALERT)
    assert web.alerts == mail.messages == []


ADDRESSES = {
    "10.1.2.3": False,
    "172.16.0.1": False,
    "192.168.1.1": False,
    "127.0.0.1": False,
    "169.254.169.254": False,
    "100.64.0.1": False,
    "0.0.0.0": False,
    "224.0.0.1": False,
    "::1": False,
    "::": False,
    "fe80::1": False,
    "fd00::1": False,
    "ff02::1": False,
    "::ffff:10.0.0.1": False,
    "64:ff9b::a00:1": False,
    "2002:a00:1::": False,
    "93.184.215.14": True,
    "2606:2800:21f:cb07:6820:80da:af6b:8b2c": True,
}


@pytest.mark.parametrize(("address", "allowed"), ADDRESSES.items())
def test_every_address_of_a_name_is_checked(
    monkeypatch: pytest.MonkeyPatch, address: str, allowed: bool
) -> None:
    public = "93.184.215.14"

    def names(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (each, port)) for each in (public, address)]

    monkeypatch.setattr(socket, "getaddrinfo", names)
    if allowed:
        assert set(checked_addresses("alerts.example.org", 443, allow_private=False)) == {public, address}
    else:
        with pytest.raises(ChannelError, match="no public address"):
            checked_addresses("alerts.example.org", 443, allow_private=False)


def test_what_is_connected_to_is_what_was_checked(
    web: WebhookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is looked up again would lead elsewhere."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def names(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host != "alerts.example.org":
            return real(host, port, *rest, **more)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.99"
        return [(0, 0, 0, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", names)
    webhook(web, "alerts.example.org").send(ALERT)
    assert asked == ["alerts.example.org"]
    assert web.headers[0]["Host"] == f"alerts.example.org:{web.port}"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")
def test_a_certificate_has_to_be_the_hosts(
    web: WebhookServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is connected to is an address, and what is checked is the name."""
    certificate, key = make_certificate(folder, "alerts.example.org")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    trusted = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(httpx2, "Client", partial(httpx2.Client, verify=trusted))
    here = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", web.port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [here])
    url = f"https://{{}}:{web.port}/"
    webhook(web, url=url.format("alerts.example.org")).send(ALERT)
    with pytest.raises(ChannelError, match="cannot be reached"):
        webhook(web, url=url.format("other.example.org")).send(ALERT)
    assert web.alerts == [TOLD]


def test_a_host_without_an_address_has_failed(monkeypatch: pytest.MonkeyPatch, web: WebhookServer) -> None:
    def names(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", names)
    with pytest.raises(ChannelError, match="has no address"):
        webhook(web, "nowhere.example.org").send(ALERT)


def test_an_email_gets_the_alert(mail: MailServer) -> None:
    email(mail).send(ALERT)
    (message,) = mail.messages
    assert message["Subject"] == "SUTRA CRITICAL: disk_space_free_gb raised"
    assert (message["From"], message["To"]) == ("sutra@example.org", "a@example.org, b@example.org")
    assert mail.receivers == [["<a@example.org>", "<b@example.org>"]]
    first, _, rest = message.get_content().partition("\r\n\r\n")
    assert first == ALERT.message
    assert json.loads(rest) == TOLD


def test_an_email_that_is_refused_has_failed(mail: MailServer) -> None:
    mail.refusal = "550 not from you, whose key is secret"
    with pytest.raises(ChannelError, match="it answered 550") as caught:
        email(mail).send(ALERT)
    assert "secret" not in str(caught.value)
    with pytest.raises(ChannelError, match="it took no alert: SMTPNotSupportedError"):
        email(mail, starttls=True).send(ALERT)  # it goes nowhere unencrypted
    assert mail.messages == []


def test_nobody_who_listens_has_failed(folder: Path) -> None:
    web, mail = WebhookServer(), MailServer()
    web.server.server_close()
    mail.server.server_close()
    with pytest.raises(ChannelError, match="cannot be reached"):
        webhook(web).send(ALERT)
    with pytest.raises(ChannelError, match="cannot be reached"):
        email(mail).send(ALERT)


def test_a_listener_that_drips_has_failed_after_a_while(
    folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sutra_monitor.outbox._SEND_SECONDS", 0.5)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not ended.wait(0.05):
                    connection.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        channel = WebhookChannel(WebhookSettings(url=url, allow_private=True))
        with Database(folder) as database:
            (failure,) = Outbox(database, [channel], clock).send_unremembered([ALERT])
        ended.set()
        dripping.join()
    assert "longer than 0.5 seconds" in failure.reason


def command(*argv: str, timeout: float = 30.0) -> CommandChannel:
    return CommandChannel(CommandSettings(argv=list(argv), timeout=timeout))


def test_a_command_gets_the_alert_and_no_shell(folder: Path) -> None:
    program = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"
    command(sys.executable, "-c", program, "$(touch made); told.json").send(ALERT)
    assert json.loads((folder / "$(touch made); told.json").read_text()) == TOLD
    assert not (folder / "made").exists()


def test_a_command_that_fails_or_cannot_be_started_has_failed(folder: Path) -> None:
    with pytest.raises(ChannelError, match="it ended with 7"):
        command(sys.executable, "-c", "raise SystemExit(7)").send(ALERT)
    with pytest.raises(ChannelError, match="cannot be started: No such file"):
        command(str(folder / "nowhere")).send(ALERT)


@pytest.mark.skipif(shutil.which("sh") is None, reason="starts a program that starts another by sh")
def test_a_command_that_does_not_end_is_ended_with_what_it_began(folder: Path) -> None:
    with pytest.raises(ChannelError, match="did not end within 0"):
        command("sh", "-c", "sleep 60 & echo $! > began; wait", timeout=0.5).send(ALERT)
    began = int((folder / "began").read_text())
    end = time.monotonic() + 10
    while _lives(began):
        assert time.monotonic() < end
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_secrets_are_in_no_name_and_no_error(web: WebhookServer, mail: MailServer, folder: Path) -> None:
    (folder / "empty").touch()
    channel = webhook(web, bearer_token_file=str(folder / "empty"))
    assert "key-in-path" not in channel.key + channel.label
    with pytest.raises(ChannelError, match="holds no secret of one line"):
        channel.send(ALERT)
    (folder / "empty").write_text("tökén")
    with pytest.raises(ChannelError, match="holds what no token holds"):
        channel.send(ALERT)
    assert web.alerts == []
    with pytest.raises(ChannelError, match="nowhere cannot be read"):
        email(mail, user="me", password_file=str(folder / "nowhere"), starttls=True).send(ALERT)
    assert webhook(web).key == webhook(web, timeout=3).key != webhook(web, "localhost").key
