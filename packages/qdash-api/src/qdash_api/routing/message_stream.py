"""Stream of the messages of an operation as server-sent events, which ends with the last one."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import create_task_group, current_time, sleep, to_thread
from fastapi.sse import format_sse_event

from qdash_api.process.limits import get_current_limits
from qdash_api.routing.disconnects import cancel_on_disconnect
from qdash_api.routing.slow_client import SlowClientError
from qdash_api.routing.sse_response import ServerSentResponse
from qdash_core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from qdash_core.operations.answers import MessageStream, StreamMessage

logger = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
"""Silence after which the stream sends a heartbeat, in seconds."""
_HEARTBEAT = format_sse_event(comment="heartbeat")
_POLL_S = 0.5
_ACCESS_CHECK_S = 10.0
_SEND_S = 30.0
_ENDED = "the process of the answer was ended"


class OpenStreams:
    """Message streams of this process that are being sent. Used in the event loop only."""

    def __init__(self) -> None:
        self._streams: list[MessageStream] = []
        self._ended = False

    def add(self, stream: MessageStream) -> None:
        """Add a stream."""
        self._streams.append(stream)
        if self._ended:
            stream.cancel(_ENDED)

    def remove(self, stream: MessageStream) -> None:
        """Remove a stream that has ended."""
        self._streams.remove(stream)

    def end(self) -> None:
        """Cancel all streams, since this process ends."""
        self._ended = True
        for stream in self._streams:
            stream.cancel(_ENDED)


class MessageStreamResponse(ServerSentResponse):
    """Response with the messages of an operation. A client that disconnects cancels the stream.

    `open_streams` has it while it is sent; `refusal` returns why the user has lost access, or an empty string.
    """

    def __init__(
        self, stream: MessageStream, open_streams: OpenStreams, *, refusal: Callable[[], str]
    ) -> None:
        super().__init__(_SEND_S)
        self._stream, self._open_streams, self._refusal = stream, open_streams, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the signature is ASGI's
        """Send the stream."""
        self._open_streams.add(self._stream)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._send(send, _format(self._stream.first))
            async with create_task_group() as group:
                group.start_soon(cancel_on_disconnect, receive, group.cancel_scope)
                group.start_soon(self._check_access)
                await self._send_messages(send)
                group.cancel_scope.cancel()
        except* SlowClientError:
            logger.warning("the stream of an answer was closed: the client did not receive data in time")
        finally:
            self._open_streams.remove(self._stream)
            self._stream.cancel("the connection of the user ended")  # without effect on one that has ended

    async def _send_messages(self, send: Send) -> None:
        while True:
            message = await to_thread.run_sync(
                self._stream.get_next, _POLL_S, limiter=get_current_limits().streams, abandon_on_cancel=True
            )
            if message is not None:
                await self._send(send, _format(message), last=message.is_last)
                if message.is_last:
                    return
            elif current_time() - self._sent_at >= HEARTBEAT_S:
                await self._send(send, _HEARTBEAT)

    async def _check_access(self) -> None:
        """Check regularly whether the user still has access, and cancel the stream if not."""
        while True:
            await sleep(_ACCESS_CHECK_S)
            with suppress(StoreUnavailableError):
                refused = await to_thread.run_sync(self._refusal, limiter=get_current_limits().streams)
                if refused:
                    self._stream.cancel(refused)


def _format(message: StreamMessage) -> bytes:
    return format_sse_event(event=message.kind, data_str=message.document.model_dump_json(exclude_none=True))
