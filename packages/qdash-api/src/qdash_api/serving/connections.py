"""Connections of a process: how many it takes, and how long one may go without a whole head of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

MOST = 800
"""So many connections are served: 500 streams of events, and what is asked beside them."""
_REFUSED = 32
"""So many more are answered that there are too many; what comes then is closed at once."""
AT_A_TIME = 96
"""So many are taken at a time, before any of them is counted: each has a file already."""
_OTHER_FILES = 64
"""So many files a process has open beside its connections."""
HEAD_S = 30.0
"""So long the first head of a connection is waited for, and every head that has begun, in seconds."""


def most_connections() -> int:
    """Return how many connections this process serves: as many as it may open, and never so many that it can open no file."""
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


class Connection(H11Protocol):
    """A connection that is closed when no request comes of it, or when there are too many."""

    _given_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        if len(self.connections) > (self.limit_concurrency or MOST) + _REFUSED:
            transport.abort()
        else:
            self._wait_for_a_head()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that has begun."""
        super().data_received(data)
        if self._answers:
            self._stop_waiting()
        elif self._given_up is None:
            self._wait_for_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _answers(self) -> bool:
        """Whether a head has come, and its answer is under way."""
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
