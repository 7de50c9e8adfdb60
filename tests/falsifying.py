"""A stand-in before a real service that breaks it: what it answers is changed on the way."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any


@dataclass
class Told:
    """One answer, and what it answers; a `status` of 0 hangs up in its place."""

    method: str
    path: str
    authorization: str
    status: int
    kind: str
    body: bytes


Falsify = Callable[[Told], None]
_numbers = count(1)


@contextmanager
def falsified(url: str, falsify: Falsify) -> Iterator[str]:
    """The address of a service that answers what the one at `url` does, after `falsify` has changed it.

    As a proxy it has a client with an address of its own, for a service that believes it.
    """
    client = f"10.0.0.{next(_numbers) % 256}"

    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {"X-Forwarded-For": client} | {
                name: value
                for name, value in self.headers.items()
                if name in {"Authorization", "Content-Type", "Idempotency-Key"}
            }
            request = urllib.request.Request(url + self.path, sent or None, headers)
            request.method = self.command
            try:
                with urllib.request.urlopen(request, timeout=60) as response:
                    status, kind, body = response.status, response.headers["Content-Type"], response.read()
            except urllib.error.HTTPError as error:
                status, kind, body = error.code, error.headers["Content-Type"], error.read()
            authorization = self.headers.get("Authorization", "")
            told = Told(self.command, self.path, authorization, status, kind or "", body)
            falsify(told)
            if not told.status:
                return
            self.send_response(told.status)
            self.send_header("Content-Type", told.kind)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *args: Any, **more: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
