"""Classification of old results by their use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.home.pruning.references import find_new_references
from qdash_builtin.record_lookup.provenance_edges import list_later
from qdash_builtin.results.model import ResultUse
from qdash_core.models.provenance import NodeKind, Relation, name_result, parse_node
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_builtin.home.pruning.references import References
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Snapshot


@dataclass(frozen=True, slots=True)
class UsedResult:
    """A result with its use, and the new analyses of its raw data."""

    result: TaskResultModel
    use: ResultUse
    refits: tuple[TaskResultModel, ...] = ()


def find_uses(
    snapshot: Snapshot,
    execution: ExecutionModel,
    results: Sequence[TaskResultModel],
    references: References,
    *,
    before: datetime,
) -> list[UsedResult]:
    """Return the use of results of one execution.

    Parameters
    ----------
    references : References
        Those of the project. Those that are added meanwhile and found by an index are read again.
    before : datetime
        A refit that was made since this time needs the raw data of its original.
    """
    known = references | find_new_references(snapshot, results)
    whole = bool(execution.tags) or execution.execution_id in known.executions
    repositories = Repositories(snapshot)
    edges = list_later(
        repositories.of(ProvenanceRepository),
        execution.project_id,
        [name_result(one.task_id) for one in results],
    )
    refits = {
        one.task_id: one
        for one in repositories.of(TaskResultHistoryRepository).list_by_ids(
            execution.project_id,
            [
                parse_node(one.subject)[1]
                for one in edges
                if one.relation == Relation.DERIVED and _is_of_result(one.subject)
            ],
        )
    }
    found = []
    for result in results:
        node = name_result(result.task_id)
        later = [parse_node(one.subject) for one in edges if one.object == node]
        own = tuple(refits[name] for _, name in later if name in refits)
        named = (
            whole
            or _is_named(result, known)
            or any(kind is not NodeKind.RESULT for kind, _ in later)
            or any(_is_named(one, known) or get_last_time(one) >= before for one in own)
        )
        users = {name for _, name in later} & known.results
        use = ResultUse.NAMED if named else _classify(result, users, refitted=bool(own))
        found.append(UsedResult(result, use, own))
    return found


def get_last_time(result: TaskResultModel) -> datetime:
    """Return the time of the last change of a result by a run."""
    return max(one for one in (result.created_at, result.start_at, result.end_at) if one is not None)


def _is_of_result(node: str) -> bool:
    return parse_node(node)[0] is NodeKind.RESULT


def _is_named(result: TaskResultModel, references: References) -> bool:
    written = result.tags or result.user_note.content or result.decisions
    return bool(written) or result.task_id in references.results


def _classify(result: TaskResultModel, users: set[str], *, refitted: bool) -> ResultUse:
    if users:
        return ResultUse.INPUT
    counts = result.output_parameters and result.saved and not result.simulated
    return ResultUse.SERIES if counts or refitted else ResultUse.NONE
