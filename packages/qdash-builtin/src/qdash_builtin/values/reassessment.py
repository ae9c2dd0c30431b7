"""Status of the targets of value events that changed which results count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.change_queries import find_head
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository
from qdash_core.values.target_status import StatusRules, reassess_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from qdash_core.models.chip import ChipModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.writer import ValueEvent


_REASSESSED = frozenset(
    {
        ValueEventKind.ACCEPTED,
        ValueEventKind.REJECTED,
        ValueEventKind.USED,
        ValueEventKind.ADOPTED,
        ValueEventKind.COMMITTED,
        ValueEventKind.UNDONE,
    }
)


def reassess_event(
    repositories: Repositories,
    header: ChipModel,
    event: ValueEvent,
    read_rules: Callable[[], StatusRules],
    *,
    today: str,
    now: datetime,
) -> bool:
    """Reassess the targets of a value event if it changed which results count, and return whether it did.

    `read_rules` is called only then.
    """
    head = event.head
    if head.kind not in _REASSESSED:
        return False
    names = {part.qid: {*part.values, *part.decisions} for part in event.parts}
    for result in _list_transferred(repositories, header, event):
        if result.task_type in ("qubit", "coupling"):
            names.setdefault(result.qid, set()).update(result.output_parameter_names)
    for qid, some in names.items():
        reassess_target(repositories, header, qid, some, read_rules(), today=today, now=now)
    return True


def _list_transferred(
    repositories: Repositories, header: ChipModel, event: ValueEvent
) -> list[TaskResultModel]:
    """Return the results of the executions whose adoption or commit an event recorded or undid."""
    head, project_id = event.head, header.project_id
    # An undo of an undone adoption or commit is refused: the undone event itself is the adoption or commit.
    recorded = (
        head
        if head.undoes is None
        else find_head(repositories.of(ValueChangeRepository), project_id, head.undoes)
    )
    executions: Iterable[str] = []
    if recorded is not None and recorded.kind is ValueEventKind.ADOPTED:
        executions = [recorded.execution_id]
    elif recorded is not None and recorded.kind is ValueEventKind.COMMITTED:
        executions = (
            repositories.of(ValueScopeRepository)
            .require(project_id, header.chip_id, recorded.scope)
            .executions
        )
    return [
        one
        for found in executions
        for one in repositories.of(TaskResultHistoryRepository).list_by_execution(project_id, found)
    ]
