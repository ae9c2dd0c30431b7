"""Record of executions, written by their own runs: schedule, start, resume, choices, stages, end."""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, InvalidInputError
from qdash_core.models.execution import (
    EXECUTION_TRANSITIONS,
    EndReason,
    ExecutionModel,
    ExecutionStatus,
    StageModel,
)
from qdash_core.models.times import format_day
from qdash_core.process.clock import utc_now
from qdash_core.record.counts import read_with_results
from qdash_core.record.orphans import is_interrupted
from qdash_core.record.run_attempts import (
    add_software,
    end_execution,
    make_execution_event,
    make_scheduled_execution,
    make_started_execution,
    require_not_cancelled,
    require_resumable,
    resume_execution,
)
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import (
    EventRepository,
    ExecutionCounterRepository,
    ExecutionLockRepository,
    ExecutionRepository,
)
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.used_names import BackendRepository, TagRepository
from qdash_core.values.scopes import enter_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.process_marks import LockHold
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig, FlowMark
    from qdash_core.repositories.store import Store


class ExecutionRecord:
    """Executions of one store, found and written by the processes that perform them.

    `ExternalTransitions` has the transitions that other processes make. `zone` is the time zone of the dates in
    execution ids; `clock` returns the current time in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._clock = clock

    def find(self, project_id: str, execution_id: str) -> ExecutionModel:
        """Return a recorded execution, without counts while it is unfinished; raise NotFoundError if there is none."""
        return Repositories(self._store).of(ExecutionRepository).require(project_id, execution_id)

    def get_last_of_flow(self, execution: ExecutionModel) -> ExecutionModel:
        """Return the last execution of the flow run of an execution."""
        if execution.flow_run_id is None:
            return self.find(execution.project_id, execution.execution_id)
        return self.find_by_flow_run_id(execution.flow_run_id, execution.project_id)[-1]

    def find_by_flow_run_id(self, flow_run_id: str, project_id: str | None = None) -> list[ExecutionModel]:
        """Return the executions of a flow run in a project, or in any, in the order of their creation."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            everywhere = [project.project_id for project in repositories.of(ProjectRepository).list_all()]
            return [
                execution
                for project in (everywhere if project_id is None else [project_id])
                for execution in repositories.of(ExecutionRepository).list_by_flow_run(project, flow_run_id)
            ]

    def show(self, project_id: str, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, see `read_with_results`."""
        with self._store.read() as snapshot:
            return read_with_results(Repositories(snapshot), project_id, execution_id)

    def is_interrupted(self, execution: ExecutionModel) -> bool:
        """Return whether an execution that is recorded as running has lost its process; it can then be resumed."""
        with self._store.read() as snapshot:
            return is_interrupted(Repositories(snapshot), execution)

    def schedule(
        self,
        project_id: str,
        config: CalibConfig,
        flow: FlowMark,
        *,
        also: Callable[[Repositories, ExecutionModel], object],
        simulated: bool = False,
    ) -> ExecutionModel:
        """Record a requested execution and return it.

        `simulated` tells whether a simulation of a chip that has another backend will be measured; `also` writes
        related documents in the same transaction.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            execution_id = self.find_next_id(repositories, project_id, now, config)
            execution = make_scheduled_execution(
                project_id, execution_id, config, flow=flow, simulated=simulated
            )
            repositories.of(ExecutionRepository).add(execution)
            repositories.of(EventRepository).append(make_execution_event(execution, "scheduled"))
            also(repositories, execution)
        return execution

    def start(
        self,
        project_id: str,
        config: CalibConfig,
        *,
        hold: LockHold | None = None,
        flow: FlowMark | None = None,
        simulated: bool = False,
        software: Mapping[str, str] = MappingProxyType({}),
    ) -> ExecutionModel:
        """Start an execution: a new one, or the scheduled one of this flow run.

        The lock `hold` is None if it needs none. `simulated` tells whether a simulation of a chip that has another
        backend is measured. `software` has the versions of the installed software; empty if unknown.

        Raises
        ------
        InvalidInputError
            If the given id exists already.
        NotFoundError
            If the chip has been deleted.
        IllegalTransitionError
            If it, or the previous session of its flow run, was cancelled since the request.
        LockedError
            If the lock is lost.
        ConflictError
            If its value scope was committed or discarded.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if hold is not None:
                repositories.of(ExecutionLockRepository).require(hold)
                repositories.of(ChipRepository).require(project_id, config.chip_id)
            execution_id = config.execution_id or self.find_next_id(repositories, project_id, now, config)
            cooldown_id = repositories.of(ChipRepository).get_current_cooldown(project_id, config.chip_id)
            execution = make_started_execution(
                project_id,
                execution_id,
                config,
                hold=hold,
                flow=flow,
                cooldown_id=cooldown_id,
                now=now,
                simulated=simulated,
            )
            execution = add_software(execution, software, now=now)
            _require_flow_not_cancelled(repositories, project_id, flow)
            enter_scope(repositories, execution, self._zone, now=now)
            found = repositories.of(ExecutionRepository).find(project_id, execution_id)
            if found is None:
                repositories.of(ExecutionRepository).add(execution)
            elif flow is not None and execution_id == flow.scheduled:
                begins = execution.model_copy(
                    update={"created_at": found.created_at, "brought_as": found.brought_as}
                )
                repositories.of(ExecutionRepository).replace(begins, was=ExecutionStatus.SCHEDULED)
                execution = begins
            else:
                raise InvalidInputError(
                    f"execution {execution_id} exists already: leave the id out for the next free one"
                )
            repositories.of(EventRepository).append(make_execution_event(execution, "running"))
            add_names_to_project(repositories, project_id, config)
        return execution

    def resume(
        self,
        project_id: str,
        config: CalibConfig,
        *,
        hold: LockHold,
        flow: FlowMark,
        software: Mapping[str, str] = MappingProxyType({}),
    ) -> ExecutionModel:
        """Move a failed, cancelled or interrupted execution back to running.

        A cancelled execution is resumed only if a person has requested it since, see `request_resume`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution or it cannot be resumed; the message names the reason.
        LockedError
            If it is running, or the lock is lost.
        IllegalTransitionError
            If its cancellation is in force.
        ConflictError
            If its value scope was committed or discarded.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.of(ExecutionLockRepository).require(hold)
            found = repositories.of(ExecutionRepository).require(project_id, config.execution_id or "")
            cooldown_id = repositories.of(ChipRepository).get_current_cooldown(project_id, found.chip_id)
            execution = resume_execution(
                found, config, hold=hold, flow=flow, cooldown_id=cooldown_id, now=now
            )
            execution = add_software(execution, software, now=now)
            enter_scope(repositories, execution, self._zone, now=now)
            repositories.of(ExecutionRepository).replace(execution, was=found.status)
            repositories.of(EventRepository).append(make_execution_event(execution, "resumed"))
            add_names_to_project(repositories, project_id, config)
        return execution

    def require_resumable(self, project_id: str, config: CalibConfig) -> ExecutionModel:
        """Return the execution that `config` resumes, before anything is locked or written. The errors are those of `resume`."""
        with self._store.read() as snapshot:
            found = (
                Repositories(snapshot).of(ExecutionRepository).require(project_id, config.execution_id or "")
            )
        require_resumable(found, config)
        return found

    def choose(self, execution: ExecutionModel, place: int, targets: Sequence[str]) -> list[str]:
        """Record the targets that pass a filter of the running flow, and return the targets that continue.

        In a resumed execution a filter reads later values. It then passes the targets that it passed before, and
        those that pass now. `execution` is as at its start or resume; `place` is the number of earlier filters.
        """
        with self._open_running(execution) as (repositories, stored):
            before = stored.choices[place] if place < len(stored.choices) else []
            kept = list(dict.fromkeys((*before, *targets)))
            if place == len(stored.choices) or kept != before:
                choices = [*stored.choices[:place], kept, *stored.choices[place + 1 :]]
                changed = stored.model_copy(update={"choices": choices, "updated_at": self._clock()})
                repositories.of(ExecutionRepository).replace(changed, was=ExecutionStatus.RUNNING)
        return kept

    def record_stage(self, execution: ExecutionModel, place: int, stage: StageModel) -> None:
        """Record the next stage of the running flow, unless it was recorded before the execution was resumed.

        `execution` is as at its start or resume; `place` is the number of earlier stages.
        """
        with self._open_running(execution) as (repositories, stored):
            if place == len(stored.stages):
                changed = stored.model_copy(
                    update={"stages": [*stored.stages, stage], "updated_at": self._clock()}
                )
                repositories.of(ExecutionRepository).replace(changed, was=ExecutionStatus.RUNNING)

    def record_note(self, execution: ExecutionModel, key: str, value: object) -> None:
        """Set an entry of the note of a running execution."""
        with self._open_running(execution) as (repositories, stored):
            changed = stored.model_copy(
                update={"note": {**stored.note, key: value}, "updated_at": self._clock()}
            )
            repositories.of(ExecutionRepository).replace(changed, was=ExecutionStatus.RUNNING)

    def record_left_out(self, execution: ExecutionModel, left_out: dict[str, str]) -> None:
        """Record the named targets that the running flow does not measure, with reasons."""
        with self._open_running(execution) as (repositories, stored):
            changed = stored.model_copy(update={"left_out": left_out, "updated_at": self._clock()})
            repositories.of(ExecutionRepository).replace(changed, was=ExecutionStatus.RUNNING)

    def end(
        self,
        execution: ExecutionModel,
        status: ExecutionStatus,
        message: str,
        *,
        reason: EndReason | None = None,
        lab_seconds: float | None,
    ) -> ExecutionModel:
        """Move a running execution to a final state, with the counts of its results, and remove its lock. For `reason` see
        `end_execution`.

        An execution that another process has ended meanwhile is returned unchanged.

        Raises
        ------
        IllegalTransitionError
            If it is already in a final state.
        LockedError
            If its lock is lost and nobody has ended it.
        """
        if execution.status.terminal or status not in EXECUTION_TRANSITIONS[execution.status]:
            raise IllegalTransitionError(
                f"execution {execution.execution_id} is {execution.status} and cannot become {status}"
            )
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            stored = repositories.of(ExecutionRepository).require(
                execution.project_id, execution.execution_id
            )
            if stored.status.terminal or stored.hold != execution.hold:
                return stored
            if stored.lease_owner:
                repositories.of(ExecutionLockRepository).require(stored.hold)
                repositories.of(ExecutionLockRepository).remove(stored.hold)
            return end_execution(
                repositories,
                stored,
                status,
                message,
                now=self._clock(),
                reason=reason,
                lab_seconds=lab_seconds,
            )

    @contextmanager
    def _open_running(self, execution: ExecutionModel) -> Iterator[tuple[Repositories, ExecutionModel]]:
        """Open a transaction on a running execution; raise LockedError if the run no longer holds its lock."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.of(ExecutionLockRepository).require(execution.hold)
            yield (
                repositories,
                repositories.of(ExecutionRepository).require(execution.project_id, execution.execution_id),
            )

    def reserve_id(self, project_id: str, config: CalibConfig) -> str:
        """Return the next free id of an execution, which no other execution gets by itself."""
        with self._store.transaction() as transaction:
            return self.find_next_id(Repositories(transaction), project_id, self._clock(), config)

    def find_next_id(
        self, repositories: Repositories, project_id: str, now: datetime, config: CalibConfig
    ) -> str:
        """Return the next id of the day that is not in use."""
        date = format_day(now, self._zone)
        while True:
            index = repositories.of(ExecutionCounterRepository).get_next_index(
                project_id, date, username=config.username, chip_id=config.chip_id
            )
            execution_id = f"{date}-{index:03d}"
            if repositories.of(ExecutionRepository).find(project_id, execution_id) is None:
                return execution_id


def _require_flow_not_cancelled(repositories: Repositories, project_id: str, flow: FlowMark | None) -> None:
    """Raise an error if the previous session of a flow run was cancelled, even if that session completed first.

    Sessions started by hand, as in a notebook, are not affected.
    """
    if flow is None or flow.request is None or not flow.session:
        return
    made = repositories.of(ExecutionRepository).list_by_flow_run(project_id, flow.flow_run_id)
    for last in [one for one in made if one.session == flow.session - 1][-1:]:
        if last.cancel_request is not None:
            require_not_cancelled(last)


def add_names_to_project(repositories: Repositories, project_id: str, config: CalibConfig) -> None:
    """Add the tags and the backend of an execution to the project's lists."""
    repositories.of(TagRepository).ensure(project_id, config.tags, username=config.username)
    chip = repositories.of(ChipRepository).find(project_id, config.chip_id)
    backend = config.backend_name or (None if chip is None else chip.backend)
    if backend is not None:
        repositories.of(BackendRepository).ensure(project_id, [backend], username=config.username)
