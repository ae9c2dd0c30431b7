"""A host in a thread of this process, with clients on sockets that can disconnect at any time."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient
from uvicorn import Config, Server

from qdash_api import create_app
from qdash_api.process.limits import RequestLimits, get_current_limits
from qdash_api.server.connections import LimitedConnection

from .conftest import Host, add_users, copy_store_with_users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Sockets:
    """Address of a host, and the token for requests."""

    host: Host
    limits: RequestLimits
    address: tuple[str, int]
    token: str

    def send(
        self, method: str, path: str, body: bytes = b"", *, only: int | None = None, token: str | None = None
    ) -> socket.socket:
        """Return a connection on which a request was sent, with only part of its body."""
        connection = socket.create_connection(self.address, timeout=PATIENCE_S)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: host\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token or self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[:only])
        return connection

    def send_request(
        self, method: str, path: str, body: object = None, *, token: str | None = None
    ) -> Answer:
        """Send a request and return the response."""
        content = b"" if body is None else json.dumps(body).encode()
        with closing(self.send(method, path, content, token=token)) as connection:
            return answer_of(connection)


def answer_of(connection: socket.socket) -> Answer:
    """Return the response on a connection."""
    found = b""
    while part := connection.recv(65536):
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)


async def _make_limits() -> RequestLimits:
    return get_current_limits()


@contextmanager
def run_host(settings: Settings, registry: Registry) -> Iterator[Sockets]:
    """Run a host for the length of a block; requests are those of `editor`."""
    has_users = copy_store_with_users(settings)
    app: FastAPI = create_app(settings, registry)
    config = Config(app, http=LimitedConnection, log_config=None, lifespan="on", timeout_graceful_shutdown=1)  # type: ignore[arg-type]
    server = Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        begun = threading.Event()
        while not server.started and thread.is_alive():
            begun.wait(0.01)
        if not has_users:
            add_users(app.state.qdash)
        host = Host(TestClient(app), app)
        limits = asyncio.run_coroutine_threadsafe(_make_limits(), server.servers[0].get_loop()).result(
            PATIENCE_S
        )
        yield Sockets(host, limits, listener.getsockname(), host.token("editor"))
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
