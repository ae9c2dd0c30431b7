"""A run that a command waits for, and a worker performs: followed to its end, and cancelled by Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import FlowError, QDashError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.record.endings import interruption

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime

_NOT_RAISED = (None, EndReason.NOTHING_COMPLETED)


def brought_to_its_end(
    runtime: Runtime,
    execution: ExecutionModel,
    *,
    follow: Callable[[], ExecutionModel],
    cancel: Callable[[], object],
) -> ExecutionModel:
    """Follow a run that a worker performs, and return the last execution of its flow as one performed here would end.

    Parameters
    ----------
    follow : callable
        Returns the execution when it has ended.
    cancel : callable
        Cancels it, and returns when it has ended.

    Raises
    ------
    KeyboardInterrupt
        If it was cancelled, by Ctrl-C or elsewhere; says which.
    FlowError
        If it failed, could not begin, or broke off; with the words of the record.
    """
    where = execution.project_id, execution.execution_id
    try:
        follow()
    except KeyboardInterrupt as interrupt:
        with suppress(QDashError):  # it may have ended just before
            cancel()
        raise interruption(runtime.record.find(*where)) from interrupt
    found = runtime.record.find(*where)  # the flow run may have got its id after it was asked for
    last = runtime.record.last_of_flow(found)
    if last.status is ExecutionStatus.CANCELLED:
        raise interruption(last)
    if last.status is ExecutionStatus.FAILED and last.reason not in _NOT_RAISED:
        raise _failure(last)
    return last


def _failure(last: ExecutionModel) -> QDashError:
    if last.reason is EndReason.INTERRUPTED:
        return FlowError(
            f"execution {last.execution_id} broke off, {last.message}: "
            f"`qdash executions resume {last.named}` goes on with it"
        )
    return FlowError(last.message)
