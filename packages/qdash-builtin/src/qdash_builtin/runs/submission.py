"""Submission of runs to the queue."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.runs.idempotency import IdempotentSubmission
from qdash_builtin.runs.request_validation import claim_again, refuse_file, validate_request
from qdash_core.backends.instruments import is_simulation
from qdash_core.errors import InvalidInputError
from qdash_core.locks.liveness import Liveness, assess_liveness
from qdash_core.models.claims import Claim, sort_resources
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.queue import QueueEntryModel
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.record.config import CalibConfig, FlowMark
from qdash_core.record.external_transitions import request_resume
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.queue import PresenceRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.runs.run_preparation import require_request
from qdash_core.session.running_flow import make_flow_run_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.runs.queue import RunQueue
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.claims import RunClaim

    Also = Callable[[Repositories, ExecutionModel], object]

NO_WORKER = "no worker is running: the run waits until `qdash worker` runs on a machine with this store"


_LOOK_S = 0.3
"""Seconds between two checks of a process that may be dead."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Result of a submission.

    Parameters
    ----------
    execution : ExecutionModel
        `scheduled`, or ended if it is to be resumed; for a replay, its current state.
    replayed : bool
        True if the run was submitted earlier with the same key; then nothing was done.
    n_workers : int
        Number of live workers on all machines of the store.
    waits : bool
        Whether the run waits in the queue for a worker.
    waits_for : str
        Reason for the wait, to follow "for"; empty if there is none.
    """

    execution: ExecutionModel
    replayed: bool
    n_workers: int
    waits: bool
    waits_for: str

    @property
    def execution_id(self) -> str:
        """Id of the execution."""
        return self.execution.execution_id

    @property
    def advice(self) -> str:
        """Obstacle to the run and its remedy; empty if there is none."""
        return NO_WORKER if self.waits and not self.n_workers else ""


def _do_nothing(_repositories: Repositories, _execution: ExecutionModel) -> None:
    """Do nothing."""


class SubmissionService:
    """Submissions to one store: runs are checked, recorded as scheduled and queued, once for each key."""

    def __init__(self, runtime: Runtime, queue: RunQueue) -> None:
        self._runtime, self._queue = runtime, queue

    def submit(
        self,
        access: Access,
        request: RunRequest,
        *,
        waiter: str = "",
        wait: bool = True,
        key: str | None = None,
        begin_before: datetime | None = None,
        also: Also = _do_nothing,
        trusted_files: bool = True,
        drafted_by: str | None = None,
    ) -> Submission:
        """Check a request, record a scheduled execution, and append it to the queue.

        Parameters
        ----------
        access : Access
            User and project; AccessDeniedError if the request names others.
        waiter : str
            Owner of the registration of the command that performs the run in its turn; empty if a worker performs it.
        wait : bool
            Whether the run may wait; otherwise it is refused if its instrument is in use or another run is ahead.
        key : str or None
            Idempotency key: while events are kept, another submission with it returns the same execution. None to submit a new run.
        begin_before : datetime or None
            Deadline after which the run is removed from the queue unless it has started, or None.
        also : callable
            Called within the transaction that records the execution; an exception undoes both.
        trusted_files : bool
            Whether the request may name a file on this machine; a request over a network may not.
        drafted_by : str or None
            Assistant that drafted the request, with its message, or None if the user wrote it.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something in the request does not exist or does not fit. Nothing was written.
        PluginError
            If a selected strategy of a plugin fails, or its schedule is invalid. Nothing was written.
        LockedError
            If the run would have to wait and `wait` is False. Nothing was written.
        ConflictError
            If the key belongs to another request.
        """
        access.require(ProjectRole.EDITOR)
        if not trusted_files:
            refuse_file(request)
        request = request.with_access(access).model_copy(update={"drafted_by": drafted_by})
        once = IdempotentSubmission(
            self._runtime, RequestKey(access, key, request.model_dump(mode="json", exclude_defaults=True))
        )

        def enter(repositories: Repositories, execution: ExecutionModel, claim: Claim) -> None:
            once.record_key(repositories, execution.execution_id)
            _append_entry(
                repositories,
                execution,
                claim=claim,
                username=access.username,
                waiter=waiter,
                begin_before=begin_before,
            )
            also(repositories, execution)

        execution, replayed = once.begin(lambda: self._record(access, request, enter, wait=wait))
        return self._make_submission(execution, replayed=replayed)

    def submit_resume(
        self,
        access: Access,
        execution_id: str,
        *,
        waiter: str = "",
        wait: bool = True,
        key: str | None = None,
        trusted_files: bool = True,
    ) -> Submission:
        """Append a failed, cancelled or interrupted execution to the queue, to be resumed. Parameters are those of `submit`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, it cannot be resumed, or it has no request.
        LockedError
            If it would have to wait and `wait` is False.
        ConflictError
            If the key belongs to another request.
        """
        access.require(ProjectRole.EDITOR)
        once = IdempotentSubmission(self._runtime, RequestKey(access, key, {"resume": execution_id}))
        execution, replayed = once.begin(
            lambda: self._put_back(
                access, execution_id, once, waiter=waiter, wait=wait, trusted_files=trusted_files
            )
        )
        return self._make_submission(execution, replayed=replayed)

    def submit_rerun(
        self, access: Access, execution_id: str, *, key: str | None = None, trusted_files: bool = True
    ) -> Submission:
        """Submit the request of `rerun`. The errors are those of both methods."""
        access.require(ProjectRole.EDITOR)
        return self.submit(access, self.rerun(access, execution_id), key=key, trusted_files=trusted_files)

    def rerun(self, access: Access, execution_id: str) -> RunRequest:
        """Return a request that repeats the failed tasks of an execution and those that were skipped because of them.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, or it has no request.
        """
        execution = self._runtime.record.find(access.project_id, execution_id)
        request = require_request(execution)
        if request.is_user_flow:
            raise InvalidInputError(
                f"execution {execution_id} is one of {request.flow}: `qdash executions resume {execution.id_with_options}` resumes it"
            )
        return request.model_copy(
            update={"username": access.username, "project_id": access.project_id, "since": execution_id}
        )

    def _record(
        self,
        access: Access,
        request: RunRequest,
        enter: Callable[[Repositories, ExecutionModel, Claim], None],
        *,
        wait: bool,
    ) -> ExecutionModel:
        project_id = access.project_id
        self._queue.sweep()
        valid = validate_request(self._runtime, project_id, request)
        request = valid.request
        claim = self._make_claim(project_id, request, valid.claim)
        if not wait:
            self._queue.view.require_turn(request.chip_id or "", claim)
        config = CalibConfig(
            username=access.username,
            chip_id=request.chip_id or "",
            project_id=project_id,
            name=request.flow,
            tags=request.tags,
            backend_name=request.backend_name,
            saved=request.saved,
            scope=request.scope,
            rerun_of=request.rerun_of,
        )
        flow = FlowMark(make_flow_run_id(), request=request)
        return self._runtime.record.schedule(
            project_id,
            config,
            flow,
            also=lambda repositories, execution: enter(repositories, execution, claim),
            simulated=self._is_simulation(project_id, request),
        )

    def _put_back(
        self,
        access: Access,
        execution_id: str,
        once: IdempotentSubmission,
        *,
        waiter: str,
        wait: bool,
        trusted_files: bool,
    ) -> ExecutionModel:
        project_id = access.project_id
        self._queue.sweep()
        self._watch(project_id, execution_id)
        self._runtime.external_transitions.end_interrupted(project_id)
        execution = self._runtime.record.find(project_id, execution_id)
        request = require_request(execution)
        if not trusted_files:
            refuse_file(request, f"resume it there by `qdash executions resume {execution.id_with_options}`")
        config = CalibConfig(
            username=access.username, chip_id=execution.chip_id, execution_id=execution_id, resume=True
        )
        self._runtime.record.require_resumable(project_id, config)
        claim = self._make_claim(project_id, request, claim_again(self._runtime, request))
        if not wait:
            self._queue.view.require_turn(execution.chip_id, claim)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            once.record_key(repositories, execution_id)
            _append_entry(repositories, execution, claim=claim, username=access.username, waiter=waiter)
            found = repositories.of(ExecutionRepository).require(project_id, execution_id)
            return request_resume(repositories, found, access.username, now=utc_now())

    def _watch(self, project_id: str, execution_id: str) -> None:
        """Wait until it is known whether the process of an expired registration on another host is alive."""
        while (entry := self._queue.view.find(project_id, execution_id)) is not None:
            presence = self._runtime.repositories.of(PresenceRepository).find(entry.performer or entry.waiter)
            if presence is None or assess_liveness(presence, machine_now()) is not Liveness.DOUBTFUL:
                return
            time.sleep(_LOOK_S)
            self._queue.sweep()

    def _make_submission(self, execution: ExecutionModel, *, replayed: bool) -> Submission:
        position = self._queue.view.get_position(execution.project_id, execution.execution_id)
        entry = position.entry
        waits = entry is not None and entry.detached and not entry.performer
        return Submission(execution, replayed, position.n_workers, waits, position.waits_for or "")

    def _is_simulation(self, project_id: str, request: RunRequest) -> bool:
        """Return whether a request measures a simulation; False if only the flow knows its chip."""
        if request.chip_id is None or request.backend_name is None:
            return False
        chip = self._runtime.repositories.of(ChipRepository).require(project_id, request.chip_id)
        return is_simulation(self._runtime.registry.backend(request.backend_name), chip.backend)

    def _make_claim(self, project_id: str, request: RunRequest, claim: RunClaim) -> Claim:
        """Return the claim of a request on its instrument, which is empty if only the flow knows its chip."""
        scope, instrument = self._runtime.settings.lock_scope, ""
        if request.chip_id is not None:
            instrument = self._runtime.get_instrument(
                project_id, request.chip_id, backend_name=request.backend_name
            )
        return Claim(instrument, project_id, scope, claim.resources)


def _append_entry(
    repositories: Repositories,
    execution: ExecutionModel,
    *,
    claim: Claim,
    username: str,
    waiter: str = "",
    begin_before: datetime | None = None,
) -> None:
    """Append a run to the queue, in the caller's transaction. An ended run is resumed in its turn.

    The instrument of its claim is empty if only the flow knows its chip. Other parameters as for `submit`.
    """
    found = repositories.of(QueueRepository).find(execution.project_id, execution.execution_id)
    if found is not None and not found.held:
        raise InvalidInputError(
            f"execution {execution.execution_id} is in the queue already: it waits or runs"
        )
    entry = QueueEntryModel(
        project_id=execution.project_id,
        execution_id=execution.execution_id,
        chip_id=execution.chip_id,
        instrument=claim.instrument,
        resources=sort_resources(claim.resources),
        username=username,
        name=execution.name,
        rank=max((one.rank for one in repositories.of(QueueRepository).list_all()), default=0) + 1,
        submitted_at=utc_now(),
        resume=execution.status is not ExecutionStatus.SCHEDULED,
        attempts=len(execution.attempts),
        waiter=waiter,
        begin_before=begin_before,
    )
    repositories.of(QueueRepository).put(entry)
