"""Tasks that measure many targets in one go, of which one alone is the smallest case."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from qdash_core.tasks.base import BaseTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData


class GroupedTask(BaseTask):
    """Base of the tasks that are measured by `run_group` only."""

    backend = "fake"
    simultaneous = True

    def run(self, backend: BaseBackend) -> RawData:
        """Measure this target alone. Touches hardware."""
        (outcome,) = self.run_group(backend, [self])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @classmethod
    @abstractmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> Sequence[RawData | Exception]:
        """Measure all targets; an exception for each that failed. Touches hardware."""
