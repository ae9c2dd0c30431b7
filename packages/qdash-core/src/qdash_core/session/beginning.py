"""How a session begins: what is asked for is checked, the lease taken, and the record begun, resumed, or only read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.backends.instruments import tags_of
from qdash_core.errors import BackendError, InvalidInputError, NotFoundError, QDashError
from qdash_core.lease.lock import ExecutionLock
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import TaskStatus, last_attempts
from qdash_core.repositories.patience import Patience
from qdash_core.session.flow_run import RESUME_VARIABLE, current_flow_run
from qdash_core.session.parts import Assignment, Escort, Stretch, Supervision
from qdash_core.session.recorded import RecordedSession
from qdash_core.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.models.execution import CancelRequest, ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime import Runtime
    from qdash_core.session.flow_run import FlowRunIdentity
    from qdash_core.session.stopping import Stopping

_LOGS_AT_ONCE = 1_000
"""So many pieces of old logs are removed when a run begins, as one may be long."""


def begin_session(
    runtime: Runtime, config: CalibConfig, *, stopping: Stopping, progress: Progress
) -> Session | RecordedSession:
    """Begin a session of the flow that this process runs. The backend is not connected yet.

    Where the flow resumes an execution, its sessions are those of its first run, in the same order: those before the
    resumed one answer from the record, and those behind it are new.

    Raises
    ------
    InvalidInputError, NotFoundError
        If something is not what it should be. Nothing has been written then.
    LockedError
        If another run holds the lease.
    IllegalTransitionError
        If the execution has been cancelled since it was asked for, or since a person asked to resume it.
    BackendError
        If the backend cannot be made, or does not say what it offers or measures with.
    StoreUnavailableError
        If the store is away for longer than a run waits for it.
    """
    # What a try that failed on the way has begun is swept away by the next one.
    patiently = Patience(runtime.settings.store_patience_s, cancelled=stopping.event)
    return patiently(partial(_session, runtime, config, stopping, progress))


def _session(
    runtime: Runtime, config: CalibConfig, stopping: Stopping, progress: Progress
) -> Session | RecordedSession:
    project_id = runtime.access(config.username, config.project_id, ProjectRole.EDITOR).project_id
    flow_run = current_flow_run()
    by_person = config.resume or flow_run.requests_resume
    config, ended = _in_its_flow(runtime, project_id, config, flow_run)
    chip = _chip(runtime, project_id, config)
    if config.resume and by_person:
        runtime.record.request_resume(project_id, config.execution_id or "", config.username)
    backend = _made(runtime.registry.backend(config.backend_name or chip.header.backend))
    backend.context = BackendContext(
        project_id, config.chip_id, tuple(config.qids), runtime.settings.home, chip.header.created_at
    )
    config = replace(config, tags=_together(config.tags, tags_of(type(backend), backend.context)))
    catalogue = runtime.catalogue(project_id, config.chip_id, backend_name=backend.name)
    design = runtime.design_of(chip, backend_name=backend.name)
    assignment = Assignment(config, chip, backend, catalogue, design)
    session: Session | RecordedSession
    if ended is not None:
        results = runtime.repositories.results.of_execution(project_id, ended.execution_id)
        session = RecordedSession(runtime, assignment, ended, results, progress=progress)
    else:
        session = _begin(runtime, project_id, assignment, flow_run, stopping, progress)
    flow_run.sessions += 1
    return session


def _in_its_flow(
    runtime: Runtime, project_id: str, config: CalibConfig, flow_run: FlowRunIdentity
) -> tuple[CalibConfig, ExecutionModel | None]:
    """Return what the session is in its flow: one that was scheduled or is resumed, and the record if it has ended."""
    if not config.resume and flow_run.scheduled is not None and not flow_run.sessions:
        return replace(config, execution_id=flow_run.scheduled), None
    if config.resume or flow_run.resumed is None:
        return config, None
    resumed = runtime.repositories.executions.find(project_id, flow_run.resumed)
    if resumed is None:
        raise NotFoundError(
            f"there is no execution {flow_run.resumed!r} in project {project_id} to resume ({RESUME_VARIABLE})"
        )
    made = [resumed]
    if resumed.flow_run_id is not None:
        flow_run.flow_run_id = resumed.flow_run_id
        made = runtime.record.find_by_flow_run_id(resumed.flow_run_id, project_id)
    # What came behind a session that has been resumed since was made anew then: the newest of each place counts.
    places = {one.execution_id: one.session for one in made}
    newest = {places[one.execution_id]: one for one in made}
    place = sorted(newest).index(places[resumed.execution_id])
    if flow_run.sessions > place:
        return config, None
    if flow_run.sessions == place:
        return replace(config, resume=True, execution_id=resumed.execution_id), None
    ended = newest[sorted(newest)[flow_run.sessions]]
    if not ended.status.terminal:
        raise InvalidInputError(
            f"execution {ended.execution_id} of the same flow has not ended: resume it before {resumed.execution_id}"
        )
    if ended.chip_id != config.chip_id:
        raise InvalidInputError(
            f"session {flow_run.sessions + 1} of this flow is one of chip {config.chip_id}, execution "
            f"{ended.execution_id} was one of {ended.chip_id}: it is not the flow that made {resumed.execution_id}"
        )
    return config, ended


def _chip(runtime: Runtime, project_id: str, config: CalibConfig) -> Chip:
    resumed = runtime.record.require_resumable(project_id, config) if config.resume else None
    chip = runtime.chip_record.show(project_id, config.chip_id)
    if resumed is not None and resumed.start_at is not None and chip.header.created_at > resumed.start_at:
        raise InvalidInputError(
            f"execution {resumed.execution_id} cannot be resumed: chip {config.chip_id} was deleted, and made anew since"
        )
    for qid in config.qids:
        if qid not in chip.qubits and qid not in chip.couplings:
            raise NotFoundError(f"chip {config.chip_id} has no qubit or coupling {qid!r}")
    return chip


def _together(asked: Sequence[str], of_backend: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*asked, *of_backend]))


def _made(backend: type[BaseBackend]) -> BaseBackend:
    try:
        return backend()
    except QDashError:
        raise
    except (Exception, SystemExit) as error:
        raise BackendError(f"backend {backend.name} cannot be made: {error}") from error


def _begin(
    runtime: Runtime,
    project_id: str,
    assignment: Assignment,
    flow_run: FlowRunIdentity,
    stopping: Stopping,
    progress: Progress,
) -> Session:
    config = assignment.config

    def on_cancel(request: CancelRequest) -> None:
        stopping.break_in(f"cancelled by {request.username}")

    scope = runtime.settings.lock_scope
    lock = ExecutionLock(
        runtime.store,
        runtime.instrument_of(project_id, config.chip_id, backend_name=assignment.backend.name),
        project_id=project_id,
        chip_id=config.chip_id,
        scope=scope,
        ttl_s=runtime.settings.lease_ttl_s,
        on_cancel=on_cancel,
        on_lost=stopping.lose,
        zone=runtime.zone,
    )
    delivery = runtime.delivery(project_id, config.chip_id if scope == "chip" else "")
    lock.acquire()
    try:
        seq = runtime.repositories.events.last_seq(project_id)
        dead = runtime.record.end_interrupted(project_id)
        delivery.begin(since=seq, also=[execution.execution_id for execution in dead])
        runtime.members.note_access(config.username, project_id)
        oldest = utc_now() - timedelta(days=runtime.settings.event_days)
        runtime.repositories.events.prune(project_id, oldest)
        runtime.repositories.idempotency.prune(project_id, oldest)
        audited = utc_now() - timedelta(days=runtime.settings.audit_days)
        runtime.repositories.audit.prune(None, audited)
        runtime.repositories.logs.prune(project_id, oldest, at_most=_LOGS_AT_ONCE)
        begin = runtime.record.resume if config.resume else runtime.record.start
        execution = begin(project_id, config, hold=lock.hold, flow=flow_run.mark())
        try:
            earlier = _earlier(runtime, execution)
            lock.assign(execution.execution_id)
            return Session(
                runtime,
                assignment,
                Stretch(execution, earlier),
                Escort(lock, delivery),
                Supervision(stopping, progress),
            )
        except BaseException as error:
            cut = isinstance(error, KeyboardInterrupt)
            status = ExecutionStatus.CANCELLED if cut else ExecutionStatus.FAILED
            message = "interrupted while it began" if cut else f"the session could not begin: {error}"
            runtime.record.end(execution, status, message, lab_seconds=None)
            raise
    except BaseException:
        lock.release()
        delivery.end()
        raise


def _earlier(runtime: Runtime, execution: ExecutionModel) -> list[TaskResultModel]:
    """Return what is not repeated if it completed: earlier stretches, and the executions of which this makes the rest."""
    repositories, project_id = runtime.repositories, execution.project_id
    earlier = repositories.results.of_execution(project_id, execution.execution_id)
    before: ExecutionModel | None = execution
    while before is not None and before.request is not None and before.request.since is not None:
        done = last_attempts(repositories.results.of_execution(project_id, before.request.since))
        earlier = [*(result for result in done if result.status is TaskStatus.COMPLETED), *earlier]
        before = repositories.executions.find(project_id, before.request.since)
    return earlier
