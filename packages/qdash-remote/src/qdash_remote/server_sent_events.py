"""Messages of a stream of server-sent events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SILENCE_S = 60.0
"""Silence after which a connection counts as lost: a host sends something four times in this interval."""


@dataclass(frozen=True, slots=True)
class ServerSentMessage:
    """Complete message: its name and data, either may be empty, and the numbers that it may carry."""

    name: str
    data: str
    id: int | None
    retry_ms: int | None


def read_messages(lines: Iterable[str]) -> Iterator[ServerSentMessage]:
    """Yield each complete message. An incomplete one is lost with its connection."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        name = fields.get("event", [""])[-1]
        data = "\n".join(fields.get("data", ()))
        yield ServerSentMessage(name, data, _read_number(fields, "id"), _read_number(fields, "retry"))
        fields = {}


def _read_number(fields: dict[str, list[str]], name: str) -> int | None:
    """Return the last number of a field; other texts are ignored."""
    numbers = [int(one) for one in fields.get(name, ()) if one.isdecimal()]
    return numbers[-1] if numbers else None
