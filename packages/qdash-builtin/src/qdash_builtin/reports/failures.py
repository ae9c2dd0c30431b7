"""Failed targets of a chip and failed results of an execution, with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.reports.report import Failure
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.reports.report import Contents
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.task import TaskResultModel

_GOOD = ("accepted", "completed")
"""Outcomes of results that did not fail."""


def list_failures(contents: Contents) -> list[Failure]:
    """Return the failed results of an execution, or the failed and dead targets of a chip."""
    return [*(_iter_targets(contents) if contents.run is None else _iter_results(contents))]


def describe_later_failure(contents: Contents, result: TaskResultModel) -> str:
    """Return the failure of a target after one of its accepted results, such as `failed since: no peak`; empty if there is none."""
    target = contents.chip.qubits.get(result.qid) or contents.chip.couplings.get(result.qid)
    if target is None or contents.statuses.get(result.qid) is not TargetStatus.FAILED:
        return ""
    reason = target.status_reason
    if reason is None or result.outcome_in_force not in _GOOD:
        return ""
    decisive = contents.results.get(reason.task_id)
    if decisive is None:  # the present reason is not that at the end of an execution
        return "" if contents.run is not None else f"failed since: {reason.text}"
    if decisive.end_at is None or result.end_at is None or decisive.end_at <= result.end_at:
        return ""
    return f"failed since: {reason.text}"


def _iter_targets(contents: Contents) -> Iterator[Failure]:
    targets: list[QubitModel | CouplingModel] = [
        *contents.chip.qubits.values(),
        *contents.chip.couplings.values(),
    ]
    for target in targets:
        if target.status not in (TargetStatus.FAILED, TargetStatus.DEAD):
            continue
        reason = target.status_reason
        if reason is not None:
            task = _find_task(contents, target, reason.task_id)
            yield Failure(target.qid, target.status, task, reason.text, reason.task_id, reason.execution_id)
        else:
            yield Failure(target.qid, target.status, "", target.note.content)


def _find_task(contents: Contents, target: QubitModel | CouplingModel, task_id: str) -> str:
    """Return the task of the result that decided a status, or an empty text if it is unknown."""
    attempts = (*target.failures.values(), *target.disputes.values())
    known = next((one.task for one in attempts if one.task_id == task_id), "")
    return known or (contents.results[task_id].name if task_id in contents.results else "")


def _iter_results(contents: Contents) -> Iterator[Failure]:
    for task_id in contents.shown:
        result = contents.results[task_id]
        if result.status is TaskStatus.FAILED:
            reason = result.message or "; ".join(result.reasons)
            yield Failure(
                result.qid, result.outcome_in_force, result.name, reason, task_id, result.execution_id
            )
