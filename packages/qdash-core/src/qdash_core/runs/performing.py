"""Running a calibration to its end, whichever way it ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError, QDashError
from qdash_core.flows.cancellation import is_cancellation
from qdash_core.flows.own import OwnFlow
from qdash_core.interrupts import held_back, raise_pending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime import Runtime
    from qdash_core.session.flow_run import FlowRunIdentity, OpenSession


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
    project_id = runtime.projects.require_editor(request.username, request.project_id)
    flow = OwnFlow(request.flow)
    arguments = flow.arguments(request, project_id=project_id)
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
    return runtime.executions.find_by_flow_run_id(identity.flow_run_id)[-1]


def _end(session: OpenSession, error: BaseException) -> None:
    """End a session by what was raised."""
    if is_cancellation(error):
        _record(error, session.cancel)
    else:
        _record(error, partial(session.fail, message_of(error)))


def _record(error: BaseException, end: Callable[[], object]) -> None:
    """Record what was raised; a store that cannot even do that must not hide what went wrong first."""
    try:
        end()
    except QDashError as second:
        error.add_note(f"the end could not be recorded: {second}")


def message_of(error: BaseException) -> str:
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
            raise KeyboardInterrupt(f"execution {cancelled.execution_id} is cancelled") from interrupt
        except BaseException as error:
            _record(error, partial(calibration.fail_calibration, message_of(error)))
            raise
