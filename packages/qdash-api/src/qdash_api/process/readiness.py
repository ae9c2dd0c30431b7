"""Readiness check of the home, in a thread of its own, independent of busy threads and frequent requests."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable

IN_TIME_S = 2.0


class Readiness:
    """Check whether a home responds. Used in the event loop only.

    `read` raises QDashError if it fails.
    """

    def __init__(self, read: Callable[[], object], *, in_time_s: float = IN_TIME_S) -> None:
        self._read, self._in_time_s = read, in_time_s
        self._pool = ThreadPoolExecutor(1, "qdash-readiness")
        self._pending_check: Future[bool] | None = None

    async def home_answers(self) -> bool:
        """Return whether the home responds in time. Concurrent calls share one check."""
        if self._pending_check is None or self._pending_check.done():
            self._pending_check = self._pool.submit(self._check)
        try:
            async with asyncio.timeout(self._in_time_s):
                # Shielded: a caller that times out must not cancel the check of the others.
                return await asyncio.shield(asyncio.wrap_future(self._pending_check))
        except TimeoutError:
            return False

    def close(self) -> None:
        """Stop checking."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _check(self) -> bool:
        try:
            self._read()
        except QDashError:
            return False
        return True
