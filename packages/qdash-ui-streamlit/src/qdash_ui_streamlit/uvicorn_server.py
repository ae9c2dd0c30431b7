"""Server that ends event streams before it waits for open responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn import Config, Server

if TYPE_CHECKING:
    import socket

    from anyio import Event


class StreamEndingServer(Server):
    """Uvicorn server with an event that is set at its shutdown."""

    def __init__(self, config: Config, *, shutdown_event: Event) -> None:
        super().__init__(config)
        self._shutdown_event = shutdown_event

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Set the event, and shut down."""
        self._shutdown_event.set()
        await super().shutdown(sockets)
