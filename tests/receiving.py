"""Where alerts arrive, for tests: an HTTP server and a mail server of this machine."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


class WebhookServer:
    """Answers every POST with `status`, and keeps what came."""

    def __init__(self) -> None:
        self.status = 204
        self.location = ""
        self.alerts: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.alerts.append(json.loads(body))
                server.headers.append(dict(self.headers))
                server.paths.append(self.path)
                self.send_response(server.status)
                if server.location:
                    self.send_header("Location", server.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any, **more: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


class MailServer:
    """Speaks as much of SMTP (RFC 5321) as a sender needs, without TLS, and keeps the messages."""

    def __init__(self) -> None:
        self.refusal = ""
        self.messages: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 ready")
                receivers: list[str] = []
                while line := self.rfile.readline():
                    verb = line[:4].strip().upper()
                    if verb in {b"EHLO", b"HELO"}:
                        self._say("250 here")
                    elif verb == b"MAIL":
                        self._say(server.refusal or "250 yes")
                    elif verb == b"RCPT":
                        receivers.append(line.partition(b":")[2].strip().decode())
                        self._say("250 yes")
                    elif verb == b"DATA":
                        self._say("354 go on")
                        self._take(receivers)
                        self._say("250 taken")
                    elif verb == b"QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("250 yes" if verb in {b"RSET", b"NOOP"} else "502 unknown")

            def _take(self, receivers: list[str]) -> None:
                lines: list[bytes] = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.removeprefix(b"."))
                parsed = message_from_bytes(b"".join(lines), policy=policy.default)
                server.messages.append(cast("EmailMessage", parsed))
                server.receivers.append(receivers)

            def _say(self, text: str) -> None:
                self.wfile.write(f"{text}\r\n".encode())

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[None]:
    """Serves while it is used."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
