"""Cancellation of flows: the exceptions that mean it, and the end of runs whose process is gone."""

from __future__ import annotations

import asyncio
import concurrent.futures
from contextlib import suppress
from typing import Any

from qdash_core.errors import IllegalTransitionError
from qdash_core.flows.prefect import EXECUTION_LABEL, PREFECT_USER, PROJECT_LABEL, is_prefect_cancellation
from qdash_core.runtime import Runtime

_CANCELLATIONS = (KeyboardInterrupt, asyncio.CancelledError, concurrent.futures.CancelledError)


def is_cancellation(error: BaseException) -> bool:
    """Return whether an exception means that the flow is being cancelled, not that it failed."""
    return isinstance(error, _CANCELLATIONS) or is_prefect_cancellation(error)


def on_flow_cancellation(flow: Any, flow_run: Any, state: Any) -> None:  # noqa: ARG001  Prefect gives them
    """End in the record the executions of a cancelled flow, from another process: its own has been killed.

    Prefect calls it: `@flow(on_cancellation=[on_flow_cancellation])`. Running, scheduled and pending tasks become
    cancelled, the execution too, and its lock is free.

    Parameters
    ----------
    flow, state
        Not used.
    flow_run
        What has the `id` under which the flow ran, its `parameters`, of which `project_id` is looked at, and its `labels`:
        `qdash.project` and `qdash.execution` name the execution that it performed; a resumed one keeps the id of its first flow run.
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
    """End the executions that one flow run left running as cancelled, from another process; those that have ended stay as they are."""
    for execution in runtime.record.find_by_flow_run_id(flow_run_id, project_id):
        with suppress(IllegalTransitionError):  # it has ended
            runtime.external_transitions.request_cancel(
                execution.project_id, execution.execution_id, PREFECT_USER
            )
        with runtime.delivery(execution.project_id, execution.chip_id):
            runtime.external_transitions.cancel_from_outside(execution.project_id, execution.execution_id)
