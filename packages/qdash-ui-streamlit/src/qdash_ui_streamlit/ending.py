"""A server that ends what goes on for ever before it waits for what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn import Config, Server

if TYPE_CHECKING:
    import socket

    from anyio import Event


class EndingServer(Server):
    """A server.

    Parameters
    ----------
    config : Config
        As uvicorn takes it.
    ends : anyio.Event
        Set when it is told to end.
    """

    def __init__(self, config: Config, *, ends: Event) -> None:
        super().__init__(config)
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        self._ends.set()
        await super().shutdown(sockets)
