"""nginx as `deploy/nginx/sutra.conf` has it, on the loopback, for tests of what stands behind it."""

from __future__ import annotations

import os
import select
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPSConnection
from pathlib import Path
from typing import Self

from certificates import make_certificate
from deployed import deployed, free_ports, tool

START_SECONDS = 20.0
ANSWER_SECONDS = 20.0
AROUND = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sutra.conf;
}}
"""


class Proxy:
    """nginx before `port` of the loopback address; `changes` are made to the file besides.

    It listens once it is made, and ends with its block.
    """

    def __init__(self, folder: Path, *ports: int, changes: Mapping[str, str] | None = None) -> None:
        self._program = tool("nginx", "nginx")
        self.folder = folder
        self.plain_port, self.port = free_ports(2)
        self._certificate, key = make_certificate(folder, "localhost")
        text = deployed(
            "nginx/sutra.conf",
            {
                "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                "listen [::]:80;": "",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
                "listen [::]:443 ssl http2;": "",
                "/etc/sutra/tls/fullchain.pem": str(self._certificate),
                "/etc/sutra/tls/privkey.pem": str(key),
                "/var/log/nginx": str(folder),
                "server 127.0.0.1:8000;": " ".join(f"server 127.0.0.1:{port};" for port in ports),
                **(changes or {}),
            },
        )
        (folder / "sutra.conf").write_text(text)
        # The folders of tests are their owner's alone.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
        self._process: subprocess.Popen[bytes] | None = None
        self._connections: list[HTTPSConnection] = []

    @property
    def command(self) -> list[str]:
        """What starts it; with `-t` it only looks at the files."""
        return [
            self._program,
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            str(self.folder / "error.log"),
        ]

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def trust(self) -> ssl.SSLContext:
        """What believes its certificate, which is for another name than the address."""
        context = ssl.create_default_context(cafile=self._certificate)
        context.check_hostname = False
        return context

    def connection(self, source: str = "127.0.0.1") -> HTTPSConnection:
        """A connection by TLS, that comes from an address of the loopback network; closed with the proxy."""
        connection = HTTPSConnection(
            "127.0.0.1",
            self.port,
            timeout=ANSWER_SECONDS,
            context=self.trust,
            source_address=(source, 0),
        )
        self._connections.append(connection)
        return connection

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while not self._is_there():
            log = self.folder / "error.log"
            assert self._process.poll() is None and time.monotonic() < end, (
                log.read_text() if log.exists() else "nginx did not start"
            )
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._connections:
            each.close()
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=20)

    def _is_there(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Upstream:
    """A service in the test's own hands: it takes one connection of the proxy at a time."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(ANSWER_SECONDS)
        self.port: int = self._listening.getsockname()[1]
        self._taken: socket.socket | None = None
        self._read = b""

    def is_asked(self, other: Upstream) -> bool:
        """Whether it is this one that the proxy goes to next, and not the other."""
        ready, _, _ = select.select([self._listening, other._listening], [], [], ANSWER_SECONDS)
        assert len(ready) == 1, "the proxy went to both or to none"
        return ready == [self._listening]

    def take(self) -> dict[str, str]:
        """The headers of the request that comes next, by names in small letters; "" is its first line."""
        self._taken, _ = self._listening.accept()
        self._taken.settimeout(ANSWER_SECONDS)
        self._read = b""
        while b"\r\n\r\n" not in self._read:
            self._read += self._some()
        head, self._read = self._read.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        return {"": first} | {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    def read(self, size: int) -> None:
        """Waits for so many bytes of the body."""
        while len(self._read) < size:
            self._read += self._some()
        self._read = self._read[size:]

    def send(self, content: bytes) -> None:
        assert self._taken is not None
        self._taken.sendall(content)

    def answer(self, body: bytes = b"{}") -> None:
        """Answers the request, and closes its connection."""
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
        self.hang_up()

    def hang_up(self) -> None:
        if self._taken is not None:
            self._taken.close()
            self._taken = None

    def close(self) -> None:
        self.hang_up()
        self._listening.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _some(self) -> bytes:
        assert self._taken is not None
        content = self._taken.recv(1 << 16)
        assert content, "the proxy has hung up"
        return content
