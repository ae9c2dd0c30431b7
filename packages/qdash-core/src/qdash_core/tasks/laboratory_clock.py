"""When a measurement begins in a simulated laboratory, and how long it takes there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.task import TaskResultModel


class LaboratoryClock:
    """Reads the clocks of `BaseBackend.laboratory` around measurements; a backend without gives no times.

    Parameters
    ----------
    backend : BaseBackend
        Connected when something is measured.
    before_s : float
        Laboratory time of the earlier stretches of the run.
    """

    def __init__(self, backend: BaseBackend, *, before_s: float = 0.0) -> None:
        self._backend = backend
        self._before_s = before_s

    @contextmanager
    def timing(self, results: Sequence[TaskResultModel]) -> Iterator[None]:
        """Put on each of `results` when its target's clock began to pass in the block, and for how long; however it ends."""
        laboratory = self._backend.laboratory
        if laboratory is None:
            yield
            return
        begun_s = {result.qid: laboratory.now_s(result.qid) for result in results}
        try:
            yield
        finally:
            for result in results:
                result.lab_start_s = self._before_s + begun_s[result.qid] - laboratory.begun_s
                result.lab_s = laboratory.now_s(result.qid) - begun_s[result.qid]
