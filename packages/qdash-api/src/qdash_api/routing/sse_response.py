"""Response of server-sent events to a client that may receive slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import Lock, current_time
from starlette.responses import Response

from qdash_api.routing.slow_client import send_in_time

if TYPE_CHECKING:
    from starlette.types import Send


class ServerSentResponse(Response):
    """Response whose subclasses send messages one after the other, from several tasks.

    The client may take `send_timeout_s` to receive one part of a message.
    """

    media_type = "text/event-stream"

    def __init__(self, send_timeout_s: float) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._send_timeout_s = send_timeout_s
        self._send_lock = Lock()
        self._sent_at = 0.0

    async def _send(self, send: Send, text: bytes, *, last: bool = False) -> None:
        """Send a message; raise SlowClientError if the client does not receive it in time."""
        message = {"type": "http.response.body", "body": text, "more_body": not last}
        async with self._send_lock:
            await send_in_time(send, message, within_s=self._send_timeout_s)
            self._sent_at = current_time()
