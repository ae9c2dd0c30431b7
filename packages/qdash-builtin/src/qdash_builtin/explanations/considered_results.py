"""Other results that count when a result is explained, and the time at which they count."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.explanations.result_queries import list_results_on_targets
from qdash_builtin.values.result_queries import list_results_of_targets
from qdash_core.models.base import NEVER
from qdash_core.models.targets import list_parts
from qdash_core.models.task import get_measurement, select_last_attempts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.task import MeasuredOrRefitted, ResultBrief, TaskResultModel
    from qdash_core.repositories.results import TaskResultHistoryRepository

_BEFORE = timedelta(hours=24)
"""Age of the oldest results of other tasks that count."""
_SAME_SESSION = timedelta(hours=1)
"""Age of the oldest results of other executions that speak against a cause."""
_MOST_RESULTS = 500


def get_measured_at(result: MeasuredOrRefitted) -> datetime | None:
    """Return the start of the measurement, also of a refit: only what was before it explains the data."""
    return get_measurement(result).start_at or result.start_at


def counts_for(one: TaskResultModel | ResultBrief, result: TaskResultModel | ListedResult) -> bool:
    """Return whether another result is a measurement of the same thing: the chip or a simulation, in the same value scope or none."""
    return one.refit_of is None and bool(one.simulated) == result.simulated and one.scope == result.scope


def list_others(
    repository: TaskResultHistoryRepository,
    project_id: str,
    result: TaskResultModel,
    *,
    until: datetime | None,
) -> list[TaskResultModel]:
    """Return the newest results of other tasks on the target of a result, or on the qubits of a coupling.

    They are those of the execution, and those from 24 h before the measurement of the result until its start, or until a later time.
    """
    if not result.qid:
        return []
    targets = list_parts(result.qid)
    same = list_results_of_targets(repository, project_id, result.execution_id, targets)
    before: list[TaskResultModel] = []
    measured_at = get_measured_at(result)
    if measured_at is not None:
        before = list_results_on_targets(
            repository,
            project_id,
            result.chip_id,
            targets,
            since=measured_at - _BEFORE,
            until=until or measured_at,
            limit=_MOST_RESULTS,
        )
    newest = {(result.name, result.qid): result}
    found = [*reversed(select_last_attempts(same)), *before]
    if until is not None:
        found.sort(key=lambda one: one.start_at or NEVER, reverse=True)
    for one in found:
        if counts_for(one, result):
            newest.setdefault((one.name, one.qid), one)
    return [one for one in newest.values() if one is not result]


def select_since(
    success: TaskResultModel, result: TaskResultModel, others: Iterable[TaskResultModel]
) -> list[TaskResultModel]:
    """Return the results of the same execution, and those since the task last succeeded, without the rest of the execution in which it did.

    Older ones are from before the failure.
    """
    return [
        one
        for one in others
        if one.execution_id == result.execution_id
        or (
            one.execution_id != success.execution_id
            and one.start_at is not None
            and success.start_at is not None
            and one.start_at >= success.start_at
        )
    ]


def is_as_new(one: TaskResultModel, result: TaskResultModel) -> bool:
    """Return whether a result is of the same execution as another one, of the hour before it, or newer."""
    if one.execution_id == result.execution_id:
        return True
    measured_at = get_measured_at(result)
    if one.start_at is None or measured_at is None:
        return False
    return one.start_at > measured_at - _SAME_SESSION
