"""Groups of the results of an execution: failures with a shared cause, and skipped results with a shared origin. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.shared_resources import find_shared_resources, list_resources
from qdash_builtin.explanations.explanation import CauseGroup, SkippedGroup
from qdash_builtin.explanations.failure_reasons import find_missing_result
from qdash_core.models.targets import by_number
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_builtin.explanations.explanation import ExplainedCause
    from qdash_core.chips.chip import Chip
    from qdash_core.models.task import TaskResultModel


def group_by_cause(
    chip: Chip | None,
    explained: Sequence[tuple[TaskResultModel, ExplainedCause | None]],
    examined: Collection[str],
) -> list[CauseGroup]:
    """Return failures by their cause, and within it by the resource that they share.

    A target with two causes is in a group of each.

    Parameters
    ----------
    chip : Chip or None
        The chip, or None if it was deleted: then no resources are known.
    explained : sequence of (TaskResultModel, ExplainedCause or None)
        A failed or flagged result of each target with each of its causes.
    examined : collection of str
        All targets of the execution.
    """
    by_cause: dict[str, list[tuple[TaskResultModel, ExplainedCause | None]]] = defaultdict(list)
    for result, cause in explained:
        by_cause[cause.ranked.cause.id if cause else ""].append((result, cause))
    resources = {} if chip is None else list_resources(chip)
    order = sorted((qid for qid in examined if qid), key=by_number)
    groups = []
    for some in by_cause.values():
        left = {result.qid: (result, cause) for result, cause in some}
        for shared in find_shared_resources(resources, left.keys(), order, tests=len(by_cause)):
            members = [left.pop(qid) for qid in shared.affected]
            groups.append(
                CauseGroup(members[0][1], str(shared), shared.examined, [one for one, _ in members])
            )
        if left:
            (_, cause), *_ = left.values()
            groups.append(CauseGroup(cause, "", 0, [one for one, _ in left.values()]))
    return sorted(groups, key=lambda one: (one.cause is None, not one.resource, -len(one.results)))


def group_skipped(results: Sequence[TaskResultModel]) -> list[SkippedGroup]:
    """Return the skipped ones of the last attempts of an execution, by the results that did not deliver their inputs."""
    attempts = index_attempts(results)
    groups: dict[str, tuple[TaskResultModel | None, list[TaskResultModel]]] = {}
    for one in results:
        if one.status is TaskStatus.SKIPPED:
            origin = trace_origin(one, attempts)
            groups.setdefault("" if origin is None else origin.task_id, (origin, []))[1].append(one)
    found = [SkippedGroup(origin, some) for origin, some in groups.values()]
    return sorted(found, key=lambda one: -len(one.results))


def index_attempts(results: Iterable[TaskResultModel]) -> dict[tuple[str, str], TaskResultModel]:
    """Return the last attempts of an execution by task and target."""
    return {(one.name, one.qid): one for one in results}


def trace_origin(
    result: TaskResultModel, attempts: Mapping[tuple[str, str], TaskResultModel]
) -> TaskResultModel | None:
    """Follow a skipped result through the last attempts of its execution to the one that was measured, or None if it is unknown."""
    seen: set[str] = set()
    while result.status is TaskStatus.SKIPPED and result.task_id not in seen:
        seen.add(result.task_id)
        missing = find_missing_result(result)
        if missing is None or missing not in attempts:
            return None
        result = attempts[missing]
    return None if result.status is TaskStatus.SKIPPED else result
