"""Bridging a store that is away for a while: what could not be read or written is tried again, within a limit."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, NoReturn, TypeVar

from qdash_core.errors import StoreUnavailableError
from qdash_core.interrupts import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


class Patience:
    """How long one run waits for its store. Safe for threads, which wait together and log once.

    Whoever needs the store waits, and so writes in the order in which it would have written. Beyond the limit, or when
    the run is cancelled, nobody waits any more: a run has to end, and each of its last words is tried once.

    Parameters
    ----------
    limit_s : float
        So long one outage is waited for, in seconds; 0: not at all.
    cancelled : threading.Event or None
        Set when the run is being cancelled.
    advice : str
        What can be done once nobody waits any more: the end of the message then.
    """

    def __init__(self, limit_s: float, *, cancelled: threading.Event | None = None, advice: str = "") -> None:
        self._limit_s = limit_s
        self._cancelled = cancelled or threading.Event()
        self._advice = advice
        self._guard = threading.Lock()
        self._away_since: float | None = None
        self._over = False

    def __call__(self, work: Callable[[], T]) -> T:
        """Do `work`, again as long as the store is away; it may be done twice without harm.

        Raises
        ------
        StoreUnavailableError
            If the store was not back in time, or the run was cancelled meanwhile.
        KeyboardInterrupt
            If Ctrl-C came while waiting.
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
        with interruptible():
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
