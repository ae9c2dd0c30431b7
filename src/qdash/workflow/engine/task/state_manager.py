"""Task state manager with the methods of the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.attempts import state_manager
from qdash_core.errors import IllegalTransitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel


class TaskStateManager(state_manager.TaskStateManager):
    """Owner of the results of one execution, with outputs and end times set one by one.

    The engine sets both together with the verdict (`settle`).
    """

    def put_output_parameters(
        self, result: TaskResultModel, parameters: Mapping[str, ParameterModel]
    ) -> None:
        """Set the outputs of a result that has not ended."""
        if result.status.terminal:
            raise IllegalTransitionError(
                f"{result.name} on {result.qid or 'the chip'} is {result.status}: its outputs cannot change"
            )
        result.output_parameters = dict(parameters)

    def end_task(self, result: TaskResultModel) -> None:
        """Set the end of a started result to the current time; its status stays."""
        if result.start_at is None:
            raise IllegalTransitionError(
                f"{result.name} on {result.qid or 'the chip'} is {result.status}: it has not started"
            )
        result.end_at = result.updated_at = self._clock()
        result.elapsed_time = (result.end_at - result.start_at).total_seconds()
