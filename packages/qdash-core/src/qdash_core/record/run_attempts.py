"""Run attempts of an execution: its first start, one after each resume, and the end of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import IllegalTransitionError, InvalidInputError, LockedError
from qdash_core.models.execution import (
    EndReason,
    EventModel,
    ExecutionModel,
    ExecutionStatus,
    RunAttempt,
    SoftwareVersions,
)
from qdash_core.models.task import TaskStatus, count_statuses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.process_marks import LockHold
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig, FlowMark
    from qdash_core.repositories.repositories import Repositories


class StoppedRun(Protocol):
    """Execution of a run that has ended, as its record or its view model."""

    @property
    def execution_id(self) -> str:
        """Id of the execution."""

    @property
    def id_with_options(self) -> str:
        """Id with the command options for its project and user."""

    @property
    def status(self) -> ExecutionStatus:
        """Status."""

    @property
    def reason(self) -> EndReason | None:
        """Reason for which it failed or was cancelled."""

    @property
    def message(self) -> str:
        """Message of the end."""

    @property
    def request(self) -> RunRequest | None:
        """Request, or None if a user's own program started it."""


def make_started_execution(
    project_id: str,
    execution_id: str,
    config: CalibConfig,
    *,
    hold: LockHold | None,
    flow: FlowMark | None,
    cooldown_id: str | None,
    now: datetime,
    simulated: bool = False,
) -> ExecutionModel:
    """Return an execution in its first run attempt, in the present cool-down of its chip."""
    requested = make_scheduled_execution(project_id, execution_id, config, flow=flow, simulated=simulated)
    return requested.model_copy(
        update={
            "status": ExecutionStatus.RUNNING,
            "start_at": now,
            "cooldown_id": cooldown_id,
            "attempts": [RunAttempt(username=config.username, start_at=now)],
            "lease_owner": "" if hold is None else hold.owner,
            "instrument": "" if hold is None else hold.instrument,
        }
    )


def make_scheduled_execution(
    project_id: str, execution_id: str, config: CalibConfig, *, flow: FlowMark | None, simulated: bool = False
) -> ExecutionModel:
    """Return an execution that is scheduled and has not started."""
    about_its_flow = {} if flow is None else {"flow_run_id": flow.noted_id}
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
        brought_as=None if flow is None else flow.brought_as,
        session=0 if flow is None else flow.session,
        request=None if flow is None else flow.request,
        simulated=simulated,
        scope=config.scope,
    )


def resume_execution(
    execution: ExecutionModel,
    config: CalibConfig,
    *,
    hold: LockHold,
    flow: FlowMark,
    cooldown_id: str | None,
    now: datetime,
) -> ExecutionModel:
    """Return an execution in a new run attempt, in its former flow run and the cool-down of its start.

    Only a person's later request to resume overrides a cancellation.

    Raises
    ------
    InvalidInputError
        As for `require_resumable`.
    LockedError
        If the execution is running.
    IllegalTransitionError
        If it was cancelled and no person has requested a resume since.
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
            "cooldown_id": execution.cooldown_id if execution.start_at else cooldown_id,
            "end_at": None,
            "elapsed_time": None,
            "lab_seconds": None,
            "cancel_request": None,
            "resume_request": None,
            "flow_run_id": flow_run_id,
            "brought_as": flow.brought_as or execution.brought_as,
            "note": {**execution.note, "flow_run_id": flow.brought_as or flow_run_id},
            "attempts": [*list_attempts(execution), attempt],
            "lease_owner": hold.owner,
            "instrument": hold.instrument,
            "updated_at": now,
        }
    )


def add_software(execution: ExecutionModel, versions: Mapping[str, str], *, now: datetime) -> ExecutionModel:
    """Return the execution with the versions of its software added, or unchanged if they are unknown or already recorded."""
    if not versions or (execution.software and execution.software[-1].versions == versions):
        return execution
    found = SoftwareVersions(since=now, versions=dict(versions))
    return execution.model_copy(update={"software": [*execution.software, found]})


def require_resumable(execution: ExecutionModel, config: CalibConfig) -> None:
    """Raise InvalidInputError if an execution has completed, has not started or is on another chip.

    The message names its status. An execution that is recorded as running may be interrupted.
    """
    named = f"execution {execution.execution_id}"
    if execution.chip_id != config.chip_id:
        raise InvalidInputError(f"{named} is one of chip {execution.chip_id}, not of {config.chip_id}")
    if execution.status in (ExecutionStatus.COMPLETED, ExecutionStatus.SCHEDULED):
        raise InvalidInputError(
            f"{named} is {execution.status} and cannot be resumed: only what failed, was cancelled or was "
            "interrupted can"
        )


def require_not_cancelled(execution: ExecutionModel) -> None:
    """Raise IllegalTransitionError if the cancellation of an execution is in force.

    The message names the user who cancelled it, and the command to resume it.
    """
    if execution.is_cancel_in_force:
        request = execution.cancel_request
        by = "" if request is None else f" by {request.username}"
        raise IllegalTransitionError(
            f"execution {execution.execution_id} was cancelled{by}: only a person resumes it, by "
            f"`qdash executions resume {execution.id_with_options}`"
        )


def list_attempts(execution: ExecutionModel) -> list[RunAttempt]:
    """Return the run attempts of an execution; one recorded before run attempts were stored has exactly one."""
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


def end_execution(
    repositories: Repositories,
    execution: ExecutionModel,
    status: ExecutionStatus,
    message: str,
    *,
    now: datetime,
    reason: EndReason | None = None,
    lab_seconds: float | None = None,
) -> ExecutionModel:
    """Move a stored execution to a final state, with the counts of its results.

    An execution without completed tasks has failed; one with a request to cancel is cancelled, even if it failed meanwhile.
    A failure without a `reason` is an error.

    Raises
    ------
    IllegalTransitionError
        If the transition is not allowed.
    """
    from qdash_core.repositories.executions import EventRepository, ExecutionRepository
    from qdash_core.repositories.results import TaskResultHistoryRepository

    outcomes = repositories.of(TaskResultHistoryRepository).count_outcomes(
        execution.project_id, [execution.execution_id]
    )[execution.execution_id]
    counts = count_statuses(outcomes)
    if status is ExecutionStatus.COMPLETED and counts and not counts.get(TaskStatus.COMPLETED):
        status, message = ExecutionStatus.FAILED, message or "no task completed"
        reason = EndReason.NOTHING_COMPLETED
    if status is ExecutionStatus.FAILED and execution.cancel_request is not None:
        status, message = ExecutionStatus.CANCELLED, f"cancelled by {execution.cancel_request.username}"
    match status:
        case ExecutionStatus.COMPLETED:
            reason = None
        case ExecutionStatus.CANCELLED:
            message, reason = message or "no reason was given", EndReason.CANCELLED
        case _:
            message, reason = message or "no reason was given", reason or EndReason.ERROR
    attempts = list_attempts(execution)
    if attempts:
        if lab_seconds is None:
            results = repositories.of(TaskResultHistoryRepository).list_by_execution(
                execution.project_id, execution.execution_id
            )
            lab_seconds = _measure_lab_seconds(attempts[-1].start_at, results, sum_lab_seconds(execution))
        last = {
            "end_at": now,
            "status": status,
            "message": message,
            "reason": reason,
            "lab_seconds": lab_seconds,
        }
        attempts[-1] = attempts[-1].model_copy(update=last)
    ended = execution.model_copy(
        update={
            "attempts": attempts,
            "status": status,
            "message": message,
            "reason": reason,
            "tasks": counts,
            "outcomes": outcomes,
            "end_at": now,
            "updated_at": now,
            "elapsed_time": sum(((one.end_at or now) - one.start_at).total_seconds() for one in attempts),
            "lab_seconds": _sum_known(one.lab_seconds for one in attempts),
        }
    )
    repositories.of(ExecutionRepository).replace(ended, was=execution.status)
    repositories.of(EventRepository).append(make_execution_event(ended, status))
    return ended


def make_interrupt(execution: StoppedRun) -> KeyboardInterrupt:
    """Return the exception for an interrupted run; its message names the execution, its status and how to resume it."""
    named = execution.execution_id
    goes_on = ExecutionStatus.FAILED, ExecutionStatus.CANCELLED
    if execution.request is None or execution.status not in goes_on:
        return KeyboardInterrupt(f"execution {named} is {execution.status}")
    return KeyboardInterrupt(
        f"execution {named} is {execution.status}: `qdash executions resume {execution.id_with_options}` resumes it"
    )


def make_execution_event(execution: ExecutionModel, what: str) -> EventModel:
    """Return the event of the current status of an execution."""
    return EventModel(
        project_id=execution.project_id,
        kind=f"execution.{what}",
        chip_id=execution.chip_id,
        execution_id=execution.execution_id,
        data={"name": execution.name, "message": execution.message, "tasks": execution.tasks},
    )


def sum_lab_seconds(execution: ExecutionModel) -> float:
    """Return the laboratory time of all run attempts of an execution but the last."""
    return _sum_known(one.lab_seconds for one in list_attempts(execution)[:-1]) or 0.0


def _measure_lab_seconds(
    start: datetime, results: Iterable[TaskResultModel], before_s: float
) -> float | None:
    """Return the laboratory time of a run attempt whose backend is gone, up to its last recorded end."""
    ends = [
        one.lab_start_s + one.lab_s
        for one in results
        if one.start_at is not None
        and one.start_at >= start
        and one.lab_start_s is not None
        and one.lab_s is not None
    ]
    return max(ends) - before_s if ends else None


def _sum_known(seconds: Iterable[float | None]) -> float | None:
    known = [one for one in seconds if one is not None]
    return sum(known) if known else None
