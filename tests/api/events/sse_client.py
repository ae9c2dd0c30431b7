"""A client of the events of a host in this process."""

from __future__ import annotations

import json
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anyio import Event, create_task_group, fail_after

from qdash_api.events.hub import EventHub, Listener
from qdash_api.events.stream import EventStream
from qdash_core.models.execution import EventModel
from qdash_core.record.events import EventFilter, EventService
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import Message

    from qdash_core.repositories.store import Store

PATIENCE_S = 30.0


@dataclass(frozen=True)
class ParsedMessage:
    """A parsed message."""

    kind: str = ""
    id: int | None = None
    data: Any = None
    comment: str = ""


def parse_message(text: str) -> ParsedMessage:
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    number = fields.get("id")
    data = fields.get("data")
    return ParsedMessage(
        fields.get("event", ""),
        None if number is None else int(number),
        None if data is None else json.loads(data),
        fields.get("", ""),
    )


class Client:
    """A client that reads while `takes` is set."""

    def __init__(self) -> None:
        self.told: deque[ParsedMessage] = deque()
        self.takes = Event()
        self.takes.set()
        self.refusal = ""
        self.gone = Event()
        self.ended = Event()
        self._more = Event()
        self._begun = b""
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        *whole, self._begun = (self._begun + message.get("body", b"")).split(b"\n\n")
        for text in whole:
            self.told.append(parse_message(text.decode()))
        self._more.set()

    async def read_next(self) -> ParsedMessage:
        """Return the next message."""
        with fail_after(PATIENCE_S):
            while not self.told:
                self._more = Event()
                await self._more.wait()
        return self.told.popleft()

    async def read_event_numbers(self, number: int) -> list[int]:
        """Return the numbers of the next events, skipping other messages."""
        found: list[int] = []
        while len(found) < number:
            heard = await self.read_next()
            if heard.data is not None and "seq" in heard.data:
                assert heard.id == heard.data["seq"]
                found.append(heard.data["seq"])
        return found


@asynccontextmanager
async def open_client(
    hub: EventHub,
    store: Store,
    *,
    after: int | None = None,
    username: str = "token",
    takes: bool = True,
    wanted: EventFilter | None = None,
    refusal: Callable[[], str] | None = None,
) -> AsyncIterator[Client]:
    """Yield a client that listens to project `default`; it disconnects at the end of the block."""
    client = Client()
    listener = Listener(ADMIN.project_id, wanted or EventFilter(), username=username)
    refused = refusal or (lambda: client.refusal)
    stream = EventStream(hub, EventService(store), listener, ADMIN, after, refusal=refused)

    async def run() -> None:
        await stream({"type": "http"}, client.receive, client.send)
        client.ended.set()

    async with create_task_group() as group:
        group.start_soon(run)
        assert (await client.read_next()).id is not None
        if not takes:
            client.takes = Event()
        yield client
        client.gone.set()
        client.takes.set()


def record_events(store: Store, number: int = 1, **fields: Any) -> list[int]:
    """Record a number of events, and return their numbers."""
    given = {"project_id": "default", "kind": "task.completed", **fields}
    with store.transaction(durable=False) as transaction:
        events = Repositories(transaction).of(EventRepository)
        return [events.append(EventModel(**given)) for _ in range(number)]
