"""The clients of the load: what they count, and what they do when a connection is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import repeat

import pytest
from service.client import Connection, Figures, Request, drive

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
REQUEST = Request("/v1/learn", {"text": "Oaks are old."}, "oaks")


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int = 201) -> None:
    """Answers one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    writer.write(b"HTTP/1.1 %d Told\r\nContent-Length: 2\r\n\r\n{}" % status)


async def serving(serve: Serve) -> tuple[asyncio.Server, str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_a_connection_that_was_closed_idle_is_opened_again() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        writer.close()
        await writer.wait_closed()

    async def run() -> int:
        server, url = await serving(once)
        async with server:
            connection = Connection(url, "key")
            for _ in range(2):
                assert await connection.send(REQUEST) == (201, b"{}")
                streams = await connection.open()
                while not streams[0].at_eof() and connection.opened == 1:
                    await asyncio.sleep(0.001)
            connection.close()
            return connection.opened

    assert asyncio.run(run()) >= 2


def test_what_is_answered_is_counted_by_its_status() -> None:
    statuses = iter([201, 503, 500])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                await answer(reader, writer, next(statuses, 201))
            except asyncio.IncompleteReadError:
                writer.close()
                return

    async def run() -> Figures:
        server, url = await serving(serve)
        async with server:
            return await drive(url, "key", 1, 0.1, repeat(REQUEST))

    figures = asyncio.run(run())
    assert (figures.busy, figures.errors) == (1, 1)
    assert figures.statuses[201] == len(figures.latencies) > 0
    assert len(figures.acknowledged) == figures.sent - 2


def test_requests_that_run_out_are_told() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        writer.close()

    async def run() -> None:
        server, url = await serving(serve)
        async with server:
            await drive(url, "key", 1, 60, iter([REQUEST]))

    with pytest.raises(RuntimeError, match="ran out"):
        asyncio.run(run())
