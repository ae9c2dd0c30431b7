"""File responses streamed in chunks, each produced in a slot of slow reads and sent after its release."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.responses import Response, StreamingResponse

from qdash_api.process.limits import get_current_limits

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from starlette.types import Receive, Scope, Send

    from qdash_api.routing.call import Call


def stream_file(call: Call, chunks: Iterable[bytes], *, name: str, media_type: str) -> Response:
    """Return a file as a streamed response; each chunk is produced after the previous one was sent.

    Parameters
    ----------
    chunks : iterable of bytes
        Large chunks: each is produced in a slot of its own.
    name : str
        File name for the browser. Characters other than letters, digits, `.` and `-` become `_`: ids may
        contain any.
    """
    safe = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    headers = {"content-disposition": f'attachment; filename="{safe}"'}
    return _AbortableFile(
        _produce_in_slots(call.username, iter(chunks)), headers=headers, media_type=media_type
    )


class _AbortableFile(StreamingResponse):
    """Streamed file whose production stops when its client disconnects."""

    body_iterator: AsyncGenerator[bytes, None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, and close the iterator of chunks in any case."""
        async with aclosing(self.body_iterator):
            await super().__call__(scope, receive, send)


async def _produce_in_slots(user: str, chunks: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield the chunks, each produced in a slot of slow reads; a slow client holds neither slot nor thread."""
    slots = get_current_limits().slow_reads
    try:
        while True:
            with await slots.acquire(user, unlimited_wait=True):
                chunk = await to_thread.run_sync(next, chunks, None, limiter=slots.threads)
            if chunk is None:
                return
            yield chunk
    finally:
        if isinstance(chunks, Generator):
            # At shutdown the server cancels this task while a thread may still produce a chunk.
            with suppress(ValueError):
                chunks.close()
