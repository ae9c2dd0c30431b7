"""Connections: who sends no request, or is one too many, does not keep one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from qdash_api.serving import connections
from qdash_api.serving.connections import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

PATIENCE_S = 30.0
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Server:
    """Answers when it is let."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers = asyncio.Event()
        self.clients: list[asyncio.StreamWriter] = []

    async def connected(self, text: bytes = b"") -> asyncio.StreamReader:
        """Return what is answered to somebody who sends a text."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.clients.append(writer)
        writer.write(text)
        return reader


@asynccontextmanager
async def serving(most: int | None = None) -> AsyncIterator[Server]:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await found.answers.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    config = Config(app, http=Connection, log_config=None, limit_concurrency=most)  # type: ignore[arg-type]
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
    found = Server(listener.sockets[0].getsockname()[1])
    with anyio.fail_after(PATIENCE_S):
        yield found
    listener.close()
    for client in found.clients:
        client.transport.abort()
        with suppress(ConnectionError):
            await client.wait_closed()
    for connection in list(state.connections):
        connection.transport.abort()
    await asyncio.gather(*state.tasks)


@pytest.mark.parametrize("sent", [b"", HEAD])
def test_who_sends_no_whole_head_is_not_waited_for_and_who_waits_for_an_answer_is_kept(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.05)

    async def scene() -> None:
        async with serving() as server:
            asked = await server.connected(HEAD + b"\r\n")
            assert await _end_of(await server.connected(sent)) == b""
            server.answers.set()
            assert (await asked.readline()).startswith(b"HTTP/1.1 204")

    asyncio.run(scene())


def test_a_head_that_has_begun_behind_an_answer_is_not_waited_for_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.05)

    async def scene() -> None:
        async with serving() as server:
            server.answers.set()
            reader = await server.connected(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            server.clients[0].write(HEAD)
            assert await _end_of(reader) == b""

    asyncio.run(scene())


def test_one_too_many_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_REFUSED", 0)

    async def scene() -> None:
        async with serving(most=1) as server:
            await server.connected()
            assert await _end_of(await server.connected()) == b""

    asyncio.run(scene())


async def _end_of(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the connection is closed."""
    found = b""
    with suppress(ConnectionResetError):
        while part := await reader.read(1024):
            found += part
    return found
