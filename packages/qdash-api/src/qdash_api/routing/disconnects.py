"""Detection of disconnected clients, so that their requests neither wait for a slot nor are worked on."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from threading import Event
from typing import TYPE_CHECKING

from anyio import CancelScope

from qdash_core.process.cancellation import AbandonedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Receive

    from qdash_api.process.slots import Slot, Slots

CLIENT_DISCONNECTED = 499
"""Status of a request whose client has disconnected, in the logs and the audit log, as in nginx."""


class Client:
    """Client of one request, given its `receive` after the body has been read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._disconnected = Event()
        self._wait: CancelScope | None = None

    def has_disconnected(self) -> bool:
        """Return whether the client has disconnected. Safe for threads."""
        return self._disconnected.is_set()

    async def acquire(self, slots: Slots, user: str) -> Slot:
        """Acquire a slot for the request.

        Raises AbandonedError if the client disconnects while it waits, and as `Slots.acquire`.
        """
        slot = None
        with CancelScope() as self._wait:
            if not self.has_disconnected():
                slot = await slots.acquire(user)
        self._wait = None
        if slot is None:
            raise AbandonedError
        if self.has_disconnected():
            slot.release()
            raise AbandonedError
        return slot

    async def watch(self) -> None:
        """Wait for the client to disconnect, then cancel its wait for a slot."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._disconnected.set()
        if self._wait is not None:
            self._wait.cancel()


@asynccontextmanager
async def watch_client(receive: Receive) -> AsyncIterator[Client]:
    """Watch the client of a request during a block. The body has to be read before."""
    client = Client(receive)
    watching = asyncio.create_task(client.watch())
    try:
        yield client
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def cancel_on_disconnect(receive: Receive, scope: CancelScope) -> None:
    """Cancel a scope when the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def buffer_body(receive: Receive) -> tuple[bytes, Receive]:
    """Read the whole body, and return it with a `receive` that replays it; raise AbandonedError on a disconnect."""
    messages: deque[Message] = deque()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise AbandonedError
        messages.append(message)
        more = message.get("more_body", False)

    async def replay() -> Message:
        return messages.popleft() if messages else await receive()

    return b"".join(message.get("body", b"") for message in messages), replay
