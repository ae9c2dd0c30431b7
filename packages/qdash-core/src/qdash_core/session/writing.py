"""What a session writes beside its results: nothing of it once the lease is lost."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import CalibrationNoteModel, ExecutionStatus
from qdash_core.record.reading import existing
from qdash_core.repositories.repositories import Repositories
from qdash_core.tasks.definitions import definition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.execution import ExecutionModel, StageModel
    from qdash_core.repositories.patience import Patience
    from qdash_core.runtime import Runtime
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class SessionWriter:
    """Writes on behalf of one execution. Every method raises LockedError when its lease is held no more.

    Parameters
    ----------
    runtime : Runtime
        Open.
    execution : ExecutionModel
        Recorded as running.
    patiently : Patience
        How long a store that is away is waited for.
    """

    def __init__(self, runtime: Runtime, execution: ExecutionModel, patiently: Patience) -> None:
        self._runtime = runtime
        self._execution = execution
        self._where = execution.project_id, execution.chip_id
        self._patiently = patiently
        self._defined: set[str] = set()
        self._choices = 0
        self._stages = 0
        self.left_out = execution.left_out

    def define(self, tasks: Sequence[type[BaseTask]]) -> None:
        """Keep the definitions of tasks, once each."""
        new = [task for task in tasks if task.name not in self._defined]
        if new:
            about = self._execution.project_id, self._execution.username
            definitions = [definition_of(task, *about) for task in new]
            self._write(lambda repositories: repositories.tasks.put(*definitions))
            self._defined.update(task.name for task in new)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Record which targets the next filter of the flow leaves, and return which go on: see `ExecutionRecord.choose`."""
        choose = partial(self._runtime.record.choose, self._execution, self._choices, targets)
        kept = self._patiently(choose)
        self._choices += 1
        return kept

    def leave_out(self, why: Mapping[str, str], going_on: Sequence[str]) -> None:
        """Record what the flow does not measure although it was named, each with the reason, and what goes on."""
        on = set(going_on)
        before = {target: reason for target, reason in self.left_out.items() if target not in on}
        if (left_out := {**before, **why}) != self.left_out:
            self._write(lambda repositories: self._put_left_out(repositories, left_out))
            self.left_out = left_out

    def _put_left_out(self, repositories: Repositories, left_out: dict[str, str]) -> None:
        stored = existing(repositories, self._execution.project_id, self._execution.execution_id)
        changed = stored.model_copy(update={"left_out": left_out, "updated_at": utc_now()})
        repositories.executions.replace(changed, was=ExecutionStatus.RUNNING)

    def record_stage(self, stage: StageModel) -> None:
        """Record what the flow runs next. A resumed execution keeps what it planned before."""
        record = partial(self._runtime.record.record_stage, self._execution, self._stages, stage)
        self._patiently(record)
        self._stages += 1

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a person has excluded it or called it dead."""
        set_status, hold = self._runtime.chip_record.set_status, self._execution.hold
        self._patiently(partial(set_status, *self._where, target, status, hold=hold))

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Say which qubit controls each of these couplings."""
        set_directions, hold = self._runtime.chip_record.set_directions, self._execution.hold
        self._patiently(partial(set_directions, *self._where, controls, hold=hold))

    def record_day(self) -> None:
        """Keep the chip's header as the copy of today."""
        record_day, hold = self._runtime.chip_record.record_day, self._execution.hold
        self._patiently(partial(record_day, *self._where, hold=hold))

    def keep_last_note(self, note: dict[str, Any]) -> None:
        """Keep the note with which the laboratory's library is left, if the store can hold it."""
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
            self._write(lambda repositories: repositories.notes.put(last))
        except InvalidInputError as error:
            logger.warning("the last note of execution %s cannot be kept: %s", execution.execution_id, error)

    def _write(self, write: Callable[[Repositories], None]) -> None:
        def once() -> None:
            with self._runtime.store.transaction() as transaction:
                repositories = Repositories(transaction)
                repositories.locks.require(self._execution.hold)
                write(repositories)

        self._patiently(once)
