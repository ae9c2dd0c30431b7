"""Event stream of one listener: missed events first, then live events while the listener has access.

A store that does not answer delays neither queued events nor heartbeats.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import create_task_group, current_time, move_on_after, sleep, to_thread

from qdash_api.events import messages
from qdash_api.routing.disconnects import cancel_on_disconnect
from qdash_api.routing.slow_client import SlowClientError
from qdash_api.routing.sse_response import ServerSentResponse
from qdash_core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from qdash_api.events.hub import EventHub, Listener
    from qdash_core.models.access import Access
    from qdash_core.record.events import EventPosition, EventService

logger = logging.getLogger(__name__)

_PAGE = 500
_AGAIN_S = 1.0
"""Delay before missed events are read again from a store that was unavailable, in seconds."""


class EventStream(ServerSentResponse):
    """Response that streams the events of a project until the listener or this process ends.

    Parameters
    ----------
    after : int or None
        Number of the event after which the stream starts, or None to start with the next event.
    refusal : callable
        Returns why the listener has lost access, or an empty string if it has not.
    """

    def __init__(
        self,
        hub: EventHub,
        events: EventService,
        listener: Listener,
        access: Access,
        after: int | None,
        *,
        refusal: Callable[[], str],
    ) -> None:
        super().__init__(hub.timing.send_timeout_s)
        self._hub, self._events, self._listener, self._access = hub, events, listener, access
        self._after, self._refusal, self._timing = after, refusal, hub.timing
        self._seq = 0
        self._refused = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the signature is ASGI's
        """Send the stream."""
        try:
            await to_thread.run_sync(self._hub.join, self._listener, limiter=self._hub.readers)
            place = await to_thread.run_sync(
                self._events.get_position, self._access, self._after, limiter=self._hub.readers
            )
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            self._sent_at = current_time()
            async with create_task_group() as group:
                group.start_soon(cancel_on_disconnect, receive, group.cancel_scope)
                group.start_soon(self._check_access)
                group.start_soon(self._send_heartbeats, send)
                await self._send_events(place, send)
                group.cancel_scope.cancel()
        except* SlowClientError:
            logger.warning("event stream closed: the client did not receive data in time")
        finally:
            self._hub.leave(self._listener)

    async def _send_events(self, place: EventPosition, send: Send) -> None:
        self._seq = place.seq
        await self._send(send, messages.format_start(place.seq))
        if place.gap:
            await self._send(send, messages.format_gap(self._after or 0, place.seq))
        while not self._hub.closed and not self._refused:
            if not await self._send_available(send):
                await self._wait()
        ending = messages.format_end(self._refused) if self._refused else messages.format_pause()
        await self._send(send, ending, last=True)

    async def _check_access(self) -> None:
        """Check regularly whether the listener still has access."""
        while not self._refused:
            await sleep(self._timing.access_check_s)
            with suppress(StoreUnavailableError):  # then there are no events to send either
                self._refused = await to_thread.run_sync(self._refusal, limiter=self._hub.access_checkers)
        self._listener.woken.set()

    async def _send_heartbeats(self, send: Send) -> None:
        """Send a heartbeat whenever nothing has been sent for a while."""
        while True:
            await sleep(max(0.0, self._sent_at + self._timing.heartbeat_s - current_time()))
            if current_time() - self._sent_at >= self._timing.heartbeat_s:
                await self._send(
                    send, messages.STORE_UNAVAILABLE if self._hub.is_store_away else messages.HEARTBEAT
                )

    async def _send_available(self, send: Send) -> bool:
        """Send available events; return whether there were any."""
        if self._listener.behind:
            return await self._send_missed(send)
        new = [queued for queued in self._listener.take() if queued.event.seq > self._seq]
        if new:
            await self._send(send, b"".join(queued.message for queued in new))
            self._seq = new[-1].event.seq
        return bool(new)

    async def _send_missed(self, send: Send) -> bool:
        """Send a page of missed events; return False while the store is unavailable."""
        self._listener.begin_to_queue()
        try:
            found = await to_thread.run_sync(
                lambda: self._events.list_since(self._access, self._seq, limit=_PAGE),
                limiter=self._hub.readers,
            )
        except StoreUnavailableError:
            self._listener.behind = True
            return False
        # Events queued meanwhile come again with the page after this one.
        self._listener.behind = self._listener.behind or len(found) == _PAGE
        wanted = [
            messages.format_message(event) for event in found if self._listener.event_filter.matches(event)
        ]
        if wanted:
            await self._send(send, b"".join(wanted))
        if found:
            self._seq = found[-1].seq
        return True

    async def _wait(self) -> None:
        """Wait until there are events to send, or until another read of the store is worth trying."""
        if not self._listener.behind:
            await self._listener.woken.wait()
            return
        with move_on_after(_AGAIN_S):
            await self._listener.woken.wait()
        self._listener.woken.clear()
