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
    from collections.abc import AsyncGenerator, Iterator

    from starlette.types import Receive, Scope, Send

    from qdash_core.operations.answers import FileAnswer


def stream_file(file: FileAnswer, *, user: str) -> Response:
    """Return a file as a streamed response to a user; each chunk is produced after the previous one was sent.

    Characters of the name other than letters, digits, `.` and `-` become `_`.
    """
    safe = re.sub(r"[^\w.-]", "_", file.name, flags=re.ASCII)
    disposition = "inline" if file.is_drawn else "attachment"
    headers = {"content-disposition": f'{disposition}; filename="{safe}"'}
    return _AbortableFile(
        _produce_in_slots(user, iter(file.chunks)), headers=headers, media_type=file.media_type
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
