"""Value scopes in the store: names, creation by their runs, and contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.times import format_time
from qdash_core.models.value_change import ScopeStatus, ValueScopeModel
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueScopeRepository
from qdash_core.values.accepted_values import sort_by_measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, tzinfo

    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import RecordedValues
    from qdash_core.repositories.repositories import Repositories

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def check_scope_name(name: str) -> None:
    """Raise InvalidInputError if a name is not valid for a value scope."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"{name!r} is not a name of a value scope: up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
        )


def refuse_closed(scope: ValueScopeModel, zone: tzinfo, *, advice: str = "choose another name") -> None:
    """Raise ConflictError, with advice, if a scope was committed or discarded."""
    if scope.status is not ScopeStatus.OPEN:
        at = "" if scope.closed_at is None else f" at {format_time(scope.closed_at, zone)}"
        raise ConflictError(f"value scope {scope.name} was {scope.status}{at} by {scope.closed_by}: {advice}")


def enter_scope(
    repositories: Repositories, execution: ExecutionModel, zone: tzinfo, *, now: datetime
) -> None:
    """Add a starting execution to its value scope in the transaction of the caller; create the scope if there is none.

    Raises
    ------
    ConflictError
        If the scope was committed or discarded.
    """
    if execution.scope is None:
        return
    scope = repositories.of(ValueScopeRepository).find(
        execution.project_id, execution.chip_id, execution.scope
    )
    if scope is None:
        scope = ValueScopeModel(
            project_id=execution.project_id,
            chip_id=execution.chip_id,
            name=execution.scope,
            username=execution.username,
            created_at=now,
            updated_at=now,
        )
    refuse_closed(scope, zone)
    executions = list(dict.fromkeys([*scope.executions, execution.execution_id]))
    repositories.of(ValueScopeRepository).put(scope.with_changes(executions=executions, now=now))


@dataclass(frozen=True)
class ScopeContents:
    """Contents of a value scope.

    `results` has the accepted results by qubit or coupling, in the order of their measurements. `status_times` has
    the time when each status was set, if known.
    """

    results: Mapping[str, Sequence[RecordedValues]] = field(default_factory=dict)
    statuses: Mapping[str, TargetStatus] = field(default_factory=dict)
    status_times: Mapping[str, datetime] = field(default_factory=dict)

    @cached_property
    def controls(self) -> dict[str, str]:
        """Control qubit by coupling, of the last measurement in the scope."""
        last = {target: find_control(results) for target, results in self.results.items()}
        return {target: control for target, control in last.items() if control is not None}


def read_contents(repositories: Repositories, scope: ValueScopeModel) -> ScopeContents:
    """Return the contents of a scope."""
    results = [
        result
        for execution_id in scope.executions
        for result in repositories.of(TaskResultHistoryRepository).list_values_by_execution(
            scope.project_id, execution_id
        )
    ]
    return ScopeContents(group_accepted(results), scope.statuses, scope.status_times)


def read_open_contents(
    repositories: Repositories, project_id: str, chip_id: str, name: str, zone: tzinfo
) -> ScopeContents:
    """Return the contents of the scope that a run names, empty if there is none yet; raise ConflictError if it is closed."""
    scope = repositories.of(ValueScopeRepository).find(project_id, chip_id, name)
    if scope is None:
        return ScopeContents()
    refuse_closed(scope, zone)
    return read_contents(repositories, scope)


def group_accepted(results: Iterable[RecordedValues]) -> dict[str, list[RecordedValues]]:
    """Return the results of qubits and couplings with accepted values by target, in the order of their measurements."""
    found: dict[str, list[RecordedValues]] = {}
    for result in sort_by_measurement(results):
        if result.task_type in ("qubit", "coupling") and any(
            result.accepts(name) for name in result.output_parameters
        ):
            found.setdefault(result.qid, []).append(result)
    return found


def find_control(results: Sequence[RecordedValues]) -> str | None:
    """Return the control qubit of the last of several results on a coupling, or None if it is unknown."""
    return next((one.control for one in reversed(results) if one.control is not None), None)
