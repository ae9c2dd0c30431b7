"""Performance of an execution in this process, to its recorded end."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError, LockedError, QDashError
from qdash_core.flows.cancellation import is_cancellation
from qdash_core.flows.user_flow_source import pin_user_flow
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.process.interrupts import defer_interrupts, raise_pending
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.runs.logs import LoggedProgress, RunLog, capture_output
from qdash_core.runs.run_preparation import list_completed_results, prepare_run, require_request
from qdash_core.session.running_flow import RunningFlow, make_flow_run_id, set_current_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import Node
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.running_flow import OpenSession


def perform(
    runtime: Runtime,
    execution: ExecutionModel,
    progress: Progress,
    *,
    stuck: Callable[[QDashError], None],
    alone: bool,
) -> ExecutionModel:
    """Perform a scheduled execution, or resume an ended one, in this process, and return it when it has ended.

    The request is checked once more: chip and plugins may have changed while the run waited. `progress` receives
    every plan and result; for `stuck` see `RunningFlow`. `alone` tells whether this process performs only this run;
    its output is then stored with the run.

    Raises
    ------
    LockedError
        If the instrument is in use. Nothing was written.
    KeyboardInterrupt, QDashError
        As for `run_to_end`; a refusal before the start was recorded with its reason.
    """
    where = execution.project_id, execution.execution_id
    request = require_request(execution)
    if execution.status is ExecutionStatus.CANCELLED and execution.is_cancel_in_force:
        raise make_interrupt(execution)  # it was cancelled just before
    begins = execution.status is ExecutionStatus.SCHEDULED
    with RunLog(lambda: runtime.repositories, *where) as log:
        identity = RunningFlow(
            execution.flow_run_id or make_flow_run_id(),
            resumed=None if begins else execution.execution_id,
            scheduled=execution.execution_id if begins else None,
            request=request,
            progress=LoggedProgress(progress, log, _find_completed_nodes(runtime, execution, request)),
            stuck=stuck,
        )
        with capture_output(log, streams=alone), set_current_flow(identity):
            try:
                if request.is_user_flow:
                    return run_user_flow(runtime, request, identity)
                return run_to_end(*prepare_run(runtime, request))
            except BaseException as error:
                _record_end(runtime, execution, error, identity)
                raise


def _find_completed_nodes(runtime: Runtime, execution: ExecutionModel, request: RunRequest) -> set[Node]:
    """Return the nodes that earlier executions completed: this one if it is resumed, and the one that it repeats."""
    earlier = [] if execution.status is ExecutionStatus.SCHEDULED else [execution.execution_id]
    earlier += [] if request.since is None else [request.since]
    return {one.node for run in earlier for one in list_completed_results(runtime, execution.project_id, run)}


def _record_end(
    runtime: Runtime, execution: ExecutionModel, error: BaseException, identity: RunningFlow
) -> None:
    """Record the reason why a run ended before its start; raise KeyboardInterrupt with the name of a cancelled run."""
    where = execution.project_id, execution.execution_id
    if identity.abandoned is None and not isinstance(error, LockedError):
        with suppress(QDashError):
            if is_cancellation(error):
                runtime.external_transitions.cancel_scheduled(*where, "cancelled")
            else:
                runtime.external_transitions.refuse(*where, _get_message(error))
    if is_cancellation(error):
        # A session that was just beginning has ended already: only the record knows its execution.
        with suppress(QDashError):
            last = runtime.record.get_last_of_flow(execution)
            if last.status is ExecutionStatus.CANCELLED:
                raise make_interrupt(last) from error


def run_user_flow(runtime: Runtime, request: RunRequest, identity: RunningFlow) -> ExecutionModel:
    """Run the function of a user's flow, end the sessions that it leaves open, and return the last execution that it started.

    Raises
    ------
    FlowError
        If it raised an exception or calibrated nothing.
    KeyboardInterrupt, QDashError
        Errors that it did not catch.
    """
    project_id = runtime.access(request.username, request.project_id, ProjectRole.EDITOR).project_id
    request, source = pin_user_flow(runtime, project_id, request)
    assert source is not None
    try:
        name = source.call(runtime, project_id, request, identity.flow_run_id)
    except BaseException as error:
        for session in [*identity.open_sessions]:
            _end(session, error)
        raise
    for session in [*identity.open_sessions]:
        session.fail("the flow ended without finish_calibration()")
    if not identity.sessions:
        raise FlowError(f"{name} ran to its end and calibrated nothing: CalibService(...).run() does")
    return runtime.record.find_by_flow_run_id(identity.flow_run_id)[-1]


def _end(session: OpenSession, error: BaseException) -> None:
    """End a session as cancelled or failed, depending on the error."""
    if is_cancellation(error):
        _record(error, session.cancel)
    else:
        _record(error, partial(session.fail, _get_message(error)))


def _record(error: BaseException, end: Callable[[], object]) -> None:
    """Record an error; a failure of the store must not hide it."""
    try:
        end()
    except QDashError as second:
        error.add_note(f"the end could not be recorded: {second}")


def _get_message(error: BaseException) -> str:
    """Return the message of an error, or its class if it has none."""
    return str(error) or type(error).__name__


def run_to_end(calibration: CalibService, targets: Targets, steps: Sequence[Step]) -> ExecutionModel:
    """Run steps and end the calibration: completed, failed by an exception, or cancelled by Ctrl-C or SIGTERM.

    Raises
    ------
    KeyboardInterrupt
        After the cancellation was recorded; names the run.
    QDashError
        The error that ended the run, after it was recorded.
    """
    with defer_interrupts(calibration.request_cancel):
        try:
            calibration.run(targets, steps)
            raise_pending()
            return calibration.finish_calibration()
        except KeyboardInterrupt as interrupt:
            cancelled = calibration.cancel_calibration()
            if cancelled is None:
                raise
            raise make_interrupt(cancelled) from interrupt
        except BaseException as error:
            _record(error, partial(calibration.fail_calibration, _get_message(error)))
            raise
