"""What one listener is sent: what it has missed, then what happens, as long as it may hear it.

Whatever is asked of the store is asked beside what is sent: a store that does not answer delays neither what is in the
queue nor the comments that say that the stream lives.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import Lock, create_task_group, current_time, move_on_after, sleep, to_thread
from starlette.responses import Response

from qdash_api.events import messages
from qdash_api.layers.sending import NotTakenError, send_in_time
from qdash_core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio import CancelScope
    from starlette.types import Receive, Scope, Send

    from qdash_api.events.hub import Hub, Listener
    from qdash_core.models.access import Access
    from qdash_core.record.events import EventService, Place

logger = logging.getLogger(__name__)

_PAGE = 500
_AGAIN_S = 1.0
"""So soon the store is asked again for what has been missed, in seconds, when it was away."""


class EventStream(Response):
    """The events of a project as an answer that goes on until its listener or this process ends.

    Parameters
    ----------
    hub : Hub
        What hands events out.
    events : EventService
        Where events are read that were before.
    listener : Listener
        Who listens, to what.
    access : Access
        What the listener may hear.
    after : int or None
        Behind which event it begins; None: with what happens next.
    refusal : callable
        Returns why the listener may hear no more; empty: it may.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: Hub,
        events: EventService,
        listener: Listener,
        access: Access,
        after: int | None,
        *,
        refusal: Callable[[], str],
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._events, self._listener, self._access = hub, events, listener, access
        self._after, self._refusal, self._pace = after, refusal, hub.pace
        self._seq = 0
        self._refused = ""
        self._saying = Lock()
        self._said_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the signature is ASGI's
        """Send the stream."""
        try:
            await to_thread.run_sync(self._hub.join, self._listener, limiter=self._hub.readers)
            place = await to_thread.run_sync(
                self._events.place, self._access, self._after, limiter=self._hub.readers
            )
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            self._said_at = current_time()
            async with create_task_group() as group:
                group.start_soon(_until_gone, receive, group.cancel_scope)
                group.start_soon(self._look_again)
                group.start_soon(self._break_silences, send)
                await self._tell(place, send)
                group.cancel_scope.cancel()
        except* NotTakenError:
            logger.warning("somebody who listens to events takes nothing: the stream is ended")
        finally:
            self._hub.leave(self._listener)

    async def _tell(self, place: Place, send: Send) -> None:
        self._seq = place.seq
        await self._say(send, messages.beginning(place.seq))
        if place.gap:
            await self._say(send, messages.gap(self._after or 0, place.seq))
        while not self._hub.closed and not self._refused:
            if not await self._tell_more(send):
                await self._wait()
        ending = messages.end(self._refused) if self._refused else messages.pause()
        await self._say(send, ending, last=True)

    async def _look_again(self) -> None:
        """Look time and again whether the listener may still hear what it hears."""
        while not self._refused:
            await sleep(self._pace.look_again_s)
            with suppress(StoreUnavailableError):  # nothing can be heard then either
                self._refused = await to_thread.run_sync(self._refusal, limiter=self._hub.lookers)
        self._listener.woken.set()

    async def _break_silences(self, send: Send) -> None:
        """Say that the stream lives whenever nothing has been said for a while."""
        while True:
            await sleep(max(0.0, self._said_at + self._pace.heartbeat_s - current_time()))
            if current_time() - self._said_at >= self._pace.heartbeat_s:
                await self._say(send, messages.AWAY if self._hub.away else messages.HEARTBEAT)

    async def _tell_more(self, send: Send) -> bool:
        """Send what there is; returns False when that is nothing."""
        if self._listener.behind:
            return await self._tell_past(send)
        new = [heard for heard in self._listener.take() if heard.event.seq > self._seq]
        if new:
            await self._say(send, b"".join(heard.message for heard in new))
            self._seq = new[-1].event.seq
        return bool(new)

    async def _tell_past(self, send: Send) -> bool:
        """Send a page of what has been missed; returns False while the store is away."""
        self._listener.begin_to_queue()
        try:
            found = await to_thread.run_sync(
                lambda: self._events.since(self._access, self._seq, limit=_PAGE), limiter=self._hub.readers
            )
        except StoreUnavailableError:
            self._listener.behind = True
            return False
        # Whatever was in the queue meanwhile comes again with the page behind this one.
        self._listener.behind = self._listener.behind or len(found) == _PAGE
        wanted = [messages.message_of(event) for event in found if self._listener.wanted.takes(event)]
        if wanted:
            await self._say(send, b"".join(wanted))
        if found:
            self._seq = found[-1].seq
        return True

    async def _wait(self) -> None:
        """Wait until there is something to be sent, or the store may be there again."""
        if not self._listener.behind:
            await self._listener.woken.wait()
            return
        with move_on_after(_AGAIN_S):
            await self._listener.woken.wait()
        self._listener.woken.clear()

    async def _say(self, send: Send, text: bytes, *, last: bool = False) -> None:
        """Send a piece; raise NotTakenError when the listener does not take it."""
        message = {"type": "http.response.body", "body": text, "more_body": not last}
        async with self._saying:
            await send_in_time(send, message, within_s=self._pace.patience_s)
            self._said_at = current_time()


async def _until_gone(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
