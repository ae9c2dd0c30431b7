"""Files as answers: their pieces are made in the turns of slow calls, and sent outside them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio

from qdash_api.files import file

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_a_file_has_a_turn_for_each_piece_and_none_while_it_is_sent() -> None:
    taken: list[tuple[bytes, int]] = []

    async def sent() -> None:
        turns = anyio.Semaphore(1)

        def pieces() -> Iterator[bytes]:
            for piece in (b"one", b"two"):
                taken.append((piece, turns.value))
                yield piece

        state = SimpleNamespace(slow_calls=turns)
        call: Any = SimpleNamespace(request=SimpleNamespace(app=SimpleNamespace(state=state)))
        answer: Any = file(call, pieces(), name='../a "chip".json', media_type="text/plain")
        assert answer.headers["content-disposition"] == 'attachment; filename=".._a__chip_.json"'
        async for piece in answer.body_iterator:
            taken.append((piece, turns.value))

    anyio.run(sent)
    assert taken == [(b"one", 0), (b"one", 1), (b"two", 0), (b"two", 1)]
