"""Cancelling an execution that another process runs: asked, waited for, and ended from here if nothing else helps."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, LockedError
from qdash_core.lease.liveness import Liveness, pid_space

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionLockModel, ExecutionModel
    from qdash_core.runtime import Runtime

_LOOK_S = 0.1


def cancel_execution(runtime: Runtime, project_id: str, execution_id: str, username: str) -> ExecutionModel:
    """Cancel an execution, and return it when it has ended.

    That it is cancelled is recorded first: from then on only a person's resume runs it again. The process that runs it is asked to end it. If it has not done so after `cancel_grace_s` it is killed, and what it
    left open is ended from here, as is at once what nobody runs any more.

    Returns
    -------
    ExecutionModel
        Cancelled; or as it ended, should it have ended just before.

    Raises
    ------
    NotFoundError
        If there is no such execution.
    IllegalTransitionError
        If it has ended already.
    LockedError
        If the process that runs it has not answered, and cannot be killed from here.
    """
    execution = runtime.record.request_cancel(project_id, execution_id, username)
    deadline = time.monotonic() + runtime.settings.cancel_grace_s
    while not execution.status.terminal:
        holder = runtime.leases.of_execution(execution)
        if holder is None or holder.holder is Liveness.DEAD:
            break
        if time.monotonic() >= deadline:
            _kill(holder.lease)
            break
        time.sleep(_LOOK_S)
        execution = runtime.record.find(project_id, execution_id)
    with runtime.delivery(project_id, execution.chip_id):
        return runtime.record.cancel_from_outside(project_id, execution_id, f"cancelled by {username}")


def ask_to_cancel(runtime: Runtime, project_id: str, execution_id: str, username: str) -> ExecutionModel:
    """Record that an execution is cancelled, and return it at once; what nobody runs any more is ended here.

    Raises
    ------
    NotFoundError
        If there is no such execution.
    IllegalTransitionError
        If it has ended already.
    """
    execution = runtime.record.request_cancel(project_id, execution_id, username)
    if execution.status.terminal:
        return execution
    holder = runtime.leases.of_execution(execution)
    if holder is not None and holder.holder is not Liveness.DEAD:
        return execution
    with runtime.delivery(project_id, execution.chip_id):
        return runtime.record.cancel_from_outside(project_id, execution_id, f"cancelled by {username}")


def end_runs_of(runtime: Runtime, owner: str, by: str) -> None:
    """Take what a user has in the queue out of it, in every project, and ask what runs of it to end, waiting for nothing.

    Parameters
    ----------
    owner : str
        Whose.
    by : str
        Who ends them.
    """
    for entry in runtime.repositories.queue.everything():
        if entry.username != owner:
            continue
        with suppress(IllegalTransitionError):  # it has just ended: whoever performed it removes the entry
            ask_to_cancel(runtime, *entry.key, by)


def _kill(lease: ExecutionLockModel) -> None:
    """Kill the process that holds a lease, which lives: its number and its start are those of the lease."""
    where = f"process {lease.pid} on {lease.host}"
    if (lease.host, lease.pid_space) != (socket.gethostname(), pid_space()):
        raise LockedError(
            f"execution {lease.execution_id} is run by {where}, which has not answered and cannot be reached from here: "
            f"it ends as soon as it looks at the store; should it be dead, `qdash lock release {lease.chip_id} --force` frees the lock"
        )
    if lease.pid == os.getpid():
        raise LockedError(f"execution {lease.execution_id} is run by this process: end it where it runs")
    try:
        os.kill(lease.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise LockedError(
            f"execution {lease.execution_id} is run by {where}, which has not answered and is another user's: "
            "its owner can kill it"
        ) from error
