"""Results of other targets in the executions of a chip, and the results of their tasks before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_builtin.explanations.considered_results import counts_for, get_measured_at
from qdash_builtin.explanations.onsets import find_onset
from qdash_builtin.explanations.result_queries import list_briefs_by_target
from qdash_builtin.metrics.result_queries import list_briefs
from qdash_builtin.runs.listed_results import list_listed_results
from qdash_core.models.task import ResultBrief, TaskStatus, select_last_attempts
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.explanations.onsets import Onset
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.task import AttemptSummary, TaskResultModel
    from qdash_core.repositories.store import Store

_HISTORY = 20
"""Number of earlier results of a task on a target that are read."""
_MEASURED = (TaskStatus.COMPLETED, TaskStatus.FAILED)


@dataclass(slots=True)
class ExecutionRecords:
    """Results of executions on one chip, each read once."""

    store: Store
    project_id: str
    chip_id: str
    _attempts: dict[str, list[AttemptSummary]] = field(default_factory=dict)
    _summaries: dict[tuple[str, str], dict[str, ListedResult]] = field(default_factory=dict)
    _before: dict[tuple[str, str], dict[str, list[ResultBrief]]] = field(default_factory=dict)
    _ratios: dict[tuple[str, str, str], dict[str, tuple[str, float]]] = field(default_factory=dict)

    def list_attempts(self, execution_id: str) -> list[AttemptSummary]:
        """Return the last attempts of an execution."""
        if execution_id not in self._attempts:
            with self.store.read() as snapshot:
                attempts = (
                    Repositories(snapshot)
                    .of(TaskResultHistoryRepository)
                    .list_attempts(self.project_id, execution_id)
                )
            self._attempts[execution_id] = select_last_attempts(attempts)
        return self._attempts[execution_id]

    def list_summaries(self, execution_id: str, name: str) -> dict[str, ListedResult]:
        """Return the last attempts at a task in an execution, by result."""
        place = execution_id, name
        if place not in self._summaries:
            wanted = [one.task_id for one in self.list_attempts(execution_id) if one.name == name]
            with self.store.read() as snapshot:
                found = list_listed_results(
                    Repositories(snapshot).of(TaskResultHistoryRepository), self.project_id, wanted
                )
            self._summaries[place] = {one.task_id: one for one in found}
        return self._summaries[place]

    def list_history(self, result: TaskResultModel) -> list[ResultBrief]:
        """Return the last results of the task on the target before the measurement of a result, newest first."""
        with self.store.read() as snapshot:
            found = list_briefs(
                Repositories(snapshot).of(TaskResultHistoryRepository),
                self.project_id,
                self.chip_id,
                [result.name],
                result.qid,
                until=get_measured_at(result),
                limit=_HISTORY,
            )
        history = (ResultBrief(*one) for one in found)
        return [one for one in history if one.task_id != result.task_id and counts_for(one, result)]

    def find_onset(self, failure: AttemptSummary | TaskResultModel) -> Onset:
        """Return between which times the task of a failed or flagged result began to fail on its target."""
        summaries = self.list_summaries(failure.execution_id, failure.name)
        failed = summaries.get(failure.task_id)
        before = self._find_before(failure.execution_id, failure.name, failure.qid)
        past = (
            (None if one.start_at is None else datetime.fromisoformat(one.start_at), one.accepted)
            for one in before
            if one.status in _MEASURED
        )
        return find_onset(None if failed is None else failed.start_at, past)

    def list_value_ratios(self, execution_id: str, name: str, output: str) -> dict[str, tuple[str, float]]:
        """Return the result of each target of an execution and the ratio of its value to the accepted one before."""
        place = execution_id, name, output
        if place not in self._ratios:
            found = {}
            for one in self.list_summaries(execution_id, name).values():
                value = one.output_parameters.get(output)
                for before in self._find_before(execution_id, name, one.qid):
                    known = (before.output_parameters or {}).get(output)
                    if value is not None and known and known.get("value") and before.accepts(output):
                        found[one.qid] = one.task_id, float(value.value) / float(known["value"])
                        break
            self._ratios[place] = found
        return self._ratios[place]

    def _find_before(self, execution_id: str, name: str, target: str) -> Sequence[ResultBrief]:
        """Return the last results of a task on a target before an execution, newest first."""
        place = execution_id, name
        if place not in self._before:
            self._before[place] = self._read_before(execution_id, name)
        return self._before[place].get(target, ())

    def _read_before(self, execution_id: str, name: str) -> dict[str, list[ResultBrief]]:
        """Return the last results of a task before an execution by target, for the targets on which it ran."""
        summaries = {one.qid: one for one in self.list_summaries(execution_id, name).values()}
        starts = (one.start_at for one in summaries.values() if one.start_at is not None)
        until = min(starts, default=None)
        with self.store.read() as snapshot:
            found = list_briefs_by_target(
                Repositories(snapshot).of(TaskResultHistoryRepository),
                self.project_id,
                self.chip_id,
                name,
                summaries,
                until=until,
                limit=_HISTORY,
            )
        return {
            target: [
                one
                for one in (ResultBrief(*fields) for fields in some)
                if one.execution_id != execution_id and counts_for(one, summaries[target])
            ]
            for target, some in found.items()
        }
