"""Events of a host as they happen: the stream is taken up again behind the last one that was heard."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from qdash_client.problems import HostError
from qdash_core.documents.events import EventDocument
from qdash_core.errors import AccessDeniedError, StoreUnavailableError, TooManyError
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qdash_client.generated import AuthenticatedClient

SILENCE_S = 60.0
"""A host says something four times in this; where it does not, the connection is lost."""
_AWAY = (HostError, StoreUnavailableError, TooManyError, httpx.TransportError)


@dataclass(frozen=True, slots=True)
class Gap:
    """Events behind `after` up to `goes_on_behind` are no longer known: what one shows of them is read anew."""

    after: int
    goes_on_behind: int


@dataclass(slots=True)
class _Position:
    """What outlives a connection: the last event that was heard to its end, and how long to wait for the next one."""

    last: int | None
    retry_s: float = 1.0


@dataclass(slots=True)
class _Connection:
    """What one connection says, line by line: server-sent events. One that it breaks off in is lost with it."""

    position: _Position
    _kind: str = ""
    _data: list[str] = field(default_factory=list)
    _id: int | None = None

    def take(self, line: str) -> EventDocument | Gap | None:
        """Read a line; return what it completes."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._kind = value
        elif name == "id" and value.isdecimal():
            self._id = int(value)
        elif name == "retry" and value.isdecimal():
            self.position.retry_s = int(value) / 1000
        return None

    def _complete(self) -> EventDocument | Gap | None:
        kind, data, self._kind, self._data = self._kind, "\n".join(self._data), "", []
        said = _said(kind, data) if data else None
        if self._id is not None:
            self.position.last = self._id
        return said


def _said(kind: str, data: str) -> EventDocument | Gap:
    if kind == "gap":
        said = parse_json(data)
        return Gap(said["after"], said["goes_on_behind"])
    if kind == "end":
        raise AccessDeniedError(f"the host ends the stream of events: {parse_json(data).get('reason', '')}")
    return EventDocument.model_validate_json(data, extra="ignore")


def follow(
    client: AuthenticatedClient,
    *,
    chip_id: str | None = None,
    execution_id: str | None = None,
    kinds: Iterable[str] = (),
    after: int | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[EventDocument | Gap]:
    """Yield events as they happen, for as long as they are asked for; a host that goes away is waited for.

    Parameters
    ----------
    client : AuthenticatedClient
        As `connect` makes it.
    chip_id, execution_id : str or None
        Of these only. The end of an execution ends nothing: it may be resumed.
    kinds : iterable of str
        Of these only, `*` being anything: `task.*`; none: of all.
    after : int or None
        Begin behind the event of this number, 0: with the first that is kept; None: with what comes.
    pause : callable
        Waits so many seconds before it connects again.

    Raises
    ------
    AccessDeniedError
        If the caller may hear no more.
    """
    asked = {"chip_id": chip_id, "execution_id": execution_id, "kind": list(kinds) or None}
    position = _Position(after)
    while True:
        wait_s = 0.0
        try:
            yield from _streamed(
                client, {name: one for name, one in asked.items() if one is not None}, position
            )
        except _AWAY as error:
            if isinstance(error, HostError) and error.status is not None and error.status < 500:
                raise  # it is there, and will not do this
            wait_s = error.retry_after_s if isinstance(error, TooManyError) else 0.0
        pause(max(wait_s, position.retry_s))


def _streamed(
    client: AuthenticatedClient, asked: dict[str, str | list[str]], position: _Position
) -> Iterator[EventDocument | Gap]:
    """Yield what one connection brings, until it ends."""
    headers = {} if position.last is None else {"last-event-id": str(position.last)}
    connection = _Connection(position)
    http = client.get_httpx_client()
    with http.stream("GET", "/events", params=asked, headers=headers, timeout=SILENCE_S) as response:
        for line in response.iter_lines():
            found = connection.take(line)
            if found is not None:
                yield found
