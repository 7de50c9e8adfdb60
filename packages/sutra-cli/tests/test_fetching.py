"""`sutra learn https://…`: only where it is allowed, and never more than was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sutra_cli import fetching

Sutra = Callable[..., Any]
PAGE = b"<html><head><title>Tyne</title></head><body><p>The Tyne is wide and old.</p></body></html>"


class Pages(BaseHTTPRequestHandler):
    """Pages good and bad."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, f"_{self.path.strip('/').split('/')[0]}", self._missing)()

    def log_message(self, *args: Any, **more: Any) -> None:
        """Says nothing."""

    def _send(self, status: int, body: bytes = b"", length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _page(self) -> None:
        self._send(200, PAGE, Content_Type="text/html; charset=utf-8")

    def _old(self) -> None:
        self._send(302, Location="/page/tyne")

    def _circle(self) -> None:
        self._send(302, Location="/circle")

    def _further(self) -> None:
        self._send(302, Location=self.path + "/x")

    def _away(self) -> None:
        self._send(302, Location="file:///etc/passwd")

    def _short(self) -> None:
        self._send(200, PAGE, length=len(PAGE) + 10)
        self.close_connection = True

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"The Tyne is wide. " * 1000)

    def _slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"word ")
            time.sleep(0.02)

    def _missing(self) -> None:
        self._send(404)


@pytest.fixture
def site() -> Iterator[str]:
    Pages.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_is_learned_under_the_address_to_which_it_led(sutra: Sutra, site: str) -> None:
    done = sutra("learn", f"{site}/old", "--allow-fetch")
    assert (done.code, done.errors) == (0, [])
    (hit,) = sutra("search", "Tyne", "--mode", "words", "-k", "1", "--json").json
    assert hit["address"] == f"{site}/page/tyne"
    assert hit["title"] == "Tyne"
    again = sutra("learn", f"{site}/page/tyne", "--allow-fetch")
    assert again.out.startswith("learned 0 sources (1 known already, 0 refused)")


def test_nothing_is_fetched_without_leave(sutra: Sutra, site: str, folder: Path) -> None:
    done = sutra("learn", f"{site}/page")
    assert (done.code, done.out) == (1, "")
    assert done.errors == [
        f"error[fetch_not_allowed]: {site}/page would be fetched; allow that with --allow-fetch"
    ]
    assert Pages.asked == []
    assert not (folder / "knowledge").exists()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("circle", "leads back to itself"),
        ("further", "more than 5 redirects"),
        ("away", "is not fetched; give one that begins with http"),
        ("missing", "answered 404"),
        ("short", "cannot be fetched: "),
        ("endless", "holds more than 100000 bytes; allow more with --fetch-bytes"),
        ("slow", "took more than 0.3 s"),
    ],
)
def test_what_cannot_be_fetched_is_one_line(
    sutra: Sutra, site: str, folder: Path, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    if path == "slow":
        monkeypatch.setattr(fetching, "SECONDS_MAX", 0.3)
    done = sutra("learn", f"{site}/{path}", "--allow-fetch", "--fetch-bytes", "100000")
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[fetch_failed]: ")
    assert told in done.errors[0]
    assert not (folder / "knowledge").exists()
    assert len(Pages.asked) <= 6


def test_an_address_is_given_alone_and_of_the_web(sutra: Sutra, site: str, texts: Path) -> None:
    done = sutra("learn", f"{site}/page", str(texts), "--allow-fetch")
    assert (done.code, done.errors[0][:22]) == (1, "error[invalid_value]: ")
    done = sutra("learn", "ftp://127.0.0.1/page", "--allow-fetch")
    assert (done.code, done.errors[0][:21]) == (1, "error[fetch_failed]: ")
    assert Pages.asked == []
