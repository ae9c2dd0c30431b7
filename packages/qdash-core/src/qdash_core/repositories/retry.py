"""Retries of store operations while the store is unavailable."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, NoReturn, TypeVar

from qdash_core.errors import StoreUnavailableError
from qdash_core.process.interrupts import allow_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


class StoreRetry:
    """Retries of one run's store operations while the store is unavailable. Safe for threads, which wait together and log once.

    An operation blocks its caller until it succeeds, so the order of writes is unchanged. Beyond the limit, in
    seconds (0 to fail at once), or when the run is cancelled, each operation is tried once: the run has to end.
    `advice` ends the error message: what a person can do after the limit.
    """

    def __init__(self, limit_s: float, *, cancelled: threading.Event | None = None, advice: str = "") -> None:
        self._limit_s = limit_s
        self._cancelled = cancelled or threading.Event()
        self._advice = advice
        self._guard = threading.Lock()
        self._away_since: float | None = None
        self._over = False

    def __call__(self, work: Callable[[], T]) -> T:
        """Call `work` until the store is available, and return its result; `work` must be safe to repeat.

        Raises
        ------
        StoreUnavailableError
            If the store did not come back in time, or the run was cancelled meanwhile.
        KeyboardInterrupt
            If Ctrl-C arrived while waiting.
        """
        pause = FIRST_PAUSE_S
        while True:
            try:
                answer = work()
            except StoreUnavailableError as error:
                self._wait(pause, error)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                self._is_back()
                return answer

    def _wait(self, pause_s: float, error: StoreUnavailableError) -> None:
        now = time.monotonic()
        with self._guard:
            if self._over or self._cancelled.is_set():
                self._give_up(error, "the record stays as it is")
            if self._away_since is None:
                self._away_since = now
                if self._limit_s > 0:
                    logger.warning(
                        "the store is away: %s; waiting for it, %g s at most", error, self._limit_s
                    )
            left_s = self._away_since + self._limit_s - now
            self._over = left_s <= 0
        if left_s <= 0:
            self._give_up(error, f"it was waited for {self._limit_s:g} s")
        with allow_interrupts():
            self._cancelled.wait(min(pause_s, left_s))
        if self._cancelled.is_set():
            self._give_up(error, "the run was cancelled while it waited")

    def _give_up(self, error: StoreUnavailableError, why: str) -> NoReturn:
        if not self._advice:
            raise error
        raise StoreUnavailableError(f"{error}; {why}: {self._advice}") from error

    def _is_back(self) -> None:
        if self._away_since is None:
            return
        with self._guard:
            since, self._away_since = self._away_since, None
        if since is not None and not self._over:
            logger.warning("the store is back after %.0f s", time.monotonic() - since)
