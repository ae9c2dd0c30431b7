"""Event stream of a host, which resumes after the last received event when its connection is lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from qdash_core.documents.events import EventDocument
from qdash_core.errors import AccessDeniedError, StoreUnavailableError, TooManyError
from qdash_core.parsing.json_parser import parse_json
from qdash_remote.problems import HostError
from qdash_remote.server_sent_events import SILENCE_S, read_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qdash_remote.connection import Connection

_CONNECTION_ERRORS = (HostError, StoreUnavailableError, TooManyError, httpx.TransportError)


@dataclass(frozen=True, slots=True)
class Gap:
    """Gap in the stream: events after `after` and up to `goes_on_behind` are lost; read dependent data again."""

    after: int
    goes_on_behind: int


@dataclass(slots=True)
class _Position:
    """Position in the stream: the last complete event, and the delay before the next connection."""

    last: int | None
    retry_s: float = 1.0


def _parse_message(kind: str, data: str) -> EventDocument | Gap:
    if kind == "gap":
        message = parse_json(data)
        return Gap(message["after"], message["goes_on_behind"])
    if kind == "end":
        raise AccessDeniedError(f"the host closed the event stream: {parse_json(data).get('reason', '')}")
    return EventDocument.model_validate_json(data, extra="ignore")


def follow(
    connection: Connection,
    *,
    chip_id: str | None = None,
    execution_id: str | None = None,
    kinds: Iterable[str] = (),
    after: int | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[EventDocument | Gap]:
    """Yield events as they happen, without end; wait for a host that is unavailable.

    Parameters
    ----------
    chip_id, execution_id : str or None
        Only events of these. The end of an execution does not end the stream, as it may be resumed.
    kinds : iterable of str
        Only events of these kinds, with `*` as a wildcard: `task.*`; empty: all kinds.
    after : int or None
        Number of the event after which to start, 0 for the first one that is kept, or None for new events only.

    Raises AccessDeniedError if the caller has lost access.
    """
    filters = {"chip_id": chip_id, "execution_id": execution_id, "kind": list(kinds) or None}
    position = _Position(after)
    while True:
        wait_s = 0.0
        try:
            yield from _stream_events(
                connection, {name: one for name, one in filters.items() if one is not None}, position
            )
        except _CONNECTION_ERRORS as error:
            if isinstance(error, HostError) and error.status is not None and error.status < 500:
                raise  # the host is there, and refuses the request
            wait_s = error.retry_after_s if isinstance(error, TooManyError) else 0.0
        pause(max(wait_s, position.retry_s))


def _stream_events(
    connection: Connection, filters: dict[str, str | list[str]], position: _Position
) -> Iterator[EventDocument | Gap]:
    """Yield the events of one connection, until it ends."""
    headers = {} if position.last is None else {"last-event-id": str(position.last)}
    with connection.stream("GET", "/events", params=filters, headers=headers, timeout=SILENCE_S) as response:
        for message in read_messages(response.iter_lines()):
            if message.retry_ms is not None:
                position.retry_s = message.retry_ms / 1000
            found = _parse_message(message.name, message.data) if message.data else None
            if message.id is not None:
                position.last = message.id
            if found is not None:
                yield found
