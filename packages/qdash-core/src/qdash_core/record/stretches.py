"""The stretches in which an execution runs: the first, and one after each resume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, LockedError
from qdash_core.models.execution import ExecutionModel, ExecutionStatus, RunAttempt
from qdash_core.record.resumption import require_not_cancelled

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.marks import LeaseHold
    from qdash_core.record.config import CalibConfig, FlowMark


def begun(
    project_id: str,
    execution_id: str,
    config: CalibConfig,
    *,
    hold: LeaseHold | None,
    flow: FlowMark | None,
    now: datetime,
) -> ExecutionModel:
    """Return an execution in its first stretch."""
    asked = asked_for(project_id, execution_id, config, flow=flow)
    return asked.model_copy(
        update={
            "status": ExecutionStatus.RUNNING,
            "start_at": now,
            "attempts": [RunAttempt(username=config.username, start_at=now)],
            "lease_owner": "" if hold is None else hold.owner,
            "instrument": "" if hold is None else hold.instrument,
        }
    )


def asked_for(
    project_id: str, execution_id: str, config: CalibConfig, *, flow: FlowMark | None
) -> ExecutionModel:
    """Return an execution that is asked for and has not begun."""
    about_its_flow = {} if flow is None else {"flow_run_id": flow.flow_run_id}
    return ExecutionModel(
        project_id=project_id,
        username=config.username,
        name=config.name,
        execution_id=execution_id,
        chip_id=config.chip_id,
        calib_data_path=f"{project_id}/{config.chip_id}/{execution_id}",
        note={**config.note, **about_its_flow},
        tags=list(config.tags),
        flow_run_id=None if flow is None else flow.flow_run_id,
        session=0 if flow is None else flow.session,
        request=None if flow is None else flow.request,
    )


def resumed(
    execution: ExecutionModel,
    config: CalibConfig,
    *,
    hold: LeaseHold,
    flow: FlowMark,
    now: datetime,
) -> ExecutionModel:
    """Return an execution in a new stretch, as part of the flow that it was part of.

    Every resume passes here, whoever performs it: a cancel wins unless a person asked to resume after it.

    Raises
    ------
    InvalidInputError
        As `require_resumable`.
    LockedError
        If it runs.
    IllegalTransitionError
        If it was cancelled and no person has asked since then to resume it.
    """
    require_resumable(execution, config)
    if execution.status is ExecutionStatus.RUNNING:
        raise LockedError(f"execution {execution.execution_id} runs: there is nothing to resume")
    require_not_cancelled(execution)
    attempt = RunAttempt(username=config.username, start_at=now, resume_request=execution.resume_request)
    flow_run_id = execution.flow_run_id or flow.flow_run_id
    return execution.model_copy(
        update={
            "status": ExecutionStatus.RUNNING,
            "tags": list(dict.fromkeys([*execution.tags, *config.tags])),
            "message": "",
            "reason": None,
            "tasks": {},
            "start_at": execution.start_at or now,
            "end_at": None,
            "elapsed_time": None,
            "lab_seconds": None,
            "cancel_request": None,
            "resume_request": None,
            "flow_run_id": flow_run_id,
            "note": {**execution.note, "flow_run_id": flow_run_id},
            "attempts": [*attempts_of(execution), attempt],
            "lease_owner": hold.owner,
            "instrument": hold.instrument,
            "updated_at": now,
        }
    )


def require_resumable(execution: ExecutionModel, config: CalibConfig) -> None:
    """Refuse to resume what has completed or not begun, or is one of another chip; what is running may be interrupted.

    Raises
    ------
    InvalidInputError
        Which, and what it is.
    """
    named = f"execution {execution.execution_id}"
    if execution.chip_id != config.chip_id:
        raise InvalidInputError(f"{named} is one of chip {execution.chip_id}, not of {config.chip_id}")
    if execution.status in (ExecutionStatus.COMPLETED, ExecutionStatus.SCHEDULED):
        raise InvalidInputError(
            f"{named} is {execution.status} and cannot be resumed: only what failed, was cancelled or was "
            "interrupted can"
        )


def attempts_of(execution: ExecutionModel) -> list[RunAttempt]:
    """Return every stretch in which an execution was running; of one from before they were kept, the only one."""
    if execution.attempts or execution.start_at is None:
        return list(execution.attempts)
    return [
        RunAttempt(
            username=execution.username,
            start_at=execution.start_at,
            end_at=execution.end_at,
            status=execution.status,
            message=execution.message,
            reason=execution.reason,
            lab_seconds=execution.lab_seconds,
        )
    ]
