"""Cancellation seen from a flow: which exceptions mean it, and what is done from outside when the process is gone."""

from __future__ import annotations

import asyncio
import concurrent.futures
from contextlib import suppress
from typing import Any

from qdash_core.errors import IllegalTransitionError
from qdash_core.flows.prefect import EXECUTION_LABEL, PREFECT_USER, PROJECT_LABEL, means_cancellation
from qdash_core.runtime import Runtime

_CANCELLATIONS = (KeyboardInterrupt, asyncio.CancelledError, concurrent.futures.CancelledError)


def is_cancellation(error: BaseException) -> bool:
    """Whether an exception means that the flow is being cancelled, and not that it failed."""
    return isinstance(error, _CANCELLATIONS) or means_cancellation(error)


def on_flow_cancellation(flow: Any, flow_run: Any, state: Any) -> None:  # noqa: ARG001  Prefect gives them
    """End in the record what a cancelled flow left running, from another process: its own has been killed.

    Prefect calls it: `@flow(on_cancellation=[on_flow_cancellation])`. Running, scheduled and pending tasks become
    cancelled, the execution too, and its lock is free.

    Parameters
    ----------
    flow, state
        Not used.
    flow_run
        What has the `id` under which the flow ran, its `parameters`, of which `project_id` is looked at, and its `labels`:
        `qdash.project` and `qdash.execution` say what it performed, which goes on under the id of its first run when it is
        resumed.
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
    """End what one run of a flow left running as cancelled, from outside; what has ended stays as it is."""
    for execution in runtime.record.find_by_flow_run_id(flow_run_id, project_id):
        with suppress(IllegalTransitionError):  # it has ended
            runtime.record.request_cancel(execution.project_id, execution.execution_id, PREFECT_USER)
        with runtime.delivery(execution.project_id, execution.chip_id):
            runtime.record.cancel_from_outside(execution.project_id, execution.execution_id)
