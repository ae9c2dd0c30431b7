"""Start of a session: check the request, take the instrument lock, begin or resume the record."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_core.access.enrolment import record_access
from qdash_core.artifacts.storage_features import make_folder
from qdash_core.backends.base import BackendContext
from qdash_core.backends.instruments import is_simulation, list_tags, prepare_simulation
from qdash_core.chips.knowledge import collect_knowledge
from qdash_core.errors import BackendError, InvalidInputError, NotFoundError, PluginError, QDashError
from qdash_core.hooks.participants import Participant
from qdash_core.locks.lock import ExecutionLock
from qdash_core.models.claims import Claim
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import select_last_attempts
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.idempotency import IdempotencyRepository
from qdash_core.repositories.queue import LogRepository, QueueRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.retry import StoreRetry
from qdash_core.session.calling_flow_runs import adopt_flow_run_ids
from qdash_core.session.repeated_result import read_repeated_result
from qdash_core.session.replay import ReplaySession
from qdash_core.session.run_spec import RunRecord, RunResources, RunSpec, Supervision
from qdash_core.session.running_flow import (
    RESUME_VARIABLE,
    UnforeseenError,
    get_current_flow,
    take_requested_options,
)
from qdash_core.session.scoped_chip import read_scope
from qdash_core.session.session import RunSession
from qdash_core.session.software import read_software
from qdash_core.tasks.input_overrides import check_input_overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.models.execution import CancelRequest, ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.claims import RunClaim
    from qdash_core.session.running_flow import RunningFlow
    from qdash_core.session.stop_signal import StopSignal

logger = logging.getLogger(__name__)

_LOGS_AT_ONCE = 1_000
"""Largest number of old log records removed at the start of a run, because a log may be long."""


def start_session(
    runtime: Runtime, config: CalibConfig, claim: RunClaim, *, stop: StopSignal, progress: Progress
) -> RunSession | ReplaySession:
    """Start a session of the flow that this process runs, which locks the claimed parts. Its backend is not connected yet.

    If the flow resumes an execution, its sessions are those of the first run in the same order: sessions before the
    resumed one answer from the record, sessions after it are new.

    Raises
    ------
    InvalidInputError, NotFoundError
        If the request is wrong. Nothing is written.
    LockedError
        If another run holds the instrument lock.
    IllegalTransitionError
        If the execution was cancelled after it was submitted, or after a person asked to resume it.
    BackendError
        If the backend cannot be created, or does not give its offers or its instrument.
    StoreError
        If the folder of its raw data cannot be created; the execution is recorded as failed.
    StoreUnavailableError
        If the store is away for longer than a run waits for it.
    UnforeseenError
        If the flow is called for a preview.
    """
    if get_current_flow().previewing:
        raise UnforeseenError("the flow needs results from here on")
    # A failed try may leave an execution open; the next one ends it.
    with_retry = StoreRetry(runtime.settings.store_patience_s, cancelled=stop.event)
    return with_retry(partial(_start_session, runtime, config, claim, stop, progress))


def _start_session(
    runtime: Runtime, config: CalibConfig, claim: RunClaim, stop: StopSignal, progress: Progress
) -> RunSession | ReplaySession:
    project_id = runtime.access(config.username, config.project_id, ProjectRole.EDITOR).project_id
    flow = get_current_flow()
    adopt_flow_run_ids(runtime.registry)
    requested_by_person = config.resume or flow.requests_resume
    config, ended = _find_place_in_flow(runtime, project_id, config, flow)
    config = _replace_used_id(runtime, project_id, config, flow)
    config = _take_scope(runtime, project_id, config)
    chip = _get_checked_chip(runtime, project_id, config)
    backend_class = runtime.require_backend(config.backend_name or chip.header.backend)
    if config.resume and requested_by_person:
        runtime.external_transitions.request_resume(project_id, config.execution_id or "", config.username)
    backend = _create_backend(backend_class)
    backend.context = BackendContext(
        project_id, config.chip_id, tuple(config.qids), runtime.settings.home, chip.header.created_at
    )
    config = replace(config, tags=_merge_tags(config.tags, list_tags(type(backend), backend.context)))
    catalogue = runtime.get_catalogue(project_id, config.chip_id, backend_name=backend.name)
    check_input_overrides(catalogue.offered.values(), config.inputs, runtime.registry.quantities())
    simulated = is_simulation(type(backend), chip.header.backend)
    if config.resume:
        _require_same_kind(runtime.record.find(project_id, config.execution_id or ""), simulated=simulated)
    read_scope(runtime, project_id, config, simulated=simulated)  # refused before the lock is taken
    if simulated:
        prepare_simulation(type(backend), backend.context, collect_knowledge(chip))
    design = runtime.get_design(chip, backend_name=backend.name)
    rerun_of = config.rerun_of
    repeated = None if rerun_of is None else read_repeated_result(runtime, project_id, rerun_of)
    spec = RunSpec(config, chip, backend, catalogue, design, simulated, repeated, claim)
    session: RunSession | ReplaySession
    if ended is not None:
        results = runtime.repositories.of(TaskResultHistoryRepository).list_by_execution(
            project_id, ended.execution_id
        )
        session = ReplaySession(runtime, spec, ended, results, progress=progress)
    else:
        session = _run_session(runtime, project_id, spec, flow, stop, progress)
    flow.sessions += 1
    return session


def _find_place_in_flow(
    runtime: Runtime, project_id: str, config: CalibConfig, flow: RunningFlow
) -> tuple[CalibConfig, ExecutionModel | None]:
    """Return the configuration with the execution that the session continues, and its record if it has ended."""
    if not config.resume and flow.scheduled is not None and not flow.sessions:
        return replace(config, execution_id=flow.scheduled), None
    if config.resume or flow.resumed is None:
        return config, None
    resumed = runtime.repositories.of(ExecutionRepository).find(project_id, flow.resumed)
    if resumed is None:
        raise NotFoundError(
            f"there is no execution {flow.resumed!r} in project {project_id} to resume ({RESUME_VARIABLE})"
        )
    of_flow = [resumed]
    if resumed.flow_run_id is not None:
        flow.flow_run_id = resumed.flow_run_id
        of_flow = runtime.record.find_by_flow_run_id(resumed.flow_run_id, project_id)
    # A resume repeats the sessions after the resumed one: the newest execution of each place counts.
    places = {one.execution_id: one.session for one in of_flow}
    newest = {places[one.execution_id]: one for one in of_flow}
    place = sorted(newest).index(places[resumed.execution_id])
    if flow.sessions > place:
        return config, None
    if flow.sessions == place:
        return replace(config, resume=True, execution_id=resumed.execution_id), None
    ended = newest[sorted(newest)[flow.sessions]]
    if not ended.status.terminal:
        raise InvalidInputError(
            f"execution {ended.execution_id} of the same flow has not ended: resume it before {resumed.execution_id}"
        )
    if ended.chip_id != config.chip_id:
        raise InvalidInputError(
            f"session {flow.sessions + 1} of this flow is one of chip {config.chip_id}, execution "
            f"{ended.execution_id} was one of {ended.chip_id}: it is not the flow that made {resumed.execution_id}"
        )
    return config, ended


def _replace_used_id(
    runtime: Runtime, project_id: str, config: CalibConfig, flow: RunningFlow
) -> CalibConfig:
    """Return the configuration with the next free id if an execution has its id: a script that names one can be run again."""
    given = config.execution_id
    if given is None or config.resume or given == flow.scheduled:
        return config
    if runtime.repositories.of(ExecutionRepository).find(project_id, given) is None:
        return config
    free = runtime.record.reserve_id(project_id, config)
    logger.warning("execution %s exists already: this one is %s", given, free)
    return replace(config, execution_id=free)


def _take_scope(runtime: Runtime, project_id: str, config: CalibConfig) -> CalibConfig:
    """Return the configuration with the value scope of the request, or of the execution that is resumed."""
    if not config.resume:
        return take_requested_options(config)
    resumed = runtime.record.find(project_id, config.execution_id or "")
    if config.scope not in (None, resumed.scope):
        raise InvalidInputError(
            f"execution {resumed.execution_id} ran in {f'value scope {resumed.scope}' if resumed.scope else 'no value scope'}, not "
            f"in {config.scope}: resume it there"
        )
    return config if resumed.scope is None else replace(config, scope=resumed.scope)


def _get_checked_chip(runtime: Runtime, project_id: str, config: CalibConfig) -> Chip:
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


def _require_same_kind(resumed: ExecutionModel, *, simulated: bool) -> None:
    """Raise InvalidInputError if a simulated execution would be resumed on the instrument, or a measured one on a simulation."""
    if resumed.simulated is not simulated:
        was, now = ("simulated", "not simulate it") if resumed.simulated else ("not simulated", "simulate it")
        raise InvalidInputError(
            f"execution {resumed.execution_id} was {was}, but this backend would {now}: resume it with the "
            "backend that it started with"
        )


def _merge_tags(requested: Sequence[str], of_backend: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*requested, *of_backend]))


def _create_backend(backend: type[BaseBackend]) -> BaseBackend:
    try:
        return backend()
    except QDashError:
        raise
    except (Exception, SystemExit) as error:
        raise BackendError(f"backend {backend.name} cannot be made: {error}") from error


def _run_session(
    runtime: Runtime,
    project_id: str,
    spec: RunSpec,
    flow: RunningFlow,
    stop: StopSignal,
    progress: Progress,
) -> RunSession:
    config = spec.config

    def on_cancel(request: CancelRequest) -> None:
        stop.request_cancel(f"cancelled by {request.username}")

    scope = runtime.settings.lock_scope
    instrument = runtime.get_instrument(project_id, config.chip_id, backend_name=spec.backend.name)
    lock = ExecutionLock(
        runtime.store,
        instrument,
        project_id=project_id,
        chip_id=config.chip_id,
        scope=scope,
        resources=spec.claim.resources,
        ttl_s=runtime.settings.lease_ttl_s,
        on_cancel=on_cancel,
        on_lost=stop.lose_lock,
        zone=runtime.zone,
    )
    deliveries = runtime.announcers.make_delivery(
        project_id,
        config.chip_id if scope == "chip" else "",
        (config.execution_id or "") if spec.claim.resources and scope == "chip" else "",
    )
    if config.execution_id is not None:  # a run that is refused waits for what it needs now
        needed = Claim(instrument, project_id, scope, spec.claim.resources)
        runtime.repositories.of(QueueRepository).set_claim(config.execution_id, needed)
    lock.acquire()
    try:
        seq = runtime.repositories.of(EventRepository).get_last_seq(project_id)
        dead = runtime.external_transitions.end_interrupted(project_id)
        deliveries.begin(since=seq, also=[execution.execution_id for execution in dead])
        record_access(runtime.store, config.username, project_id)
        runtime.repositories.of(EventRepository).prune(
            project_id, utc_now() - timedelta(days=runtime.settings.event_days)
        )
        oldest = machine_now() - timedelta(days=runtime.settings.event_days)
        runtime.repositories.of(IdempotencyRepository).prune(project_id, oldest)
        runtime.repositories.of(LogRepository).prune(project_id, oldest, at_most=_LOGS_AT_ONCE)
        for plugin, place in runtime.registry.list_named("run_starts"):
            _call_at_start(runtime, plugin, place)
        software = read_software(runtime.registry, spec.backend.name)
        if config.resume:
            execution = runtime.record.resume(
                project_id, config, hold=lock.hold, flow=flow.mark(), software=software
            )
        else:
            execution = runtime.record.start(
                project_id,
                config,
                hold=lock.hold,
                flow=flow.mark(),
                simulated=spec.simulated,
                software=software,
            )
        try:
            earlier = _list_earlier_results(runtime, execution)
            contents = read_scope(runtime, project_id, config, simulated=spec.simulated)
            lock.assign(execution.execution_id)
            make_folder(runtime.artifacts, execution.calib_data_path)
            return RunSession(
                runtime,
                spec,
                RunRecord(execution, earlier, contents),
                RunResources(lock, deliveries),
                Supervision(stop, progress),
            )
        except BaseException as error:
            cut = isinstance(error, KeyboardInterrupt)
            status = ExecutionStatus.CANCELLED if cut else ExecutionStatus.FAILED
            message = "interrupted while it began" if cut else f"the session could not begin: {error}"
            runtime.record.end(execution, status, message, lab_seconds=None)
            raise
    except BaseException:
        lock.release()
        deliveries.end()
        raise


def _call_at_start(runtime: Runtime, plugin: PluginCandidate, place: str) -> None:
    """Call a function that a feature declares for the start of a run; a failure is recorded, and stops nothing."""
    with suppress(PluginError):
        runtime.participants.ask(Participant(plugin, lambda: resolve_name(place)(runtime)), place)


def _list_earlier_results(runtime: Runtime, execution: ExecutionModel) -> list[TaskResultModel]:
    """Return the results of earlier run attempts, and the completed ones of the executions that this one continues."""
    repositories, project_id = runtime.repositories, execution.project_id
    earlier = repositories.of(TaskResultHistoryRepository).list_by_execution(
        project_id, execution.execution_id
    )
    before: ExecutionModel | None = execution
    while before is not None and before.request is not None and before.request.since is not None:
        done = select_last_attempts(
            repositories.of(TaskResultHistoryRepository).list_by_execution(project_id, before.request.since)
        )
        same_kind = (
            result
            for result in done
            if result.simulated is execution.simulated and result.scope == execution.scope
        )
        earlier = [*(result for result in same_kind if result.is_done), *earlier]
        before = repositories.of(ExecutionRepository).find(project_id, before.request.since)
    return earlier
