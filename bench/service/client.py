"""Clients of the service: one process, one connection each, kept alive; and what they measure.

Written over bare sockets, because the clients share the processors with the service: a request costs them
some 50 microseconds. Speaks as much of HTTP as the service does: a length for every body.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

__all__ = ["Connection", "Figures", "Request", "drive", "offer"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and a word for what it is about."""

    path: str
    body: Mapping[str, object] | None = None
    about: str = ""

    @property
    def content(self) -> bytes:
        """The body as JSON."""
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass(slots=True)
class Figures:
    """What was measured: seconds of each request that got 2xx, and how many got which status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])
    acknowledged: list[str] = field(default_factory=list[str])
    """What every request was about that was answered with 2xx."""
    opened: int = 0
    """How many connections were opened."""
    sent: int = 0
    """All requests, those before the clock started and after it stopped too."""

    def note(self, request: Request, status: int) -> None:
        """Keeps what was acknowledged."""
        self.sent += 1
        if request.about and 200 <= status < 300:
            self.acknowledged.append(request.about)

    def add(self, status: int, seconds: float) -> None:
        """Counts an answer; the status 0 stands for a connection that broke."""
        self.statuses[status] += 1
        if 200 <= status < 300:
            self.latencies.append(seconds)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def busy(self) -> int:
        """How many were sent away."""
        return self.statuses[503]

    @property
    def errors(self) -> int:
        """How many had another status than 2xx and 503."""
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300) - self.busy

    def milliseconds(self, percentile: float) -> float:
        """A percentile of the latencies."""
        return 1000 * float(np.percentile(self.latencies, percentile)) if self.latencies else 0.0

    @property
    def milliseconds_mean(self) -> float:
        """The mean of the latencies."""
        return 1000 * float(np.mean(self.latencies)) if self.latencies else 0.0

    def told(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "requests_per_second": round(self.rate, 2),
            "errors": self.errors,
            "busy": self.busy,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "ms_mean": round(self.milliseconds_mean, 1),
            "ms_p50": round(self.milliseconds(50), 1),
            "ms_p95": round(self.milliseconds(95), 1),
        }


class Connection:
    """A connection to the service, opened by its first request and again when the service has closed it idle.

    `opened` counts how often. A connection that breaks while it waits for an answer is told as `OSError`.
    """

    def __init__(self, url: str, token: str) -> None:
        self._place = urlsplit(url)
        self._headers = f" HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {token}\r\n".encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.opened = 0

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The open connection."""
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(self._place.hostname, self._place.port)
            self.opened += 1
        return self._streams

    async def send(self, request: Request) -> tuple[int, bytes]:
        """Status and body of the answer."""
        content = request.content
        kind = b"POST " if content else b"GET "
        reader, writer = await self.open()
        writer.write(
            kind
            + request.path.encode()
            + self._headers
            + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
            + content
        )
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"\r\ncontent-length:")
        return int(head[9:12]), await reader.readexactly(int(rest.partition(b"\r\n")[0]))

    def close(self) -> None:
        """Ends it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


@asynccontextmanager
async def connected(url: str, token: str) -> AsyncGenerator[Connection]:
    """A connection, open, and closed afterwards."""
    connection = Connection(url, token)
    await connection.open()
    try:
        yield connection
    finally:
        connection.close()


async def drive(url: str, token: str, clients: int, seconds: float, requests: Iterator[Request]) -> Figures:
    """So many clients, each with its next request as soon as it has an answer.

    The clock starts when each has had one: until then the line of the service grows.
    """
    figures = Figures()
    started = asyncio.Event()
    ended = False
    warm = 0

    async def client() -> None:
        nonlocal warm
        async with connected(url, token) as connection:
            is_warm = False
            while not ended and (request := next(requests, None)) is not None:
                began = time.perf_counter()
                status = await _status(connection, request)
                figures.note(request, status)
                if ended:
                    return
                if started.is_set():
                    figures.add(status, time.perf_counter() - began)
                if not is_warm:
                    is_warm, warm = True, warm + 1
                    if warm == clients:
                        started.set()

    async def clock() -> None:
        nonlocal ended
        await started.wait()
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        figures.seconds = time.perf_counter() - began
        ended = True

    timing = asyncio.create_task(clock())
    working = asyncio.gather(*(client() for _ in range(clients)))
    done, _ = await asyncio.wait({timing, working}, return_when=asyncio.FIRST_COMPLETED)
    if timing not in done:
        timing.cancel()
        raise RuntimeError(
            "the requests ran out before the time was over; give fewer seconds or more concepts"
        )
    await working
    return figures


async def offer(
    url: str,
    token: str,
    connections: int,
    rate: float,
    seconds: float,
    requests: Iterator[Request],
    every_minute: Callable[[], None],
) -> Figures:
    """So many connections that together offer `rate` requests a second, whatever the answers take.

    Each pauses for a random time (exponential), so that requests come in bursts as they do from people.
    """
    figures = Figures()
    chance = random.Random(1)
    mean = connections / rate
    began = time.perf_counter()
    end = began + seconds

    async def client() -> None:
        due = began + chance.expovariate(1 / mean)
        async with connected(url, token) as connection:
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                request = next(requests)
                sent = time.perf_counter()
                status = await _status(connection, request)
                figures.note(request, status)
                figures.add(status, time.perf_counter() - sent)
                due = max(due + chance.expovariate(1 / mean), time.perf_counter())
            figures.opened += connection.opened

    async def minutes() -> None:
        while True:
            await asyncio.sleep(60)
            every_minute()

    watching = asyncio.create_task(minutes())
    await asyncio.gather(*(client() for _ in range(connections)))
    watching.cancel()
    figures.seconds = time.perf_counter() - began
    return figures


async def _status(connection: Connection, request: Request) -> int:
    """The status, or 0 where the connection broke before there was one."""
    try:
        return (await connection.send(request))[0]
    except (OSError, asyncio.IncompleteReadError):
        connection.close()
        return 0
