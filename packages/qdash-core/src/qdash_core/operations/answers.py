"""Answers that are no documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qdash_core.documents.base import Document


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """File, in chunks that are produced as they are sent.

    A host produces each chunk in a slot of its own, so they are large. `is_drawn` tells whether browsers show it
    instead of saving it: only for raster images, which contain no scripts.
    """

    chunks: Iterable[bytes]
    name: str
    media_type: str
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class TextAnswer:
    """Text to be read: plain, Markdown, or one HTML page without scripts."""

    text: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Redirection:
    """Address of another page, which browsers open instead."""

    address: str


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """Message of a stream, of a kind such as `done`; `is_last` tells whether it ends the stream."""

    kind: str
    document: Document
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class MessageStream:
    """Messages that are sent as they come, each as a server-sent event of a host; the operation has the `media_type` `text/event-stream`.

    `first` is sent at once. `get_next` waits for the next message, at most for the given time in seconds, and returns
    it, or None if there is none yet. `cancel` is called with the reason when the stream ends early: its client is
    gone, the caller has lost access, or the host ends. It is also called after the last message, without effect.
    """

    first: StreamMessage
    get_next: Callable[[float], StreamMessage | None]
    cancel: Callable[[str], object]

    media_type = "text/event-stream"
