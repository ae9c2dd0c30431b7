"""Sending of responses to clients that receive slowly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import fail_after

if TYPE_CHECKING:
    from starlette.types import Message, Send

PIECE = 64 * 1024
"""Largest part that is passed to the server at once, in bytes: unsent data stays in its memory."""


class SlowClientError(TimeoutError):
    """The client does not receive the response in time."""


async def send_in_time(send: Send, message: Message, *, within_s: float) -> None:
    """Send a message in parts, each once there is room for it.

    Raises SlowClientError if the client takes longer than `within_s` to receive one part.
    """
    body = message.get("body", b"")
    more = message.get("more_body", False)
    if message["type"] != "http.response.body" or len(body) <= PIECE:
        await _send(send, message, within_s)
        return
    for begin in range(0, len(body), PIECE):
        end = begin + PIECE
        piece = {**message, "body": body[begin:end], "more_body": more or end < len(body)}
        await _send(send, piece, within_s)


async def _send(send: Send, message: Message, within_s: float) -> None:
    try:
        with fail_after(within_s):
            await send(message)
    except TimeoutError:
        raise SlowClientError(f"the client received nothing for {within_s:g} s") from None
