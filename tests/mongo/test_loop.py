"""Event loop of the driver: it closes everything."""

from __future__ import annotations

import asyncio
import socket

import pytest

from qdash_mongo.loop import get_background_loop


def test_a_cancelled_connection_is_closed() -> None:
    async def give_up(place: socket.socket, address: object) -> None:
        await asyncio.wait_for(asyncio.get_running_loop().sock_connect(place, address), timeout=0.05)

    # A server with a full queue accepts no connection.
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
        socket.socket() as first,
        socket.socket() as late,
    ):
        first.connect(full.getsockname())
        late.setblocking(False)
        with pytest.raises(TimeoutError):
            get_background_loop().run(give_up(late, full.getsockname()))
        assert late.fileno() == -1
