"""Cancellation of executions in any process."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import TYPE_CHECKING

from qdash_core.errors import LockedError
from qdash_core.locks.liveness import Liveness, identify_pid_space

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionLockModel, ExecutionModel
    from qdash_core.runtime.runtime import Runtime

_LOOK_S = 0.1


def cancel_execution(runtime: Runtime, project_id: str, execution_id: str, username: str) -> ExecutionModel:
    """Cancel an execution and return it when it has ended, also if it ended just before.

    The cancellation is recorded first: from then on only a person's resume runs the execution again. Its process is
    asked to end it. If it has not done so after `cancel_grace_s`, it is killed, and the execution is ended from here. A user's own program,
    such as a notebook, is never killed: its next call of QDash raises CancelledError, and a task that does not stop keeps the
    instruments. An execution without a process ends at once.

    Raises
    ------
    NotFoundError
        If there is no such execution.
    IllegalTransitionError
        If it has already ended.
    LockedError
        If its process does not react and cannot be killed from here: the run ends when it reacts.
    """
    execution = runtime.external_transitions.request_cancel(project_id, execution_id, username)
    deadline = time.monotonic() + runtime.settings.cancel_grace_s
    while not execution.status.terminal:
        holder = runtime.locks.get_by_execution(execution)
        if holder is None or holder.holder is Liveness.DEAD:
            break
        if time.monotonic() >= deadline:
            _stop_process(execution, holder.lock)
            break
        time.sleep(_LOOK_S)
        execution = runtime.record.find(project_id, execution_id)
    return _end_cancelled(runtime, execution, username)


def request_cancel(runtime: Runtime, project_id: str, execution_id: str, username: str) -> ExecutionModel:
    """Record the cancellation of an execution and return it at once; end it here if it has no process.

    Raises
    ------
    NotFoundError
        If there is no such execution.
    IllegalTransitionError
        If it has already ended.
    """
    execution = runtime.external_transitions.request_cancel(project_id, execution_id, username)
    if execution.status.terminal:
        return execution
    holder = runtime.locks.get_by_execution(execution)
    if holder is not None and holder.holder is not Liveness.DEAD:
        return execution
    return _end_cancelled(runtime, execution, username)


def _end_cancelled(runtime: Runtime, execution: ExecutionModel, username: str) -> ExecutionModel:
    """End an execution without a process, and deliver its notice."""
    where = execution.project_id, execution.execution_id
    with runtime.announcers.make_delivery(execution.project_id, execution.chip_id, execution.execution_id):
        return runtime.external_transitions.cancel_from_outside(*where, f"cancelled by {username}")


def _stop_process(execution: ExecutionModel, lock: ExecutionLockModel) -> None:
    """Kill the live process that holds a lock: its pid and start time must be those in the lock. A user's own program is not killed."""
    where = f"process {lock.pid} on {lock.host}"
    if (lock.host, lock.pid_space) != (socket.gethostname(), identify_pid_space()):
        raise LockedError(
            f"execution {lock.execution_id} is run by {where}, which has not answered and cannot be reached from here: "
            f"it ends as soon as it looks at the store; should it be dead, `{lock.release_command}` frees the lock"
        )
    if execution.request is None:
        raise LockedError(
            f"execution {lock.execution_id} is run by a notebook or script ({where}), whose present task does not stop: the run ends "
            "when that task returns, and its instruments stay locked until then; end the program if it never returns"
        )
    if lock.pid == os.getpid():
        raise LockedError(f"execution {lock.execution_id} is run by this process: end it where it runs")
    try:
        os.kill(lock.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise LockedError(
            f"execution {lock.execution_id} is run by {where}, which has not answered and is another user's: "
            "its owner can kill it"
        ) from error
