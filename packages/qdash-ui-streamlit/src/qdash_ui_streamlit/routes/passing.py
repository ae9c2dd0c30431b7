"""An answer of the host as it comes, on to the browser: never held as a whole, and ended as soon as nobody takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from anyio import CancelScope, create_task_group, fail_after
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from anyio import Event
    from starlette.types import Message, Receive, Scope, Send

PATIENCE_S = 30.0
"""So long the browser may take for one piece, in seconds."""
PIECE = 64 * 1024


class Passed(Response):
    """An answer of the host.

    Parameters
    ----------
    answer : httpx.Response
        Its head; the body is read as the browser takes it.
    headers : mapping
        Of the answer to the browser.
    until : anyio.Event or None
        Ends it, as the host may at any time; None: what ends before its end is not whole, and the browser is told so.
    """

    def __init__(
        self, answer: httpx.Response, headers: Mapping[str, str], *, until: Event | None = None
    ) -> None:
        super().__init__(status_code=answer.status_code, headers=headers)
        if "content-length" not in headers:
            del self.headers["content-length"]
        self._answer, self._until = answer, until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the signature is ASGI's
        """Send it."""
        try:
            whole = False
            async with create_task_group() as group:
                group.start_soon(_gone, receive, group.cancel_scope)
                if self._until is not None:
                    group.start_soon(_ended, self._until.wait, group.cancel_scope)
                whole = await self._pass_on(send)
                group.cancel_scope.cancel()
            if whole or self._until is not None:
                await send(_piece(b"", more=False))
        finally:
            with CancelScope(shield=True):
                await self._answer.aclose()

    async def _pass_on(self, send: Send) -> bool:
        """Send what comes; returns whether that is all of it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for part in self._answer.aiter_raw():
                for begin in range(0, len(part), PIECE):
                    with fail_after(PATIENCE_S):
                        await send(_piece(part[begin : begin + PIECE]))
        except (httpx.TransportError, TimeoutError):
            return False
        return True


def _piece(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _gone(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _ended(wait: Callable[[], Awaitable[None]], scope: CancelScope) -> None:
    await wait()
    scope.cancel()
