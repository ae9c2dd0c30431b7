"""State of one execution in memory, with the legal transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.errors import IllegalTransitionError
from qdash_core.models.execution import EXECUTION_TRANSITIONS, ExecutionModel, ExecutionStatus
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class ExecutionStateManager:
    """State of one execution, changed in memory only: `ExecutionService` records transitions.

    Parameters
    ----------
    execution : ExecutionModel
        The execution. It is not changed.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, execution: ExecutionModel, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._execution = execution
        self._clock = clock

    @classmethod
    def from_datamodel(cls, model: ExecutionModel) -> Self:
        """Return the state of a stored execution."""
        return cls(model)

    def to_datamodel(self) -> ExecutionModel:
        """Return the execution in its present state."""
        return self._execution

    @property
    def status(self) -> ExecutionStatus:
        """The present status."""
        return self._execution.status

    def start(self) -> Self:
        """Move a scheduled execution to running."""
        return self.update_status(ExecutionStatus.RUNNING)

    def complete(self) -> Self:
        """Move a running execution to completed."""
        return self.update_status(ExecutionStatus.COMPLETED)

    def fail(self) -> Self:
        """Move a running execution to failed."""
        return self.update_status(ExecutionStatus.FAILED)

    def cancel(self) -> Self:
        """Move a scheduled or running execution to cancelled."""
        return self.update_status(ExecutionStatus.CANCELLED)

    def update_status(self, new_status: ExecutionStatus) -> Self:
        """Move the execution to a status, with its start or end.

        Raises
        ------
        IllegalTransitionError
            If the transition is not legal. An ended execution is resumed by `ExecutionService` only.
        """
        old = self._execution
        if old.status.terminal or new_status not in EXECUTION_TRANSITIONS[old.status]:
            raise IllegalTransitionError(
                f"execution {old.execution_id} is {old.status} and cannot become {new_status}"
            )
        now = self._clock()
        times: dict[str, object] = {"start_at": now}
        if new_status.terminal:
            times = {"end_at": now, "elapsed_time": (now - (old.start_at or now)).total_seconds()}
        self._execution = old.model_copy(update={"status": new_status, "updated_at": now, **times})
        return self
