"""What is sent to somebody who may take it slowly, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anyio import fail_after

if TYPE_CHECKING:
    from starlette.types import Message, Send

PIECE = 64 * 1024
"""Largest piece that is handed to the server at once, in bytes: what is not taken of it is in its memory."""


class NotTakenError(TimeoutError):
    """Somebody takes nothing of what they have asked for."""


async def send_in_time(send: Send, message: Message, *, within_s: float) -> None:
    """Send a part of an answer in pieces, each of them when there is room for it.

    Parameters
    ----------
    within_s : float
        So long the other side may take for a piece, in seconds.

    Raises
    ------
    NotTakenError
        If it takes longer.
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
        raise NotTakenError(f"nothing was taken for {within_s:g} s") from None
