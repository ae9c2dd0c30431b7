"""Whether the store answers in time, asked by a thread of its own however often it is asked, and when all others are busy."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable

IN_TIME_S = 2.0


class Readiness:
    """Asks a store whether it answers. Used in the event loop only.

    Parameters
    ----------
    ask : callable
        Reads something; raises QDashError when it cannot.
    in_time_s : float
        So long it may take, in seconds.
    """

    def __init__(self, ask: Callable[[], object], *, in_time_s: float = IN_TIME_S) -> None:
        self._ask, self._in_time_s = ask, in_time_s
        self._pool = ThreadPoolExecutor(1, "qdash-readiness")
        self._asked: Future[bool] | None = None

    async def store_answers(self) -> bool:
        """Whether the store answers in time. Who asks while somebody waits for an answer waits for the same one."""
        if self._asked is None or self._asked.done():
            self._asked = self._pool.submit(self._answers)
        try:
            async with asyncio.timeout(self._in_time_s):
                # Shielded: who gives up must not take the question back from others.
                return await asyncio.shield(asyncio.wrap_future(self._asked))
        except TimeoutError:
            return False

    def close(self) -> None:
        """Ask no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answers(self) -> bool:
        try:
            self._ask()
        except QDashError:
            return False
        return True
