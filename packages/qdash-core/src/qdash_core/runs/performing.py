"""Performing an execution in this process: to its end, whichever way it ends, and that is recorded."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError, LockedError, QDashError
from qdash_core.flows.cancellation import is_cancellation
from qdash_core.flows.own import OwnFlow
from qdash_core.flows.saved import called, laid_down
from qdash_core.hooks.runners import CallsFlows
from qdash_core.interrupts import held_back, raise_pending
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.record.endings import interruption
from qdash_core.runs.asking import done_already, request_of
from qdash_core.runs.logs import Logged, RunLog, listened_to
from qdash_core.runs.steps import prepared
from qdash_core.session.flow_run import FlowRunIdentity, entered, new_flow_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import Node
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime
    from qdash_core.session.flow_run import OpenSession


def perform(
    runtime: Runtime,
    execution: ExecutionModel,
    progress: Progress,
    *,
    stuck: Callable[[QDashError], None],
    alone: bool,
) -> ExecutionModel:
    """Run a scheduled execution, or go on with one that has ended, see `RunService.perform`."""
    where = execution.project_id, execution.execution_id
    request = request_of(execution)
    if execution.status is ExecutionStatus.CANCELLED and execution.cancel_stands:
        raise interruption(execution)  # somebody has cancelled it just before
    begins = execution.status is ExecutionStatus.SCHEDULED
    with RunLog(lambda: runtime.repositories, *where) as log:
        identity = FlowRunIdentity(
            execution.flow_run_id or new_flow_run_id(),
            resumed=None if begins else execution.execution_id,
            scheduled=execution.execution_id if begins else None,
            request=request,
            progress=Logged(progress, log, _done_before(runtime, execution, request)),
            stuck=stuck,
        )
        with listened_to(log, streams=alone), entered(identity):
            try:
                if request.of_ones_own:
                    return run_own(runtime, request, identity)
                return run_to_end(*prepared(runtime, request))
            except BaseException as error:
                _note_end(runtime, execution, error, identity)
                raise


def _done_before(runtime: Runtime, execution: ExecutionModel, request: RunRequest) -> set[Node]:
    """Return what earlier runs answer: the execution itself where it goes on, that of which it runs the rest."""
    earlier = [] if execution.status is ExecutionStatus.SCHEDULED else [execution.execution_id]
    earlier += [] if request.since is None else [request.since]
    return {one.node for run in earlier for one in done_already(runtime, execution.project_id, run)}


def _note_end(
    runtime: Runtime, execution: ExecutionModel, error: BaseException, identity: FlowRunIdentity
) -> None:
    """Record what ended a run before it had begun; KeyboardInterrupt says which run was cancelled."""
    where = execution.project_id, execution.execution_id
    if identity.abandoned is None and not isinstance(error, LockedError):
        with suppress(QDashError):
            if is_cancellation(error):
                runtime.record.cancel_scheduled(*where, "cancelled")
            else:
                runtime.record.refuse(*where, _message_of(error))
    if is_cancellation(error):
        # Where it came while a session began, that has been ended already, and only the record knows which it was.
        with suppress(QDashError):
            last = runtime.record.last_of_flow(execution)
            if last.status is ExecutionStatus.CANCELLED:
                raise interruption(last) from error


def run_own(runtime: Runtime, request: RunRequest, identity: FlowRunIdentity) -> ExecutionModel:
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
    project_id = runtime.access(request.username, request.project_id, ProjectRole.EDITOR).project_id
    if request.names_file:
        flow = OwnFlow(request.flow)
    else:
        flow = OwnFlow(laid_down(runtime, project_id, request), known_as=called(request))
    arguments = flow.arguments(request, project_id=project_id)
    runner = runtime.registry.runner(runtime.settings.runner)
    caller = runner if isinstance(runner, CallsFlows) else None
    try:
        flow.call(arguments, flow_run_id=identity.flow_run_id, caller=caller)
    except BaseException as error:
        for session in [*identity.open_sessions]:
            _end(session, error)
        raise
    for session in [*identity.open_sessions]:
        session.fail("the flow ended without finish_calibration()")
    if not identity.sessions:
        raise FlowError(f"{flow.name} ran to its end and calibrated nothing: CalibService(...).run() does")
    return runtime.record.find_by_flow_run_id(identity.flow_run_id)[-1]


def _end(session: OpenSession, error: BaseException) -> None:
    """End a session by what was raised."""
    if is_cancellation(error):
        _record(error, session.cancel)
    else:
        _record(error, partial(session.fail, _message_of(error)))


def _record(error: BaseException, end: Callable[[], object]) -> None:
    """Record what was raised; a store that cannot even do that must not hide what went wrong first."""
    try:
        end()
    except QDashError as second:
        error.add_note(f"the end could not be recorded: {second}")


def _message_of(error: BaseException) -> str:
    """Return what an error says, or its kind where it says nothing."""
    return str(error) or type(error).__name__


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
            raise interruption(cancelled) from interrupt
        except BaseException as error:
            _record(error, partial(calibration.fail_calibration, _message_of(error)))
            raise
