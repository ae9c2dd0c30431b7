"""Imported values, recorded as accepted task results with author, file and format."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.exchange.formats.comparison import ComparisonState
from qdash_core.attempts.history_recorder import record_as_newest
from qdash_core.models.chip import ParameterModel
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.record.config import CalibConfig
from qdash_core.record.run_attempts import end_execution, make_started_execution
from qdash_core.record.service import add_names_to_project
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.values.manual_values import IMPORT
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.exchange.formats.comparison import NumberComparison
    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.runtime.runtime import Runtime

_MAX_WARNINGS = 10
"""Number of warnings in the reason of an event."""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """Origin of imported values: the file or folder, and the name of the format that read it."""

    path: str
    format: str

    def __str__(self) -> str:
        return f"brought from {self.path} ({self.format})"


def record_values(
    runtime: Runtime,
    repositories: Repositories,
    access: Access,
    chip: Chip,
    values: Sequence[NumberComparison],
    source: ImportSource,
    warnings: Sequence[str] = (),
) -> ExecutionModel:
    """Record values as an execution with one result per target, in the caller's transaction.

    A value without a measurement time in the file is recorded without a time. The warnings that the user has seen are the reason of the
    event.
    """
    config = CalibConfig(
        username=access.username,
        chip_id=chip.header.chip_id,
        name=IMPORT,
        note={"path": source.path, "format": source.format},
    )
    by_target: dict[str, list[NumberComparison]] = {}
    for one in values:
        by_target.setdefault(one.target, []).append(one)

    # All results start at the same time, and such results are listed in the order of their ids.
    ids = sorted(str(uuid.uuid4()) for _ in by_target)

    now = utc_now()
    execution = make_started_execution(
        access.project_id,
        runtime.record.find_next_id(repositories, access.project_id, now, config),
        config,
        hold=None,
        flow=None,
        cooldown_id=chip.header.current_cooldown_id,
        now=now,
    )
    repositories.of(ExecutionRepository).add(execution)
    results = [
        _make_result(execution, chip, target, imported, source, task_id)
        for task_id, (target, imported) in zip(ids, by_target.items(), strict=True)
    ]
    for result in results:
        repositories.of(TaskResultHistoryRepository).add(result)
        record_as_newest(repositories, result)
    write_event(
        repositories,
        access.project_id,
        chip.header.chip_id,
        EventOrigin(
            ValueEventKind.IMPORTED,
            access.username,
            _describe_confirmed(warnings),
            execution_id=execution.execution_id,
            source=source.path,
        ),
        [TargetEdit(one.qid, one.output_parameters, task_id=one.task_id) for one in results],
        today=format_day(now, runtime.zone),
        cooldown_id=chip.header.current_cooldown_id,
    )
    add_names_to_project(repositories, access.project_id, config)
    return end_execution(repositories, execution, ExecutionStatus.COMPLETED, str(source), now=now)


def _describe_confirmed(warnings: Sequence[str]) -> str:
    """Return the first warnings, and the number of others, or an empty text."""
    more = len(warnings) - _MAX_WARNINGS
    said = "; ".join(warnings[:_MAX_WARNINGS]) + (f"; and {more} more" if more > 0 else "")
    return f"confirmed: {said}" if said else ""


def _make_result(
    execution: ExecutionModel,
    chip: Chip,
    target: str,
    values: Sequence[NumberComparison],
    source: ImportSource,
    task_id: str,
) -> TaskResultModel:
    parameters = {one.parameter: _make_parameter(one, execution.execution_id, task_id) for one in values}
    is_coupling = "-" in target
    return TaskResultModel(
        project_id=execution.project_id,
        username=execution.username,
        chip_id=execution.chip_id,
        execution_id=execution.execution_id,
        task_id=task_id,
        name=IMPORT,
        task_type="coupling" if is_coupling else "qubit",
        qid=target,
        control=chip.couplings[target].control if is_coupling else None,
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        message=f"{source} by {execution.username}",
        output_parameters=parameters,
        output_parameter_names=list(parameters),
        measurement_complete=False,
        note={"format": source.format, "path": source.path, "places": _list_places(values)},
        cooldown_id=chip.header.current_cooldown_id,
        start_at=execution.start_at,
        end_at=execution.start_at,
    )


def _list_places(values: Sequence[NumberComparison]) -> Mapping[str, str]:
    return {one.parameter: one.place for one in values}


def _make_parameter(one: NumberComparison, execution_id: str, task_id: str) -> ParameterModel:
    assert one.standing is not ComparisonState.UNKNOWN
    assert one.imported.value is not None
    return ParameterModel(
        value=one.imported.value,
        value_type="int" if isinstance(one.imported.value, int) else "float",
        error=one.imported.error,
        unit=one.unit,
        calibrated_at=one.imported.measured_at,
        execution_id=execution_id,
        task_id=task_id,
    )
