"""Connections: idle and excess ones are closed; invalid and oversized requests are refused."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from qdash_api.middleware.bounds import LARGEST_HEADERS, LONGEST_URL, RequestBoundsMiddleware
from qdash_api.middleware.request_ids import RequestIdMiddleware
from qdash_api.middleware.security_headers import SecurityHeadersMiddleware
from qdash_api.process.counters import Counters
from qdash_api.server import connections
from qdash_api.server.connections import LARGEST_HEAD, MAX_SMALL_PARTS, SMALL_PART_BYTES, LimitedConnection
from qdash_core.errors import PluginFailedError

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Receive, Scope, Send

PATIENCE_S = 30.0
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Server:
    """Application that responds on a signal."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers = asyncio.Event()
        self.clients: list[asyncio.StreamWriter] = []

    async def connect(self, text: bytes = b"") -> asyncio.StreamReader:
        """Return the response to a text."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.clients.append(writer)
        writer.write(text)
        return reader


@asynccontextmanager
async def run_server(most: int | None = None) -> AsyncIterator[Server]:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await found.answers.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    identified = RequestIdMiddleware(RequestBoundsMiddleware(app), Counters(), PluginFailedError)  # type: ignore[arg-type]
    layered = SecurityHeadersMiddleware(identified)
    config = Config(
        layered,  # type: ignore[arg-type]
        http=LimitedConnection,
        log_config=None,
        limit_concurrency=most,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: LimitedConnection(config, state, {}), "127.0.0.1", 0)
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
def test_connections_without_a_complete_head_are_closed_and_waiting_ones_kept(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.05)

    async def scene() -> None:
        async with run_server() as server:
            asked = await server.connect(HEAD + b"\r\n")
            assert await _end_of(await server.connect(sent)) == b""
            server.answers.set()
            assert (await asked.readline()).startswith(b"HTTP/1.1 204")

    asyncio.run(scene())


def test_an_incomplete_head_after_a_response_closes_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.05)

    async def scene() -> None:
        async with run_server() as server:
            server.answers.set()
            reader = await server.connect(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            server.clients[0].write(HEAD)
            assert await _end_of(reader) == b""

    asyncio.run(scene())


def test_a_connection_beyond_the_limit_of_refusals_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_MAX_REFUSED", 0)

    async def scene() -> None:
        async with run_server(most=1) as server:
            await server.connect()
            assert await _end_of(await server.connect()) == b""

    asyncio.run(scene())


def test_a_connection_beyond_the_limit_is_refused_as_busy() -> None:
    async def scene() -> None:
        async with run_server(most=1) as server:
            await server.connect()
            answer = await _end_of(await server.connect(HEAD + b"\r\n"))
            assert _get_problem_type(answer, 503) == "/problems/busy"

    asyncio.run(scene())


def make_one_header(size: int) -> bytes:
    return b"X-A: " + b"a" * (size - 7) + b"\r\n"


def make_many_headers(size: int) -> bytes:
    return b"X-A: aaaaaaaaaaa\r\n" * (size // 18)


@each_case("piece", [4_000, 100_000])
@each_case("headers", [make_one_header, make_many_headers])
@each_case("size", [17_000, 60_000])
def test_headers_that_are_too_large_are_refused(
    headers: Callable[[int], bytes], size: int, piece: int
) -> None:
    assert size > LARGEST_HEADERS
    answer = asyncio.run(_answer_to(HEAD + headers(size) + b"\r\n", piece=piece))
    assert _get_problem_type(answer, 431) == "/problems/too-large"
    assert b"16384 bytes" in answer


@pytest.mark.parametrize("headers", [make_one_header, make_many_headers])
def test_the_largest_headers_with_the_longest_url_are_served(headers: Callable[[int], bytes]) -> None:
    line = b"GET /" + b"a" * (LONGEST_URL - 1) + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    answer = asyncio.run(_answer_to(line + headers(LARGEST_HEADERS - 40) + b"\r\n", piece=4_000))
    assert answer.startswith(b"HTTP/1.1 204")


@each_case("piece", [4_000, 100_000])
@each_case("size", [LONGEST_URL + 1, 17_000, 60_000])
def test_a_url_that_is_too_long_is_refused(size: int, piece: int) -> None:
    line = b"GET /" + b"a" * (size - 1) + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert _get_problem_type(asyncio.run(_answer_to(line, piece=piece)), 414)


@each_case(("endless", "status"), [(HEAD + b"X-A: ", 431), (HEAD + b"X-A: a\r\nX-B", 431), (b"GET /", 414)])
def test_an_endless_head_is_refused(endless: bytes, status: int) -> None:
    assert _get_problem_type(asyncio.run(_answer_to(endless + b"a" * LARGEST_HEAD, piece=4_000)), status)


def test_a_malformed_request_is_refused_with_a_problem_document() -> None:
    answer = asyncio.run(_answer_to(b"\x16\x03\x01\r\n\r\n"))
    assert _get_problem_type(answer, 400) == "/problems/bad-request"


BROKEN = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_CHUNK = b"no chunk\r\n\r\n"


def test_an_invalid_body_after_the_response_closes_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> bytes:
        async with run_server() as server:
            server.answers.set()
            reader = await server.connect(BROKEN)
            await reader.readuntil(b"\r\n\r\n")
            server.clients[0].write(NO_CHUNK)
            return await _end_of(reader)

    assert asyncio.run(scene()) == b""
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_an_invalid_body_before_the_response_is_answered_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> bytes:
        async with run_server() as server:
            reader = await server.connect(BROKEN)
            server.clients[0].write(NO_CHUNK)
            refusal = await reader.readuntil(b"}")
            server.answers.set()
            return refusal + await _end_of(reader)

    assert _get_problem_type(asyncio.run(scene()), 400) == "/problems/bad-request"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SMALL_CHUNKS = b"1\r\na\r\n" * (MAX_SMALL_PARTS + 1)


def test_a_body_in_too_many_small_parts_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        async with run_server() as server:
            answer = await _end_of(await server.connect(CHUNKED + SMALL_CHUNKS))
            server.answers.set()
            assert _get_problem_type(answer, 413) == "/problems/too-large"
            assert b"5000 parts" in answer

    asyncio.run(scene())
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_larger_parts_and_parts_of_several_requests_are_served() -> None:
    # Less than the limit, since fragments of larger parts count as well.
    small = b"1\r\na\r\n" * (MAX_SMALL_PARTS - 500)
    large = (b"%x\r\n" % SMALL_PART_BYTES + b"a" * SMALL_PART_BYTES + b"\r\n") * (MAX_SMALL_PARTS + 1)
    last = CHUNKED.replace(b"Host", b"Connection: close\r\nHost")
    answer = asyncio.run(_answer_to(CHUNKED + small + large + b"0\r\n\r\n" + last + small + b"0\r\n\r\n"))
    assert answer.count(b"HTTP/1.1 204") == 2


@pytest.mark.parametrize("rest", [SMALL_CHUNKS, b"no length\r\n"])
def test_a_refused_request_after_a_response_closes_the_connection(rest: bytes) -> None:
    errors: list[object] = []

    async def scene() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        async with run_server() as server:
            server.answers.set()
            reader = await server.connect(CHUNKED)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            server.clients[0].write(rest)
            assert await _end_of(reader) == b""

    asyncio.run(scene())
    assert not errors


async def _answer_to(text: bytes, *, piece: int = 100_000) -> bytes:
    """Return the response to a text sent in pieces, each read before the next."""
    async with run_server() as server:
        server.answers.set()
        reader = await server.connect()
        for begin in range(0, len(text), piece):
            server.clients[0].write(text[begin : begin + piece])
            with suppress(ConnectionError):
                await server.clients[0].drain()
            await asyncio.sleep(0)
        return await _end_of(reader)


def _get_problem_type(answer: bytes, status: int) -> str:
    """Return the problem type of a response with a status."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    lines = head.lower().split(b"\r\n")
    assert {b"content-type: application/problem+json", b"x-content-type-options: nosniff"} <= {*lines}
    problem = json.loads(body)
    assert problem["status"] == status
    return str(problem["type"])


async def _end_of(reader: asyncio.StreamReader) -> bytes:
    """Return the data until the connection is closed."""
    found = b""
    with suppress(ConnectionResetError):
        while part := await reader.read(1024):
            found += part
    return found
