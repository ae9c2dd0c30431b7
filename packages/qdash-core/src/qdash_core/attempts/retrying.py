"""Trying again what failed by a fault that passes: which faults, how often, and how long to wait."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Retries:
    """The attempts at one task on one group of targets.

    Parameters
    ----------
    retries : int
        So often it may be tried again.
    backend : BaseBackend
        Declares which errors are transient.
    """

    def __init__(self, retries: int, backend: BaseBackend) -> None:
        self._backend = backend
        self._most = 1 + max(0, retries)
        self._number = 1

    def worth_another(self, failure: BaseException | None) -> bool:
        """Whether what failed so may be tried again."""
        return failure is not None and self._number < self._most and _is_transient(failure, self._backend)

    def told(self, message: str, *, again: bool) -> str:
        """Return why an attempt failed, with its number where there are several."""
        if not again and self._number == 1:
            return message
        told = f"attempt {self._number} of {self._most}: {message}"
        return f"{told}; tried again" if again else told

    def next(self) -> float:
        """Count another attempt, and return how long to wait before it, in seconds."""
        pause_s = min(FIRST_PAUSE_S * 2.0 ** (self._number - 1), LONGEST_PAUSE_S)
        self._number += 1
        return pause_s


def _is_transient(failure: BaseException, backend: BaseBackend) -> bool:
    try:
        return isinstance(failure, tuple(backend.transient_errors))
    except TypeError:
        logger.warning("backend %s: transient_errors are not classes of exceptions", backend.name)
        return False
