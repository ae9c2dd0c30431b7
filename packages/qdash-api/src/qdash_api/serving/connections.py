"""Connections of a process: their maximum number, time limits, and refusals before the application."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from qdash_api.layers.bounds import LARGEST_HEADERS, LONGEST_URL, TOO_LARGE_HEADERS, TOO_LONG_URL
from qdash_api.layers.security_headers import SECURITY_HEADERS
from qdash_api.problems import make_problem, respond

if TYPE_CHECKING:
    import asyncio

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send
    from uvicorn import Config
    from uvicorn.server import ServerState

    from qdash_api.problems import Problem

MOST = 800
"""Maximum number of connections: 500 event streams, and the requests beside them."""
_REFUSED = 32
"""Number of further connections that receive a refusal; any after these are closed at once."""
AT_A_TIME = 96
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
MOST_SMALL_PARTS, SMALL_PART = 5_000, 256
"""Maximum number of small body parts, and their size in bytes: each costs the event loop time."""
HEAD_S = 30.0
"""Time limit for the first head of a connection, and for the rest of a head that has begun, in seconds."""


def most_connections() -> int:
    """Return the maximum number of connections, within the limit of open files of this process."""
    try:
        import resource
    except ImportError:  # no such limit on this system
        return MOST
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = _REFUSED + AT_A_TIME + _OTHER_FILES
    needed = MOST + spare
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        allowed = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    room = needed if allowed == resource.RLIM_INFINITY else allowed
    return max(1, min(MOST, room - spare))


class _Parser(h11.Connection):
    """Parser of the requests of one connection, which refuses bodies in too many small parts."""

    _small_parts = 0

    def next_event(self) -> Any:
        """Return the next event; raise RemoteProtocolError (413) if there are too many small parts."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._small_parts = 0
        elif isinstance(event, h11.Data) and len(event.data) < SMALL_PART:
            self._small_parts += 1
            if self._small_parts > MOST_SMALL_PARTS:
                raise h11.RemoteProtocolError(
                    f"the body has more than {MOST_SMALL_PARTS} parts of less than {SMALL_PART} bytes",
                    error_status_hint=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                )
        return event


class LimitedConnection(H11Protocol):
    """Connection that is closed if no request arrives, or if there are too many.

    Refusals by the server itself are problem documents, too.
    """

    _given_up: asyncio.TimerHandle | None = None
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
        self._most, self.limit_concurrency = self.limit_concurrency or MOST, None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time limit for a head, or refuse the connection."""
        super().connection_made(transport)
        if len(self.connections) > self._most + _REFUSED:
            transport.abort()
            return
        if len(self.connections) > self._most:
            self.app = _answer_busy
        self._wait_for_a_head()

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
        self._send(_refusal(self._problem_of(error, msg)))
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

    def _problem_of(self, error: BaseException | None, msg: str) -> Problem:
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
        if self._answers:
            self._stop_waiting()
        elif self._given_up is None:
            self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the time limit."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _answers(self) -> bool:
        """True while a request is handled."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_a_head(self) -> None:
        self._given_up = self.loop.call_later(HEAD_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._given_up is not None:
            self._given_up.cancel()
            self._given_up = None

    def _give_up(self, *_: Any) -> None:
        self._given_up = None
        if not self._answers:
            self.transport.abort()


def _refusal(found: Problem) -> Response:
    return respond(found, headers={**SECURITY_HEADERS, "connection": "close"})


async def _answer_busy(scope: Scope, receive: Receive, send: Send) -> None:
    await _refusal(_BUSY)(scope, receive, send)
