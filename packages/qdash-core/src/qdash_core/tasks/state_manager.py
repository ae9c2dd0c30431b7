"""The states of tasks, in memory: what may follow what, and what is written on the way. No store, no hardware."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError
from qdash_core.models.base import utc_now
from qdash_core.models.task import TASK_TRANSITIONS, TaskResultModel, TaskStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import InputModel, RunParameterModel
    from qdash_core.tasks.base import BaseTask


class TaskStateManager:
    """The results of one execution as they come to be.

    Parameters
    ----------
    project_id, username, chip_id, execution_id : str
        Written on every result.
    tags : sequence of str
        Likewise.
    saved : bool
        Whether accepted values become the chip's.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        *,
        project_id: str,
        username: str,
        chip_id: str,
        execution_id: str,
        tags: Sequence[str] = (),
        saved: bool = True,
        cooldown_id: str | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._shared = {
            "project_id": project_id,
            "username": username,
            "chip_id": chip_id,
            "execution_id": execution_id,
            "cooldown_id": cooldown_id,
            "saved": saved,
        }
        self._tags = list(tags)
        self._clock = clock
        self._results: dict[tuple[str, str], TaskResultModel] = {}
        self._last_of_target: dict[str, str] = {}

    def ensure_task_exists(self, task: type[BaseTask], qid: str) -> TaskResultModel:
        """Return the scheduled result of a task on a target, making it unless it waits already."""
        existing = self._results.get((task.name, qid))
        if existing is not None and existing.status is TaskStatus.SCHEDULED:
            return existing
        result = TaskResultModel(
            **self._shared,
            tags=self._tags,
            task_id=str(uuid.uuid4()),
            name=task.name,
            backend=task.backend,
            task_type=task.task_type,
            qid=qid,
            output_parameter_names=list(task.output_parameters),
        )
        self._results[task.name, qid] = result
        return result

    def start_task(self, result: TaskResultModel) -> None:
        """Move a scheduled or pending result to running."""
        if result.status is TaskStatus.SCHEDULED:
            self._move(result, TaskStatus.PENDING)
        self._move(result, TaskStatus.RUNNING)
        result.start_at = self._clock()
        result.upstream_id = self._last_of_target.get(result.qid, "")
        self._last_of_target[result.qid] = result.task_id

    def put_input_parameters(self, result: TaskResultModel, inputs: Mapping[str, InputModel]) -> None:
        """Keep the inputs that are used, with the results that they came from."""
        result.input_parameters = dict(inputs)

    def put_run_parameters(
        self, result: TaskResultModel, parameters: Mapping[str, RunParameterModel]
    ) -> None:
        """Keep the run parameters that are used."""
        result.run_parameters = dict(parameters)

    def put_output_parameters(self, result: TaskResultModel, outputs: Mapping[str, ParameterModel]) -> None:
        """Keep what was found."""
        result.output_parameters = dict(outputs)

    def put_verdict(self, result: TaskResultModel, verdict: Verdict, reasons: Sequence[str]) -> None:
        """Keep what validation made of it."""
        result.verdict, result.reasons = verdict, list(reasons)

    def update_task_status_to_completed(self, result: TaskResultModel, message: str = "") -> None:
        """Mark success. The verdict says whether the values are used."""
        self._end(result, TaskStatus.COMPLETED, message)

    def update_task_status_to_failed(self, result: TaskResultModel, message: str) -> None:
        """Mark failure, with its reason."""
        self._end(result, TaskStatus.FAILED, message)

    def update_task_status_to_skipped(self, result: TaskResultModel, message: str) -> None:
        """Mark that it was not run, with the reason."""
        self._end(result, TaskStatus.SKIPPED, message)

    def update_task_status_to_cancelled(self, result: TaskResultModel, message: str = "cancelled") -> None:
        """Mark that it was cut."""
        self._end(result, TaskStatus.CANCELLED, message)

    def strip_to_failure(self, result: TaskResultModel, message: str) -> None:
        """Leave of an ended result nothing but that it failed: what it held cannot be stored."""
        result.status, result.message, result.verdict, result.reasons = TaskStatus.FAILED, message, None, []
        result.output_parameters, result.quality, result.note, result.r2 = {}, {}, {}, None

    def end_task(self, result: TaskResultModel) -> None:
        """Record the end time of a result in a final state, and how long it took."""
        result.end_at = result.updated_at = self._clock()
        result.elapsed_time = (result.end_at - (result.start_at or result.end_at)).total_seconds()

    def results(self) -> list[TaskResultModel]:
        """Return the last result of every task on every target."""
        return list(self._results.values())

    def _end(self, result: TaskResultModel, status: TaskStatus, message: str) -> None:
        self._move(result, status)
        result.message = message

    def _move(self, result: TaskResultModel, status: TaskStatus) -> None:
        if status not in TASK_TRANSITIONS.get(result.status, frozenset()):
            raise IllegalTransitionError(
                f"{result.name} on {result.qid or 'the chip'} is {result.status} and cannot become {status}"
            )
        result.status = status
