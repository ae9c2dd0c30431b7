"""Reconnection to a host that cannot be reached for a while, as during its restart."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import StoreUnavailableError
from qdash_core.operations.transport import ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE_S = 120.0
"""Longest wait for a host, in seconds."""
_PAUSE_S = 1.0


class HostRetry:
    """Repetition of requests while their host cannot be reached.

    Parameters
    ----------
    report : callable
        Receives one line when a wait begins.
    advice : str
        Sentence with the command that continues after the longest wait.
    """

    def __init__(self, report: Callable[[str], None], advice: str) -> None:
        self._report, self._advice = report, advice

    def ask(self, request: Callable[[], T]) -> T:
        """Return the answer of a request, repeated while its host cannot be reached.

        Raises
        ------
        StoreUnavailableError
            If the host cannot be reached for `PATIENCE_S`.
        """
        deadline, waits = time.monotonic() + PATIENCE_S, False
        while True:
            try:
                return request()
            except ConnectionLostError as error:
                if not waits:
                    self._report(f"{error}; trying again for {PATIENCE_S:g} s")
                elif time.monotonic() >= deadline:
                    raise StoreUnavailableError(
                        f"the host was not reached for {PATIENCE_S:g} s; {self._advice}"
                    ) from error
                waits = True
            time.sleep(_PAUSE_S)
