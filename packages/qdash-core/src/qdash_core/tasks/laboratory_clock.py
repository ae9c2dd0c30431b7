"""What a measurement takes in a laboratory, read off the backend's clock and shared among those that were measured."""

from __future__ import annotations

import logging
import math
import threading
from contextlib import contextmanager
from numbers import Real
from typing import TYPE_CHECKING

from qdash_core.interrupts import interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.task import TaskResultModel

logger = logging.getLogger(__name__)


class LaboratoryClock:
    """Reads `BaseBackend.lab_seconds()` around measurements. Safe for threads.

    A backend has one clock for all that it does. So targets measured in one go get equal shares of their time, which
    leaves the sum over results what the clock showed; and of measurements in several threads at once nobody can say
    whose time it was: these get none.

    Parameters
    ----------
    backend : BaseBackend
        Connected.
    """

    def __init__(self, backend: BaseBackend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._running = 0
        self._begun = 0

    @contextmanager
    def timing(self, results: Sequence[TaskResultModel]) -> Iterator[None]:
        """Put on each of `results` its share of the laboratory time that passes in the block, however it ends."""
        if not results:
            yield
            return
        with self._lock:
            alone = self._running == 0
            self._running += 1
            self._begun += 1
            number = self._begun
        before = laboratory_seconds(self._backend)
        try:
            yield
        finally:
            after = laboratory_seconds(self._backend)
            with self._lock:
                self._running -= 1
                alone = alone and number == self._begun
            if alone and before is not None and after is not None and after >= before:
                for result in results:
                    result.lab_s = (after - before) / len(results)


def laboratory_seconds(backend: BaseBackend) -> float | None:
    """Return what a backend's clock shows; None where it has none. A clock that fails must not fail what it measures."""
    try:
        with interruptible():
            shown = backend.lab_seconds()
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
        logger.warning("backend %s: its laboratory time could not be read: %s", backend.name, error)
        return None
    if isinstance(shown, bool) or not isinstance(shown, Real) or not math.isfinite(shown):
        return None
    return float(shown)
