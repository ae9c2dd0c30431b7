"""Replay session: an ended session of a resumed flow, answered from the record."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.journal import TaskContext
from qdash_core.errors import InvalidInputError
from qdash_core.models.progress import notify_observer
from qdash_core.models.task import select_last_attempts
from qdash_core.repositories.retry import StoreRetry
from qdash_core.tasks.base import ChipView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.execution import ExecutionModel, ExecutionStatus
    from qdash_core.models.progress import Progress
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.run_spec import RunSpec


class ReplayWriter:
    """Counterpart of `SessionWriter` for an ended execution: it returns recorded choices and writes nothing."""

    def __init__(self, execution: ExecutionModel) -> None:
        self.left_out = execution.left_out
        self._choices = iter(execution.choices)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Return the targets that the next filter kept when the session ran."""
        return next(self._choices, list(targets))

    def leave_out(self, why: Mapping[str, str], going_on: Sequence[str]) -> None:
        """Do nothing: it was recorded when the session ran."""

    def record_note(self, key: str, value: object) -> None:
        """Do nothing: it was recorded when the session ran."""

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Do nothing: it was set when the session ran."""

    def keep_scoped_status(self, target: str, status: TargetStatus) -> None:
        """Do nothing: it was kept when the session ran."""


class ReplaySession:
    """Counterpart of `RunSession` for an ended execution: no instrument lock, no hardware, no writes.

    The backend of `spec` is never connected. `progress` receives every result.
    """

    def __init__(
        self,
        runtime: Runtime,
        spec: RunSpec,
        execution: ExecutionModel,
        results: Iterable[TaskResultModel],
        *,
        progress: Progress,
    ) -> None:
        self.runtime, self.execution, self.catalogue = runtime, execution, spec.catalogue
        self.chip, self.backend, self.claim = spec.chip, spec.backend, spec.claim
        view = ChipView(self.chip.header.chip_id, self.backend.name, self.chip.topology)
        self.context = TaskContext(execution.execution_id, view)
        self.with_retry = StoreRetry(runtime.settings.store_patience_s)
        self._results = {result.node: result for result in select_last_attempts(results)}
        self._occurrences: dict[tuple[str, str], int] = {}
        self.writer = ReplayWriter(execution)
        self._progress = progress

    def connect(self) -> None:
        """Do nothing."""

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Return the recorded result of each task of the plan on each target, whatever its status.

        Raises
        ------
        InvalidInputError
            If the session has no result of one of them: the flow is not the one that is resumed.
        """
        return [
            self._get_recorded(planned.task.name, qid)
            for group in plan.groups
            for planned in plan.tasks
            for qid in group
        ]

    def read_chip(self) -> Chip:
        """Return the chip as it is stored now."""
        show = partial(self.runtime.chip_record.show, self.execution.project_id, self.execution.chip_id)
        return self.with_retry(show)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Do nothing: the directions were set when the session ran."""

    def end_unfinished(self, message: str) -> None:
        """Do nothing: the session has ended."""

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:  # noqa: ARG002  signature of RunSession
        """Return the execution as it ended."""
        return self.execution

    def _get_recorded(self, name: str, qid: str) -> TaskResultModel:
        occurrence = self._occurrences.get((name, qid), 0)
        self._occurrences[name, qid] = occurrence + 1
        result = self._results.get((name, qid, occurrence))
        if result is None or not result.status.terminal:
            raise InvalidInputError(
                f"execution {self.execution.execution_id} has ended without {name} on {qid or 'the chip'}: the flow is "
                "not the one that made it, and cannot be resumed behind it"
            )
        self.context.add(result)
        notify_observer(self._progress.finished, result)
        return result
