"""Server that ends endless streams before it waits for open responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn import Config, Server

if TYPE_CHECKING:
    import socket

    from anyio import Event


class EndingServer(Server):
    """Uvicorn server with an event for its shutdown.

    Parameters
    ----------
    config : Config
        Configuration of uvicorn.
    ends : anyio.Event
        Set at shutdown.
    """

    def __init__(self, config: Config, *, ends: Event) -> None:
        super().__init__(config)
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Set the event, and shut down."""
        self._ends.set()
        await super().shutdown(sockets)
