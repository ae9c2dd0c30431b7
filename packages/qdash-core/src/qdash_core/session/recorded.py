"""A session of a flow that has ended already: when a later one is resumed, it answers from the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.attempts.context import TaskContext
from qdash_core.errors import InvalidInputError
from qdash_core.models.task import last_attempts
from qdash_core.progress import tell
from qdash_core.repositories.patience import Patience
from qdash_core.tasks.base import ChipView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.execution import ExecutionModel, ExecutionStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.parts import Assignment


class RecordedWriter:
    """What a `SessionWriter` is to a flow, where everything has been written: it answers with that.

    Parameters
    ----------
    execution : ExecutionModel
        Ended.
    """

    def __init__(self, execution: ExecutionModel) -> None:
        self.left_out = execution.left_out
        self._choices = iter(execution.choices)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Return what a filter left when the session ran."""
        return next(self._choices, list(targets))

    def leave_out(self, why: Mapping[str, str], going_on: Sequence[str]) -> None:
        """Do nothing: it was recorded when the session ran."""

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Do nothing: it was set when the session ran."""


class RecordedSession:
    """What a `Session` is to its flow, without a lease and without hardware: nothing is run, and nothing written.

    Parameters
    ----------
    runtime : Runtime
        Open.
    assignment : Assignment
        What is asked for; its backend is never connected.
    execution : ExecutionModel
        Ended.
    results : iterable of TaskResultModel
        What it recorded.
    progress : Progress
        Told of every result.
    """

    def __init__(
        self,
        runtime: Runtime,
        assignment: Assignment,
        execution: ExecutionModel,
        results: Iterable[TaskResultModel],
        *,
        progress: Progress,
    ) -> None:
        self.runtime, self.execution, self.catalogue = runtime, execution, assignment.catalogue
        self.chip, self.backend = assignment.chip, assignment.backend
        view = ChipView(self.chip.header.chip_id, self.backend.name, self.chip.topology)
        self.context = TaskContext(execution.execution_id, view)
        self.patiently = Patience(runtime.settings.store_patience_s)
        self._results = {result.node: result for result in last_attempts(results)}
        self._asked: dict[tuple[str, str], int] = {}
        self.writer = RecordedWriter(execution)
        self._progress = progress

    def connect(self) -> None:
        """Do nothing."""

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Return what was recorded for each task of the plan on each target, whatever became of it.

        Raises
        ------
        InvalidInputError
            If the session did not run one of them: then the flow is not the one that is resumed.
        """
        return [
            self._recorded(planned.task.name, qid)
            for group in plan.groups
            for planned in plan.tasks
            for qid in group
        ]

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Do nothing: they were set when the session ran."""

    def end_unfinished(self, message: str) -> None:
        """Do nothing: it has ended."""

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:  # noqa: ARG002  as a session that runs
        """Return the execution as it ended."""
        return self.execution

    def _recorded(self, name: str, qid: str) -> TaskResultModel:
        occurrence = self._asked.get((name, qid), 0)
        self._asked[name, qid] = occurrence + 1
        result = self._results.get((name, qid, occurrence))
        if result is None or not result.status.terminal:
            raise InvalidInputError(
                f"execution {self.execution.execution_id} has ended without {name} on {qid or 'the chip'}: the flow is "
                "not the one that made it, and cannot be resumed behind it"
            )
        self.context.add(result)
        tell(self._progress.finished, result)
        return result
