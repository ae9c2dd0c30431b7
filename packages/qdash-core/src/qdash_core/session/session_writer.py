"""Session writer: writes of a session other than results, under the instrument lock."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.note_storage import store_note
from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import CalibrationNoteModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskRepository
from qdash_core.repositories.value_changes import ValueScopeRepository
from qdash_core.tasks.definitions import make_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_core.attempts.note_storage import MergeNote
    from qdash_core.models.chip import CouplingModel, TargetStatus
    from qdash_core.models.execution import ExecutionModel, StageModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.retry import StoreRetry
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.scoped_chip import ScopedChip
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class SessionWriter:
    """Writer for one execution. Every method raises LockedError if the run no longer holds its instrument lock.

    `retry` has the retries while the store is away. `scoped` receives changes that are not stored with the chip, or
    is None to store them. For `merge_note` see `store_note`.
    """

    def __init__(
        self,
        runtime: Runtime,
        execution: ExecutionModel,
        retry: StoreRetry,
        *,
        scoped: ScopedChip | None = None,
        merge_note: MergeNote | None = None,
    ) -> None:
        self._scoped, self._merge_note = scoped, merge_note
        self._runtime = runtime
        self._execution = execution
        self._where = execution.project_id, execution.chip_id
        self._with_retry = retry
        self._defined: set[str] = set()
        self._choices = 0
        self._stages = 0
        self.left_out = execution.left_out

    def define(self, tasks: Sequence[type[BaseTask]]) -> None:
        """Store the definitions of tasks, once each."""
        new = [task for task in tasks if task.name not in self._defined]
        if new:
            about = self._execution.project_id, self._execution.username
            definitions = [make_definition(task, *about) for task in new]
            self._write(lambda repositories: repositories.of(TaskRepository).put(*definitions))
            self._defined.update(task.name for task in new)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Record the targets that pass the next filter of the flow, and return those that continue; see
        `ExecutionRecord.choose`.
        """
        choose = partial(self._runtime.record.choose, self._execution, self._choices, targets)
        kept = self._with_retry(choose)
        self._choices += 1
        return kept

    def leave_out(self, why: Mapping[str, str], going_on: Sequence[str]) -> None:
        """Record the targets that the flow leaves out, each with the reason; targets in `going_on` are no
        longer left out.
        """
        on = set(going_on)
        before = {target: reason for target, reason in self.left_out.items() if target not in on}
        if (left_out := {**before, **why}) != self.left_out:
            self._with_retry(partial(self._runtime.record.record_left_out, self._execution, left_out))
            self.left_out = left_out

    def record_note(self, key: str, value: object) -> None:
        """Set an entry of the note of the execution."""
        self._with_retry(partial(self._runtime.record.record_note, self._execution, key, value))

    def record_stage(self, stage: StageModel) -> None:
        """Record the next stage of the flow. A resumed execution keeps the stages that it has."""
        record = partial(self._runtime.record.record_stage, self._execution, self._stages, stage)
        self._with_retry(record)
        self._stages += 1

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling unless it is excluded or dead."""
        if self._scoped is not None:
            self._scoped.set_status(target, status)
            self.keep_scoped_status(target, status)
            return
        set_status, hold = self._runtime.chip_record.set_status, self._execution.hold
        self._with_retry(partial(set_status, *self._where, target, status, hold=hold))

    def keep_scoped_status(self, target: str, status: TargetStatus) -> None:
        """Store the status that the results of the run give a target with its value scope, if it has one."""
        scope = self._execution.scope
        if scope is not None:
            self._write(
                lambda repositories: repositories.of(ValueScopeRepository).set_status(
                    *self._where, scope, target, status
                )
            )

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Store the controlling qubit of each of these couplings."""
        if self._scoped is not None:
            self._scoped.set_directions(controls)
            return
        set_directions, hold = self._runtime.chip_record.set_directions, self._execution.hold
        by = self._execution.username
        self._with_retry(partial(set_directions, *self._where, controls, username=by, hold=hold))

    def record_day(self) -> None:
        """Store today's copy of the chip's header; before, add the outcomes of older results to the targets of the chip."""
        assess = self._runtime.chip_record.assess
        rules = self._runtime.status_rules
        self._with_retry(partial(assess, *self._where, rules, hold=self._execution.hold))
        record_day, hold = self._runtime.chip_record.record_day, self._execution.hold
        self._with_retry(partial(record_day, *self._where, hold=hold))

    def keep_last_note(self, note: dict[str, Any]) -> None:
        """Store the last calibration note of the backend if the store can hold it and the run writes to the chip."""
        if self._scoped is not None:
            return
        execution = self._execution
        last = CalibrationNoteModel(
            project_id=execution.project_id,
            username=execution.username,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            task_id="",
            note=note,
        )
        try:
            self._write(lambda repositories: store_note(repositories, last, self._merge_note))
        except InvalidInputError as error:
            logger.warning("the last note of execution %s cannot be kept: %s", execution.execution_id, error)

    def _write(self, write: Callable[[Repositories], None]) -> None:
        def once() -> None:
            with self._runtime.store.transaction() as transaction:
                repositories = Repositories(transaction)
                repositories.of(ExecutionLockRepository).require(self._execution.hold)
                write(repositories)

        self._with_retry(once)


class CouplingDirections:
    """Controlling qubits of the couplings of one session.

    A new direction is stored on the chip at once, unless the coupling was measured by an earlier run attempt and may
    have been reversed since: to store the old direction would discard the values found since. It is then stored
    before the next measurement or at the end of the session. `earlier` has the results of earlier run attempts;
    `keep` stores directions on the chip.
    """

    def __init__(
        self,
        couplings: Mapping[str, CouplingModel],
        keep: Callable[[Mapping[str, str]], None],
        *,
        earlier: Iterable[TaskResultModel],
    ) -> None:
        self.controls = {coupling: get_control_qubit(model) for coupling, model in couplings.items()}
        self._keep = keep
        self._measured_before = {result.qid for result in earlier if result.status is TaskStatus.COMPLETED}
        self._pending: dict[str, str] = {}

    def choose(self, controls: Mapping[str, str]) -> None:
        """Set the controlling qubits for the tasks that follow."""
        self.controls.update(controls)
        self._pending.update(controls)
        self.apply(controls.keys() - self._measured_before)

    def apply(self, targets: Iterable[str] | None = None) -> None:
        """Store the chosen directions of these targets, or of all, that are not stored yet."""
        wanted = set(self._pending if targets is None else targets)
        controls = {coupling: control for coupling, control in self._pending.items() if coupling in wanted}
        if controls:
            self._keep(controls)
        for coupling in controls:
            del self._pending[coupling]
