"""Files as answers: their pieces are made in the turns of slow calls, and sent outside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from anyio import Semaphore

    from qdash_api.guarding.call import Call


def file(call: Call, chunks: Iterable[bytes], *, name: str, media_type: str) -> Response:
    """Return a file as an answer, piece by piece; a piece is made when the one before has been sent.

    Parameters
    ----------
    chunks : iterable of bytes
        Large ones: each is made in a turn of its own.
    name : str
        Which name a browser gives it. What is neither letter, digit, `.` nor `-` becomes `_`: ids may hold anything.
    """
    safe = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    headers = {"content-disposition": f'attachment; filename="{safe}"'}
    made = _made(call.request.app.state.slow_calls, iter(chunks))
    return StreamingResponse(made, headers=headers, media_type=media_type)


async def _made(turns: Semaphore, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces, made in the turns of slow calls: who takes them slowly holds neither a turn nor a thread."""
    while True:
        async with turns:
            piece = await to_thread.run_sync(lambda: next(chunks, None))
        if piece is None:
            return
        yield piece
