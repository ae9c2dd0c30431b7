"""Streaming of a host response to the browser, which ends as soon as the browser stops reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from anyio import CancelScope, create_task_group, fail_after
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from anyio import Event
    from starlette.types import Message, Receive, Scope, Send

SEND_TIMEOUT_S = 30.0
"""Time limit for the browser to receive one part, in seconds."""
CHUNK_BYTES = 64 * 1024


class ProxyResponse(Response):
    """Streamed response of the host, whose body is read at the speed of the browser.

    `stop` ends an endless response; it is None for a finite one, whose truncation is reported to the browser.
    """

    def __init__(
        self, answer: httpx.Response, headers: Mapping[str, str], *, stop: Event | None = None
    ) -> None:
        super().__init__(status_code=answer.status_code, headers=headers)
        if "content-length" not in headers:
            del self.headers["content-length"]
        self._answer, self._stop = answer, stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  by ASGI
        """Send the response."""
        try:
            whole = False
            async with create_task_group() as group:
                group.start_soon(_cancel_on_disconnect, receive, group.cancel_scope)
                if self._stop is not None:
                    group.start_soon(_cancel_after, self._stop.wait, group.cancel_scope)
                whole = await self._forward_body(send)
                group.cancel_scope.cancel()
            if whole or self._stop is not None:
                await send(_body_message(b"", more=False))
        finally:
            with CancelScope(shield=True):
                await self._answer.aclose()

    async def _forward_body(self, send: Send) -> bool:
        """Send the body; return whether it is complete."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for part in self._answer.aiter_raw():
                for begin in range(0, len(part), CHUNK_BYTES):
                    with fail_after(SEND_TIMEOUT_S):
                        await send(_body_message(part[begin : begin + CHUNK_BYTES]))
        except (httpx.TransportError, TimeoutError):
            return False
        return True


def _body_message(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _cancel_on_disconnect(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _cancel_after(wait: Callable[[], Awaitable[None]], scope: CancelScope) -> None:
    await wait()
    scope.cancel()
