"""Bounds of every request: the sizes of address, headers and body, and the time for sending them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import current_time, fail_after
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from qdash_api.layers.sending import send_in_time
from qdash_core.parsing.limits import JSON_EXPORT, REQUEST_BODY

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_URL = 8192
LARGEST_HEADERS = 16 * 1024
"""Largest total size of the headers of a request, in bytes: names, values and separators."""
TOO_LONG_URL = f"an address has at most {LONGEST_URL} bytes"
TOO_LARGE_HEADERS = f"the headers of a request have at most {LARGEST_HEADERS} bytes in total"
LARGEST_BODY = REQUEST_BODY.size
LARGER_BODIES = {"/chips/import": JSON_EXPORT.size}
"""Largest bodies, in bytes: in general, and of paths that take more."""
CHUNK_S = 30.0
BODY_S = 120.0
"""So long one part of a body is waited for, and all of it, in seconds."""
SEND_S = 60.0
"""So long somebody may take for a part of the answer, in seconds."""

_CLOSE = {"connection": "close"}


class Bounds:
    """ASGI layer that refuses what is too long or takes too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on within bounds.

        Raises
        ------
        HTTPException
            Of status 400, 413, 414 or 431, if it is beyond them.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
            raise HTTPException(414, TOO_LONG_URL, _CLOSE)
        if sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"]) > LARGEST_HEADERS:
            raise HTTPException(431, TOO_LARGE_HEADERS, _CLOSE)
        body = _Body(receive, LARGER_BODIES.get(get_route_path(scope), LARGEST_BODY))
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # Who goes by the one finds another request where who goes by the other does.
            raise HTTPException(400, "a request says in one way how long it is", _CLOSE)
        body.refuse_declared(headers.get("content-length", ""))

        async def send_slowly(message: Message) -> None:
            await send_in_time(send, message, within_s=SEND_S)

        await self._app(scope, body.receive, send_slowly)


class _Body:
    """The body of one request, counted while it comes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._size = 0
        self._complete = False
        self._until = current_time() + BODY_S

    def refuse_declared(self, length: str) -> None:
        """Refuse a body that says that it is too large."""
        if length.isdecimal() and int(length) > self._most:
            self._refuse()

    async def receive(self) -> Message:
        """Return the next part; once all is there, whatever comes then, however long it takes."""
        if self._complete:
            return await self._receive()
        try:
            with fail_after(min(CHUNK_S, self._until - current_time())):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body did not come in time", _CLOSE) from None
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            self._refuse()
        self._complete = not message.get("more_body", False)
        return message

    def _refuse(self) -> None:
        raise HTTPException(413, f"a body has at most {self._most} bytes here", _CLOSE)
