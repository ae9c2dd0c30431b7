"""Running a calibration to its end, whichever way it ends."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError, InvalidInputError, NotFoundError, QDashError
from qdash_core.flows.cancellation import is_cancellation
from qdash_core.flows.own import OwnFlow
from qdash_core.flows.service import CalibService
from qdash_core.flows.steps import CustomOneQubit, CustomTwoQubit
from qdash_core.interrupts import held_back, raise_pending
from qdash_core.session.flow_run import FlowRunIdentity, entered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.flows.job import FlowJob
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime
    from qdash_core.session.flow_run import OpenSession


def steps_of(name: str, registry: Registry, *, backend: str) -> Sequence[Step]:
    """Return the steps of the flow called `name`, or the one step of the task of that name or alias.

    Raises
    ------
    NotFoundError
        If there is neither.
    """
    flows = registry.flows()
    if name in flows:
        return flows[name].steps
    try:
        task = registry.task(name, backend=backend)
    except NotFoundError as error:
        known = ", ".join(sorted(flows)) or "none is installed"
        hint = _other_case(name, [*flows, *(task for _, task in registry.tasks())])
        raise NotFoundError(f"there is no flow or task {name!r}{hint} (flows: {known}): {error}") from error
    return [CustomTwoQubit([task.name]) if task.task_type == "coupling" else CustomOneQubit([task.name])]


def _other_case(name: str, known: Iterable[str]) -> str:
    same = [one for one in known if one.casefold() == name.casefold()]
    return f"; did you mean {same[0]!r}?" if same else ""


def perform(
    qdash: Runtime,
    job: FlowJob,
    progress: Progress,
    *,
    stuck: Callable[[QDashError], None] = lambda _error: None,
) -> ExecutionModel:
    """Run a job in this process, to its end, and return the ended execution. `stuck`: see `FlowRunIdentity`.

    Raises
    ------
    InvalidInputError, MissingInputError
        If something that the job names is not what it should be. Nothing has been written then.
    KeyboardInterrupt, QDashError
        As `run_to_end`.
    """
    identity = FlowRunIdentity(
        job.flow_run_id, resumed=job.resume, job=job.as_json(), progress=progress, stuck=stuck
    )
    with entered(identity):
        try:
            if job.of_ones_own:
                return run_own(qdash, job, identity)
            return run_to_end(*prepared(qdash, job))
        except BaseException as error:
            # Where it came while a session began, that has been ended already, and only the record knows which it was.
            if is_cancellation(error) and (cancelled := _cancelled(qdash, job)):
                raise KeyboardInterrupt(f"execution {cancelled} is cancelled") from error
            raise


def prepared(qdash: Runtime, job: FlowJob) -> tuple[CalibService, Targets, Sequence[Step]]:
    """Return the calibration that a job asks for, on what, and its steps, found by name.

    Raises
    ------
    InvalidInputError
        If something that the job names does not exist.
    """
    if job.chip_id is None:
        raise InvalidInputError(f"flow {job.flow!r} needs a chip")
    project_id = qdash.projects.require_editor(job.username, job.project_id)
    chip = qdash.chips.show(project_id, job.chip_id)
    backend = job.backend_name or chip.header.backend
    qdash.registry.backend(backend)
    steps = steps_of(job.flow, qdash.registry, backend=backend)
    if job.parameters:
        raise InvalidInputError(
            f"flow {job.flow!r} takes no parameter {next(iter(job.parameters))!r}: run parameters of its tasks are given "
            "with --set, parameters are for functions of one's own"
        )
    calibration = CalibService(
        job.username,
        job.chip_id,
        project_id=project_id,
        flow_name=job.flow,
        tags=job.tags,
        default_run_parameters=job.run_parameters,
        backend_name=backend,
        qdash=qdash,
    )
    return calibration, job.targets.targets(), steps


def run_own(qdash: Runtime, job: FlowJob, identity: FlowRunIdentity) -> ExecutionModel:
    """Run a function of the user's own. Sessions that it leaves open are ended as it ends.

    Returns
    -------
    ExecutionModel
        The last execution that it began.

    Raises
    ------
    FlowError
        If it raised, or ran to its end without calibrating anything.
    KeyboardInterrupt, QDashError
        What it let through.
    """
    project_id = qdash.projects.require_editor(job.username, job.project_id)
    flow = OwnFlow(job.flow)
    arguments = flow.arguments(job, project_id=project_id)
    try:
        flow.call(arguments)
    except BaseException as error:
        for session in [*identity.open_sessions]:
            _end(session, error)
        raise
    for session in [*identity.open_sessions]:
        session.fail("the flow ended without finish_calibration()")
    if not identity.sessions:
        raise FlowError(f"{flow.name} ran to its end and calibrated nothing: CalibService(...).run() does")
    return qdash.executions.find_by_flow_run_id(job.flow_run_id)[-1]


def _end(session: OpenSession, error: BaseException) -> None:
    """End a session by what was raised."""
    if is_cancellation(error):
        _record(error, session.cancel)
    else:
        _record(error, partial(session.fail, _message(error)))


def _record(error: BaseException, end: Callable[[], object]) -> None:
    """Record what was raised; a store that cannot even do that must not hide what went wrong first."""
    try:
        end()
    except QDashError as second:
        error.add_note(f"the end could not be recorded: {second}")


def _message(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _cancelled(qdash: Runtime, job: FlowJob) -> str | None:
    """Return the newest execution of a job, if it is cancelled; None also where the store cannot tell."""
    with suppress(QDashError):
        made = qdash.executions.find_by_flow_run_id(job.flow_run_id)
        if made and made[-1].status == "cancelled":
            return made[-1].execution_id
    return None


def run_to_end(calibration: CalibService, targets: Targets, steps: Sequence[Step]) -> ExecutionModel:
    """Run steps and end the calibration: finished, failed by what was raised, or cancelled by Ctrl-C or SIGTERM.

    Raises
    ------
    KeyboardInterrupt
        After the calibration has been recorded as cancelled; says which.
    QDashError
        Whatever stopped it, after it has been recorded as failed.
    """
    with held_back(calibration.request_cancel):
        try:
            calibration.run(targets, steps)
            raise_pending()
            return calibration.finish_calibration()
        except KeyboardInterrupt as interrupt:
            cancelled = calibration.cancel_calibration()
            if cancelled is None:
                raise
            raise KeyboardInterrupt(f"execution {cancelled.execution_id} is cancelled") from interrupt
        except BaseException as error:
            _record(error, partial(calibration.fail_calibration, _message(error)))
            raise
