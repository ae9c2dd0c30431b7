"""Record of executions, as their own runs write it: schedule, start, resume, choices, stages, end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import (
    EXECUTION_TRANSITIONS,
    EndReason,
    ExecutionModel,
    ExecutionStatus,
    StageModel,
)
from qdash_core.models.times import day_of
from qdash_core.record.listing import with_results
from qdash_core.record.orphans import is_interrupted
from qdash_core.record.run_attempts import (
    end_execution,
    execution_event,
    require_not_cancelled,
    require_resumable,
    resumed_execution,
    scheduled_execution,
    started_execution,
)
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.marks import LeaseHold
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig, FlowMark
    from qdash_core.repositories.store import Store


class ExecutionRecord:
    """Executions of one store: looked up, and written by the process that runs them.

    Transitions that another process makes are those of `ExternalTransitions`.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        The zone whose calendar dates execution ids.
    clock : callable
        Returns the present moment in UTC.
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
        """Return an execution as it is recorded, without counts while it goes on.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        return Repositories(self._store).executions.require(project_id, execution_id)

    def last_of_flow(self, execution: ExecutionModel) -> ExecutionModel:
        """Return the last execution that the flow run of this one has made."""
        if execution.flow_run_id is None:
            return self.find(execution.project_id, execution.execution_id)
        return self.find_by_flow_run_id(execution.flow_run_id, execution.project_id)[-1]

    def find_by_flow_run_id(self, flow_run_id: str, project_id: str | None = None) -> list[ExecutionModel]:
        """Return the executions that one run of a flow made, in the order in which it made them.

        Parameters
        ----------
        flow_run_id : str
            The UUID.
        project_id : str or None
            The project, or None to search every project.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            everywhere = [project.project_id for project in repositories.projects.everything()]
            return [
                execution
                for project in (everywhere if project_id is None else [project_id])
                for execution in repositories.executions.of_flow_run(project, flow_run_id)
            ]

    def show(self, project_id: str, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, as `with_results`."""
        with self._store.read() as snapshot:
            return with_results(Repositories(snapshot), project_id, execution_id)

    def is_interrupted(self, execution: ExecutionModel) -> bool:
        """Return whether an execution that is recorded as running has lost its process: it can be resumed."""
        with self._store.read() as snapshot:
            return is_interrupted(Repositories(snapshot), execution, self._clock())

    def schedule(
        self,
        project_id: str,
        config: CalibConfig,
        flow: FlowMark,
        *,
        also: Callable[[Repositories, ExecutionModel], object],
    ) -> ExecutionModel:
        """Record that an execution is asked for, and return it.

        Parameters
        ----------
        also : callable
            Writes within the same transaction what follows from it.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            execution_id = self._next_id(repositories, project_id, now, config)
            execution = scheduled_execution(project_id, execution_id, config, flow=flow)
            repositories.executions.add(execution)
            repositories.events.append(execution_event(execution, "scheduled"))
            also(repositories, execution)
        return execution

    def start(
        self,
        project_id: str,
        config: CalibConfig,
        *,
        hold: LeaseHold | None = None,
        flow: FlowMark | None = None,
    ) -> ExecutionModel:
        """Begin an execution: a new one, or that which was scheduled for this flow.

        Parameters
        ----------
        project_id : str
            The project.
        config : CalibConfig
            What is asked for.
        hold : LeaseHold or None
            The lease under which it runs; None: it needs none.
        flow : FlowMark or None
            The run of a flow that it is part of.

        Raises
        ------
        InvalidInputError
            If its id was given and exists already.
        NotFoundError
            If the chip has been deleted.
        IllegalTransitionError
            If it, or the session of its flow before it, has been cancelled since it was asked for.
        LockedError
            If the lease is held no more.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            if hold is not None:
                repositories.locks.require(hold)
                repositories.chips.require(project_id, config.chip_id)
            execution_id = config.execution_id or self._next_id(repositories, project_id, now, config)
            execution = started_execution(project_id, execution_id, config, hold=hold, flow=flow, now=now)
            _require_flow_not_cancelled(repositories, project_id, flow)
            found = repositories.executions.find(project_id, execution_id)
            if found is None:
                repositories.executions.add(execution)
            elif flow is not None and execution_id == flow.scheduled:
                begins = execution.model_copy(
                    update={"created_at": found.created_at, "brought_as": found.brought_as}
                )
                repositories.executions.replace(begins, was=ExecutionStatus.SCHEDULED)
                execution = begins
            else:
                raise InvalidInputError(
                    f"execution {execution_id} exists already: leave the id out for the next free one"
                )
            repositories.events.append(execution_event(execution, "running"))
            _keep_names(repositories, project_id, config)
        return execution

    def at_once(
        self,
        repositories: Repositories,
        project_id: str,
        config: CalibConfig,
        message: str,
        *,
        write: Callable[[ExecutionModel], object],
    ) -> ExecutionModel:
        """Record what a person did as a completed execution, in the transaction of the caller.

        Parameters
        ----------
        repositories : Repositories
            Of the transaction.
        project_id, config
            What was done, on which chip, by whom.
        message : str
            What is to be said of it.
        write : callable
            Writes its results.
        """
        now = self._clock()
        execution_id = self._next_id(repositories, project_id, now, config)
        execution = started_execution(project_id, execution_id, config, hold=None, flow=None, now=now)
        repositories.executions.add(execution)
        write(execution)
        _keep_names(repositories, project_id, config)
        return end_execution(repositories, execution, ExecutionStatus.COMPLETED, message, now=now)

    def resume(
        self, project_id: str, config: CalibConfig, *, hold: LeaseHold, flow: FlowMark
    ) -> ExecutionModel:
        """Take an execution that failed, was cancelled or was interrupted back to running.

        A cancelled one begins only if a person has asked since then to resume it, see `request_resume`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, or it cannot be resumed: which, and why.
        LockedError
            If it runs, or the lease is held no more.
        IllegalTransitionError
            If its cancel stands.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.locks.require(hold)
            found = repositories.executions.require(project_id, config.execution_id or "")
            execution = resumed_execution(found, config, hold=hold, flow=flow, now=now)
            repositories.executions.replace(execution, was=found.status)
            repositories.events.append(execution_event(execution, "resumed"))
            _keep_names(repositories, project_id, config)
        return execution

    def require_resumable(self, project_id: str, config: CalibConfig) -> ExecutionModel:
        """Return the execution that `config` wants to resume, before anything is taken or written. Raises as `resume`."""
        with self._store.read() as snapshot:
            found = Repositories(snapshot).executions.require(project_id, config.execution_id or "")
        require_resumable(found, config)
        return found

    def choose(self, execution: ExecutionModel, place: int, targets: Sequence[str]) -> list[str]:
        """Record which targets a filter of the running flow leaves, and return which go on.

        When an execution is resumed, the values that a filter looks at are those of a later moment. So it leaves what it
        left before, and what passes now.

        Parameters
        ----------
        execution : ExecutionModel
            As it was begun or resumed.
        place : int
            How many filters came before it.
        targets : sequence of str
            What passes now.
        """
        with self._running(execution) as (repositories, stored):
            before = stored.choices[place] if place < len(stored.choices) else []
            kept = list(dict.fromkeys((*before, *targets)))
            if place == len(stored.choices) or kept != before:
                choices = [*stored.choices[:place], kept, *stored.choices[place + 1 :]]
                changed = stored.model_copy(update={"choices": choices, "updated_at": self._clock()})
                repositories.executions.replace(changed, was=ExecutionStatus.RUNNING)
        return kept

    def record_stage(self, execution: ExecutionModel, place: int, stage: StageModel) -> None:
        """Record what the running flow does next, unless it was recorded before the execution was resumed.

        Parameters
        ----------
        execution : ExecutionModel
            As it was begun or resumed.
        place : int
            How many stages came before it.
        """
        with self._running(execution) as (repositories, stored):
            if place == len(stored.stages):
                changed = stored.model_copy(
                    update={"stages": [*stored.stages, stage], "updated_at": self._clock()}
                )
                repositories.executions.replace(changed, was=ExecutionStatus.RUNNING)

    def record_left_out(self, execution: ExecutionModel, left_out: dict[str, str]) -> None:
        """Record the targets that the running flow does not measure although they were named, each with the reason."""
        with self._running(execution) as (repositories, stored):
            changed = stored.model_copy(update={"left_out": left_out, "updated_at": self._clock()})
            repositories.executions.replace(changed, was=ExecutionStatus.RUNNING)

    def end(
        self,
        execution: ExecutionModel,
        status: ExecutionStatus,
        message: str,
        *,
        reason: EndReason | None = None,
        lab_seconds: float | None,
    ) -> ExecutionModel:
        """Move a running execution to a final state, with the counts of its results; `reason`: see `end_execution`.

        What somebody else has ended meanwhile is returned as it stands.

        Raises
        ------
        IllegalTransitionError
            If it is known to be in a final state already.
        LockedError
            If the lease under which it ran is held no more, and nobody has ended it.
        """
        if execution.status.terminal or status not in EXECUTION_TRANSITIONS[execution.status]:
            raise IllegalTransitionError(
                f"execution {execution.execution_id} is {execution.status} and cannot become {status}"
            )
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            stored = repositories.executions.require(execution.project_id, execution.execution_id)
            if stored.status.terminal or stored.hold != execution.hold:
                return stored
            if stored.lease_owner:
                repositories.locks.require(stored.hold)
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
    def _running(self, execution: ExecutionModel) -> Iterator[tuple[Repositories, ExecutionModel]]:
        """Open a transaction on a running execution; raise LockedError if the run no longer holds its lock."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            repositories.locks.require(execution.hold)
            yield repositories, repositories.executions.require(execution.project_id, execution.execution_id)

    def _next_id(
        self, repositories: Repositories, project_id: str, now: datetime, config: CalibConfig
    ) -> str:
        """Return the next id of the day that nobody has chosen by hand."""
        date = day_of(now, self._zone)
        while True:
            index = repositories.counters.get_next_index(
                project_id, date, username=config.username, chip_id=config.chip_id
            )
            execution_id = f"{date}-{index:03d}"
            if repositories.executions.find(project_id, execution_id) is None:
                return execution_id


def _require_flow_not_cancelled(repositories: Repositories, project_id: str, flow: FlowMark | None) -> None:
    """Refuse a further session of a run whose last one was asked to end, even if that one completed first.

    Whoever begins sessions by hand, as in a notebook, decides by himself.
    """
    if flow is None or flow.request is None or not flow.session:
        return
    made = repositories.executions.of_flow_run(project_id, flow.flow_run_id)
    for last in [one for one in made if one.session == flow.session - 1][-1:]:
        if last.cancel_request is not None:
            require_not_cancelled(last)


def _keep_names(repositories: Repositories, project_id: str, config: CalibConfig) -> None:
    """Keep the tags and the backend that an execution uses among those that its project knows."""
    repositories.tags.ensure(project_id, config.tags, username=config.username)
    chip = repositories.chips.find(project_id, config.chip_id)
    backend = config.backend_name or (None if chip is None else chip.backend)
    if backend is not None:
        repositories.backends.ensure(project_id, backend, username=config.username)
