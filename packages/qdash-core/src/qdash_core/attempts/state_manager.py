"""Task state manager: the results of a run in memory and their legal transitions."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import IllegalTransitionError
from qdash_core.models.task import (
    TASK_TRANSITIONS,
    TaskResultModel,
    TaskStatus,
    Verdict,
    select_last_attempts,
)
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import InputModel, RunParameterModel
    from qdash_core.tasks.base import BaseTask

_OF_THE_NODE = {"name", "task_type", "qid", "occurrence", "output_parameter_names"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultOrigin:
    """Fields that all results of a run share.

    Most are as in `TaskResultModel`. `saved` is True if accepted values become the chip's, and `simulated` if a
    simulation of a chip that has another backend is measured. `scope` is the value scope that keeps accepted values,
    or None.
    """

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    backend: str | None
    tags: Sequence[str] = ()
    saved: bool = True
    simulated: bool = False
    scope: str | None = None
    rerun_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome:
    """Judged analysis of a result: the verdict with its reasons, and the fields that are stored with it."""

    verdict: Verdict
    reasons: Sequence[str]
    parameters: Mapping[str, ParameterModel]
    r2: float | None
    quality: Mapping[str, float]
    note: Mapping[str, Any]
    flagged_by: Sequence[str] = ()


class TaskStateManager:
    """Owner of the results of one execution. All other code only reads them.

    A node of a flow is a task, a target, and the number of earlier requests for this task on this target. When the
    flow runs again to resume the execution, it requests the same nodes. A node has one or several task attempts, and
    the last one counts; a flagged one also counts if its repeat did not complete. One that a user rejected is tried
    again.

    The origin is copied to every result. `earlier` has the results of earlier run attempts.
    """

    def __init__(
        self,
        origin: ResultOrigin,
        *,
        earlier: Iterable[TaskResultModel] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._origin = asdict(origin) | {"tags": list(origin.tags)}
        self._clock = clock
        known = sorted(earlier, key=lambda result: result.attempt)
        self._earlier = {result.node: result for result in select_last_attempts(known)}
        self._last_attempts = {result.node: result.attempt for result in known}
        self._results: dict[tuple[str, str], TaskResultModel] = {}
        self._last_of_target: dict[str, str] = {}

    def ensure_task_exists(self, task: type[BaseTask], qid: str) -> TaskResultModel:
        """Return the scheduled result of the next node of a task on a target; create it if there is none."""
        existing = self._results.get((task.name, qid))
        if existing is not None and existing.status is TaskStatus.SCHEDULED:
            return existing
        occurrence = self._count_occurrence(task, qid)
        return self._make_result(
            name=task.name,
            task_type=task.task_type,
            qid=qid,
            occurrence=occurrence,
            output_parameter_names=list(task.output_parameters),
            attempt=1 + self._last_attempts.get((task.name, qid, occurrence), 0),
        )

    def schedule(self, nodes: Iterable[tuple[type[BaseTask], str]]) -> list[TaskResultModel]:
        """Return the scheduled results of the nodes that must be run: see `replay`."""
        return [
            self.ensure_task_exists(task, qid)
            for task, qid in nodes
            if self._find_done_earlier(task, qid) is None
        ]

    def replay(self, task: type[BaseTask], qid: str) -> TaskResultModel | None:
        """Return the result that an earlier run attempt completed for the next node, and advance; None if it must be run.

        A node that did not complete, or whose result a user rejected, gets another task attempt.
        """
        result = self._find_done_earlier(task, qid)
        if result is not None:
            self._results[task.name, qid] = result
            self._last_of_target[qid] = result.task_id
        return result

    def add_attempt(self, result: TaskResultModel) -> TaskResultModel:
        """Return the scheduled result of another task attempt at the node of an ended one."""
        return self._make_result(**result.model_dump(include=_OF_THE_NODE), attempt=result.attempt + 1)

    def _make_result(self, **node: Any) -> TaskResultModel:
        result = TaskResultModel(**self._origin, task_id=str(uuid.uuid4()), **node)
        self._results[result.name, result.qid] = result
        return result

    def _find_done_earlier(self, task: type[BaseTask], qid: str) -> TaskResultModel | None:
        found = self._earlier.get((task.name, qid, self._count_occurrence(task, qid)))
        return found if found is not None and found.is_done else None

    def _count_occurrence(self, task: type[BaseTask], qid: str) -> int:
        last = self._results.get((task.name, qid))
        if last is None:
            return 0
        return last.occurrence + (last.status is not TaskStatus.SCHEDULED)

    def start_task(self, result: TaskResultModel) -> None:
        """Move a scheduled or pending result to running."""
        if result.status is TaskStatus.SCHEDULED:
            self._move(result, TaskStatus.PENDING)
        self._move(result, TaskStatus.RUNNING)
        result.start_at = self._clock()
        result.upstream_id = self._last_of_target.get(result.qid, "")
        self._last_of_target[result.qid] = result.task_id

    def put_input_parameters(self, result: TaskResultModel, inputs: Mapping[str, InputModel]) -> None:
        """Set the inputs in use, with the results that they came from."""
        result.input_parameters = dict(inputs)

    def put_control(self, result: TaskResultModel, control: str | None) -> None:
        """Set the controlling qubit of a coupling."""
        result.control = control or None

    def put_run_parameters(
        self, result: TaskResultModel, parameters: Mapping[str, RunParameterModel]
    ) -> None:
        """Set the run parameters in use."""
        result.run_parameters = dict(parameters)

    def put_laboratory_time(self, result: TaskResultModel, *, start_s: float, took_s: float) -> None:
        """Set start and duration of the measurement in laboratory time, in seconds."""
        result.lab_start_s, result.lab_s = start_s, took_s

    def put_together(self, results: Sequence[TaskResultModel]) -> None:
        """Set the other targets of each of these results, which are measured in one call."""
        for result in results:
            result.together = [other.qid for other in results if other is not result]

    def put_raw_data(self, result: TaskResultModel, path: str, checksums: list[str]) -> None:
        """Set the path of its raw data and their known checksums."""
        result.set_raw_data([path], checksums)

    def settle(self, result: TaskResultModel, outcome: TaskOutcome) -> None:
        """Set the outcome of a running result, and move it to completed, or to failed if it was rejected."""
        result.output_parameters = dict(outcome.parameters)
        result.verdict, result.reasons = outcome.verdict, list(outcome.reasons)
        result.flagged_by = list(outcome.flagged_by)
        result.r2, result.quality, result.note = outcome.r2, dict(outcome.quality), dict(outcome.note)
        why = f"{outcome.verdict}: {'; '.join(outcome.reasons)}"
        if outcome.verdict is Verdict.REJECTED:
            self.update_task_status_to_failed(result, why, measurement_complete=True)
        else:
            self.update_task_status_to_completed(result, "" if outcome.verdict is Verdict.ACCEPTED else why)

    def update_task_status_to_completed(self, result: TaskResultModel, message: str = "") -> None:
        """Move a result to completed. The verdict decides whether its values are used."""
        self._end(result, TaskStatus.COMPLETED, message, measurement_complete=True)

    def update_task_status_to_failed(
        self,
        result: TaskResultModel,
        message: str,
        *,
        measurement_complete: bool = False,
        no_signal: bool = False,
    ) -> None:
        """Move a result to failed, with the reason, and whether its measurement was complete and showed no signal."""
        result.no_signal = True if no_signal else None
        self._end(result, TaskStatus.FAILED, message, measurement_complete=measurement_complete)

    def update_task_status_to_skipped(self, result: TaskResultModel, message: str) -> None:
        """Move a result to skipped, with the reason."""
        self._end(result, TaskStatus.SKIPPED, message)

    def update_task_status_to_cancelled(self, result: TaskResultModel, message: str = "cancelled") -> None:
        """Move a result to cancelled."""
        self._end(result, TaskStatus.CANCELLED, message)

    def strip_to_failure(self, result: TaskResultModel, message: str) -> None:
        """Reduce an ended result to a failure without values, because they cannot be stored."""
        result.status, result.message, result.verdict = TaskStatus.FAILED, message, None
        result.reasons, result.flagged_by = [], []
        result.measurement_complete, result.no_signal = False, None
        result.output_parameters, result.quality, result.note, result.r2 = {}, {}, {}, None

    def list_results(self) -> list[TaskResultModel]:
        """Return the last result of every task on every target."""
        return list(self._results.values())

    def _end(
        self,
        result: TaskResultModel,
        status: TaskStatus,
        message: str,
        *,
        measurement_complete: bool | None = None,
    ) -> None:
        self._require(result, status)
        result.measurement_complete = measurement_complete
        result.message = message or ("" if status is TaskStatus.COMPLETED else "no reason was given")
        result.end_at = result.updated_at = self._clock()
        result.elapsed_time = (result.end_at - (result.start_at or result.end_at)).total_seconds()
        result.status = status  # last, so that a result with a final status is always complete

    def _move(self, result: TaskResultModel, status: TaskStatus) -> None:
        self._require(result, status)
        result.status = status

    @staticmethod
    def _require(result: TaskResultModel, status: TaskStatus) -> None:
        if status not in TASK_TRANSITIONS.get(result.status, frozenset()):
            raise IllegalTransitionError(
                f"{result.name} on {result.qid or 'the chip'} is {result.status} and cannot become {status}"
            )
