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


class Patience:
    """Repetition of requests while their host cannot be reached.

    Parameters
    ----------
    tell : callable
        Receives one line at the begin of a wait.
    otherwise : str
        Sentence with the command that goes on after the longest wait.
    """

    def __init__(self, tell: Callable[[str], None], otherwise: str) -> None:
        self._tell, self._otherwise = tell, otherwise

    def ask(self, request: Callable[[], T]) -> T:
        """Return the answer of a request, repeated while its host cannot be reached.

        Raises
        ------
        StoreUnavailableError
            If the host cannot be reached for `PATIENCE_S`.
        """
        deadline = None
        while True:
            try:
                return request()
            except ConnectionLostError as error:
                if deadline is None:
                    deadline = time.monotonic() + PATIENCE_S
                    self._tell(f"{error}; trying again for {PATIENCE_S:g} s")
                elif time.monotonic() >= deadline:
                    raise StoreUnavailableError(
                        f"the host was not reached for {PATIENCE_S:g} s, and {self._otherwise}"
                    ) from error
            time.sleep(_PAUSE_S)
