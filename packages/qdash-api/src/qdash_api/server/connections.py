"""Connections of a process: their maximum number, time limits, and refusals before the application."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from qdash_api.middleware.bounds import LARGEST_HEADERS, LONGEST_URL, TOO_LARGE_HEADERS, TOO_LONG_URL
from qdash_api.middleware.security_headers import SECURITY_HEADERS
from qdash_api.problems import make_problem, respond

if TYPE_CHECKING:
    import asyncio

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
    from uvicorn import Config
    from uvicorn.server import ServerState

    from qdash_api.problems import Problem

MAX_CONNECTIONS = 800
"""Maximum number of connections: 500 event streams, and the requests beside them."""
_MAX_REFUSED = 32
"""Number of further connections that receive a refusal; any after these are closed at once."""
BACKLOG = 96
"""Number of connections accepted at a time, before they are counted: each has a file descriptor already."""
_OTHER_FILES = 64
"""File descriptors that a process needs besides its connections."""
_LONGEST_REQUEST_LINE = LONGEST_URL + 512
LARGEST_HEAD = _LONGEST_REQUEST_LINE + LARGEST_HEADERS
"""Largest incomplete head of a request, in bytes. `Bounds` checks the size of a complete one."""
_BUSY = make_problem(
    503, "this host process has no free connection: try again later", kind="busy", retry_after_s=5
)
_LINGER_S = 2.0
"""Time for a client to read a refusal and close the connection, in seconds."""
MAX_SMALL_PARTS, SMALL_PART_BYTES = 5_000, 256
"""Maximum number of small body parts, and their size in bytes: each costs the event loop time."""
HEAD_S = 30.0
"""Time limit for the first head of a connection, and for the rest of a head that has begun, in seconds."""


def get_max_connections() -> int:
    """Return the maximum number of connections, within the limit of open files of this process."""
    try:
        import resource
    except ImportError:  # no such limit on this system
        return MAX_CONNECTIONS
    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = _MAX_REFUSED + BACKLOG + _OTHER_FILES
    needed = MAX_CONNECTIONS + spare
    if soft_limit != resource.RLIM_INFINITY and soft_limit < needed:
        soft_limit = needed if hard_limit == resource.RLIM_INFINITY else min(needed, hard_limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit, hard_limit))
    room = needed if soft_limit == resource.RLIM_INFINITY else soft_limit
    return max(1, min(MAX_CONNECTIONS, room - spare))


class _Parser(h11.Connection):
    """Parser of the requests of one connection, which refuses bodies in too many small parts."""

    _small_parts = 0

    def next_event(self) -> Any:
        """Return the next event; raise RemoteProtocolError (413) if there are too many small parts."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._small_parts = 0
        elif isinstance(event, h11.Data) and len(event.data) < SMALL_PART_BYTES:
            self._small_parts += 1
            if self._small_parts > MAX_SMALL_PARTS:
                raise h11.RemoteProtocolError(
                    f"the body has more than {MAX_SMALL_PARTS} parts of less than {SMALL_PART_BYTES} bytes",
                    error_status_hint=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                )
        return event


class LimitedConnection(H11Protocol):
    """Connection that is closed if no request arrives, or if there are too many.

    Refusals by the server itself are problem documents.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _refused = False

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = _Parser(h11.SERVER, LARGEST_HEAD)
        self._max_connections, self.limit_concurrency = self.limit_concurrency or MAX_CONNECTIONS, None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit for a head, or refuse the connection."""
        super().connection_made(transport)
        if len(self.connections) > self._max_connections + _MAX_REFUSED:
            transport.abort()
            return
        if len(self.connections) > self._max_connections:
            self.app = _answer_busy
        self._start_head_timer()

    def send_400_response(self, msg: str) -> None:
        """Answer a malformed or oversized request with a problem document, while the server handles the error.

        If the answer of the application has begun, the connection is closed instead.
        """
        error = sys.exc_info()[1]
        self._refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            # The body broke while the application handles the request: what the application still
            # sends is dropped.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        self._send(_make_refusal(self._make_problem(error, msg)))
        # Closing at once, with data unread, would reset the connection and lose the answer.
        self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.abort)

    def _send(self, answer: Response) -> None:
        event = h11.Response(
            status_code=answer.status_code,
            headers=answer.raw_headers,
            reason=HTTPStatus(answer.status_code).phrase,
        )
        for part in (event, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(part) or b"")

    def _make_problem(self, error: BaseException | None, msg: str) -> Problem:
        hint = (
            error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else HTTPStatus.BAD_REQUEST
        )
        if hint == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return make_problem(hint, str(error))
        if hint != HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            return make_problem(hint, msg)
        received, _ = self.conn.trailing_data
        if b"\n" in received[:_LONGEST_REQUEST_LINE]:
            return make_problem(hint, TOO_LARGE_HEADERS)
        return make_problem(HTTPStatus.REQUEST_URI_TOO_LONG, TOO_LONG_URL)

    def data_received(self, data: bytes) -> None:
        """Start the time limit for an incomplete head; drop data after a refusal."""
        if self._refused:
            return
        super().data_received(data)
        if self._is_answering:
            self._cancel_head_timer()
        elif self._head_timer is None:
            self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time limit."""
        self._cancel_head_timer()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        """True while a request is handled."""
        return self.cycle is not None and not self.cycle.response_complete

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_S, self._close_idle)

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_idle(self, *_: Any) -> None:
        self._head_timer = None
        if not self._is_answering:
            self.transport.abort()


def _make_refusal(problem: Problem) -> Response:
    return respond(problem, headers={**SECURITY_HEADERS, "connection": "close"})


async def _answer_busy(scope: Scope, receive: Receive, send: Send) -> None:
    await _make_refusal(_BUSY)(scope, receive, send)
