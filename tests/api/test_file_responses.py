"""Files as responses: slots of slow reads produce their chunks, which are sent outside of the slots."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from qdash_api.process.limits import get_current_limits
from qdash_api.routing.file_responses import stream_file
from qdash_core.operations.answers import FileAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_file_has_a_slot_for_each_piece_and_none_while_it_is_sent() -> None:
    taken: list[tuple[bytes, bool]] = []

    async def sent() -> None:
        limits = get_current_limits()

        def is_held() -> bool:
            return limits.slow_reads.threads.borrowed_tokens > 0

        def pieces() -> Iterator[bytes]:
            for piece in (b"one", b"two"):
                taken.append((piece, is_held()))
                yield piece

        file = FileAnswer(pieces(), name='../a "chip".json', media_type="text/plain")
        answer: Any = stream_file(file, user="ann")
        assert answer.headers["content-disposition"] == 'attachment; filename=".._a__chip_.json"'
        async for piece in answer.body_iterator:
            taken.append((piece, is_held()))

    anyio.run(sent)
    assert taken == [(b"one", True), (b"one", False), (b"two", True), (b"two", False)]


def test_a_file_interrupted_by_the_shutdown_ends_as_cancelled() -> None:
    """The server cancels the task while a thread still produces a chunk."""
    started, finish = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        started.set()
        finish.wait(60)
        yield b"one"

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError("the event is never set")

    async def send(_message: object) -> None:
        pass

    async def sent() -> None:
        answer = stream_file(FileAnswer(pieces(), name="chip.json", media_type="text/plain"), user="ann")
        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        task = asyncio.create_task(answer(scope, receive, send))  # type: ignore[arg-type]
        await asyncio.to_thread(started.wait, 60)
        task.cancel()
        try:
            with pytest.raises(asyncio.CancelledError):
                await task
        finally:
            finish.set()

    anyio.run(sent)
