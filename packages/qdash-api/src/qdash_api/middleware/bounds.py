"""Limits of every request: sizes of URL, headers and body, and the time to send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import current_time, fail_after
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from qdash_api.routing.slow_client import send_in_time
from qdash_core.parsing.limits import REQUEST_BODY

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_URL = 8192
LARGEST_HEADERS = 16 * 1024
"""Largest total size of the headers of a request, in bytes: names, values and separators."""
TOO_LONG_URL = f"the URL is longer than {LONGEST_URL} bytes"
TOO_LARGE_HEADERS = f"the headers are larger than {LARGEST_HEADERS} bytes in total"
CHUNK_S = 30.0
BODY_S = 120.0
"""Time limits for one part of a body and for the whole body, in seconds."""
SEND_S = 60.0
"""Time limit for the client to receive a part of the response, in seconds."""

_CLOSE = {"connection": "close"}


class RequestBoundsMiddleware:
    """ASGI middleware that refuses requests that are too large or too slow.

    `bodies` are method, pattern of the path and largest body, in bytes, of operations with a limit of their own.
    """

    def __init__(self, app: ASGIApp, bodies: Sequence[tuple[str, re.Pattern[str], int]] = ()) -> None:
        self._app = app
        self._bodies = bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that is within the limits.

        Raises HTTPException with status 400, 408, 413, 414 or 431, if it exceeds one.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_URL:
            raise HTTPException(414, TOO_LONG_URL, _CLOSE)
        if sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"]) > LARGEST_HEADERS:
            raise HTTPException(431, TOO_LARGE_HEADERS, _CLOSE)
        body = _MeasuredBody(receive, self._get_largest_body(scope))
        headers = Headers(scope=scope)
        if "content-length" in headers and "transfer-encoding" in headers:
            # A proxy that uses one of the two headers would split the stream into other requests
            # than a server that uses the other.
            raise HTTPException(400, "send either Content-Length or Transfer-Encoding, not both", _CLOSE)
        body.require_declared_size(headers.get("content-length", ""))

        async def send_slowly(message: Message) -> None:
            await send_in_time(send, message, within_s=SEND_S)

        await self._app(scope, body.receive, send_slowly)

    def _get_largest_body(self, scope: Scope) -> int:
        method, path = scope["method"], get_route_path(scope)
        sizes = (size for of, pattern, size in self._bodies if of == method and pattern.match(path))
        return next(sizes, REQUEST_BODY.size)


class _MeasuredBody:
    """Body of one request, measured while it is received."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._size = 0
        self._complete = False
        self._until = current_time() + BODY_S

    def require_declared_size(self, length: str) -> None:
        """Refuse a body whose declared length is too large."""
        if length.isdecimal() and int(length) > self._most:
            self._raise_too_large()

    async def receive(self) -> Message:
        """Return the next part; after the whole body, return the next message without a time limit."""
        if self._complete:
            return await self._receive()
        try:
            with fail_after(min(CHUNK_S, self._until - current_time())):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body was not received in time", _CLOSE) from None
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            self._raise_too_large()
        self._complete = not message.get("more_body", False)
        return message

    def _raise_too_large(self) -> None:
        raise HTTPException(413, f"the body is larger than {self._most} bytes", _CLOSE)
