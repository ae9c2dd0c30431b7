"""Cancellation of flows, also by Prefect, which is not imported."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from qdash_core.errors import CancelledError, IllegalTransitionError
from qdash_core.runtime.runtime import Runtime

PREFECT_USER = "prefect"
"""User in the record of a cancellation by Prefect."""
PROJECT_LABEL, EXECUTION_LABEL = "qdash.project", "qdash.execution"
"""Labels of a flow run that name the execution that it performs."""
_CANCELLATIONS = frozenset({"CancelledRun", "TerminationSignal"})


def is_prefect_cancellation(error: BaseException) -> bool:
    """Return whether Prefect raises an exception to cancel a flow."""
    return any(kind.__name__ in _CANCELLATIONS for kind in type(error).__mro__)


def is_cancellation(error: BaseException) -> bool:
    """Return whether an exception means that the flow is being cancelled, not that it failed."""
    import asyncio
    import concurrent.futures

    of_python = (KeyboardInterrupt, asyncio.CancelledError, concurrent.futures.CancelledError)
    return isinstance(error, (*of_python, CancelledError)) or is_prefect_cancellation(error)


def on_flow_cancellation(flow: Any, flow_run: Any, state: Any) -> None:  # noqa: ARG001  Prefect gives them
    """Record the executions of a cancelled flow as cancelled, from another process, because its own was killed.

    Prefect calls this function: `@flow(on_cancellation=[on_flow_cancellation])`. The execution and its running, scheduled
    and pending tasks become cancelled, and its instrument lock is released.

    Parameters
    ----------
    flow_run
        Prefect's flow run: its `id`, the `project_id` of its `parameters`, and its `labels` `qdash.project` and
        `qdash.execution`, which name the execution. A resumed execution keeps the id of its first flow run.
    """
    labels = getattr(flow_run, "labels", None) or {}
    project_id = labels.get(PROJECT_LABEL) or (getattr(flow_run, "parameters", None) or {}).get("project_id")
    execution_id = labels.get(EXECUTION_LABEL)
    with Runtime.open() as runtime:
        cancel_by_flow_run_id(runtime, str(flow_run.id), project_id)
        if project_id and execution_id:
            first = runtime.record.find(str(project_id), str(execution_id)).flow_run_id
            cancel_by_flow_run_id(runtime, first or "", project_id)


def cancel_by_flow_run_id(runtime: Runtime, flow_run_id: str, project_id: str | None = None) -> None:
    """Record the running executions of a flow run as cancelled, from another process. Ended executions do not change."""
    for execution in runtime.record.find_by_flow_run_id(flow_run_id, project_id):
        with suppress(IllegalTransitionError):  # it has ended
            runtime.external_transitions.request_cancel(
                execution.project_id, execution.execution_id, PREFECT_USER
            )
        where = execution.project_id, execution.execution_id
        with runtime.announcers.make_delivery(
            execution.project_id, execution.chip_id, execution.execution_id
        ):
            runtime.external_transitions.cancel_from_outside(*where)
